// The training loop: what it emits and in which order, that it repeats and resumes to the last bit, and how it stops.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Backend } from '../../src/backends/backend.js';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { createWasmBackend } from '../../src/backends/wasm/index.js';
import { train } from '../../src/config/train.js';
import { ConfigError, NumericsError, RunFormatError } from '../../src/errors.js';
import type { CheckpointEvent, CheckpointState, EpochEvent, TrainingEvent } from '../../src/training/events.js';
import { assertRejects } from '../support/storage.js';
import { tinyExperiment } from '../support/tiny-experiment.js';

type Options = Readonly<Record<string, unknown>>;
const gru = [{ cell: 'gru', hiddenSize: 4 }];

interface Collected {
  readonly events: TrainingEvent[];
  readonly error: unknown;
}

/** Trains the tiny experiment and gathers its events, up to an error. */
async function collect(
  backend: Backend,
  options: Options = {},
  resume: CheckpointState | null = null,
  signal?: AbortSignal,
  watch?: (event: TrainingEvent) => void,
): Promise<Collected> {
  const events: TrainingEvent[] = [];
  try {
    for await (const event of train(tinyExperiment({ models: gru, ...options }), { backend, ...(signal ? { signal } : {}), resume: async () => resume })) {
      events.push(event);
      watch?.(event);
    }
  } catch (error) {
    return { events, error };
  }
  return { events, error: null };
}

const epochs = ({ events }: Collected) => events.filter((event): event is EpochEvent => event.type === 'epoch');
const checkpoints = ({ events }: Collected, kind: CheckpointEvent['kind']) =>
  events.filter((event): event is CheckpointEvent => event.type === 'checkpoint' && event.kind === kind);
const finalState = (collected: Collected) => checkpoints(collected, 'last').at(-1)?.state as CheckpointState;
/** What must not depend on time: all epochs but for their seconds, the final checkpoints, how it ended. */
const lasting = (collected: Collected) => ({
  epochs: epochs(collected).map((event) => ({ ...event, seconds: 0 })),
  last: finalState(collected),
  best: checkpoints(collected, 'best').at(-1),
  done: { ...collected.events.at(-1), seconds: 0 },
});

/** Runs a test on every kind of backend that trains. */
async function onEveryBackend(work: (backend: Backend, name: string) => Promise<void>): Promise<void> {
  const backends: Backend[] = [
    createReferenceBackend(),
    createReferenceBackend({ precision: 'f32' }),
    await createWasmBackend({ threads: 1 }),
    await createWasmBackend({ threads: 2 }),
  ];
  for (const backend of backends) {
    const { name, variant, threads } = backend.description;
    try {
      await work(backend, `${name} ${variant}, ${threads} thread(s)`);
      assert.is(backend.bytesInUse(), 0, `${name}: bytes left behind`);
    } finally {
      await backend.dispose();
    }
  }
}

test('a run emits plan, then epochs with their checkpoints (best before last), then done', async () => {
  const collected = await collect(createReferenceBackend(), { 'training.epochs': 4, 'training.checkpointEpochs': [2] });
  const kinds = collected.events.map((event) => (event.type === 'checkpoint' ? event.kind : event.type));
  assert.is(kinds[0], 'plan');
  assert.is(kinds.at(-1), 'done');
  // How often `last` comes depends on the time that its consumer takes, but never without the best that it counts, and always at the end.
  assert.ok(kinds.every((kind, i) => kind !== 'best' || kinds[i + 1] === 'last'));
  assert.is(kinds.at(-2), 'last');
  for (const { state } of checkpoints(collected, 'last')) {
    const best = checkpoints(collected, 'best').filter((event) => event.state.epoch <= state.epoch);
    assert.is(best.at(-1)?.state.epoch, state.counters['best.epoch']);
  }
  assert.equal(
    epochs(collected).map((event) => [event.epoch, event.step]),
    [
      [1, 3],
      [2, 6],
      [3, 9],
      [4, 12],
    ],
  );
  assert.is(finalState(collected).epoch, 4);
  assert.equal(
    checkpoints(collected, 'epoch').map(({ state }) => state.epoch),
    [2],
  );
  const done = collected.events.at(-1);
  const lowest = Math.min(...epochs(collected).map((event) => event.validationLoss));
  assert.ok(done?.type === 'done' && done.reason === 'completed' && done.best?.validationLoss === lowest);
  assert.equal(checkpoints(collected, 'best').at(-1)?.validationLoss, lowest);
});

test('a checkpoint holds parameters and moments under their names, and numbers only in its counters', async () => {
  const state = finalState(await collect(createReferenceBackend()));
  const names = ['cell.weight_ih', 'cell.weight_hh', 'cell.bias_ih', 'cell.bias_hh', 'readout.weight', 'readout.bias', 'latent_ics'];
  assert.equal(
    Object.keys(state.tensors).sort(),
    [...names, ...names.map((name) => `optimizer.moment1.${name}`), ...names.map((name) => `optimizer.moment2.${name}`)].sort(),
  );
  assert.equal(state.tensors['cell.weight_ih']?.shape, [12, 2]);
  assert.ok(Object.values(state.counters).every((value) => value === null || Number.isFinite(value)));
});

test('training lowers the loss on every backend, and they agree', async () => {
  const losses: number[] = [];
  await onEveryBackend(async (backend, name) => {
    const all = epochs(await collect(backend, { 'training.epochs': 30 }));
    assert.ok((all.at(-1) as EpochEvent).trainLoss < 0.5 * (all[0] as EpochEvent).trainLoss, name);
    losses.push((all.at(-1) as EpochEvent).validationLoss);
  });
  // 90 steps of f32 against f64.
  for (const loss of losses) assert.ok(Math.abs(loss - (losses[0] as number)) < 1e-4, `validation losses ${losses.join(', ')}`);
});

test('the same plan gives the same events, whatever the number of threads', async () => {
  const results: ReturnType<typeof lasting>[] = [];
  await onEveryBackend(async (backend, name) => {
    const [first, second] = [lasting(await collect(backend)), lasting(await collect(backend))];
    assert.equal(first, second, name);
    results.push(first);
  });
  assert.equal(results[2], results[3], 'wasm with 1 and 2 threads');
});

const variations: Record<string, Options> = {
  adam: {},
  'adamw, cosine schedule': { 'training.optimizer': { name: 'adamw' }, 'training.schedule': { name: 'cosine', warmupEpochs: 2 } },
  'sgd with momentum, plateau schedule': {
    'training.optimizer': { name: 'sgd', momentum: 0.9 },
    'training.learningRate': 0.3,
    'training.schedule': { name: 'plateau', patience: 1, factor: 0.5 },
  },
  'plain sgd, sequential, no clipping': { 'training.optimizer': { name: 'sgd' }, 'training.sampler': 'sequential', 'training.clip': null },
  'grouped, input noise, frozen parameters': { 'training.sampler': 'grouped', 'training.inputNoise': 0.1, 'training.freeze': ['latent_ics', 'readout.'] },
  'lstm with state noise': { models: [{ cell: 'lstm', hiddenSize: 3, stateNoise: 0.05 }] },
  'node, early stopping': { models: [{ cell: 'node', hiddenSize: 3, layerSizes: [5] }], 'training.earlyStopping': { patience: 3 } },
};

for (const [title, options] of Object.entries(variations)) {
  test(`a run resumed after any epoch ends as one that never stopped: ${title}`, async () => {
    await onEveryBackend(async (backend, name) => {
      if (name.endsWith('2 thread(s)')) return; // the same bits as with one, by the test above
      const all = { 'training.epochs': 5, ...options };
      const whole = await collect(backend, all);
      assert.is(whole.error, null);
      for (const { state } of checkpoints(whole, 'last')) {
        const rest = await collect(backend, all, structuredClone(state));
        assert.is(rest.error, null);
        assert.equal(
          epochs(rest).map(({ seconds: _, ...event }) => event),
          epochs(whole)
            .slice(state.epoch)
            .map(({ seconds: _, ...event }) => event),
          `${name}, from epoch ${state.epoch}`,
        );
        if (state.epoch < (epochs(whole).at(-1)?.epoch ?? 0)) assert.equal(finalState(rest), finalState(whole), `${name}, from epoch ${state.epoch}`);
      }
    });
  });
}

test('frozen parameters stay as they were, the others move', async () => {
  const start = checkpoints(await collect(createReferenceBackend({ precision: 'f32' }), { 'training.epochs': 1, 'training.learningRate': 1e-30 }), 'last')[0]
    ?.state.tensors;
  const { tensors } = finalState(await collect(createReferenceBackend({ precision: 'f32' }), { 'training.freeze': ['cell.'] }));
  for (const name of ['cell.weight_ih', 'cell.weight_hh', 'cell.bias_ih', 'cell.bias_hh']) assert.equal(tensors[name], start?.[name]);
  assert.not.equal(tensors['readout.weight'], start?.['readout.weight']);
});

test('an abort ends the run at its last completed epoch, from which it resumes to the same end', async () => {
  const backend = createReferenceBackend();
  const options = { 'training.epochs': 6 };
  const whole = await collect(backend, options);
  for (const stopAfter of [0, 1, 3]) {
    const controller = new AbortController();
    const stopped = await collect(backend, options, null, controller.signal, (event) => {
      if ((event.type === 'plan' && stopAfter === 0) || (event.type === 'epoch' && event.epoch === stopAfter)) controller.abort();
    });
    const done = stopped.events.at(-1);
    assert.ok(done?.type === 'done' && done.reason === 'aborted' && done.epoch === stopAfter);
    assert.is(finalState(stopped).epoch, stopAfter);
    assert.equal(finalState(await collect(backend, options, finalState(stopped))), finalState(whole));
  }
  assert.is(backend.bytesInUse(), 0);
});

test('an abort in the middle of an epoch drops that epoch', async () => {
  const backend = createReferenceBackend();
  const controller = new AbortController();
  let norms = 0;
  // The loop measures one gradient a step, 3 steps an epoch: the fifth is in the second epoch.
  const counting = new Proxy(backend, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        if (name === 'run' && args[0] === 'gradient_norm' && ++norms === 5) controller.abort();
        return value.apply(target, args);
      };
    },
  });
  const stopped = await collect(counting, {}, null, controller.signal);
  assert.is(norms, 5);
  assert.is(epochs(stopped).length, 1);
  assert.is(finalState(stopped).epoch, 1);
  assert.is(finalState(stopped).step, 3);
});

test('early stopping ends a run; resuming a run that has ended changes nothing', async () => {
  const backend = createReferenceBackend();
  const options = { 'training.epochs': 100, 'training.learningRate': 0.05, 'training.earlyStopping': { patience: 3, minimumImprovement: 0.001 } };
  const stopped = await collect(backend, options);
  const done = stopped.events.at(-1);
  assert.ok(done?.type === 'done' && done.reason === 'stopped early' && done.epoch < 100);
  const again = await collect(backend, options, finalState(stopped));
  assert.equal(
    again.events.map((event) => event.type),
    ['plan', 'done'],
  );
  const doneAgain = again.events.at(-1);
  assert.ok(doneAgain?.type === 'done' && doneAgain.reason === 'stopped early');
  assert.equal(doneAgain.best, done.best);
});

test('a loss that stops being finite ends the run with step and tensor named, after the last good checkpoint', async () => {
  const backend = createReferenceBackend({ precision: 'f32' });
  const models = [{ cell: 'node', hiddenSize: 3, layerSizes: [5] }];
  const { events, error } = await collect(backend, {
    models,
    'training.optimizer': { name: 'sgd' },
    'training.clip': null,
    'training.learningRate': 1e8,
    'training.epochs': 50,
  });
  assert.instance(error, NumericsError);
  assert.match(
    (error as Error).message,
    /^NODE-3\/seed-7: expected finite numbers at step \d+ \(epoch \d+\), got .*(loss|gradient|weight|bias|ics).*; set training\.clip or lower training\.learningRate; the last good checkpoint, of epoch \d+, is kept$/,
  );
  const last = events.at(-1) as CheckpointEvent;
  assert.ok(last.type === 'checkpoint' && last.kind === 'last');
  assert.match((error as Error).message, `of epoch ${last.state.epoch},`);
  for (const { data } of Object.values(last.state.tensors)) assert.ok(data.every(Number.isFinite));
  assert.is(backend.bytesInUse(), 0);
});

test('a gradient that stops being finite is named by its tensor', async () => {
  const reference = createReferenceBackend({ precision: 'f32' });
  let steps = 0;
  const poisoned = new Proxy(reference, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        const call = args[1] as { args: Record<string, { buffer: Parameters<Backend['write']>[0] }> };
        if (name === 'run' && args[0] === 'gradient_norm' && ++steps === 5)
          target.write(call.args.gradient?.buffer as Parameters<Backend['write']>[0], [Number.NaN], 24 + 7);
        return value.apply(target, args);
      };
    },
  });
  const { events, error } = await collect(poisoned);
  assert.instance(error, NumericsError);
  // 24 numbers of weight_ih [12, 2], then weight_hh [12, 4].
  assert.match((error as Error).message, 'step 5 (epoch 2)');
  assert.match((error as Error).message, 'cell.weight_hh[1, 3] = NaN');
  assert.is((events.at(-1) as CheckpointEvent).state.epoch, 1);
});

test('a backend that is lost ends the run with its error, after the last good checkpoint', async () => {
  const backend = createReferenceBackend();
  const { events, error } = await collect(backend, { 'training.epochs': 9 }, null, undefined, (event) => {
    if (event.type === 'epoch' && event.epoch === 2) void backend.dispose();
  });
  assert.ok(error instanceof Error);
  assert.is((events.at(-1) as CheckpointEvent).kind, 'last');
});

test('bytes in use are the same after every step and event, and none are left when the consumer walks away', async () => {
  const backend = createReferenceBackend();
  let during = 0;
  for await (const event of train(tinyExperiment({ models: gru, 'training.epochs': 9 }), { backend })) {
    if (event.type === 'plan') {
      during = backend.bytesInUse();
      // The estimate counts 4 bytes an element; this backend stores 8.
      assert.ok(during > 0 && during <= 2 * event.memoryBytes, `${during} bytes in use, ${event.memoryBytes} estimated`);
    }
    assert.is(backend.bytesInUse(), during);
    if (event.type === 'epoch' && event.epoch === 3) break;
  }
  assert.is(backend.bytesInUse(), 0);
});

test('a run too large for memory is refused with the estimate before anything is allocated', async () => {
  const reference = createReferenceBackend();
  const small = new Proxy(reference, { get: (target, name) => (name === 'memoryLimit' ? 10_000 : bound(target, name)) });
  const { events, error } = await collect(small);
  assert.instance(error, ConfigError);
  assert.match(
    (error as Error).message,
    /expected a run that fits into the 0\.01 MiB of backend reference, got one that takes about 0\.02 MiB \(trials .*\); use /,
  );
  assert.equal(events, []);
  const huge = await collect(reference, { models: [{ cell: 'gru', hiddenSize: 65536 }] });
  assert.instance(huge.error, ConfigError);
  assert.match((huge.error as Error).message, 'use a smaller hiddenSize');
  const second = await collect(reference, { models: [...gru, { cell: 'gru', hiddenSize: 65536 }] });
  assert.match((second.error as Error).message, 'model GRU-65536');
  assert.equal(second.events, [], 'the first model trained before the second was refused');
  assert.is(reference.bytesInUse(), 0);
});

function bound<T extends object>(target: T, name: string | symbol): unknown {
  const value = Reflect.get(target, name);
  return typeof value === 'function' ? value.bind(target) : value;
}

test('a checkpoint of another model, or a damaged one, is refused', async () => {
  const backend = createReferenceBackend();
  const state = finalState(await collect(backend));
  const refused = async (changed: CheckpointState, part: string, options: Options = {}) => {
    const { error } = await collect(backend, options, changed);
    await assertRejects(Promise.reject(error), RunFormatError, part);
  };
  await refused(state, 'cell.weight_ih', { models: [{ cell: 'gru', hiddenSize: 5 }] });
  await refused(state, 'generator.vf_net.0.weight', { models: [{ cell: 'node', hiddenSize: 3, layerSizes: [5] }] });
  const { 'optimizer.moment2.latent_ics': _, ...rest } = state.tensors;
  await refused({ ...state, tensors: rest }, 'optimizer.moment2.latent_ics');
  const weights = state.tensors['cell.weight_hh'] as { shape: number[]; data: Float32Array };
  await refused(
    { ...state, tensors: { ...state.tensors, 'cell.weight_hh': { ...weights, data: weights.data.map((value, i) => (i === 9 ? Number.NaN : value)) } } },
    'position 9',
  );
  assert.is(backend.bytesInUse(), 0);
});

test('a NODE whose first epochs are far off says that this passes', async () => {
  const models = [{ cell: 'node', hiddenSize: 3, layerSizes: [5], readoutBias: 30 }];
  const { events } = await collect(createReferenceBackend(), { models });
  const warnings = events.filter((event) => event.type === 'warning');
  assert.is(warnings.length, 1);
  assert.match(warnings[0]?.message ?? '', 'NODE');
});

test('the event loop turns while training computes', async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const start = performance.now();
  await collect(createReferenceBackend(), { 'training.epochs': 40 });
  clearInterval(timer);
  assert.ok(turns >= Math.floor((performance.now() - start) / 200), `${turns} turns in ${performance.now() - start} ms`);
});

test.run();
