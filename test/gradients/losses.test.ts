// Values and gradients of the loss kernels: the value against a plain formula, the gradient against central differences in f64.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { assertClose } from '../support/assert-close.js';
import { type CaseArgument, runCase } from '../support/cases.js';
import { centralDifferences } from '../support/gradient-check.js';
import { indicesOf } from '../support/plain.js';
import { normals, uniforms } from '../support/values.js';

const test = suite('gradients of losses');
const backend = createReferenceBackend();
test.after(() => backend.dispose());

const [B, T, O] = [3, 5, 4];
const count = B * T * O;
const target = normals(count, 2);
const probabilities = uniforms(count, 3, 'probabilities');
const perOutput = uniforms(count, 4, 'weights');
const perStep = uniforms(B * T, 5, 'weights');

/** Σ over all elements of one trial. */
function trialSums(f: (b: number, t: number, o: number, i: number) => number): Float64Array {
  const sums = new Float64Array(B);
  indicesOf([B, T, O]).forEach(([b, t, o], i) => {
    sums[b] += f(b, t, o, i);
  });
  return sums;
}

function logSoftmax(x: ArrayLike<number>, row: number, o: number): number {
  let sum = 0;
  for (let k = 0; k < O; k++) sum += Math.exp(x[row * O + k]);
  return x[row * O + o] - Math.log(sum);
}

interface Loss {
  readonly name: string;
  readonly kernel: string;
  /** Name of the differentiated argument. */
  readonly of: 'prediction' | 'states';
  readonly args: Readonly<Record<string, CaseArgument>>;
  readonly params: Readonly<Record<string, number>>;
  readonly expected: (x: ArrayLike<number>) => Float64Array;
}

const shape = [B, T, O];
const losses: readonly Loss[] = [
  {
    name: 'squared error without target and weight, first steps only',
    kernel: 'squared_error_loss',
    of: 'prediction',
    args: {},
    params: { scale: 0.3, steps: 3 },
    expected: (x) => trialSums((_b, t, _o, i) => (t < 3 ? 0.3 * x[i] ** 2 : 0)),
  },
  {
    name: 'squared error with a weight for every output',
    kernel: 'squared_error_loss',
    of: 'prediction',
    args: { target: { shape, data: target }, weight: { shape, data: perOutput } },
    params: { scale: 0.3, steps: T },
    expected: (x) => trialSums((_b, _t, _o, i) => 0.3 * perOutput[i] * (x[i] - target[i]) ** 2),
  },
  {
    name: 'squared error with a weight for every step',
    kernel: 'squared_error_loss',
    of: 'prediction',
    args: { target: { shape, data: target }, weight: { shape: [B, T, 1], data: perStep } },
    params: { scale: 2, steps: T },
    expected: (x) => trialSums((b, t, _o, i) => 2 * perStep[b * T + t] * (x[i] - target[i]) ** 2),
  },
  {
    name: 'absolute error without target and weight, first steps only',
    kernel: 'absolute_error_loss',
    of: 'prediction',
    args: {},
    params: { scale: 0.3, steps: 3 },
    expected: (x) => trialSums((_b, t, _o, i) => (t < 3 ? 0.3 * Math.abs(x[i]) : 0)),
  },
  {
    name: 'absolute error with a weight for every output',
    kernel: 'absolute_error_loss',
    of: 'prediction',
    args: { target: { shape, data: target }, weight: { shape, data: perOutput } },
    params: { scale: 2, steps: T },
    expected: (x) => trialSums((_b, _t, _o, i) => 2 * perOutput[i] * Math.abs(x[i] - target[i])),
  },
  {
    name: 'cross entropy',
    kernel: 'cross_entropy_loss',
    of: 'prediction',
    args: { target: { shape, data: probabilities } },
    params: { scale: 0.5 },
    expected: (x) => trialSums((b, t, o, i) => -0.5 * probabilities[i] * logSoftmax(x, b * T + t, o)),
  },
  {
    name: 'cross entropy with weights',
    kernel: 'cross_entropy_loss',
    of: 'prediction',
    args: { target: { shape, data: probabilities }, weight: { shape: [B, T, 1], data: perStep } },
    params: { scale: 0.5 },
    expected: (x) => trialSums((b, t, o, i) => -0.5 * perStep[b * T + t] * probabilities[i] * logSoftmax(x, b * T + t, o)),
  },
  {
    name: 'norm of the first units of the states',
    kernel: 'norm_loss',
    of: 'states',
    args: {},
    params: { scale: 0.7, size: 3 },
    expected: (x) => trialSums((_b, _t, o, i) => (o < 3 ? x[i] ** 2 : 0)).map((squares) => 0.7 * Math.sqrt(squares)),
  },
];

for (const { name, kernel, of, args, params, expected } of losses) {
  test(`${name}: value and gradient`, async () => {
    const x = Float64Array.from(normals(count, 1));
    const before = normals(count, 6);
    const call = { kernel, name, params, tolerance: { atol: 0, rtol: 0, reason: 'not compared here' } };
    const run = (extra: Record<string, CaseArgument>) =>
      runCase(backend, { ...call, args: { [of]: { shape, data: x }, ...args, trial_loss: { shape: [B], data: [1, 2, 3] }, ...extra } });
    const result = await run({ [`d_${of}`]: { shape, data: before } });
    assertClose(
      result.trial_loss,
      expected(x).map((loss, b) => b + 1 + loss),
      { case: `${name}, value added to what was there`, rtol: 1e-13 },
    );
    const numeric = await centralDifferences(async () => Array.from((await run({})).trial_loss).reduce((sum, loss) => sum + loss, 0), x);
    const gradient = result[`d_${of}`].map((d, i) => d - before[i]);
    assertClose(gradient, numeric, { case: `${name}, gradient`, rtolOfMax: 1e-6 });
  });
}

test('the norm of states that are all zero has gradient zero', async () => {
  const result = await runCase(backend, {
    kernel: 'norm_loss',
    name: 'zeros',
    args: { states: { shape, data: new Float64Array(count) }, trial_loss: { shape: [B] }, d_states: { shape } },
    params: { scale: 1, size: O },
    tolerance: { atol: 0, rtol: 0, reason: 'exact' },
  });
  assert.equal([...result.d_states], new Array(count).fill(0));
});

test('the absolute error of a prediction that is right has gradient zero', async () => {
  const result = await runCase(backend, {
    kernel: 'absolute_error_loss',
    name: 'equal',
    args: {
      prediction: { shape, data: target },
      target: { shape, data: target },
      trial_loss: { shape: [B] },
      d_prediction: { shape },
    },
    params: { scale: 1, steps: T },
    tolerance: { atol: 0, rtol: 0, reason: 'exact' },
  });
  assert.equal([...result.d_prediction], new Array(count).fill(0));
});

test('cross entropy stays finite for predictions of ±1000', async () => {
  const result = await runCase(backend, {
    kernel: 'cross_entropy_loss',
    name: 'extreme',
    args: {
      prediction: { shape: [1, 1, 2], data: [1000, -1000] },
      target: { shape: [1, 1, 2], data: [0, 1] },
      trial_loss: { shape: [1] },
      d_prediction: { shape: [1, 1, 2] },
    },
    params: { scale: 1 },
    tolerance: { atol: 0, rtol: 0, reason: 'exact' },
  });
  assert.equal([...result.trial_loss], [2000]);
  assert.equal([...result.d_prediction], [1, -1]);
});

test.run();
