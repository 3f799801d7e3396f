// The analysis of a run: shapes by phase, order of trials, noise, whole states of an LSTM, a body; and what is refused.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openAnalyses, openAnalysis } from '../../src/analysis/open-analysis.js';
import type { TrialArray } from '../../src/analysis/analysis.js';
import type { Backend } from '../../src/backends/backend.js';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { type Experiment, modelOptionsOf, parseExperiment } from '../../src/config/experiment.js';
import { prepareExperiment, train } from '../../src/config/train.js';
import { ConfigError, RunFormatError } from '../../src/errors.js';
import { createModel } from '../../src/models/model.js';
import { evaluate } from '../../src/rollout/evaluate.js';
import { encodeCheckpoint } from '../../src/runs/checkpoint.js';
import { openExperimentDirectory } from '../../src/runs/experiment-directory.js';
import { type MemoryStorage, memoryStorage } from '../../src/runs/memory-storage.js';
import { openRun } from '../../src/runs/open-run.js';
import { selectTrials } from '../../src/tasks/data.js';
import { assertClose } from '../support/assert-close.js';
import { assertRejects } from '../support/storage.js';
import { tinyExperiment } from '../support/tiny-experiment.js';

async function trained(experiment: Experiment, backend: Backend): Promise<MemoryStorage> {
  const storage = memoryStorage();
  const directory = await openExperimentDirectory(storage, experiment);
  for await (const event of train(experiment, { backend })) await directory.handle(event);
  await directory.finish();
  return storage;
}

const shape = ({ trials, steps, width }: TrialArray) => [trials, steps, width];
const backend = createReferenceBackend();
const experiment = tinyExperiment({
  models: [
    { cell: 'gru', hiddenSize: 4, stateNoise: 0.1 },
    { cell: 'lstm', hiddenSize: 3 },
  ],
  'training.inputNoise': 0.05,
});
let storage: MemoryStorage;

test.before(async () => {
  storage = await trained(experiment, backend);
});

test.after(async () => {
  assert.is(backend.bytesInUse(), 0);
  await backend.dispose();
});

test('arrays by phase have the published shapes, trials that train first', async () => {
  const analysis = await openAnalysis(storage, { backend, run: 'GRU-4' });
  assert.equal([analysis.name, analysis.path, analysis.seed, analysis.hiddenSize], ['GRU-4, seed 7', 'GRU-4/seed-7', 7, 4]);
  assert.equal(analysis.trials, { train: 16, validation: 4, steps: 12 });
  const validation = await analysis.getLatents('validation');
  assert.equal(shape(validation), [4, 12, 4]);
  const before = validation.values.slice();
  assert.equal(shape(await analysis.getLatents()), [20, 12, 4]);
  assert.equal(shape(await analysis.getLatents('train')), [16, 12, 4]);
  assert.equal((await analysis.getLatents('val')).values, before);
  const { controlled, latents, actions, states, joints } = await analysis.getModelOutputs('train');
  assert.equal([shape(controlled), shape(latents), shape(actions), states, joints], [[16, 12, 2], [16, 12, 4], [16, 12, 2], null, null]);

  const { task, data } = await prepareExperiment(experiment);
  const order = Int32Array.from([...data.trainingIndices, ...data.validationIndices]);
  const model = createModel(modelOptionsOf(experiment.models[0] as Experiment['models'][number]), task.inputSize, task.outputSize);
  const parameters = await (await openRun(storage, 'GRU-4/seed-7')).parameters(model);
  const set = selectTrials(data.set, order);
  const options = { seed: 7, states: true, trialIndices: order };
  const direct = await evaluate(backend, model, parameters, set, { ...options, noise: { input: 0.05 } });
  assert.equal((await analysis.getLatents()).values, direct.states);
  assert.equal((await analysis.getModelOutputs()).controlled.values, direct.outputs);
  assert.equal((await analysis.getInputs()).values, set.inputs);
  assert.equal((await analysis.getTargets('val')).values, set.targets.subarray(16 * 12 * 2));
  assert.equal((await analysis.getModelInputsNoiseless()).inputs.values, set.trueInputs);

  const { noiseless, mixed } = {
    noiseless: await analysis.getLatentsNoiseless(),
    mixed: await analysis.getLatents('all', { sources: { input: 0, state: true, initial: false } }),
  };
  const off = { input: 0, initial: false, state: false };
  assert.equal(noiseless.values, (await evaluate(backend, model, parameters, { ...set, inputs: set.trueInputs }, { ...options, noise: off })).states);
  const stateOnly = await evaluate(backend, model, parameters, { ...set, inputs: set.trueInputs }, { ...options, noise: { input: 0, initial: false } });
  assert.equal(mixed.values, stateOnly.states);
  const louder = await analysis.getLatents('all', { sources: { input: 0.3 } });
  const loud = await evaluate(backend, model, parameters, { ...set, inputs: set.trueInputs }, { ...options, noise: { input: 0.3 } });
  assertClose(louder.values, loud.states as Float32Array, { case: 'noise of 0.3 on the inputs', atol: 1e-5 });
});

test('equal calls give equal numbers, after a release too', async () => {
  const analysis = await openAnalysis(storage, { backend, run: 'LSTM-3/seed-7' });
  const outputs = async () => (await analysis.getModelOutputsNoiseless('validation')).controlled.values.slice();
  const first = await outputs();
  const [noisy, again] = await Promise.all([analysis.getLatents('validation'), analysis.getLatents('validation')]);
  assert.equal(noisy.values, again.values);
  analysis.release();
  assert.equal(await outputs(), first);
  assert.equal((await analysis.getLatents('validation')).values, noisy.values);
});

test('states of an LSTM are h and c, its latents h', async () => {
  const analysis = await openAnalysis(storage, { backend, run: 'LSTM-3' });
  const [states, latents] = [await analysis.getStates('train'), await analysis.getLatents('train')];
  assert.equal(
    [shape(states), shape(latents)],
    [
      [16, 12, 6],
      [16, 12, 3],
    ],
  );
  for (let row = 0; row < 16 * 12; row++) assert.equal(states.values.slice(6 * row, 6 * row + 3), latents.values.slice(3 * row, 3 * row + 3));
  assert.is(analysis.initialState.length, 6);
});

test('principal components of the latents give scores and shares', async () => {
  const analysis = await openAnalysis(storage, { backend, run: 'GRU-4' });
  const { scores, pca } = await analysis.getLatentsPca();
  assert.equal(shape(scores), [20, 12, 3]);
  const scree = await analysis.scree();
  assert.is(scree.length, 4);
  assertClose([scree.reduce((sum, share) => sum + share, 0)], [1], { case: 'sum of shares', atol: 1e-12 });
  assertClose(scree, [...pca.ratios], { case: 'shares', atol: 1e-12 });
  const variance = [0, 1, 2].map((k) => Array.from(scores.values).reduce((sum, value, i) => (i % 3 === k ? sum + value * value : sum), 0) / (20 * 12 - 1));
  assertClose(variance, [...pca.variances.subarray(0, 3)], { case: 'variance of scores', rtol: 1e-3 });
  assert.equal([...(await analysis.getTrialLengths('val'))], [12, 12, 12, 12]);
  assert.equal((await analysis.getConditions('train')).length + (await analysis.getConditions('val')).length, (await analysis.getConditions()).length);
});

test('the cell is there as a map in f64, which agrees with the rollout', async () => {
  const analysis = await openAnalysis(storage, { backend, run: 'LSTM-3' });
  const off = { noiseless: true };
  const [states, inputs] = [await analysis.getStates('val', off), await analysis.getNetworkInputs('val', off)];
  const before = Float64Array.from(states.values.subarray(0, 11 * 6));
  const next = await analysis.map?.evaluate(before, Float64Array.from(inputs.values.subarray(inputs.width, 12 * inputs.width)));
  assertClose(next as Float64Array, states.values.subarray(6, 12 * 6), { case: 'eleven steps of a trial', atol: 1e-6 });
  await analysis.dispose();
});

test('all runs of a directory share the data set', async () => {
  const analyses = await openAnalyses(storage, { backend, group: 'tiny' });
  assert.equal(
    analyses.map(({ path, group }) => [path, group]),
    [
      ['GRU-4/seed-7', 'tiny'],
      ['LSTM-3/seed-7', 'tiny'],
    ],
  );
});

test('other trials of the task can be asked for', async () => {
  const analysis = await openAnalysis(storage, { backend, run: 'GRU-4', data: { trials: 10, seed: 99 } });
  assert.equal(shape(await analysis.getLatents('train')), [8, 12, 4]);
  const own = await openAnalysis(storage, { backend, run: 'GRU-4' });
  assert.not.equal((await analysis.getInputs()).values.slice(0, 36), (await own.getInputs()).values.slice(0, 36));
});

test('a network that moves a body gives movement and observation', async () => {
  const reach = parseExperiment(
    {
      name: 'reach',
      seed: 3,
      task: { name: 'random-target-reach', steps: 12 },
      data: { trials: 5 },
      training: { epochs: 1, batchSize: 4 },
      models: [{ cell: 'gru', hiddenSize: 3 }],
    },
    'reach',
  );
  const files = await trained(reach, backend);
  const analysis = await openAnalysis(files, { backend });
  const { controlled, latents, actions, states, joints } = await analysis.getModelOutputs('val');
  assert.equal(
    [controlled, latents, actions, joints].map((array) => shape(array as TrialArray)),
    [
      [1, 12, 2],
      [1, 12, 3],
      [1, 12, 6],
      [1, 12, 4],
    ],
  );
  assert.is((states as TrialArray).width % 6, 0);
  const seen = await analysis.getNetworkInputs('val', { noiseless: true });
  assert.equal(shape(seen), [1, 12, analysis.model.inputSize]);
  const { ics } = await analysis.getModelInputs();
  assert.equal(shape(ics as TrialArray), [5, 1, 4]);
});

test('what cannot be analysed is named', async () => {
  await assertRejects(openAnalysis(storage, { backend }), ConfigError, 'expected the name of a run, got a directory with 2: GRU-4/seed-7, LSTM-3/seed-7');
  await assertRejects(openAnalysis(storage, { backend, run: 'NODE' }), ConfigError, 'run: expected one of GRU-4/seed-7, LSTM-3/seed-7, got "NODE"');
  await assertRejects(openAnalysis(storage, { backend, run: 'GRU-4', checkpoint: 9 }), RunFormatError, 'expected a checkpoint among last, best, got 9');
  await assertRejects(openAnalyses(storage, { backend, checkpoint: 9 }), ConfigError, 'expected a run with a checkpoint of epoch 9, got runs GRU-4/seed-7');
  await assertRejects(openAnalysis(memoryStorage(), { backend }), RunFormatError, "expected a run or an experiment's directory");
  const analysis = await openAnalysis(storage, { backend, run: 'GRU-4' });
  await assertRejects(analysis.getLatents('test' as 'all'), ConfigError, 'expected all, train or validation, got "test"');
  await assertRejects(
    analysis.getLatents('all', { sources: { input: -1, wind: 1, state: 2 } as never }),
    ConfigError,
    /input: expected.*\n.*wind: expected a source of noise among.*\n.*state: expected true or false/,
  );
  const broken = memoryStorage(storage.files);
  const path = 'GRU-4/seed-7/checkpoints/last.safetensors';
  const state = await (await openRun(storage, 'GRU-4/seed-7')).checkpoint();
  (state.tensors['cell.weight_hh'] as { data: Float32Array }).data[5] = Number.NaN;
  await broken.write(path, encodeCheckpoint(state));
  await assertRejects(
    openAnalysis(broken, { backend, run: 'GRU-4' }),
    RunFormatError,
    'last.safetensors: expected finite parameters, got NaN in cell.weight_hh, entry 5',
  );
});

test.run();
