// Trials of different lengths in training: batches cut to their longest trial give the loss, gradient and metrics of whole ones, and grouped batches one task each.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { createModel } from '../../src/models/model.js';
import { generateData } from '../../src/tasks/data.js';
import { createMultitask } from '../../src/tasks/multitask.js';
import { multitaskOptions } from '../../src/tasks/multitask-options.js';
import type { TrialSet } from '../../src/tasks/task.js';
import { trainingOptions } from '../../src/training/options.js';
import { epochBatches } from '../../src/training/sampler.js';
import { createTrainingSession } from '../../src/training/session.js';

const task = createMultitask(multitaskOptions.parse({ name: 'multitask', tasks: ['DelayPro', 'IntMod1', 'MatchCatAnti'], binSize: 50, latentWeight: 0.1 }));
const data = generateData(task, { trials: 40, validationFraction: 0.1, seed: 1 });
const withoutLengths = (set: TrialSet): TrialSet => {
  const { lengths: _lengths, ...rest } = set;
  return rest;
};

test('a batch cut to its longest trials has the loss, gradient and outputs of a whole one', async () => {
  const backend = createReferenceBackend();
  const before = backend.bytesInUse();
  const model = createModel({ cell: 'gru', hiddenSize: 3, stateNoise: 0.1 }, 20, 3);
  const training = trainingOptions.parse({ batchSize: 36, inputNoise: 0.1, microBatchBytes: 1 });
  const results = [];
  for (const set of [data.set, withoutLengths(data.set)]) {
    const session = createTrainingSession({ backend, model, task, data: { ...data, set }, training, seed: 0 });
    assert.is(session.microBatchSize, 32);
    const step = await session.step(data.trainingIndices, 1, 0.01);
    const gradient = await session.gradient();
    const validation = await session.validate(1);
    results.push({ step, gradient, validation, metrics: task.metrics?.(validation.outputs, session.validationSet) });
    session.dispose();
  }
  const [cut, whole] = results as [(typeof results)[0], (typeof results)[0]];
  const near = (a: number, b: number) => assert.ok(Math.abs(a - b) <= 1e-6 * Math.abs(b) + 1e-9, `${a} against ${b}`);
  near(cut.step.loss, whole.step.loss);
  near(cut.validation.loss, whole.validation.loss);
  cut.gradient.forEach((value, i) => near(value, whole.gradient[i] as number));
  assert.equal(cut.metrics, whole.metrics);
  assert.is(backend.bytesInUse(), before);
});

test('the latent penalty is the mean square of the states, summed up to the end of the response', async () => {
  const backend = createReferenceBackend();
  const model = createModel({ cell: 'gru', hiddenSize: 3 }, 20, 3);
  const loss = async (latentWeight: number) => {
    const own = createMultitask(multitaskOptions.parse({ ...task.parameters, name: 'multitask', latentWeight }));
    const session = createTrainingSession({ backend, model, task: own, data, training: trainingOptions.parse({}), seed: 0 });
    const { loss } = await session.validate(1);
    session.dispose();
    return loss;
  };
  const [none, one, two] = [await loss(0), await loss(1), await loss(2)];
  assert.ok(one > none);
  assert.ok(Math.abs(two - one - (one - none)) < 1e-6 * two);
  // Every state lies in (−1, 1): no more than the mean number of steps that count.
  const steps = data.validationIndices.reduce((sum, trial) => sum + (data.set.extra[2 * trial + 1] as number), 0) / data.validationIndices.length;
  assert.ok(one - none < steps);
});

test('grouped batches hold one task each and every trial once an epoch', () => {
  const plan = { sampler: 'grouped', indices: data.trainingIndices, conditions: data.set.conditions, batchSize: 5, seed: 0 } as const;
  const batches = epochBatches(plan, 3);
  for (const batch of batches) assert.is(new Set([...batch].map((trial) => data.set.conditions[trial])).size, 1);
  assert.equal(
    batches.flatMap((batch) => [...batch]).sort((a, b) => a - b),
    [...data.trainingIndices].sort((a, b) => a - b),
  );
  // The order depends on seed and epoch alone, so that a resumed run draws the same.
  assert.equal(epochBatches(plan, 3), batches);
});

test.run();
