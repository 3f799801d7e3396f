// Optimisers by hand: first steps of Adam, clipping, weight decay, momentum, freezing, saving and restoring.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { ConfigError, ShapeError } from '../../src/errors.js';
import { createModel } from '../../src/models/model.js';
import { Workspace } from '../../src/rollout/workspace.js';
import { freezeMask, Optimizer, type OptimizerOptions } from '../../src/training/optimizer.js';

const backend = createReferenceBackend();
const adam = { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/** Steps on f = ½ Σ θ² (the gradient is θ) from `start`; returns θ after every step and the last norm. */
async function descend(start: number[], options: OptimizerOptions, learningRate: number, steps: number, mask: Float32Array | null = null) {
  const workspace = new Workspace(backend);
  const parameters = workspace.upload(start, [start.length]);
  const gradient = workspace.allocate([start.length]);
  const optimizer = new Optimizer(backend, parameters, options, mask);
  const trace: number[][] = [];
  for (let step = 0; step < steps; step++) {
    backend.copy(parameters.buffer, 0, gradient.buffer, 0, start.length);
    optimizer.measure(gradient);
    optimizer.step(gradient, learningRate);
    trace.push([...(await backend.read(parameters.buffer))]);
  }
  const norm = (await backend.read(optimizer.norm.buffer))[0] as number;
  const moments = await optimizer.moments();
  optimizer.dispose();
  workspace.dispose();
  return { trace, norm, moments };
}
const near = (actual: number | undefined, expected: number, bound = 1e-9) =>
  assert.ok(Math.abs((actual as number) - expected) <= bound, `expected ${expected}, got ${actual}`);

test('Adam on ½θ² from 1 with rate 0.1 goes to 0.9, then to 0.8004', async () => {
  const { trace } = await descend([1], { optimizer: adam, weightDecay: 0, clip: null }, 0.1, 2);
  near(trace[0]?.[0], 0.9, 1e-6);
  near(trace[1]?.[0], 0.8004, 1e-4);
});

test('a gradient of norm 5 is clipped to norm 1, one of norm 0.5 is left alone', async () => {
  const sgd: OptimizerOptions = { optimizer: { name: 'sgd', momentum: 0 }, weightDecay: 0, clip: 1 };
  const large = await descend([3, 4], sgd, 1, 1);
  near(large.norm, 5);
  near(Math.hypot(3 - (large.trace[0]?.[0] as number), 4 - (large.trace[0]?.[1] as number)), 1, 1e-6);
  const small = await descend([0.3, 0.4], sgd, 1, 1);
  assert.equal(small.trace[0], [0, 0]);
});

test('L2 of Adam enters the gradient, AdamW shrinks the parameter, SGD keeps its momentum', async () => {
  // The first step of Adam is ± the rate, whatever L2 adds to the gradient.
  near((await descend([2], { optimizer: adam, weightDecay: 0.5, clip: null }, 0.1, 1)).trace[0]?.[0], 1.9, 1e-6);
  near((await descend([2], { optimizer: { ...adam, name: 'adamw' }, weightDecay: 0.5, clip: null }, 0.1, 1)).trace[0]?.[0], 2 - 0.1 * 0.5 * 2 - 0.1, 1e-6);
  near((await descend([1], { optimizer: { name: 'sgd', momentum: 0 }, weightDecay: 0.5, clip: null }, 0.1, 1)).trace[0]?.[0], 1 - 0.15);
  const { trace, moments } = await descend([1], { optimizer: { name: 'sgd', momentum: 0.5 }, weightDecay: 0, clip: null }, 0.1, 2);
  near(trace[1]?.[0], 0.9 - 0.1 * (0.5 * 1 + 0.9));
  assert.is(moments.length, 1);
});

test('a frozen parameter and its moments stay, and its gradient does not count in the norm', async () => {
  const { trace, norm, moments } = await descend([3, 4], { optimizer: adam, weightDecay: 0.1, clip: 1 }, 0.1, 1, Float32Array.of(1, 0));
  assert.is(trace[0]?.[1], 4);
  near(norm, 3);
  assert.is(moments[0]?.[1], 0);
});

test('names and prefixes freeze, others are refused', () => {
  const { parameters, parameterCount } = createModel({ cell: 'gru', hiddenSize: 2 }, 1, 1);
  assert.is(freezeMask(parameters, []), null);
  const mask = freezeMask(parameters, ['cell.', 'latent_ics']) as Float32Array;
  assert.is(mask.length, parameterCount);
  assert.is(
    mask.reduce((sum, value) => sum + value, 0),
    3,
  );
  assert.throws(
    () => freezeMask(parameters, ['cell']),
    (error: unknown) => error instanceof ConfigError && /readout\.bias/.test(error.message),
  );
  assert.throws(() => freezeMask(parameters, ['cell.', 'readout.', 'latent_ics']), /at least one parameter left to train/);
});

test('restoring moments and the step count goes on exactly, and other moments are refused', async () => {
  const options: OptimizerOptions = { optimizer: adam, weightDecay: 0.01, clip: null };
  const whole = await descend([1, -2], options, 0.1, 5);
  const workspace = new Workspace(backend);
  const first = await descend([1, -2], options, 0.1, 3);
  const parameters = workspace.upload(first.trace[2] as number[], [2]);
  const optimizer = new Optimizer(backend, parameters, options);
  // Moments travel in f32, as checkpoints hold them.
  optimizer.restore(first.moments, 3);
  for (let step = 0; step < 2; step++) {
    const gradient = workspace.upload(await backend.read(parameters.buffer), [2]);
    optimizer.measure(gradient);
    optimizer.step(gradient, 0.1);
  }
  (await backend.read(parameters.buffer)).forEach((value, i) => near(value, whole.trace[4]?.[i] as number, 1e-7));
  assert.is(optimizer.steps, 5);
  assert.throws(
    () => optimizer.restore([new Float32Array(2)], 3),
    (error: unknown) => error instanceof ShapeError,
  );
  optimizer.dispose();
  workspace.dispose();
  assert.is(backend.bytesInUse(), 0);
});

test.run();
