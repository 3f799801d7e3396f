// The tape's gradient of every tensor operation against central differences in f64.
import { suite } from 'uvu';
import * as t from '../../src/tensor/index.js';
import { checkGradients } from '../support/gradient-check.js';
import type { Plain } from '../support/plain.js';
import { normals, sizeOf, uniforms } from '../support/values.js';

const test = suite('gradients of operations');
const plain = (shape: readonly number[], seed = 1): Plain => ({ shape, data: normals(sizeOf(shape), seed) });
const positive = (shape: readonly number[], seed = 1): Plain => ({ shape, data: uniforms(sizeOf(shape), seed, 'positive', 0.3, 3) });

const unary = {
  negate: t.negate,
  absolute: t.absolute,
  sign: t.sign,
  square: t.square,
  exponential: t.exponential,
  tanh: t.tanh,
  sigmoid: t.sigmoid,
  softplus: t.softplus,
  relu: t.relu,
  sine: t.sine,
  cosine: t.cosine,
  floor: t.floor,
};
for (const [name, run] of Object.entries(unary)) test(`${name} has the right gradient`, () => checkGradients(name, run, [plain([3, 4])]));

const ofPositive = { squareRoot: t.squareRoot, reciprocal: t.reciprocal, logarithm: t.logarithm };
for (const [name, run] of Object.entries(ofPositive)) test(`${name} has the right gradient`, () => checkGradients(name, run, [positive([3, 4])]));

const binary = { add: t.add, subtract: t.subtract, multiply: t.multiply, divide: t.divide, maximum: t.maximum, minimum: t.minimum, less: t.less };
const pairs: readonly (readonly [string, number[], number[]])[] = [
  ['equal shapes', [2, 3], [2, 3]],
  ['broadcast shapes', [2, 1, 3], [4, 1]],
  ['a single number', [2, 3], []],
];
for (const [name, run] of Object.entries(binary)) {
  for (const [what, a, b] of pairs)
    test(`${name} has the right gradient for ${what}`, () => checkGradients(name, run, [plain(a, 3), name === 'divide' ? positive(b, 4) : plain(b, 4)]));
}
test('power has the right gradient for base and exponent', () => checkGradients('power', t.power, [positive([2, 1, 3]), plain([4, 1])]));
test('power has the right gradient for a negative base and a whole exponent', () => checkGradients('power', (x) => t.power(x, 3), [plain([5])]));
test('clip has the right gradient', () => checkGradients('clip', (x) => t.clip(x, -0.5, 0.7), [plain([7])]));
test('where has the right gradient', () => checkGradients('where', t.where, [{ shape: [2, 1, 3], data: [1, 0, 1, 0, 0, 1] }, plain([4, 1]), plain([3], 2)]));

for (const transposeA of [false, true]) {
  for (const transposeB of [false, true]) {
    for (const [batchA, batchB] of [
      [[], []],
      [[2], [2]],
      [[2], []],
      [[], [2]],
      [[2, 1], [3]],
    ]) {
      test(`matmul has the right gradient, transposeA ${transposeA}, transposeB ${transposeB}, batches [${batchA}] and [${batchB}]`, () =>
        checkGradients('matmul', (a, b) => t.matmul(a, b, { transposeA, transposeB }), [
          plain([...batchA, ...(transposeA ? [3, 2] : [2, 3])]),
          plain([...batchB, ...(transposeB ? [4, 3] : [3, 4])], 2),
        ]));
    }
  }
}

const x = plain([2, 3, 4]);
const shaped: Record<string, (x: t.Tensor) => t.Tensor> = {
  'sum over all': (a) => t.sum(a),
  'sum over axes': (a) => t.sum(a, [0, 2]),
  'mean keeping axes': (a) => t.mean(a, [1], { keepAxes: true }),
  'max over all': (a) => t.max(a),
  'max over axes': (a) => t.max(a, [0, 2]),
  min: (a) => t.min(a, 1),
  cumulativeSum: (a) => t.cumulativeSum(a, 1),
  'cumulativeSum from the end': (a) => t.cumulativeSum(a, 2, { reverse: true }),
  reshape: (a) => t.reshape(a, [4, -1]),
  transpose: (a) => t.transpose(a, [1, 2, 0]),
  broadcastTo: (a) => t.broadcastTo(t.reshape(a, [2, 3, 1, 4]), [5, 2, 3, 2, 4]),
  slice: (a) => t.slice(a, [1, [null, null, -2], [1, 3]]),
  pad: (a) =>
    t.pad(
      a,
      [
        [1, 0],
        [0, 2],
        [1, 1],
      ],
      5,
    ),
  concat: (a) => t.concat([a, t.square(a), a], 1),
  stack: (a) => t.stack([a, t.square(a)], -1),
  'gather with repeats': (a) => t.gather(a, [2, 0, 2, 2], 1),
};
for (const [name, run] of Object.entries(shaped)) test(`${name} has the right gradient`, () => checkGradients(name, run, [x]));

test('a chain through many operations has the right gradient', () =>
  checkGradients(
    'log softmax of a small network',
    (w, b, input) => {
      const hidden = t.tanh(t.add(t.matmul(input, w), b));
      const highest = t.max(hidden, -1, { keepAxes: true });
      return t.subtract(t.subtract(hidden, highest), t.logarithm(t.sum(t.exponential(t.subtract(hidden, highest)), -1, { keepAxes: true })));
    },
    [plain([3, 4]), plain([4], 2), plain([5, 3], 3)],
  ));

test('second derivatives come from nesting', () =>
  checkGradients(
    'gradient of a gradient',
    (a) => t.valueAndGradients((b) => t.sum(t.multiply(t.tanh(t.square(b)), t.exponential(t.cumulativeSum(b)))), [a]).gradients[0],
    [{ shape: [4], data: [0.3, -0.8, 0.5, 1.1] }],
  ));

test.run();
