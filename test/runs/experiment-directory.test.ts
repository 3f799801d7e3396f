// The directory of an experiment: its layout, what may be taken up again, and that no moment to die leaves it unreadable or changes its end.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { type Experiment, parseExperiment } from '../../src/config/experiment.js';
import { train } from '../../src/config/train.js';
import { ConfigError, NumericsError, RunFormatError } from '../../src/errors.js';
import { createModel } from '../../src/models/model.js';
import { interruptedBackend, openExperimentDirectory } from '../../src/runs/experiment-directory.js';
import { type MemoryStorage, memoryStorage } from '../../src/runs/memory-storage.js';
import { listRuns, openRun } from '../../src/runs/open-run.js';
import type { Storage } from '../../src/runs/storage.js';
import { assertClose } from '../support/assert-close.js';
import { assertRejects, Crash, mortalStorage } from '../support/storage.js';
import { tinyExperiment } from '../support/tiny-experiment.js';

const small = (options: Readonly<Record<string, unknown>> = {}) =>
  tinyExperiment({
    models: [
      { cell: 'gru', hiddenSize: 2 },
      { cell: 'rnn', hiddenSize: 2 },
    ],
    'task.steps': 8,
    'data.trials': 10,
    'training.checkpointEpochs': [2],
    ...options,
  });

/** Runs an experiment into a storage as the command line does. */
async function run(
  storage: Storage,
  experiment: Experiment,
  { resume = false, signal, precision = 'f32' }: { resume?: boolean; signal?: AbortSignal; precision?: 'f32' | 'f64' } = {},
): Promise<string[]> {
  const backend = createReferenceBackend({ precision });
  const warnings: string[] = [];
  const output = await openExperimentDirectory(storage, experiment, { resume });
  try {
    for await (const event of train(experiment, { backend, resume: output.resumeState, ...(signal ? { signal } : {}) })) {
      const warning = await output.handle(event);
      if (warning) warnings.push(warning.message);
    }
    await output.finish();
    return warnings;
  } catch (error) {
    if (!(error instanceof Crash)) await output.finish(error);
    throw error;
  }
}

/** The files that no interruption may change. Metrics without the time that an epoch took. */
function lasting({ files }: MemoryStorage): Map<string, string> {
  const kept = [...files].filter(([path]) => !path.endsWith('manifest.json'));
  return new Map(
    kept.sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, data]) => [path, new TextDecoder('latin1').decode(data).replace(/"seconds":[^}]*/g, '')]),
  );
}

/** Reads everything there is; throws when anything cannot be read. */
async function readAll(storage: Storage): Promise<void> {
  for (const path of await listRuns(storage)) {
    const stored = await openRun(storage, path);
    for (const which of stored.checkpoints) {
      const { epoch } = await stored.checkpoint(which);
      if (which === 'last') assert.ok(epoch <= stored.metrics.length, `${path}: ${which} counts epoch ${epoch}, metrics.jsonl has ${stored.metrics.length}`);
    }
  }
}

test('a finished experiment has the layout that the documentation promises', async () => {
  const storage = memoryStorage();
  const experiment = small({ replicates: 2 });
  await run(storage, experiment);
  assert.equal(await storage.list(''), ['GRU-2/', 'RNN-2/', 'experiment.json']);
  assert.equal(await listRuns(storage), ['GRU-2/seed-7', 'GRU-2/seed-8', 'RNN-2/seed-7', 'RNN-2/seed-8']);
  assert.equal(await storage.list('GRU-2/seed-7'), ['checkpoints/', 'experiment.json', 'manifest.json', 'metrics.jsonl']);
  assert.equal(await storage.list('GRU-2/seed-7/checkpoints'), ['best.safetensors', 'epoch-2.safetensors', 'last.safetensors']);
  const stored = await openRun(storage, 'RNN-2/seed-8');
  assert.is(stored.manifest.status, 'complete');
  assert.is(stored.manifest.reason, 'completed');
  assert.equal([stored.manifest.experiment, stored.manifest.model, stored.manifest.seed, stored.manifest.epoch], ['tiny', 'RNN-2', 8, 3]);
  assert.is(stored.manifest.backend.variant, 'f32');
  assert.equal(
    stored.metrics.map((row) => row.epoch),
    [1, 2, 3],
  );
  assert.equal(stored.checkpoints, ['last', 'best', 2]);
  assert.is((await stored.checkpoint('best')).epoch, stored.manifest.best?.epoch);
  assert.is((await stored.checkpoint(2)).epoch, 2);
  await assertRejects(stored.checkpoint(1), RunFormatError, 'epoch-1.safetensors: expected a checkpoint among last, best, 2');
  await assertRejects(openRun(storage, 'RNN-2/seed-9'), RunFormatError, 'seed-9/manifest.json');
});

test("a run's own experiment.json gives that run again, bit for bit", async () => {
  const [whole, single] = [memoryStorage(), memoryStorage()];
  await run(whole, small({ replicates: 2 }));
  const { experiment } = await openRun(whole, 'RNN-2/seed-8');
  await run(single, parseExperiment(experiment, 'experiment.json'));
  assert.equal(await listRuns(single), ['RNN-2/seed-8']);
  const path = 'RNN-2/seed-8/checkpoints/last.safetensors';
  assert.equal(single.files.get(path), whole.files.get(path));
});

test('parameters come back in the flat order of their model, and not for another one', async () => {
  const storage = memoryStorage();
  await run(storage, small());
  const stored = await openRun(storage, 'GRU-2/seed-7');
  const model = createModel({ cell: 'gru', hiddenSize: 2 }, 2, 2);
  const flat = await stored.parameters(model, 'best');
  const { tensors } = await stored.checkpoint('best');
  for (const { name, offset, length } of model.parameters) assert.equal(flat.subarray(offset, offset + length), tensors[name]?.data);
  await assertRejects(stored.parameters(createModel({ cell: 'gru', hiddenSize: 3 }, 2, 2)), Error, 'cell.weight_ih');
});

test('files but for manifests and times are the same in two runs of one experiment', async () => {
  const [first, second] = [memoryStorage(), memoryStorage()];
  await run(first, small());
  await run(second, small());
  assert.equal(lasting(first), lasting(second));
});

test('dying at any change of the storage leaves a readable directory that resumes to the same files', async () => {
  const experiment = small();
  const whole = memoryStorage();
  await run(whole, experiment);
  let crashes = 0;
  for (let lifetime = 0; ; lifetime++) {
    const storage = mortalStorage(lifetime);
    try {
      await run(storage, experiment);
      break;
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
    crashes++;
    const left = memoryStorage(storage.files);
    await readAll(left);
    // Resumed twice: the second finds everything done.
    await run(left, experiment, { resume: true });
    assert.equal(lasting(left), lasting(whole), `crash at change ${lifetime}`);
    const statuses = await Promise.all((await listRuns(left)).map(async (path) => (await openRun(left, path)).manifest.status));
    assert.equal(statuses, ['complete', 'complete']);
    await run(left, experiment, { resume: true });
    assert.equal(lasting(left), lasting(whole), `crash at change ${lifetime}, resumed again`);
  }
  // At least: the experiment; and for 2 runs experiment, manifest, metrics, 3 epochs, a kept one, best and last once, the end.
  assert.ok(crashes >= 1 + 2 * 10, `${crashes} crashes`);
});

test('dying while resuming, at any change, does no harm either', async () => {
  const experiment = small({ models: [{ cell: 'gru', hiddenSize: 2 }] });
  const whole = memoryStorage();
  await run(whole, experiment);
  for (let lifetime = 1; lifetime < 14; lifetime++) {
    let left = memoryStorage();
    // Later sessions live for the changes that take a run up again (4) and do one epoch (3), and some more, so that each must get further or end.
    for (let sessions = 0; ; sessions++) {
      assert.ok(sessions < 12, 'no progress');
      const storage = mortalStorage(sessions === 0 ? lifetime : 7 + lifetime, left.files);
      try {
        await run(storage, experiment, { resume: true });
        left = memoryStorage(storage.files);
        break;
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
      }
      left = memoryStorage(storage.files);
      await readAll(left);
    }
    assert.equal(lasting(left), lasting(whole), `lifetime ${lifetime}`);
  }
});

test('an occupied directory is refused without resume and left as it is', async () => {
  const storage = memoryStorage([['notes.txt', new Uint8Array(3)]]);
  await assertRejects(run(storage, small()), ConfigError, 'expected a new or empty output directory, got one that holds notes.txt');
  await assertRejects(run(storage, small(), { resume: true }), ConfigError, 'expected a run directory to resume, got one without experiment.json');
  assert.equal([...storage.files.keys()], ['notes.txt']);
});

test('resuming with a changed experiment is refused with every path that differs, and nothing is written', async () => {
  const storage = memoryStorage();
  await run(storage, small());
  const before = new Map(storage.files);
  const changed = small({ 'training.learningRate': 0.02, 'task.noise': 0.3, 'training.epochs': 2 });
  await assertRejects(
    run(storage, changed, { resume: true }),
    ConfigError,
    /task\.noise was 0\.15, now 0\.3[\s\S]*training\.epochs was 3, now 2[\s\S]*models\.1\.training\.learningRate was 0\.01, now 0\.02/,
  );
  await assertRejects(run(storage, small({ seed: 8 }), { resume: true }), ConfigError, 'seeds.0 was 7, now 8');
  assert.equal(storage.files, before);
});

test('more epochs give what one long run gives, unless the schedule depends on their number', async () => {
  for (const schedule of [{ name: 'constant' }, { name: 'plateau', patience: 1 }]) {
    const [long, extended] = [memoryStorage(), memoryStorage()];
    await run(long, small({ 'training.schedule': schedule, 'training.epochs': 5 }));
    await run(extended, small({ 'training.schedule': schedule }));
    await run(extended, small({ 'training.schedule': schedule, 'training.epochs': 5 }), { resume: true });
    assert.equal(lasting(extended), lasting(long));
  }
  const cosine = memoryStorage();
  await run(cosine, small({ 'training.schedule': { name: 'cosine' } }));
  await assertRejects(
    run(cosine, small({ 'training.schedule': { name: 'cosine' }, 'training.epochs': 5 }), { resume: true }),
    ConfigError,
    'models.0.training.epochs was 3, now 5',
  );
});

test('an abort is recorded and resumes to the files of an uninterrupted run', async () => {
  const [whole, storage] = [memoryStorage(), memoryStorage()];
  await run(whole, small());
  const controller = new AbortController();
  const aborting: Storage = {
    ...storage,
    append: async (path, text) => {
      await storage.append(path, text);
      if (text.startsWith('{"epoch":2')) controller.abort();
    },
  };
  await run(aborting, small(), { signal: controller.signal });
  const { manifest } = await openRun(storage, 'GRU-2/seed-7');
  assert.equal([manifest.status, manifest.reason, manifest.epoch], ['aborted', 'aborted', 2]);
  assert.is((await interruptedBackend(storage))?.variant, 'f32');
  assert.is((await listRuns(storage)).length, 1);
  await run(storage, small(), { resume: true });
  assert.equal(lasting(storage), lasting(whole));
  const resumed = (await openRun(storage, 'GRU-2/seed-7')).manifest;
  assert.is(resumed.status, 'complete');
  assert.is(resumed.started, manifest.started);
  assert.ok(resumed.seconds > manifest.seconds);
  assert.equal(
    resumed.resumes.map(({ epoch }) => epoch),
    [2],
  );
});

test('a failure is recorded with its message, and the last good checkpoint stays', async () => {
  const storage = memoryStorage();
  const diverging = small({
    models: [{ cell: 'node', hiddenSize: 2, layerSizes: [3] }],
    'training.clip': null,
    'training.optimizer': { name: 'sgd' },
    'training.learningRate': 1e8,
    'training.epochs': 50,
  });
  await assertRejects(run(storage, diverging), NumericsError, 'step');
  const stored = await openRun(storage, 'NODE-2/seed-7');
  assert.is(stored.manifest.status, 'failed');
  assert.match(stored.manifest.error ?? '', /expected finite numbers at step \d+/);
  assert.is((await stored.checkpoint('last')).epoch, stored.metrics.length);
  assert.is(stored.manifest.epoch, stored.metrics.length);
});

test('a consumer that walks away leaves an aborted run, its epochs and its best as they are on disk', async () => {
  const storage = memoryStorage();
  const output = await openExperimentDirectory(storage, small());
  for await (const event of train(small(), { backend: createReferenceBackend() })) {
    await output.handle(event);
    if (event.type === 'checkpoint' && event.kind === 'last') break;
  }
  await output.finish();
  const { manifest, metrics } = await openRun(storage, 'GRU-2/seed-7');
  const lowest = Math.min(...metrics.map((row) => row.validationLoss));
  assert.equal([manifest.status, manifest.reason, manifest.epoch, manifest.best?.validationLoss], ['aborted', 'aborted', 1, lowest]);
});

test('a run goes on with a backend that computes other bits, and says so', async () => {
  const [whole, storage] = [memoryStorage(), memoryStorage()];
  await run(whole, small({ 'training.epochs': 5 }));
  await run(storage, small());
  assert.is(await interruptedBackend(storage), null);
  const heard = await run(storage, small({ 'training.epochs': 5 }), { resume: true, precision: 'f64' });
  const message = 'after epoch 3 this run goes on with reference (f64); before, it ran with reference (f32): it will not end with the bytes of one that stayed';
  assert.equal(heard, [message, message]);
  const { manifest, metrics } = await openRun(storage, 'GRU-2/seed-7');
  assert.equal(manifest.warnings, [message]);
  assert.is(manifest.backend.variant, 'f64');
  const expected = (await openRun(whole, 'GRU-2/seed-7')).metrics.map(({ trainLoss }) => trainLoss);
  assert.equal(
    metrics.slice(0, 3).map(({ trainLoss }) => trainLoss),
    expected.slice(0, 3),
  );
  assertClose(
    metrics.map(({ trainLoss }) => trainLoss),
    expected,
    { case: 'losses', rtol: 1e-4 },
  );
  // A run that is over keeps the name of what trained it.
  assert.equal(await run(storage, small({ 'training.epochs': 5 }), { resume: true }), []);
  assert.is((await openRun(storage, 'GRU-2/seed-7')).manifest.backend.variant, 'f64');
});

test('damaged files are named when a run is resumed or read', async () => {
  const damaged = async (path: string, change: (data: Uint8Array) => Uint8Array) => {
    const storage = memoryStorage();
    await run(storage, small());
    storage.files.set(path, change(storage.files.get(path) as Uint8Array));
    return storage;
  };
  const last = 'GRU-2/seed-7/checkpoints/last.safetensors';
  await assertRejects(run(await damaged(last, (data) => data.slice(0, 100)), small(), { resume: true }), RunFormatError, `memory/${last}`);
  await assertRejects(
    run(await damaged('experiment.json', (data) => data.slice(0, 10)), small(), { resume: true }),
    RunFormatError,
    'memory/experiment.json: expected JSON',
  );
  const manifest = 'GRU-2/seed-7/manifest.json';
  const edited = await damaged(manifest, (data) => new TextEncoder().encode(new TextDecoder().decode(data).replace('"complete"', '"finished"')));
  await assertRejects(openRun(edited, 'GRU-2/seed-7'), RunFormatError, 'expected a valid status, got "finished"');
  const shortened = await damaged('GRU-2/seed-7/metrics.jsonl', (data) => data.slice(0, data.indexOf(10) + 5));
  await assertRejects(run(shortened, small(), { resume: true }), RunFormatError, 'metrics.jsonl: expected the 3 epochs that the last checkpoint counts, got 1');
});

test.run();
