// A training session: repeatable to the byte over threads, independent of micro-batches, no leak, user losses, bad numbers.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Backend } from '../../src/backends/backend.js';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { createModel } from '../../src/models/model.js';
import type { ModelInput } from '../../src/models/options.js';
import { generateData } from '../../src/tasks/data.js';
import { createTask } from '../../src/tasks/index.js';
import { taskOptions } from '../../src/tasks/options.js';
import { mean, multiply, square, subtract, sum, type Tensor } from '../../src/tensor/index.js';
import { type TrainingInput, trainingOptions } from '../../src/training/options.js';
import { createTrainingSession } from '../../src/training/session.js';
import { estimateTrainingBytes } from '../../src/training/session-plan.js';
import type { UserLoss } from '../../src/training/user-loss.js';
import { assertClose } from '../support/assert-close.js';
import { backendsUnderTest, disposeBackends } from '../support/backends.js';
import { skip } from '../support/skip.js';

const task = createTask(taskOptions.parse({ name: 'flipflop', bits: 2, steps: 24, switchProbability: 0.05 }));
const data = generateData(task, { trials: 90, validationFraction: 0.2, seed: 3 });
const noisy: ModelInput = { cell: 'gru', hiddenSize: 9, stateNoise: 0.02, latentL2: 1e-3 };

function sessionOf(backend: Backend, options: ModelInput = noisy, training: TrainingInput = {}, userLoss?: UserLoss) {
  return createTrainingSession({
    backend,
    model: createModel(options, 2, 2),
    task,
    data,
    seed: 5,
    training: trainingOptions.parse({ batchSize: 72, inputNoise: 0.05, ...training }),
    ...(userLoss ? { userLoss } : {}),
  });
}

/** Losses of a few steps, and where they lead. */
async function train(backend: Backend, options: ModelInput = noisy, training: TrainingInput = {}, userLoss?: UserLoss) {
  const session = sessionOf(backend, options, training, userLoss);
  const losses: number[] = [];
  for (let epoch = 1; epoch <= 4; epoch++) losses.push((await session.step(data.trainingIndices, epoch, 0.01)).loss);
  const { loss, outputs } = await session.validate(4);
  const state = await session.save();
  session.dispose();
  return { losses, validation: loss, outputs, state };
}

const reference = createReferenceBackend();
const { available, missing } = await backendsUnderTest();
const oneThread = available.find(({ label }) => label === 'wasm simd')?.backend;
const twoThreads = available.find(({ label }) => label === 'wasm simd, 2 threads')?.backend;

const cells: readonly ModelInput[] = [
  noisy,
  { cell: 'lstm', hiddenSize: 5 },
  { cell: 'rnn', hiddenSize: 6 },
  { cell: 'node', layerSizes: [7] },
  { cell: 'driscoll', hiddenSize: 8 },
];
const expected = await Promise.all(cells.map((options) => train(reference, options)));

for (const { label, backend } of available) {
  test(`training starts like the reference on ${label}, lowers the loss, and leaves no byte behind`, async () => {
    const before = backend.bytesInUse();
    for (const [i, options] of cells.entries()) {
      const { losses, validation } = await train(backend, options);
      assertClose(losses.slice(0, 2), expected[i]?.losses.slice(0, 2) ?? [], { case: `losses of ${options.cell}`, backend: label, rtol: 1e-5 });
      assert.ok((losses[3] as number) < (losses[0] as number) && Number.isFinite(validation), `${options.cell}: ${losses}`);
    }
    assert.is(backend.bytesInUse(), before);
  });
}
for (const { label, reason } of missing) skip(test, `training starts like the reference on ${label}, lowers the loss, and leaves no byte behind`, reason);

const sameBytes = 'one and two threads end with the same bytes';
if (oneThread && twoThreads) {
  test(sameBytes, async () => {
    assert.equal(await train(twoThreads), await train(oneThread));
    assert.equal(await train(oneThread), await train(oneThread));
  });
} else skip(test, sameBytes, missing.map(({ reason }) => reason).join('; '));

const sameCut = 'micro-batches change no byte of the parameters';
if (twoThreads) {
  test(sameCut, async () => {
    for (const options of cells) {
      const [parts, whole] = [await train(twoThreads, options, { microBatchBytes: 1 }), await train(twoThreads, options)];
      assert.equal(parts.state, whole.state, options.cell);
      assertClose(parts.losses, whole.losses, { case: `losses of ${options.cell}`, rtol: 1e-6 });
    }
  });
} else skip(test, sameCut, missing.map(({ reason }) => reason).join('; '));

test('memory stands still from step to step and is what the estimate says', async () => {
  const backend = createReferenceBackend({ precision: 'f32' });
  const session = sessionOf(backend);
  const inUse = backend.bytesInUse();
  for (let epoch = 1; epoch <= 3; epoch++) await session.step(data.trainingIndices, epoch, 0.01);
  await session.validate(1);
  assert.is(backend.bytesInUse(), inUse);
  assert.ok(Math.abs(session.memoryBytes / inUse - 1) < 0.01, `estimated ${session.memoryBytes}, in use ${inUse}`);
  session.dispose();
  session.dispose();
  assert.is(backend.bytesInUse(), 0);
});

test('micro-batches change nothing but rounding, and their size depends on shapes', async () => {
  const small = sessionOf(reference, noisy, { microBatchBytes: 1 });
  assert.is(small.microBatchSize, 32);
  small.dispose();
  const large = sessionOf(reference, noisy, { microBatchBytes: 2 ** 30 });
  assert.is(large.microBatchSize, 72);
  large.dispose();
  const parts = await train(reference, noisy, { microBatchBytes: 1 });
  const whole = await train(reference, noisy, { microBatchBytes: 2 ** 30 });
  assertClose(parts.losses, whole.losses, { case: 'losses', rtol: 1e-12 });
  assertClose(parts.state.parameters, whole.state.parameters, { case: 'parameters', rtol: 1e-6, atol: 1e-9 });
  assertClose(parts.outputs, whole.outputs, { case: 'validation outputs', rtol: 1e-6, atol: 1e-9 });
});

test('the last batch may be smaller, and the noise belongs to the trial, not to its place', async () => {
  const session = sessionOf(reference, noisy, { learningRate: 1e-30 });
  const order = Int32Array.from([4, 9, 17]);
  const { loss } = await session.step(order, 1, 1e-30);
  const { loss: turned } = await session.step(order.toReversed(), 1, 1e-30);
  const { loss: later } = await session.step(order, 2, 1e-30);
  session.dispose();
  assertClose([turned], [loss], { case: 'another order', rtol: 1e-9 });
  assert.ok(Math.abs(later - loss) > 1e-6 * loss, 'another epoch draws other noise');
});

test("a user's loss that repeats the task's gives the same training, on every precision and in micro-batches", async () => {
  const mask = task.loss.weights(data.set) as Float32Array;
  assert.ok(mask.some((weight) => weight === 0));
  // Mean squared error without the mask, as the tape sees it and as kernels do.
  const plain = { ...task, loss: { ...task.loss, weights: () => null } };
  const userLoss: UserLoss = ({ outputs, targets }) => mean(square(subtract(outputs, targets)));
  for (const microBatchBytes of [1, 2 ** 30]) {
    const own = await train(reference, noisy, { microBatchBytes }, userLoss);
    const session = createTrainingSession({
      backend: reference,
      model: createModel(noisy, 2, 2),
      task: plain,
      data,
      seed: 5,
      training: trainingOptions.parse({ batchSize: 72, inputNoise: 0.05, microBatchBytes }),
    });
    const losses: number[] = [];
    for (let epoch = 1; epoch <= 4; epoch++) losses.push((await session.step(data.trainingIndices, epoch, 0.01)).loss);
    assertClose(own.losses, losses, { case: 'losses', rtol: 1e-9 });
    assertClose([own.validation], [(await session.validate(4)).loss], { case: 'validation loss', rtol: 1e-9 });
    session.dispose();
  }
  assert.is(reference.bytesInUse(), 0);
});

test("a user's loss may use the states, and must return one number", async () => {
  const onStates = await train(reference, { cell: 'rnn', hiddenSize: 4 }, {}, ({ states }) => multiply(mean(square(states)), 10));
  assert.ok((onStates.losses[3] as number) < (onStates.losses[0] as number));
  const session = sessionOf(reference, noisy, {}, ({ outputs }) => sum(outputs, 0) as Tensor);
  let message = '';
  await session.step(data.trainingIndices, 1, 0.01).catch((error: Error) => (message = error.message));
  session.dispose();
  assert.match(message, /userLoss: expected a tensor of one f32 number/);
  assert.is(reference.bytesInUse(), 0);
});

test('a step with a gradient that is not finite changes nothing', async () => {
  const session = sessionOf(reference);
  const state = await session.save();
  const broken = { ...state, parameters: state.parameters.slice() };
  broken.parameters[0] = Number.NaN;
  session.restore(broken);
  const { loss } = await session.step(data.trainingIndices, 1, 0.01);
  assert.is(Number.isFinite(loss), false);
  const after = await session.save();
  assert.ok(Number.isNaN(after.parameters[0]));
  assert.equal({ ...after, parameters: after.parameters.slice(1) }, { ...broken, parameters: broken.parameters.slice(1) });
  assert.is((await session.gradient()).some(Number.isNaN), true);
  session.restore(state);
  assert.ok(Number.isFinite((await session.step(data.trainingIndices, 1, 0.01)).loss));
  session.dispose();
});

test('frozen parameters stay, others move', async () => {
  const session = sessionOf(reference, noisy, { freeze: ['cell.', 'latent_ics'] });
  const before = (await session.save()).parameters;
  await session.step(data.trainingIndices, 1, 0.01);
  const after = (await session.save()).parameters;
  const { parameters } = createModel(noisy, 2, 2);
  for (const { name, offset, length } of parameters) {
    const same = before.slice(offset, offset + length).every((value, i) => value === after[offset + i]);
    assert.is(same, !name.startsWith('readout.'), name);
  }
  session.dispose();
});

test('a model of other sizes is refused, and the estimate needs no trials', () => {
  const training = trainingOptions.parse({});
  assert.throws(
    () => createTrainingSession({ backend: reference, model: createModel({ cell: 'rnn' }, 3, 2), task, data, seed: 0, training }),
    /expected a model with 2 inputs and 2 outputs/,
  );
  const bytes = estimateTrainingBytes({
    backend: reference,
    model: createModel({ cell: 'gru' }, 2, 2),
    task,
    training,
    data: { set: { trials: 1e9, steps: 24 }, trainingIndices: { length: 8e8 } },
  });
  assert.ok(bytes > 1e9 * 24 * 4 * 6);
  assert.is(reference.bytesInUse(), 0);
});

test.after(() => disposeBackends(available));
test.run();
