// Import and export of a small run: what goes out comes back the same, in every format; weights make a run that can be opened.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openExternalAnalysis } from '../../src/analysis/external-analysis.js';
import { openAnalysis } from '../../src/analysis/open-analysis.js';
import type { RunAnalysis } from '../../src/analysis/run-analysis.js';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { train } from '../../src/config/train.js';
import { ConfigError, RunFormatError, ShapeError } from '../../src/errors.js';
import { exportRun } from '../../src/jobs/export.js';
import { type GivenFile, importArrays, importWeights } from '../../src/jobs/import.js';
import { openExperimentDirectory } from '../../src/runs/experiment-directory.js';
import { memoryStorage } from '../../src/runs/memory-storage.js';
import { readNpy } from '../../src/runs/npy.js';
import { readNpz } from '../../src/runs/npz.js';
import { readSafetensors } from '../../src/runs/safetensors.js';
import { assertRejects } from '../support/storage.js';
import { tinyExperiment } from '../support/tiny-experiment.js';

const backend = createReferenceBackend();
const experiment = tinyExperiment({ 'training.epochs': 1 });
const storage = memoryStorage();
let analysis: RunAnalysis;

test.before(async () => {
  const directory = await openExperimentDirectory(storage, experiment);
  for await (const event of train(experiment, { backend })) await directory.handle(event);
  await directory.finish();
  analysis = await openAnalysis(storage, { backend, run: 'GRU-4' });
});

test.after(async () => {
  await analysis.dispose();
  assert.is(backend.bytesInUse(), 0);
  await backend.dispose();
});

const file = (files: ReadonlyMap<string, Uint8Array>, path: string): GivenFile => ({ name: path, bytes: files.get(path) as Uint8Array });

test('arrays go out in every format with the same numbers', async () => {
  const latents = await analysis.getLatentsNoiseless('validation');
  const noise = { noiseless: true };
  const out = memoryStorage();
  const written = await exportRun(analysis, out, { phase: 'validation', noise });
  assert.ok(written.includes('cell.weight_ih.npy') && written.includes('network_inputs.npy'));
  assert.equal(readNpy(file(out.files, 'latents.npy').bytes, 'x'), { shape: [4, 12, 4], data: latents.values.slice() });
  const about = JSON.parse(new TextDecoder().decode(out.files.get('export.json')));
  assert.equal([about.run, about.phase, about.noise, about.arrays.latents], ['GRU-4/seed-7', 'validation', 'without noise', [4, 12, 4]]);
  const options = { phase: 'validation', noise, what: ['latents', 'weights'] } as const;
  await exportRun(analysis, out, { ...options, format: 'npz' });
  assert.equal(readNpz(file(out.files, 'arrays.npz').bytes, 'x').get('latents')?.data, latents.values.slice());
  await exportRun(analysis, out, { ...options, format: 'safetensors' });
  assert.equal(readSafetensors(file(out.files, 'arrays.safetensors').bytes, 'x').tensors.get('latents')?.data, latents.values.slice());
  await exportRun(analysis, out, { ...options, format: 'csv' });
  const [header, first] = new TextDecoder().decode(out.files.get('latents.csv')).split('\n') as [string, string];
  assert.is(header, 'trial,step,channel_0,channel_1,channel_2,channel_3');
  assert.equal(first.split(',').map(Number), [0, 0, ...latents.values.subarray(0, 4)]);
  await assertRejects(exportRun(analysis, out, { what: ['joints', 'muscles'] }), ConfigError, 'got joints, muscles, which only a body has');
});

test('exported latents come back as an analysis with the same trials', async () => {
  const all = await analysis.getLatents();
  for (const format of ['npy', 'npz'] as const) {
    const [out, back] = [memoryStorage(), memoryStorage()];
    await exportRun(analysis, out, { what: ['latents', 'targets'], format });
    const given = file(out.files, format === 'npy' ? 'latents.npy' : 'arrays.npz');
    const { used } = await importArrays({ files: [given], name: 'back', storage: back });
    assert.is(used[0], 'latents from latents');
    const external = await openExternalAnalysis(back);
    assert.equal((await external.getLatents()).values, all.values.slice());
    assert.is((await external.getLatents('train')).trials, 16);
  }
});

test('exported weights come back as a run that does the same', async () => {
  const [out, back] = [memoryStorage(), memoryStorage()];
  await exportRun(analysis, out, { what: ['weights'], format: 'safetensors' });
  const given = { ...file(out.files, 'arrays.safetensors'), name: 'w.safetensors' };
  const job = { file: given, experiment, storage: back, host: null, now: '2026-01-01T00:00:00.000Z' };
  await assertRejects(importWeights(job), ConfigError, '--model: expected one of GRU-4, NODE-3, got none');
  await assertRejects(
    importWeights({ ...job, model: 'NODE-3' }),
    ShapeError,
    'generator.vf_net.0.weight [5, 5]: expected a name that ends like vf_net.0.weight, got none',
  );
  assert.is(back.files.size, 0);
  const { path } = await importWeights({ ...job, model: 'GRU-4' });
  assert.is(path, 'GRU-4/seed-7');
  const imported = await openAnalysis(back, { backend });
  assert.equal([imported.manifest.imported, imported.validationLoss, imported.checkpoint.epoch], ['w.safetensors', null, 0]);
  assert.equal((await imported.getLatents()).values, (await analysis.getLatents()).values);
});

test('files that are something else are refused', async () => {
  const refuse = (files: readonly GivenFile[], type: new (...args: never[]) => Error, part: string) =>
    assertRejects(importArrays({ files, name: 'x', storage: memoryStorage() }), type, part);
  const out = memoryStorage();
  await exportRun(analysis, out, { what: ['latents', 'weights'] });
  const npy = file(out.files, 'latents.npy');
  await refuse([{ name: 'a.npy', bytes: new Uint8Array(50) }], RunFormatError, 'a.npy: expected .safetensors, .npy, .npz or HDF5, got other bytes');
  await refuse([{ name: 'model.pt', bytes: Uint8Array.of(0x50, 0x4b, 3, 4) }], RunFormatError, 'got a file of torch.save, which may hold programs');
  await refuse([npy, npy, npy], ConfigError, 'expected one file, or two .npy files (training, validation), got 3');
  await refuse([file(out.files, 'cell.weight_hh.npy')], ShapeError, 'latents: expected shape [trials, steps, units], each at least 1, got [12, 4]');
  await refuse([{ name: 'cut.npy', bytes: npy.bytes.subarray(0, 200) }], RunFormatError, 'cut.npy: expected');
});

test.run();
