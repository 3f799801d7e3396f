// Distances of operators: what the theory of the rotation search, of spectra and of their transport demands.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cayleyAdam } from '../../src/analysis/dsa/cayley-adam.js';
import { addScaled, type Dense, innerProduct, multiply, scale, transpose } from '../../src/analysis/dsa/dense.js';
import { compareOperators, mapScore } from '../../src/analysis/dsa/similarity-transform.js';
import { transportCost } from '../../src/analysis/dsa/transport.js';
import { randomMatrix, randomRotation } from '../support/dynamics.js';

const test = suite('DSA: distances');
const conjugate = (a: Dense, q: Dense) => multiply(multiply(q, a), q, 'right');
const matrix = (rows: number, ...values: number[]): Dense => ({ rows, columns: rows, values: Float64Array.from(values) });
const planar = (angle: number) => matrix(2, Math.cos(angle), -Math.sin(angle), Math.sin(angle), Math.cos(angle));
const identityError = (c: Dense) => {
  const product = multiply(c, c, 'left');
  return Math.max(...product.values.map((value, at) => Math.abs(value - (Math.floor(at / c.rows) === at % c.rows ? 1 : 0))));
};
/** The sign of the last axis turned: the other component of O(n). */
const reflected = (q: Dense): Dense => ({ ...q, values: q.values.map((value, at) => (at % q.rows === q.rows - 1 ? -value : value)) });

test('a matrix and its image under any rotation or reflection are at distance 0, n = 10, and the map is found', () => {
  for (let seed = 0; seed < 4; seed++) {
    const a = randomMatrix(10, seed);
    for (const q of [randomRotation(10, 50 + seed), reflected(randomRotation(10, 50 + seed))]) {
      const { score, map, metric } = compareOperators(conjugate(a, q), a, { starts: 1 });
      assert.ok(score < 1e-6, `seed ${seed}: ${score}`);
      assert.is(metric, 'angular');
      assert.ok(identityError(map as Dense) < 1e-12);
      // operators without symmetry leave but the sign of C open
      const sign = Math.sign(innerProduct(map as Dense, q));
      const gap = addScaled(map as Dense, q, -sign);
      assert.ok(innerProduct(gap, gap) < 1e-8);
    }
  }
});

test('random starts alone find the reflection too', () => {
  const a = scale(randomMatrix(10, 7), 3);
  const b = conjugate(a, reflected(randomRotation(10, 8)));
  // noise that breaks the match of eigenvectors, but not the minimum
  const noisy = addScaled(b, randomMatrix(10, 9), 1e-3);
  const { score, scores } = compareOperators(a, noisy);
  assert.ok(score < 0.01, `${score}`);
  assert.is(scores.length, 20);
});

test('two planar rotations differ by their angles', () => {
  for (const [first, second] of [
    [0.3, 1.1],
    [2, 0.5],
    [1, 3],
  ] as const) {
    const { score } = compareOperators(planar(first), planar(second));
    assert.ok(Math.abs(score - Math.abs(first - second)) < 1e-8, `${first}, ${second}: ${score}`);
    const { score: euclidean } = compareOperators(planar(first), planar(second), { metric: 'euclidean' });
    assert.ok(Math.abs(euclidean ** 2 - (2 - 2 * Math.cos(first - second))) < 1e-12);
  }
});

test('a matrix and its negative: π unless a change of coordinates undoes the sign', () => {
  const saddle = matrix(2, 1, 0, 0, -1);
  assert.ok(compareOperators(saddle, scale(saddle, -1)).score < 1e-7);
  const still = matrix(2, 1, 0, 0, 1);
  assert.ok(Math.abs(compareOperators(still, scale(still, -1)).score - Math.PI) < 1e-7);
});

test('scores are symmetric, exact for a matrix and itself, and do not see its size', () => {
  for (let seed = 0; seed < 3; seed++) {
    const [a, b] = [randomMatrix(6, seed), randomMatrix(6, 30 + seed)];
    const [there, back] = [compareOperators(a, b, { starts: 2 }), compareOperators(b, a, { starts: 2 })];
    assert.is(there.score, back.score);
    const [forth, turned] = [conjugate(b, there.map as Dense), conjugate(b, transpose(back.map as Dense))];
    assert.ok(innerProduct(addScaled(forth, turned, -1), forth) < 1e-9);
    assert.ok(Math.abs(mapScore(a, b, there.map as Dense, 'angular') - there.score) < 1e-9);
    assert.is(compareOperators(a, a, { starts: 1 }).score, 0);
    assert.ok(Math.abs(compareOperators(a, scale(b, 7), { starts: 2 }).score - there.score) < 1e-6);
    assert.ok(there.spread >= 0 && there.scores.every((score, k, all) => k === 0 || score >= (all[k - 1] as number)));
  }
});

test('the search is never worse than the training of the original', () => {
  for (let seed = 0; seed < 2; seed++) {
    const [a, b] = [randomMatrix(6, 60 + seed), randomMatrix(6, 70 + seed)];
    const original = compareOperators(a, b, { optimiser: 'cayley-adam', iterations: 400, learningRate: 0.01 });
    assert.ok(compareOperators(a, b).score <= original.score + 1e-6);
    assert.ok(identityError(original.map as Dense) < 1e-12);
  }
  const run = cayleyAdam(planar(1), planar(2), { iterations: 50 });
  assert.is(run.plain.length, 50);
  assert.ok((run.permuted.at(-1) as number) < (run.permuted[0] as number) || run.kept === 'plain');
});

test('transport between spectra: matched, unequal in number, and squared', () => {
  const at = (...points: [number, number][]) => ({ real: Float64Array.from(points, ([x]) => x), imaginary: Float64Array.from(points, ([, y]) => y) });
  assert.is(transportCost(at([0, 0], [1, 0], [5, 5]), at([5, 5], [0, 0], [1, 0])), 0);
  assert.is(transportCost(at([0, 0]), at([3, 4])), 25);
  // one point splits its mass over two
  assert.is(transportCost(at([0, 0]), at([1, 0], [0, 2])), 2.5);
  // thirds against halves: 1/3 stays, 1/6 moves by 1 from the middle to each side
  assert.ok(Math.abs(transportCost(at([0, 0], [1, 0], [2, 0]), at([0, 0], [2, 0])) - 1 / 3) < 1e-15);
  // any plan is dearer than the best: against all permutations
  const [p, q] = [at([0.1, 0.4], [0.9, -0.2], [-0.5, 0.3], [0.2, 0.2]), at([0, 0.7], [0.8, 0.1], [-0.1, -0.6], [0.4, 0.4])];
  const permutations = (rest: number[]): number[][] =>
    rest.length === 0 ? [[]] : rest.flatMap((first) => permutations(rest.filter((k) => k !== first)).map((tail) => [first, ...tail]));
  const costs = permutations([0, 1, 2, 3]).map(
    (order) =>
      order.reduce(
        (sum, j, i) => sum + ((p.real[i] as number) - (q.real[j] as number)) ** 2 + ((p.imaginary[i] as number) - (q.imaginary[j] as number)) ** 2,
        0,
      ) / 4,
  );
  assert.ok(Math.abs(transportCost(p, q) - Math.min(...costs)) < 1e-15);
});

test('wasserstein ignores every change of coordinates, rotation or not', () => {
  const a = randomMatrix(5, 1);
  const shear = matrix(5, ...Array.from({ length: 25 }, (_, at) => (Math.floor(at / 5) === at % 5 ? 1 : at === 3 ? 2 : 0)));
  const inverse = matrix(5, ...Array.from({ length: 25 }, (_, at) => (Math.floor(at / 5) === at % 5 ? 1 : at === 3 ? -2 : 0)));
  const sheared = multiply(multiply(shear, a), inverse);
  assert.ok(compareOperators(a, sheared, { metric: 'wasserstein' }).score < 1e-12);
  assert.ok(compareOperators(a, sheared).score > 0.1);
});

test('operators of different ranks: their spectra by default, padded by choice, and both said', () => {
  const [a, b] = [planar(1), matrix(3, 0.9, 0, 0, 0, 0.5, 0, 0, 0, 0.1)];
  const spectra = compareOperators(a, b);
  assert.is(spectra.metric, 'wasserstein');
  assert.match(spectra.notes.join(), /ranks 2 and 3 differ: eigenvalues are compared/);
  const padded = compareOperators(a, b, { unequalRanks: 'zero-padding' });
  assert.is(padded.metric, 'angular');
  assert.is(padded.map?.rows, 3);
  assert.match(padded.notes.join(), /padded with zeros/);
});

test('bad input is named: not square, not finite, zero, options out of range', () => {
  const refused = (run: () => unknown, pattern: RegExp, name: string) =>
    assert.throws(run, (error: Error) => error.name === name && pattern.test(error.message), `${pattern}`);
  const a = planar(1);
  refused(() => compareOperators({ rows: 1, columns: 2, values: new Float64Array(2) }, a), /square operators, got \[1, 2\]/, 'ShapeError');
  refused(() => compareOperators(matrix(2, 1, NaN, 0, 1), a), /got NaN at row 0, column 1/, 'NumericsError');
  refused(() => compareOperators(matrix(2, 0, 0, 0, 0), a), /zero throughout/, 'NumericsError');
  refused(() => compareOperators(a, a, { starts: -1, steps: 0, learningRate: 0 }), /3 problems/, 'ConfigError');
});

test.run();
