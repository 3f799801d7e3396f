// The tasks of `bench train-step`: the sizes that design and docs state, short trials that are the beginning of longer ones, and trials that train.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createReferenceBackend } from '../../../src/backends/reference/index.js';
import { benchTasks, createBenchTask } from '../../../src/jobs/bench/bench-tasks.js';
import { createModel } from '../../../src/models/model.js';
import { randomKey } from '../../../src/random.js';
import { generateData } from '../../../src/tasks/data.js';
import { networkSize } from '../../../src/tasks/task.js';
import { trainingOptions } from '../../../src/training/options.js';
import { createTrainingSession } from '../../../src/training/session.js';

test('reaching and its decoupled twin have networks of 17 inputs and 6 outputs; all noise and delays are on', () => {
  for (const name of ['reach', 'decoupled-reach']) assert.equal(networkSize(createBenchTask(name, 100)), [17, 6], name);
  const { plant, steps } = createBenchTask('reach', 100);
  assert.is(steps, 100);
  assert.is(plant?.body.name, 'RigidTendonArm26');
  assert.is(plant?.body.timeStep, 0.01);
  const { visionDelay, proprioceptionDelay, visionNoise, proprioceptionNoise, actionNoise } = plant?.sensors ?? {};
  assert.equal([visionDelay, proprioceptionDelay, visionNoise, proprioceptionNoise, actionNoise], [5, 2, 0.005, 0.005, 0.005]);
  assert.throws(() => createBenchTask('juggling', 100), /--task: expected flipflop, multitask, reach, decoupled-reach, got "juggling"/);
});

test('short trials are the beginning of longer ones, and a trial is the same whichever it comes with', () => {
  const key = randomKey(1, 'test');
  const [short, long] = [createBenchTask('reach', 20).generate(key, 2, 3), createBenchTask('reach', 35).generate(key, 2, 3)];
  const first = (values: Float32Array, size: number) => values.slice(35 * size, 55 * size);
  assert.equal(short.inputs.slice(60, 120), first(long.inputs, 3));
  assert.equal(short.targets.slice(40, 80), first(long.targets, 2));
  assert.equal(short.endpointLoads?.slice(40, 80), first(long.endpointLoads as Float32Array, 2));
  assert.equal(short.joints, long.joints);
  const task = createBenchTask('decoupled-reach', 7);
  const [many, one] = [task.generate(key, 0, 4), task.generate(key, 3, 1)];
  assert.equal(many.inputs.slice(3 * 7 * 17), one.inputs);
  assert.equal(many.targets.slice(3 * 7 * 6), one.targets);
});

test('a few steps lower the loss of each', async () => {
  const backend = createReferenceBackend();
  for (const name of benchTasks) {
    const task = createBenchTask(name, 12);
    const data = generateData(task, { trials: 9, validationFraction: 1 / 9, seed: 0 });
    const model = createModel({ cell: 'gru', hiddenSize: 8 }, ...networkSize(task));
    const session = createTrainingSession({ backend, model, task, data, seed: 0, training: trainingOptions.parse({ batchSize: 8 }) });
    const losses: number[] = [];
    for (let i = 0; i < 5; i++) losses.push((await session.step(data.trainingIndices, 1000, 0.01)).loss);
    session.dispose();
    assert.ok((losses[4] as number) < (losses[0] as number), `${name}: ${losses}`);
  }
  assert.is(backend.bytesInUse(), 0);
});

test.run();
