// Every tensor operation against a plain computation, on every backend.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { normalAt, randomKey, uniformAt } from '../../src/random.js';
import * as t from '../../src/tensor/index.js';
import { assertClose } from '../support/assert-close.js';
import { backendsUnderTest, disposeBackends } from '../support/backends.js';
import { along, build, element, type Plain } from '../support/plain.js';
import { skip } from '../support/skip.js';
import { normals, sizeOf, uniforms } from '../support/values.js';

const test = suite('tensor operations');
const { available, missing } = await backendsUnderTest({ webgpu: true });
test.after(() => disposeBackends(available));

interface Case {
  readonly name: string;
  readonly inputs: readonly Plain[];
  readonly run: (...inputs: t.Tensor[]) => t.Tensor;
  readonly shape: readonly number[];
  readonly expected: (...inputs: Plain[]) => number[];
}

const plain = (shape: readonly number[], seed = 1): Plain => ({ shape, data: normals(sizeOf(shape), seed) });
const positive = (shape: readonly number[], seed = 1): Plain => ({ shape, data: uniforms(sizeOf(shape), seed, 'positive', 0.2, 3) });
const steps = (shape: readonly number[], seed = 1): Plain => ({ shape, data: uniforms(sizeOf(shape), seed, 'steps', 0, 3).map(Math.floor) });

const unary = (name: string, run: (x: t.Tensor) => t.Tensor, f: (x: number) => number, input: Plain = plain([3, 1, 7])): Case => ({
  name,
  inputs: [input],
  run,
  shape: input.shape,
  expected: (x) => Array.from(x.data, f),
});

const binary = (
  name: string,
  run: (a: t.Tensor, b: t.Tensor) => t.Tensor,
  f: (a: number, b: number) => number,
  a: Plain = plain([2, 1, 5]),
  b: Plain = plain([3, 1], 2),
): Case => ({
  name,
  inputs: [a, b],
  run,
  shape: [2, 3, 5],
  expected: (x, y) => build([2, 3, 5], (index) => f(element(x, index), element(y, index))),
});

const bit = (value: boolean) => (value ? 1 : 0);
const total = (values: number[]) => values.reduce((sum, value) => sum + value, 0);
const reduction = (name: string, run: (x: t.Tensor) => t.Tensor, axes: readonly number[], f: (values: number[]) => number, keep = false): Case => {
  const input = plain([2, 3, 4, 5]);
  const kept = input.shape.filter((_, axis) => !axes.includes(axis));
  return {
    name,
    inputs: [input],
    run,
    shape: keep ? input.shape.map((n, axis) => (axes.includes(axis) ? 1 : n)) : kept,
    expected: (x) => build(kept, (index) => f(along(x, axes, index))),
  };
};
const layout = (
  name: string,
  input: Plain,
  run: (x: t.Tensor) => t.Tensor,
  shape: readonly number[],
  source: (index: number[]) => number[] | null,
  value = 0,
): Case => ({
  name,
  inputs: [input],
  run,
  shape,
  expected: (x) =>
    build(shape, (index) => {
      const from = source(index);
      return from ? element(x, from) : value;
    }),
});

const cases: Case[] = [
  unary('negate', t.negate, (x) => -x),
  unary('absolute', t.absolute, Math.abs),
  unary('sign', t.sign, Math.sign, { shape: [5], data: [-2, -0, 0, 0.5, 7] }),
  unary('square', t.square, (x) => x * x),
  unary('squareRoot', t.squareRoot, Math.sqrt, positive([9])),
  unary('reciprocal', t.reciprocal, (x) => 1 / x, positive([9])),
  unary('exponential', t.exponential, Math.exp),
  unary('logarithm', t.logarithm, Math.log, positive([9])),
  unary('tanh', t.tanh, Math.tanh),
  unary('sigmoid', t.sigmoid, (x) => 1 / (1 + Math.exp(-x))),
  unary('softplus', t.softplus, (x) => Math.log1p(Math.exp(x))),
  unary('relu', t.relu, (x) => Math.max(x, 0)),
  unary('sine', t.sine, Math.sin),
  unary('cosine', t.cosine, Math.cos),
  unary('floor', t.floor, Math.floor),
  binary('add', t.add, (a, b) => a + b),
  binary('subtract', t.subtract, (a, b) => a - b),
  binary('multiply', t.multiply, (a, b) => a * b),
  binary('divide', t.divide, (a, b) => a / b, plain([2, 1, 5]), positive([3, 1])),
  binary('power', t.power, (a, b) => a ** b, positive([2, 1, 5]), plain([3, 1])),
  binary('maximum', t.maximum, Math.max),
  binary('minimum', t.minimum, Math.min),
  binary('equal', t.equal, (a, b) => bit(a === b), steps([2, 1, 5]), steps([3, 1], 2)),
  binary('notEqual', t.notEqual, (a, b) => bit(a !== b), steps([2, 1, 5]), steps([3, 1], 2)),
  binary('less', t.less, (a, b) => bit(a < b), steps([2, 1, 5]), steps([3, 1], 2)),
  binary('lessEqual', t.lessEqual, (a, b) => bit(a <= b), steps([2, 1, 5]), steps([3, 1], 2)),
  binary('greater', t.greater, (a, b) => bit(a > b), steps([2, 1, 5]), steps([3, 1], 2)),
  binary('greaterEqual', t.greaterEqual, (a, b) => bit(a >= b), steps([2, 1, 5]), steps([3, 1], 2)),
  unary(
    'add of a number on the left',
    (x) => t.add(2, x),
    (x) => 2 + x,
  ),
  unary(
    'clip',
    (x) => t.clip(x, -0.5, 0.25),
    (x) => Math.min(Math.max(x, -0.5), 0.25),
  ),
  {
    name: 'where, all three broadcast',
    inputs: [steps([2, 1, 5]), plain([3, 1]), plain([5], 2)],
    run: t.where,
    shape: [2, 3, 5],
    expected: (c, a, b) => build([2, 3, 5], (index) => element(element(c, index) !== 0 ? a : b, index)),
  },
  {
    name: 'add in six axes that merge to four',
    inputs: [plain([2, 1, 3, 2, 3, 2]), plain([2, 2, 1, 1, 3, 2], 2)],
    run: t.add,
    shape: [2, 2, 3, 2, 3, 2],
    expected: (a, b) => build([2, 2, 3, 2, 3, 2], (index) => element(a, index) + element(b, index)),
  },
  reduction('sum over all', (x) => t.sum(x), [0, 1, 2, 3], total),
  reduction('sum over the last axis', (x) => t.sum(x, -1), [3], total),
  reduction('sum over axes that are not neighbours', (x) => t.sum(x, [0, 2]), [0, 2], total),
  reduction('sum keeping axes', (x) => t.sum(x, [1, 2], { keepAxes: true }), [1, 2], total, true),
  reduction(
    'mean',
    (x) => t.mean(x, [1, 3]),
    [1, 3],
    (values) => total(values) / values.length,
  ),
  reduction(
    'max',
    (x) => t.max(x, [0, 1]),
    [0, 1],
    (values) => Math.max(...values),
  ),
  reduction(
    'max over three axes',
    (x) => t.max(x, [0, 1, 3]),
    [0, 1, 3],
    (values) => Math.max(...values),
  ),
  reduction(
    'min',
    (x) => t.min(x, 2),
    [2],
    (values) => Math.min(...values),
  ),
  {
    name: 'cumulativeSum',
    inputs: [plain([2, 4, 3])],
    run: (x) => t.cumulativeSum(x, 1),
    shape: [2, 4, 3],
    expected: (x) => build([2, 4, 3], ([i, j, k]) => total(Array.from({ length: j + 1 }, (_, s) => element(x, [i, s, k])))),
  },
  {
    name: 'cumulativeSum from the end',
    inputs: [plain([2, 4])],
    run: (x) => t.cumulativeSum(x, -1, { reverse: true }),
    shape: [2, 4],
    expected: (x) => build([2, 4], ([i, j]) => total(Array.from({ length: 4 - j }, (_, s) => element(x, [i, j + s])))),
  },
  ...[
    { transposeA: false, transposeB: false },
    { transposeA: true, transposeB: false },
    { transposeA: false, transposeB: true },
    { transposeA: true, transposeB: true },
  ].flatMap((options) =>
    [
      { batchA: [], batchB: [], batch: [] },
      { batchA: [2], batchB: [2], batch: [2] },
      { batchA: [2, 3], batchB: [], batch: [2, 3] },
      { batchA: [], batchB: [3], batch: [3] },
      { batchA: [2, 1], batchB: [3], batch: [2, 3] },
    ].map(({ batchA, batchB, batch }): Case => {
      const [M, K, N] = [4, 5, 3];
      const shape = [...batch, M, N];
      return {
        name: `matmul ${JSON.stringify(options)}, batches [${batchA}] and [${batchB}]`,
        inputs: [plain([...batchA, ...(options.transposeA ? [K, M] : [M, K])]), plain([...batchB, ...(options.transposeB ? [N, K] : [K, N])], 2)],
        run: (a, b) => t.matmul(a, b, options),
        shape,
        expected: (a, b) =>
          build(shape, (index) => {
            const g = index.slice(0, -2);
            const [m, n] = index.slice(-2);
            const term = (k: number) =>
              element(a, [...g, ...(options.transposeA ? [k, m] : [m, k])]) * element(b, [...g, ...(options.transposeB ? [n, k] : [k, n])]);
            return total(Array.from({ length: K }, (_, k) => term(k)));
          }),
      };
    }),
  ),
  layout(
    'reshape with a length to work out',
    plain([2, 6]),
    (x) => t.reshape(x, [3, -1]),
    [3, 4],
    ([i, j]) => [Math.floor((i * 4 + j) / 6), (i * 4 + j) % 6],
  ),
  layout(
    'transpose',
    plain([2, 3, 4]),
    (x) => t.transpose(x),
    [4, 3, 2],
    ([i, j, k]) => [k, j, i],
  ),
  layout(
    'transpose by an order',
    plain([2, 3, 4, 5]),
    (x) => t.transpose(x, [2, 0, 3, -3]),
    [4, 2, 5, 3],
    ([i, j, k, l]) => [j, l, i, k],
  ),
  layout(
    'broadcastTo',
    plain([3, 1]),
    (x) => t.broadcastTo(x, [2, 3, 4]),
    [2, 3, 4],
    ([, j]) => [j, 0],
  ),
  layout(
    'slice by range, element and step',
    plain([4, 5, 6]),
    (x) => t.slice(x, [[1, 3], 2, [0, -1, 2]]),
    [2, 3],
    ([i, k]) => [1 + i, 2, 2 * k],
  ),
  layout(
    'slice backwards',
    plain([4, 5]),
    (x) => t.slice(x, [null, [null, null, -2]]),
    [4, 3],
    ([i, j]) => [i, 4 - 2 * j],
  ),
  layout(
    'slice of nothing',
    plain([4, 5]),
    (x) => t.slice(x, [[2, 2]]),
    [0, 5],
    () => null,
  ),
  layout(
    'pad',
    plain([2, 3]),
    (x) =>
      t.pad(
        x,
        [
          [1, 0],
          [2, 1],
        ],
        9,
      ),
    [3, 6],
    ([i, j]) => (i >= 1 && j >= 2 && j < 5 ? [i - 1, j - 2] : null),
    9,
  ),
  {
    name: 'concat',
    inputs: [plain([2, 3, 2]), plain([2, 1, 2], 2)],
    run: (a, b) => t.concat([a, b], 1),
    shape: [2, 4, 2],
    expected: (a, b) => build([2, 4, 2], ([i, j, k]) => (j < 3 ? element(a, [i, j, k]) : element(b, [i, 0, k]))),
  },
  {
    name: 'stack',
    inputs: [plain([2, 3]), plain([2, 3], 2)],
    run: (a, b) => t.stack([a, b], -1),
    shape: [2, 3, 2],
    expected: (a, b) => build([2, 3, 2], ([i, j, k]) => element(k === 0 ? a : b, [i, j])),
  },
  layout(
    'gather along the first axis',
    plain([4, 3]),
    (x) => t.gather(x, [3, 0, 0]),
    [3, 3],
    ([i, j]) => [[3, 0, 0][i], j],
  ),
  layout(
    'gather along a middle axis',
    plain([2, 4, 3]),
    (x) => t.gather(x, Int32Array.of(1, 3), 1),
    [2, 2, 3],
    ([i, j, k]) => [i, [1, 3][j], k],
  ),
];

for (const { label, backend, precision } of available) {
  for (const { name, inputs, run, shape, expected } of cases) {
    test(`${name} agrees with a plain computation on ${label}`, async () => {
      const before = backend.bytesInUse();
      const tensors = inputs.map((input) => t.tensor(backend, Float32Array.from(input.data), input.shape));
      const y = run(...tensors);
      assert.equal(y.shape, shape);
      const rounding = precision === 'f64' ? { atol: 1e-13, rtol: 1e-13 } : { atol: 2e-6, rtol: 2e-6 };
      assertClose(await y.data(), expected(...inputs), { case: name, backend: label, ...rounding });
      for (const tensor of [y, ...tensors]) tensor.dispose();
      assert.is(backend.bytesInUse(), before, `bytes in use after ${name}`);
    });
  }

  test(`gather takes an index tensor of any shape on ${label}`, async () => {
    const [x, index, y] = t.tidy(() => {
      const values = t.tensor(backend, [
        [1, 2],
        [3, 4],
        [5, 6],
      ]);
      const indices = t.tensor(
        backend,
        [
          [2, 0],
          [1, 1],
        ],
        undefined,
        'i32',
      );
      return [values, indices, t.gather(values, indices)] as const;
    });
    assert.equal(y.shape, [2, 2, 2]);
    assert.equal([...(await y.data())], [5, 6, 1, 2, 3, 4, 3, 4]);
    for (const tensor of [x, index, y]) tensor.dispose();
  });

  test(`random numbers are those of the host on ${label}`, async () => {
    const normal = t.randomNormal(backend, [3, 5], { seed: 11, mean: 2, standardDeviation: 0.5, trials: [4, 0, 9] });
    const uniform = t.randomUniform(backend, [2, 2, 3], { seed: 11, purpose: 'other', epoch: 3, low: -1, high: 1 });
    const key = randomKey(11, 'tensor');
    const other = randomKey(11, 'other', 3);
    const bound = precision === 'f64' ? { atol: 0 } : { atol: 1e-5 };
    assertClose(
      await normal.data(),
      build([3, 5], ([b, j]) => 2 + 0.5 * normalAt(key, [4, 0, 9][b], j)),
      { case: 'randomNormal', backend: label, ...bound },
    );
    assertClose(
      await uniform.data(),
      build([2, 6], ([b, j]) => -1 + 2 * uniformAt(other, b, j)),
      { case: 'randomUniform', backend: label, atol: precision === 'f64' ? 0 : 1e-7 },
    );
    normal.dispose();
    uniform.dispose();
  });
}

for (const { label, reason } of missing) skip(test, `tensor operations on ${label}`, reason);

test.run();
