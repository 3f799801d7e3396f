// Operators of delay-embedded trajectories: embedding, decomposition, ranks, regression, prediction, sweep, and what is refused.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TrialArray } from '../../src/analysis/analysis.js';
import { delayEmbed, hankelOf } from '../../src/analysis/dsa/delay-embedding.js';
import { type Dense, innerProduct, multiply } from '../../src/analysis/dsa/dense.js';
import { type Dmd, eigenvalues, fitDmd, fullOperator } from '../../src/analysis/dsa/dmd.js';
import { gramOfColumns, gramOfRows, timesColumns, timesRows } from '../../src/analysis/dsa/hankel-products.js';
import { gramBySpectra, timesColumnsBySpectra } from '../../src/analysis/dsa/hankel-spectra.js';
import { leadingEigen } from '../../src/analysis/dsa/leading-eigen.js';
import { predictDmd, predictionStatistics } from '../../src/analysis/dsa/prediction.js';
import { scanDsa, sweepDmd } from '../../src/analysis/dsa/sweep.js';
import { normalAt, randomKey } from '../../src/random.js';
import { noise, linearSystem, rotations, trialsOf } from '../support/dynamics.js';

const test = suite('DSA: operators');
const close = (got: ArrayLike<number>, expected: ArrayLike<number>, bound: number, what: string) => {
  assert.is(got.length, expected.length, what);
  let worst = 0;
  for (let i = 0; i < got.length; i++) worst = Math.max(worst, Math.abs((got[i] as number) - (expected[i] as number)));
  assert.ok(worst <= bound, `${what}: expected within ${bound}, got ${worst}`);
};
const asDense = (data: ReturnType<typeof delayEmbed>): Dense => ({ rows: data.rows, columns: data.width, values: data.values });
/** The operator on the states of a fit with one delay. */
const stateOperator = (fit: Dmd) => fullOperator(fit).values;

test('one delay returns the data, and rows never cross from one trial to the next', () => {
  const data = trialsOf(3, 6, 2, (k, t, i) => 100 * k + 10 * t + i);
  assert.equal([...delayEmbed(data).values], [...data.values]);
  const embedded = delayEmbed(data, { delays: 3, interval: 2 });
  assert.equal([embedded.rows, embedded.width, ...embedded.trialRows], [6, 6, 2, 2, 2]);
  // newest first: states 4, 2 and 0 of trial 0, then 5, 3 and 1
  assert.equal([...embedded.values.subarray(0, 12)], [40, 41, 20, 21, 0, 1, 50, 51, 30, 31, 10, 11]);
  assert.equal([...embedded.values.subarray(12, 18)], [140, 141, 120, 121, 100, 101]);
});

test('embedding trials together equals stacking their embeddings, trials of unequal length too', () => {
  const data = { ...trialsOf(2, 7, 3, (k, t, i) => normalAt(randomKey(1, 'data'), k, 3 * t + i)), lengths: Int32Array.of(7, 5) };
  const together = delayEmbed(data, { delays: 2 });
  assert.equal(together.trialRows, [6, 4]);
  const second = trialsOf(1, 5, 3, (_, t, i) => data.values[21 + 3 * t + i] as number);
  assert.equal([...together.values.subarray(6 * 6)], [...delayEmbed(second, { delays: 2 }).values]);
});

test('products with the Hankel matrix agree with those of the matrix written out', () => {
  const data = { ...noise(3, 23, 3, 2), lengths: Int32Array.of(23, 20, 22) };
  const hankel = hankelOf(data, { delays: 4, interval: 2 });
  const h = asDense(delayEmbed(data, { delays: 4, interval: 2 }));
  close(gramOfColumns(hankel).values, multiply(h, h, 'left').values, 1e-12, 'HᵀH');
  close(gramOfRows(hankel).values, multiply(h, h, 'right').values, 1e-12, 'HHᵀ');
  const q: Dense = { rows: 12, columns: 5, values: Float64Array.from({ length: 60 }, (_, i) => Math.sin(i)) };
  close(timesColumns(hankel, q).values, multiply(h, q).values, 1e-12, 'HQ');
  close(timesRows(hankel, timesColumns(hankel, q)).values, multiply(h, multiply(h, q), 'left').values, 1e-11, 'HᵀHQ');
});

test('by Fourier transforms they are the same, for odd widths, one delay, longer intervals and unequal trials', () => {
  for (const [width, delays, interval, lengths] of [
    [3, 4, 2, null],
    [5, 1, 1, null],
    [2, 3, 1, [23, 20, 12]],
    [7, 5, 1, [23, 11, 22]],
  ] as const) {
    const hankel = hankelOf({ ...noise(3, 23, width, 2), lengths: lengths && Int32Array.from(lengths) }, { delays, interval });
    const q: Dense = { rows: width * delays, columns: 3, values: Float64Array.from({ length: width * delays * 3 }, (_, i) => Math.sin(i)) };
    close(gramBySpectra(hankel).values, gramOfColumns(hankel).values, 1e-12, `HᵀH, ${width} units`);
    close(timesColumnsBySpectra(hankel, q).values, timesColumns(hankel, q).values, 1e-12, `HQ, ${width} units`);
  }
});

test('Lanczos finds the leading eigenpairs of a large matrix, double ones included', () => {
  const n = 180;
  const reflection = Float64Array.from({ length: n }, (_, i) => Math.cos(i * i));
  const squared = reflection.reduce((sum, value) => sum + value * value, 0);
  // eigenvalues come in pairs
  const value = (k: number) => 0.8 ** Math.floor(k / 2);
  const q = Float64Array.from(
    { length: n * n },
    (_, at) => (Math.floor(at / n) === at % n ? 1 : 0) - (2 * (reflection[Math.floor(at / n)] as number) * (reflection[at % n] as number)) / squared,
  );
  const matrix = multiply({ rows: n, columns: n, values: q.map((entry, at) => entry * value(at % n)) }, { rows: n, columns: n, values: q }, 'right');
  const { values, vectors } = leadingEigen(matrix, 21);
  close(
    values,
    Float64Array.from({ length: 21 }, (_, k) => value(k)),
    1e-13,
    'eigenvalues',
  );
  const image = multiply(vectors, matrix, 'right');
  for (let k = 0; k < 21; k++)
    for (let i = 0; i < n; i++) image.values[k * n + i] = (image.values[k * n + i] as number) - (values[k] as number) * (vectors.values[k * n + i] as number);
  assert.ok(innerProduct(image, image) < 1e-20, `residuals ${innerProduct(image, image)}`);
});

test('the operator of a noise-free linear system is recovered within 1e-3', () => {
  const { operator, data } = linearSystem({ width: 4, trials: 6, steps: 40, seed: 3 });
  const fit = fitDmd(data);
  assert.is(fit.rank, 4);
  close(stateOperator(fit), operator.values, 1e-6, 'operator');
  const found = eigenvalues(fit.operator);
  const expected = eigenvalues(operator);
  close(
    [...found.real].sort((a, b) => a - b),
    [...expected.real].sort((a, b) => a - b),
    1e-6,
    'eigenvalues',
  );
});

test('with more columns than rows the operator is the same as from the other Gram matrix', () => {
  const { data } = linearSystem({ width: 3, trials: 4, steps: 30, seed: 5 });
  // 4 × 11 = 44 rows and 3 × 20 = 60 columns; the system has 3 coordinates whatever the delays
  const wide = fitDmd(data, { delays: 20, rank: 3 });
  const narrow = fitDmd(data, { delays: 2, rank: 3 });
  const sorted = (fit: Dmd) => [...eigenvalues(fit.operator).real].sort((a, b) => a - b);
  close(sorted(wide), sorted(narrow), 1e-6, 'eigenvalues');
});

test('ranks: by number, threshold or variance; capped and said so', () => {
  const { data } = linearSystem({ width: 4, trials: 6, steps: 40, seed: 3 });
  const all = fitDmd(data);
  const [s0, s1, s2] = all.singularValues as unknown as [number, number, number];
  assert.is(fitDmd(data, { rankThreshold: (s1 + s2) / 2 }).rank, 2);
  assert.is(fitDmd(data, { explainedVariance: (s0 ** 2 + s1 ** 2) / all.totalVariance - 1e-6 }).rank, 2);
  assert.is(fitDmd(data, { explainedVariance: 1 }).rank, 4);
  const capped = fitDmd(data, { rank: 9 });
  assert.is(capped.rank, 4);
  assert.match(capped.notes.join(), /rank 9 is above the 4 columns/);
  const delayed = fitDmd(data, { rank: 7, delays: 2 });
  assert.is(delayed.rank, 4);
  assert.match(delayed.notes.join(), /rank 7 is above the 4 singular values/);
  assert.equal([delayed.operator.rows, delayed.operator.columns], [4, 4]);
});

test('reduced-rank regression equals ridge at full rank, and has the rank asked for below', () => {
  const data = noise(4, 60, 5, 8);
  const ridge = fitDmd(data, { rank: 5, ridge: 0.1 });
  close(fitDmd(data, { rank: 5, ridge: 0.1, regression: 'reduced-rank' }).operator.values, ridge.operator.values, 1e-12, 'full rank');
  const reduced = fitDmd(data, { rank: 2, ridge: 0.1, regression: 'reduced-rank' }).operator;
  assert.is(reduced.rows, 5);
  const { values } = leadingEigen(multiply(reduced, reduced, 'left'), 5);
  assert.ok((values[1] as number) > 1e-6 && (values[2] as number) < 1e-12, `squared singular values ${values}`);
});

test('an operator two steps ahead is the square of one step', () => {
  const { operator, data } = linearSystem({ width: 3, trials: 5, steps: 40, seed: 9 });
  close(stateOperator(fitDmd(data, { stepsAhead: 2 })), multiply(operator, operator).values, 1e-6, 'square');
});

test('prediction: a linear system is predicted, persistence has a MASE of 1, re-seeding matters with noise', () => {
  const { data } = linearSystem({ width: 3, trials: 4, steps: 30, seed: 2 });
  const fit = fitDmd(data, { delays: 2, rank: 3 });
  for (const reseed of [1, 7, 100]) {
    const prediction = predictDmd(fit, data, { reseed });
    const statistics = predictionStatistics(data, prediction, { rank: 3 });
    assert.ok(
      (statistics.mase as number) < 1e-4 && (statistics.r2 as number) > 1 - 1e-6 && (statistics.correlation as number) > 1 - 1e-6,
      `reseed ${reseed}: ${JSON.stringify(statistics)}`,
    );
    assert.is(prediction.from, 2);
    assert.equal([...prediction.states.values.subarray(0, 6)], [...Float64Array.from(data.values.subarray(0, 6))]);
  }
  const still = trialsOf(4, 30, 3, (k, t, i) => data.values[(k * 30 + Math.max(0, t - 1)) * 3 + i] as number);
  assert.is(predictionStatistics(data, { states: still, from: 1 }).mase, 1);
  const noisy = rotations(1, { trials: 4, steps: 100, noise: 0.2 });
  const often = predictionStatistics(noisy, predictDmd(fitDmd(noisy, { delays: 3, rank: 4 }), noisy));
  const seldom = predictionStatistics(noisy, predictDmd(fitDmd(noisy, { delays: 3, rank: 4 }), noisy, { reseed: 40 }));
  assert.ok(often.mse < seldom.mse, `${often.mse} and ${seldom.mse}`);
  assert.ok(often.aic < seldom.aic);
});

test('sweep and scan: the true order shows in prediction, residuals and split halves', async () => {
  const data = { ...linearSystem({ width: 4, trials: 6, steps: 40, seed: 3 }).data };
  const { cells } = sweepDmd(data, { delays: [1, 3], ranks: [2, 4, 6] });
  assert.equal([cells.length, cells[0]?.length, cells[0]?.[2], cells[1]?.[2]], [2, 3, null, null]);
  const [low, right] = cells[1] as [(typeof cells)[0][0], (typeof cells)[0][0]];
  assert.ok(low && right && right.mse < 1e-6 * low.mse && right.residual < 1e-4 && right.aic < low.aic && right.nonNormality >= 0 && right.nonNormality < 1);
  const scan = await scanDsa(data, { delays: [1], ranks: [3, 4, 9], fraction: 1 });
  assert.is(scan.splitHalf[0]?.[2], null);
  assert.ok(scan.splitHalf[0]?.every((value) => value === null || value < 1));
});

test('bad input is named: short trials, values that are not finite, ranks beyond the rows, options out of range', () => {
  const data = noise(3, 12, 2, 1);
  const broken = (change: (values: Float64Array) => void): TrialArray => {
    const values = Float64Array.from(data.values);
    change(values);
    return { ...data, values };
  };
  const refused = (run: () => unknown, pattern: RegExp, name: string) =>
    assert.throws(run, (error: Error) => error.name === name && pattern.test(error.message), `${pattern}`);
  refused(() => fitDmd(data, { delays: 12 }), /12 delays at interval 1\), got trial 0 with 12, trial 1 with 12, trial 2 with 12/, 'ShapeError');
  refused(() => fitDmd(broken((values) => values.fill(NaN, 26, 27))), /got NaN in trial 1, step 1, unit 0/, 'NumericsError');
  refused(() => fitDmd(broken((values) => values.fill(0))), /not all zero/, 'NumericsError');
  refused(() => fitDmd(data, { delays: 10, rank: 10 }), /rank 10 and 6 pairs \(3 trials, 9 rows\)/, 'ShapeError');
  refused(() => fitDmd(data, { rank: 2, rankThreshold: 1 }), /at most one of .*, got rank and rankThreshold/, 'ConfigError');
  refused(() => fitDmd(data, { rank: 1.5, ridge: -1, stepsAhead: 0 }), /3 problems/, 'ConfigError');
  refused(() => fitDmd(data, { delays: 0, interval: 0 }), /2 problems/, 'ConfigError');
  refused(() => predictDmd(fitDmd(data), noise(1, 12, 3, 1)), /states of 2 units.*got 3/, 'ShapeError');
  refused(() => sweepDmd(data, { ranks: [] }), /ranks as whole numbers/, 'ConfigError');
});

test.run();
