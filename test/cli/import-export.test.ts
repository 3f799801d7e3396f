// motorloop export and import: a run goes out and its latents and weights come back; what does not fit ends with code 2 and writes nothing.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { motorloop, tinyExperiment, workFolder } from './cli.js';

const gru = tinyExperiment({ models: [{ cell: 'gru', hiddenSize: 5 }] });
const folder = workFolder({ 'tiny.json': gru, 'notes.txt': 'nothing that can be imported' });
const at = (...names: string[]) => join(folder.path, ...names);

test.before(async () => {
  const { code, errors } = await motorloop(['run', 'tiny.json', '--out', 'made', '--quiet'], folder.path);
  assert.is(code, 0, errors);
});

test.after(() => folder.remove());

test('a run is exported, and its weights and latents are imported', async () => {
  const out = await motorloop(['export', 'made', '--noiseless', '--format', 'npz', '--json', 'out.json', '--quiet'], folder.path);
  assert.is(out.code, 0, out.errors);
  assert.equal(JSON.parse(readFileSync(at('out.json'), 'utf8')).exported[0].files, ['arrays.npz', 'export.json']);
  assert.ok(existsSync(at('made-export', 'arrays.npz')));
  const latents = await motorloop(['import', join('made-export', 'arrays.npz'), '--name', 'again'], folder.path);
  assert.is(latents.code, 0, latents.errors);
  assert.match(latents.output, 'latents [16, 30, 5] and [4, 30, 5]');
  assert.match(latents.errors, /not used: .*cell\.weight_ih/);
  assert.ok(existsSync(at('runs', 'again', 'external.json')));
  const checkpoint = join('made', 'GRU-5', 'seed-0', 'checkpoints', 'last.safetensors');
  const weights = await motorloop(['import', checkpoint, '--experiment', 'tiny.json', '--out', 'weights', '--json', 'in.json'], folder.path);
  assert.is(weights.code, 0, weights.errors);
  assert.equal(JSON.parse(readFileSync(at('in.json'), 'utf8')).run, 'GRU-5/seed-0');
  const analysed = await motorloop(['analyse', 'weights', '--only', 'decoding', '--quiet'], folder.path);
  assert.is(analysed.code, 0, analysed.errors);
  const loss = (run: string) => JSON.parse(readFileSync(at(run, 'analysis.json'), 'utf8')).runs[0].evaluation.loss;
  assert.is(loss('weights'), loss('made'));
});

test('what cannot be taken in is named', async () => {
  writeFileSync(at('wide.json'), JSON.stringify(tinyExperiment({ models: [{ cell: 'gru', hiddenSize: 6 }] })));
  const checkpoint = join('made', 'GRU-5', 'seed-0', 'checkpoints', 'last.safetensors');
  const refused: [string[], RegExp][] = [
    [['import', 'notes.txt'], /notes\.txt: expected \.safetensors, \.npy, \.npz or HDF5, got other bytes/],
    [['import', checkpoint], /--experiment: expected the experiment whose task and model these weights belong to, got none/],
    [['import', checkpoint, '--experiment', 'wide.json'], /cell\.weight_hh: expected shape \[18, 6\] for cell\.weight_hh, got \[15, 5\]/],
    [['export', 'made', '--out', 'x', '--what', 'joints'], /--what: expected what this run has, got joints, which only a body has/],
    [['export', 'tiny.json'], /tiny\.json: expected a zip archive/],
  ];
  const before = folder.list();
  for (const [args, message] of refused) {
    const { code, errors } = await motorloop(args, folder.path);
    assert.is(code, 2, errors);
    assert.match(errors, message);
  }
  assert.equal(folder.list(), before);
});

test.run();
