// What a folder or an archive holds: an experiment's directory and a single run read alike, anything else is named.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError, RunFormatError } from '../../src/errors.js';
import { findExperiment } from '../../src/runs/find-experiment.js';
import { memoryStorage } from '../../src/runs/memory-storage.js';

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const experiment = { name: 'tiny', seed: 3, task: { name: 'flipflop', steps: 20 }, models: [{ cell: 'gru', hiddenSize: 4 }] };

async function refusal(files: [string, Uint8Array][]): Promise<Error> {
  try {
    await findExperiment(memoryStorage(files, 'given'));
  } catch (error) {
    return error as Error;
  }
  throw new Error('expected a refusal');
}

test('an experiment directory tells its experiment and the runs that have begun', async () => {
  const storage = memoryStorage([
    ['experiment.json', bytes(experiment)],
    ['GRU-4/seed-3/manifest.json', bytes({})],
    ['notes/readme.txt', bytes('')],
  ]);
  const found = await findExperiment(storage);
  assert.is(found.experiment.models[0]?.name, 'GRU-4');
  assert.equal(found.runs, ['GRU-4/seed-3']);
  assert.is(found.storage, storage);
});

test('a single run reads as if it lay in the directory of its experiment, and what is written for it lands in it', async () => {
  const storage = memoryStorage([
    ['experiment.json', bytes(experiment)],
    ['manifest.json', bytes({ model: '../../elsewhere' })],
    ['checkpoints/last.safetensors', bytes('weights')],
  ]);
  const found = await findExperiment(storage);
  assert.equal(found.runs, ['GRU-4/seed-3']);
  assert.equal(await found.storage.list('GRU-4/seed-3'), ['checkpoints/', 'experiment.json', 'manifest.json']);
  assert.equal(await found.storage.read('GRU-4/seed-3/checkpoints/last.safetensors'), bytes('weights'));
  await found.storage.write('GRU-4/seed-3/arrays/scree.npy', 'x');
  await found.storage.write('report.html', 'y');
  assert.equal([...storage.files.keys()].slice(-2), ['arrays/scree.npy', 'report.html']);
});

test('a folder of experiments names them, and a folder of something else says what is missing', async () => {
  const several = await refusal([
    ['first/experiment.json', bytes(experiment)],
    ['second/experiment.json', bytes(experiment)],
  ]);
  assert.instance(several, RunFormatError);
  assert.match(
    several.message,
    "given: expected a run or an experiment's directory, got one without experiment.json; name one of the experiments in it: first, second",
  );
  assert.match((await refusal([['readme.txt', bytes('')]])).message, /without experiment\.json$/);
  assert.match((await refusal([])).message, /without experiment\.json$/);
});

test('an experiment that is not valid, and a run with several networks, are refused', async () => {
  const invalid = await refusal([['experiment.json', bytes({ ...experiment, models: [{ cell: 'gru', name: '../x' }] })]]);
  assert.instance(invalid, ConfigError);
  const several = await refusal([
    ['experiment.json', bytes({ ...experiment, replicates: 2 })],
    ['manifest.json', bytes({})],
  ]);
  assert.match(several.message, 'expected the experiment of one run, got 1 models and 2 seeds');
});

test.run();
