// Training on reaches: like the reference on every backend, to the byte over threads and across resume, no leak, losses with a ramp, users' losses, refusals.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Backend } from '../../src/backends/backend.js';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { createWasmBackend } from '../../src/backends/wasm/index.js';
import { ConfigError, ShapeError } from '../../src/errors.js';
import { createModel } from '../../src/models/model.js';
import type { ModelInput } from '../../src/models/options.js';
import { encodeCheckpoint } from '../../src/runs/checkpoint.js';
import { generateData } from '../../src/tasks/data.js';
import { networkSize, type ReachLoss, type Task } from '../../src/tasks/task.js';
import { absolute, add, mean, multiply, square, subtract, sum } from '../../src/tensor/index.js';
import type { CheckpointState, EpochEvent, TrainingEvent } from '../../src/training/events.js';
import { checkTrainingMemory, trialCounts } from '../../src/training/memory.js';
import { type TrainingInput, trainingOptions } from '../../src/training/options.js';
import { createTrainingSession } from '../../src/training/session.js';
import { trainModel } from '../../src/training/train-model.js';
import type { UserLoss } from '../../src/training/user-loss.js';
import { assertClose } from '../support/assert-close.js';
import { backendsUnderTest, disposeBackends } from '../support/backends.js';
import { armPlant, noisySenses, reachLoss, reachTask } from '../support/reaching.js';

const plant = armPlant({ sensors: { ...noisySenses, actionFrames: 1 } });
const task = reachTask(plant, 12);
const data = generateData(task, { trials: 45, validationFraction: 0.2, seed: 3 });
const gru: ModelInput = { cell: 'gru', hiddenSize: 6, stateNoise: 0.02, latentL2: 1e-3, readoutBias: 0.2 };

function sessionOf(backend: Backend, options: ModelInput = gru, training: TrainingInput = {}, of: Task = task, userLoss?: UserLoss) {
  const model = createModel(options, ...networkSize(of));
  const plan = { backend, model, task: of, data, seed: 5, training: trainingOptions.parse({ batchSize: 36, inputNoise: 0.01, ...training }) };
  return createTrainingSession({ ...plan, ...(userLoss ? { userLoss } : {}) });
}

/** Losses of a few steps, and where they lead. */
async function steps(backend: Backend, options?: ModelInput, training?: TrainingInput, of?: Task, userLoss?: UserLoss) {
  const session = sessionOf(backend, options, training, of, userLoss);
  const losses: number[] = [];
  for (let epoch = 1; epoch <= 4; epoch++) losses.push((await session.step(data.trainingIndices, epoch, 0.01)).loss);
  const validation = await session.validate(4);
  const state = await session.save();
  session.dispose();
  return { losses, validation, state };
}

/** Every event of a run, up to its end or its error. */
async function run(backend: Backend, of: Task, training: TrainingInput, resume: CheckpointState | null = null) {
  const model = createModel(gru, ...networkSize(of));
  const plan = {
    run: { model: 'GRU', seed: 5, path: 'GRU/seed-5' },
    task: of,
    data: generateData(of, { trials: 20, validationFraction: 0.2, seed: 1 }),
    model,
  };
  const events: TrainingEvent[] = [];
  for await (const event of trainModel({ ...plan, training: trainingOptions.parse(training), seed: 5 }, { backend, resume })) events.push(event);
  return events;
}
const epochsOf = (events: readonly TrainingEvent[]) =>
  events.filter((event): event is EpochEvent => event.type === 'epoch').map((event) => ({ ...event, seconds: 0 }));
const checkpoints = (events: readonly TrainingEvent[], kind: string) =>
  events.flatMap((event) => (event.type === 'checkpoint' && event.kind === kind ? [event.state] : []));
const lastOf = (events: readonly TrainingEvent[]) => checkpoints(events, 'last').at(-1) as CheckpointState;

const reference = createReferenceBackend();
const { available } = await backendsUnderTest();
const cells: readonly ModelInput[] = [gru, { cell: 'lstm', hiddenSize: 4 }, { cell: 'driscoll', hiddenSize: 6 }];
const expected = await Promise.all(cells.map((options) => steps(reference, options)));

for (const { label, backend } of available) {
  test(`reaching trains like the reference on ${label}, lowers the loss, and leaves no byte behind`, async () => {
    const before = backend.bytesInUse();
    for (const [i, options] of cells.entries()) {
      const { losses, validation } = await steps(backend, options);
      assertClose(losses.slice(0, 2), expected[i]?.losses.slice(0, 2) ?? [], { case: `losses of ${options.cell}`, backend: label, rtol: 2e-5 });
      assert.ok((losses[3] as number) < (losses[0] as number), `${options.cell}: ${losses}`);
      assert.is(validation.outputs.length, 9 * 12 * 2);
      assert.is(validation.movement?.muscle.length, 9 * 13 * 7 * 6);
    }
    assert.is(backend.bytesInUse(), before);
  });
}

test('1, 2 and 3 threads end with the same checkpoint, byte for byte', async () => {
  const files: Uint8Array[] = [];
  for (const threads of [1, 2, 3]) {
    const backend = await createWasmBackend({ threads });
    files.push(encodeCheckpoint(lastOf(await run(backend, task, { epochs: 3, batchSize: 9 }))));
    assert.is(backend.bytesInUse(), 0);
    await backend.dispose();
  }
  assert.equal(files[1], files[0]);
  assert.equal(files[2], files[0]);
});

const ramped = reachTask(plant, 12, { ...reachLoss, rampEpochs: 3 });
for (const { label, backend } of available.filter(({ label }) => ['reference f64', 'wasm simd'].includes(label))) {
  test(`a run taken up after any epoch, within the ramp or behind it, ends as one that never stopped, on ${label}`, async () => {
    const training: TrainingInput = { epochs: 6, batchSize: 9, learningRate: 0.02, schedule: { name: 'plateau', patience: 1 } };
    const whole = await run(backend, ramped, training);
    for (const state of checkpoints(whole, 'last')) {
      const rest = await run(backend, ramped, training, structuredClone(state));
      const [plan] = rest;
      assert.ok(plan?.type === 'plan' && (plan.best?.epoch ?? null) === state.counters['best.epoch'] && state.epoch > 3 === (plan.best !== null));
      assert.equal(epochsOf(rest), epochsOf(whole).slice(state.epoch));
      if (state.epoch < 6) assert.equal(lastOf(rest), lastOf(whole));
    }
  });
}

test('the best epoch, early stopping and the plateau schedule count from the end of the ramp on; validation has the ramp of its epoch', async () => {
  // Positions weigh most: while the ramp lets hardly any of them count, losses are lowest.
  const loss: ReachLoss = { ...reachLoss, positionWeight: 100, rampEpochs: 4 };
  const events = await run(reference, reachTask(plant, 12, loss), {
    epochs: 30,
    batchSize: 16,
    learningRate: 1e-9,
    schedule: { name: 'plateau', patience: 1 },
    earlyStopping: { patience: 3 },
  });
  const losses = epochsOf(events).map(({ validationLoss }) => validationLoss);
  assert.ok((losses[0] as number) < 0.2 * (losses[4] as number), 'the first epoch leaves positions out');
  assert.ok((losses[0] as number) < (losses[1] as number) && (losses[1] as number) < (losses[3] as number));
  for (const event of events) if (event.type === 'checkpoint' && event.kind === 'best') assert.ok(event.state.epoch > 4);
  const done = events.at(-1);
  assert.ok(done?.type === 'done' && (done.best?.epoch ?? 0) > 4 && done.reason === 'stopped early' && done.epoch >= 8);
  assert.ok(
    epochsOf(events)
      .slice(0, 6)
      .every(({ learningRate }) => learningRate === 1e-9),
  );
  const short = await run(reference, reachTask(plant, 12, loss), { epochs: 2, batchSize: 16 });
  const end = short.at(-1);
  assert.ok(end?.type === 'done' && end.best === null && checkpoints(short, 'best').length === 0);
});

test('the position term of epoch 0 is nothing; with compat: ctdb its loss is NaN, and training goes on with the same numbers', async () => {
  const training: TrainingInput = { epochs: 3, batchSize: 9 };
  const plain = await run(reference, ramped, training);
  const ctdb = await run(reference, reachTask(plant, 12, { ...reachLoss, rampEpochs: 3, compat: 'ctdb' }), training);
  const [first, ...rest] = epochsOf(ctdb);
  assert.ok(Number.isNaN(first?.trainLoss) && Number.isNaN(first?.validationLoss));
  assert.equal(rest, epochsOf(plain).slice(1));
  assert.equal(lastOf(ctdb), lastOf(plain));
});

test("metrics see the end points and everything that moved; fresh trials are another epoch's", async () => {
  const [epoch] = epochsOf(await run(reference, task, { epochs: 1 }));
  assert.is(epoch?.metrics.effort, 12 * 6);
  assert.ok(Number.isFinite(epoch?.metrics.reached));
  const fresh = generateData(task, { trials: 20, validationFraction: 0.2, seed: 1, fresh: true });
  const session = sessionOf(reference);
  session.dispose();
  const model = createModel(gru, ...networkSize(task));
  const plan = { run: { model: 'GRU', seed: 5, path: 'GRU/seed-5' }, task, data: fresh, model, training: trainingOptions.parse({ epochs: 3 }), seed: 5 };
  const collect = async (resume: CheckpointState | null) => {
    const events: TrainingEvent[] = [];
    for await (const event of trainModel(plan, { backend: reference, resume })) events.push(event);
    return events;
  };
  const whole = await collect(null);
  const fixed = await run(reference, task, { epochs: 3 });
  assert.equal(epochsOf(whole)[0], epochsOf(fixed)[0]);
  assert.not.equal(epochsOf(whole)[1]?.trainLoss, epochsOf(fixed)[1]?.trainLoss);
  assert.equal(lastOf(await collect(checkpoints(whole, 'last')[1] ?? null)), lastOf(whole));
  assert.is(reference.bytesInUse(), 0);
});

test('micro-batches change nothing but rounding', async () => {
  const parts = await steps(reference, gru, { microBatchBytes: 1 });
  const whole = await steps(reference, gru, { microBatchBytes: 2 ** 30 });
  assertClose(parts.losses, whole.losses, { case: 'losses', rtol: 1e-12 });
  assertClose(parts.state.parameters, whole.state.parameters, { case: 'parameters', rtol: 1e-6, atol: 1e-9 });
  assertClose(parts.validation.movement?.joint as Float32Array, whole.validation.movement?.joint as Float32Array, { case: 'joints', atol: 1e-6 });
});

test("users' losses see end points, actions and the body; those that repeat the task's give the same training", async () => {
  const simple: ModelInput = { ...gru, latentL2: 0 };
  const squared: UserLoss = ({ outputs, targets, actions }) =>
    add(multiply(mean(square(subtract(outputs, targets))), 10), mean(square(actions as NonNullable<typeof actions>)));
  const summed: UserLoss = ({ outputs, targets, actions }) =>
    add(multiply(mean(sum(absolute(subtract(outputs, targets)), 2)), 10), mean(square(actions as NonNullable<typeof actions>)));
  for (const [position, userLoss] of [
    ['squared', squared],
    ['absolute', summed],
  ] as const) {
    const own = await steps(reference, simple, {}, reachTask(plant, 12, { ...reachLoss, position }));
    const users = await steps(reference, simple, {}, task, userLoss);
    assertClose(users.losses, own.losses, { case: position, rtol: 1e-9 });
    assertClose(users.state.parameters, own.state.parameters, { case: position, rtol: 1e-6, atol: 1e-9 });
  }
  const seen: number[] = [];
  const still: UserLoss = ({ joint, muscle, epoch }) => {
    seen.push(epoch);
    return add(mean(square(joint as NonNullable<typeof joint>)), multiply(mean(square(muscle as NonNullable<typeof muscle>)), 1e-6));
  };
  const { losses } = await steps(reference, simple, {}, task, still);
  assert.ok((losses[3] as number) < (losses[0] as number));
  assert.equal([...new Set(seen)], [0, 1, 2, 3]);
  assert.is(reference.bytesInUse(), 0);
});

test('memory stands still from step to step and is what the estimate says', async () => {
  const backend = createReferenceBackend({ precision: 'f32' });
  const session = sessionOf(backend);
  const inUse = backend.bytesInUse();
  for (let epoch = 1; epoch <= 2; epoch++) await session.step(data.trainingIndices, epoch, 0.01);
  await session.validate(2);
  assert.is(backend.bytesInUse(), inUse);
  assert.ok(Math.abs(session.memoryBytes / inUse - 1) < 0.01, `estimated ${session.memoryBytes}, in use ${inUse}`);
  session.dispose();
  assert.is(backend.bytesInUse(), 0);
});

test('trials longer than the memory allows are refused with the estimate, before any exists', () => {
  const long = reachTask(plant, 50_000_000);
  const model = createModel(gru, ...networkSize(long));
  const plan = { model, task: long, data: { trials: 1000, training: 800 }, training: trainingOptions.parse({}) };
  for (const { backend } of available) {
    assert.throws(
      () => checkTrainingMemory({ ...plan, backend }, 'GRU'),
      (error: Error) =>
        error instanceof ConfigError && /expected a run that fits into the .* got one that takes about \d+ [GT]iB \(.*\); use .*shorter/.test(error.message),
    );
  }
  const small = checkTrainingMemory({ ...plan, task, data: trialCounts(data), backend: reference }, 'GRU');
  assert.ok(small.backend < 2 ** 22);
});

test('a task with a body and another kind of loss, or the reverse, and a network of the wrong size are refused', () => {
  const { plant: _, ...bodiless } = task;
  const refuse = (of: Task, model: [number, number], part: RegExp) => {
    const plan = { backend: reference, model: createModel(gru, ...model), task: of, data, seed: 0, training: trainingOptions.parse({}) };
    assert.throws(
      () => createTrainingSession(plan),
      (error: Error) => error instanceof ShapeError && part.test(error.message),
    );
  };
  refuse({ ...task, loss: { kind: 'squared error', scale: 1, weights: () => null } }, networkSize(task), /a plant with a loss of kind squared error/);
  refuse(bodiless, [3, 2], /a loss of kind reach without one/);
  refuse(task, [3, 2], /expected a model with 23 inputs and 6 outputs/);
  assert.is(reference.bytesInUse(), 0);
});

test.after(() => disposeBackends(available));
test.run();
