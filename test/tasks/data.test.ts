// Seeded data, the split, selections, and the refusal of trials that break the contract.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError, ShapeError } from '../../src/errors.js';
import { checkTrialSet, generateData, generateTrials, selectTrials } from '../../src/tasks/data.js';
import { createTask } from '../../src/tasks/index.js';
import { taskOptions } from '../../src/tasks/options.js';
import type { Task, TrialSet } from '../../src/tasks/task.js';

const task = createTask(taskOptions.parse({ name: 'flipflop', steps: 20 }));
const data = (trials: number, seed = 0, validationFraction = 0.2) => generateData(task, { trials, seed, validationFraction });

test('1000 trials split into 800 and 200, disjoint, complete, and the same for the same seed', () => {
  const first = data(1000);
  assert.is(first.trainingIndices.length, 800);
  assert.is(first.validationIndices.length, 200);
  const all = [...first.trainingIndices, ...first.validationIndices].sort((a, b) => a - b);
  assert.equal(
    all,
    Array.from({ length: 1000 }, (_, i) => i),
  );
  assert.equal(data(1000).trainingIndices, first.trainingIndices);
  assert.not.equal(data(1000, 1).trainingIndices, first.trainingIndices);
  assert.not.equal(
    [...first.trainingIndices],
    [...first.trainingIndices].sort((a, b) => a - b),
    'the order is the permutation’s',
  );
});

test('the validation share is rounded up, whatever the product looks like in binary', () => {
  for (const [trials, fraction, validation] of [
    [2, 0.2, 1],
    [7, 0.2, 2],
    [100, 0.07, 7],
    [1000, 0.1, 100],
    [35, 0.2, 7],
    [1001, 0.2, 201],
  ] as const)
    assert.is(data(trials, 0, fraction).validationIndices.length, validation, `${fraction} of ${trials}`);
});

test('the same seed gives the same bits; fewer trials are the beginning of more', () => {
  const [many, again, few] = [data(30, 9), data(30, 9), data(10, 9)];
  assert.equal(many.set, again.set);
  assert.equal(few.set.inputs, many.set.inputs.slice(0, few.set.inputs.length));
  assert.not.equal(data(30, 10).set.inputs, many.set.inputs);
  assert.not.equal(data(30, 9 + 2 ** 32).set.inputs, many.set.inputs, 'seeds beyond 32 bits count');
});

test('a split without trials on one side and data beyond memory are refused by path', () => {
  assert.throws(
    () => data(2, 0, 0.99),
    (error: unknown) => error instanceof ConfigError && /data: validationFraction: expected .* got 2 for validation and 0/.test(error.message),
  );
  assert.throws(
    () => data(10_000_000_000),
    (error: unknown) =>
      error instanceof ConfigError && /expected data of at most 8\.00 GiB, got 10000000000 trials of 20 steps, .* GiB; use fewer/.test(error.message),
  );
});

test('a selection keeps order, conditions and extra numbers', () => {
  const set: TrialSet = {
    trials: 3,
    steps: 2,
    inputs: Float32Array.of(0, 1, 2, 3, 4, 5),
    trueInputs: Float32Array.of(10, 11, 12, 13, 14, 15),
    targets: Float32Array.from({ length: 12 }, (_, i) => i),
    conditions: Int32Array.of(7, 8, 9),
    extra: Float32Array.of(0.5, 1.5, 2.5),
  };
  const chosen = selectTrials(set, [2, 0]);
  assert.equal(chosen, {
    trials: 2,
    steps: 2,
    inputs: Float32Array.of(4, 5, 0, 1),
    trueInputs: Float32Array.of(14, 15, 10, 11),
    targets: Float32Array.of(8, 9, 10, 11, 0, 1, 2, 3),
    conditions: Int32Array.of(9, 7),
    extra: Float32Array.of(2.5, 0.5),
  });
  assert.is(selectTrials(set, []).inputs.length, 0);
  for (const index of [3, -1, 0.5])
    assert.throws(
      () => selectTrials(set, [index]),
      (error: unknown) => error instanceof ShapeError,
    );
});

test('trials of the wrong shape, kind or value are refused with their place', () => {
  const broken = (changes: Partial<Record<keyof TrialSet, unknown>>): Task => ({
    ...task,
    generate: (key, first, count) => ({ ...task.generate(key, first, count), ...changes }) as TrialSet,
  });
  const spoilt = new Float32Array(2 * 20 * 3);
  spoilt[65] = Number.NaN;
  for (const [changes, message] of [
    [{ trials: 1 }, /expected 2 trials of 20 steps, got 1 trials of 20/],
    [{ inputs: new Float32Array(5) }, /expected inputs as a Float32Array of shape \[2, 20, 3\], got Float32Array of length 5/],
    [{ targets: [] }, /expected targets as a Float32Array of shape \[2, 20, 3\], got an array of length 0/],
    [{ trueInputs: new Float64Array(120) }, /expected trueInputs .* got Float64Array of length 120/],
    [{ conditions: new Int32Array(1) }, /expected conditions as an Int32Array of length 2/],
    [{ extra: new Float32Array(3) }, /expected extra of a length divisible by 2/],
    [{ inputs: spoilt }, /expected finite inputs, got NaN at \[1, 1, 2\]/],
  ] as const)
    assert.throws(
      () => generateTrials(broken(changes), 0, 0, 2),
      (error: unknown) => error instanceof ShapeError && message.test(error.message),
    );
});

test('with fresh trials every epoch trains on new ones of the same stream, and validates on the same', () => {
  const reach = createTask(taskOptions.parse({ name: 'random-target', steps: 40 }));
  const data = generateData(reach, { trials: 10, validationFraction: 0.2, seed: 3, fresh: true });
  const epochSet = data.epochSet as (epoch: number) => TrialSet;
  assert.is(epochSet(0), data.set);
  assert.equal(epochSet(2), epochSet(2));
  // epoch 2 takes the trials 18 to 25, in the order of the training indices
  const later = generateTrials(reach, 3, 18, 8);
  const second = epochSet(2);
  checkTrialSet(reach, second, 10);
  assert.equal(selectTrials(second, data.trainingIndices), later);
  assert.equal(selectTrials(second, data.validationIndices), selectTrials(data.set, data.validationIndices));
  assert.not.equal(selectTrials(epochSet(1), data.trainingIndices), later);
  assert.is(generateData(reach, { trials: 10, validationFraction: 0.2, seed: 3 }).epochSet, undefined);
});

test('trials of a body need its start, and forces of fitting shape', () => {
  const reach = createTask(taskOptions.parse({ name: 'random-target', steps: 40 }));
  const set = generateTrials(reach, 0, 0, 3);
  const { joints: _joints, ...without } = set;
  for (const [broken, message] of [
    [without, /expected joints as a Float32Array of shape \[3, 4\], got undefined/],
    [{ ...set, endpointLoads: new Float32Array(7) }, /expected endpointLoads as a Float32Array of shape \[3, 40, 2\]/],
    [{ ...set, jointLoads: new Float32Array(240).fill(Number.NaN) }, /expected finite jointLoads, got NaN at \[0, 0, 0\]/],
  ] as const)
    assert.throws(
      () => checkTrialSet(reach, broken as TrialSet, 3),
      (error: unknown) => error instanceof ShapeError && message.test(error.message),
    );
});

test('weights of the loss must fit the trials', () => {
  for (const [kind, length, shape] of [
    ['squared error', 10 * 20, '[10, 20, 3]'],
    ['cross entropy', 10 * 20 * 3, '[10, 20]'],
  ] as const) {
    const odd: Task = { ...task, loss: { kind, scale: 1, weights: () => new Float32Array(length) } };
    assert.throws(
      () => generateData(odd, { trials: 10, validationFraction: 0.2, seed: 0 }),
      (error: unknown) =>
        error instanceof ShapeError &&
        error.message === `task flipflop: loss.weights: expected weights as a Float32Array of shape ${shape}, got Float32Array of length ${length}`,
    );
  }
});

test.run();
