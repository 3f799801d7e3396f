// From an experiment to events: the order of runs, seeds and data, a third party's task, warnings, abort, resume.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { type Experiment, parseExperiment } from '../../src/config/experiment.js';
import { experimentRuns, prepareExperiment, type TrainExperimentOptions, train } from '../../src/config/train.js';
import { ConfigError } from '../../src/errors.js';
import type { TaskFactory } from '../../src/tasks/index.js';
import type { CheckpointState, TrainingEvent } from '../../src/training/events.js';
import { tinyExperiment } from '../support/tiny-experiment.js';

// by URL: the example is plain JavaScript without declarations, as a third party's file would be
const { default: sineWave } = (await import(new URL('../../examples/sine-wave.mjs', import.meta.url).href)) as { default: TaskFactory };
const backend = createReferenceBackend({ precision: 'f32' });
test.after(() => backend.dispose());

async function events(experiment: Experiment, options: Partial<TrainExperimentOptions> = {}): Promise<TrainingEvent[]> {
  const seen: TrainingEvent[] = [];
  for await (const event of train(experiment, { backend, ...options })) seen.push(event);
  return seen;
}
const ofType = <T extends TrainingEvent['type']>(list: readonly TrainingEvent[], type: T) =>
  list.filter((event): event is Extract<TrainingEvent, { type: T }> => event.type === type);

test('every model trains with every seed, each run from plan to done', async () => {
  const experiment = tinyExperiment({ replicates: 2, 'training.epochs': 2 });
  const seen = await events(experiment);
  const paths = ['GRU-4/seed-7', 'GRU-4/seed-8', 'NODE-3/seed-7', 'NODE-3/seed-8'];
  assert.equal(
    experimentRuns(experiment).map((run) => run.identity.path),
    paths,
  );
  assert.equal(
    ofType(seen, 'plan').map((event) => event.run.path),
    paths,
  );
  assert.equal(
    ofType(seen, 'done').map((event) => [event.run.path, event.reason, event.epoch]),
    paths.map((path) => [path, 'completed', 2]),
  );
  const first = ofType(seen, 'epoch')
    .filter((event) => event.epoch === 1)
    .map((event) => event.trainLoss);
  assert.is(new Set(first).size, 4, 'seeds and models differ');
});

test('all runs share the trials of the data seed', async () => {
  const { data } = await prepareExperiment(tinyExperiment({ replicates: 2 }));
  assert.equal((await prepareExperiment(tinyExperiment({ 'data.seed': 7, seed: 3 }))).data, data);
  assert.not.equal((await prepareExperiment(tinyExperiment({ seed: 3 }))).data.set.inputs, data.set.inputs);
});

test('the sine-wave task of examples/ trains with no other change', async () => {
  const experiment = parseExperiment(
    {
      name: 'sine',
      task: { name: 'custom', module: './sine-wave.mjs', parameters: { steps: 24, slowest: 1, fastest: 2, frequencies: 2 } },
      data: { trials: 40 },
      training: { epochs: 25, batchSize: 16, learningRate: 0.02 },
      models: [{ cell: 'gru', hiddenSize: 12 }],
    },
    'sine',
  );
  const asked: string[] = [];
  const loadTask = (module: string) => {
    asked.push(module);
    return Promise.resolve({ default: sineWave });
  };
  const epochs = ofType(await events(experiment, { loadTask }), 'epoch');
  assert.equal(asked, ['./sine-wave.mjs']);
  const [first, last] = [epochs[0], epochs.at(-1)];
  assert.ok((last?.validationLoss ?? 1) < 0.6 * (first?.validationLoss ?? 0), `${first?.validationLoss} → ${last?.validationLoss}`);
  assert.ok((last?.metrics.explainedVariance ?? 0) > 0.4, `${last?.metrics.explainedVariance}`);
});

test('the sine-wave task gives trial k whatever is generated around it, and refuses parameters that are no numbers', () => {
  const task = sineWave({ steps: 10 });
  const all = task.generate([1, 2], 0, 6);
  assert.equal(task.generate([1, 2], 2, 3).inputs, all.inputs.slice(20, 50));
  assert.throws(() => sineWave({ noise: Number.NaN }), /sine-wave: expected noise as a number of at least 0, got NaN/);
});

test('a module that is no task stops everything before the first event', async () => {
  const experiment = parseExperiment({ name: 'x', task: { name: 'custom', module: './x.mjs' }, models: [{ cell: 'gru' }] }, 'x');
  await events(experiment, { loadTask: () => Promise.resolve({}) }).then(
    () => assert.unreachable(),
    (error) => assert.instance(error, ConfigError),
  );
});

test('a batch larger than the training trials is allowed and said once a model', async () => {
  const seen = await events(tinyExperiment({ replicates: 2, 'training.batchSize': 100, 'training.epochs': 1 }));
  assert.equal(
    ofType(seen, 'warning').map((event) => [event.run.path, event.message]),
    [
      ['GRU-4/seed-7', 'training.batchSize 100 exceeds the 16 training trials: every epoch is one step'],
      ['NODE-3/seed-7', 'training.batchSize 100 exceeds the 16 training trials: every epoch is one step'],
    ],
  );
});

test('an abort ends the run it meets and starts no other', async () => {
  const controller = new AbortController();
  const seen: TrainingEvent[] = [];
  for await (const event of train(tinyExperiment(), { backend, signal: controller.signal })) {
    seen.push(event);
    if (event.type === 'epoch') controller.abort();
  }
  assert.equal(
    ofType(seen, 'done').map((event) => [event.run.path, event.reason]),
    [['GRU-4/seed-7', 'aborted']],
  );
  assert.equal(await events(tinyExperiment(), { signal: controller.signal }), []);
});

test('a run goes on from the checkpoint that it is given', async () => {
  const whole = ofType(await events(tinyExperiment({ 'training.epochs': 4 })), 'epoch');
  const half = ofType(await events(tinyExperiment({ 'training.epochs': 4 }), {}), 'checkpoint');
  const state = half.find((event) => event.run.path === 'NODE-3/seed-7' && event.kind === 'last' && event.state.epoch < 4)?.state as
    | CheckpointState
    | undefined;
  const resumed = ofType(
    await events(tinyExperiment({ 'training.epochs': 4 }), { resume: (run) => Promise.resolve(run.path === 'NODE-3/seed-7' ? (state ?? null) : null) }),
    'epoch',
  );
  const losses = (list: typeof whole) => list.map((event) => [event.run.path, event.epoch, event.trainLoss, event.validationLoss]);
  assert.equal(
    losses(resumed),
    losses(whole).filter(([path, epoch]) => path !== 'NODE-3/seed-7' || Number(epoch) > (state?.epoch ?? 0)),
  );
});

test.run();
