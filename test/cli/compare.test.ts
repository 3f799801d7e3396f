// motorloop compare: runs, an experiment, a zip and imported arrays against each other; what cannot be compared is named before anything is written.
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createExternalAnalysis, writeExternalAnalysis } from '../../src/analysis/external-analysis.js';
import { memoryStorage } from '../../src/runs/memory-storage.js';
import { writeNpy } from '../../src/runs/npy.js';
import { packZip } from '../../src/runs/zip.js';
import { motorloop, tinyExperiment, workFolder } from './cli.js';

const folder = workFolder({ 'tiny.json': tinyExperiment() });
const at = (...names: string[]) => join(folder.path, ...names);
const json = (...names: string[]) => JSON.parse(readFileSync(at(...names), 'utf8'));
const quick = ['--dsa-delays', '3', '--dsa-rank', '5', '--starts', '16'];

/** Arrays as `import` leaves them: 20 trials of 30 steps, as those of the tiny experiment. */
async function arrays(name: string, values: Float64Array): Promise<void> {
  const memory = memoryStorage();
  await writeExternalAnalysis(memory, createExternalAnalysis({ name, latents: { shape: [20, 30, values.length / 600], data: values } }));
  cpSync(at('made'), at(name), { recursive: true, filter: (path) => path === at('made') });
  for (const file of await memory.list('')) writeFileSync(at(name, file), await memory.read(file));
}

const refused = async (args: readonly string[], pattern: RegExp): Promise<void> => {
  const { code, errors } = await motorloop(['compare', ...args, '--out', 'refused'], folder.path);
  assert.is(code, 2, errors);
  assert.match(errors, pattern);
  assert.not.ok(existsSync(at('refused')), 'nothing was written');
};

test.before(async () => {
  const { code, errors } = await motorloop(['run', 'tiny.json', '--out', 'made', '--quiet'], folder.path);
  assert.is(code, 0, errors);
  await arrays(
    'elsewhere',
    Float64Array.from({ length: 600 * 4 }, (_, i) => Math.sin(i * (1 + (i % 4)))),
  );
});

test.after(() => folder.remove());

test('an experiment is compared with itself, network by network', async () => {
  const { code, output, errors } = await motorloop(['compare', 'made', '--out', 'both', '--json', 'both.json', ...quick], folder.path);
  assert.is(code, 0, errors);
  assert.match(output, 'R² from ref.');
  assert.match(output, 'GRU-5, seed 0 (reference)');
  const summary = json('both', 'comparison.json');
  assert.equal(
    summary.analyses.map(({ name }: { name: string }) => name),
    ['GRU-5, seed 0', 'NODE-3, seed 0'],
  );
  assert.equal([summary.stateR2[0][0], summary.stateR2[1][1], summary.aligned[0].r2], [1, 1, 1]);
  assert.is(summary.dsa.scores[0][1], summary.dsa.scores[1][0]);
  assert.is(summary.dsa.settings.delays, 3);
  assert.is(summary.analyses[0].fixedPoints.starts >= 16, true);
  assert.equal(summary.trials.targetLabels, ['bit 1', 'bit 2']);
  const { files, page } = json('both.json');
  assert.is(page, at('both', 'comparison.html'));
  for (const file of files) assert.ok(existsSync(at('both', file)), file);
  assert.ok(readdirSync(at('both', 'figures')).includes('states-all-pairs.svg'));
});

test('single runs, a zip and arrays; the reference by path, groups by name', async () => {
  const filesOf = (path: string): [string, Uint8Array][] =>
    readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
      .map((file) => [file.slice(path.length + 1).replaceAll('\\', '/'), new Uint8Array(readFileSync(file))]);
  writeFileSync(at('kept.zip'), packZip(filesOf(at('made', 'NODE-3', 'seed-0')), 'node'));
  const args = ['made/GRU-5/seed-0', 'kept.zip', 'elsewhere', '--reference', 'kept.zip', '--group', 'z=made/GRU-5', '--group', 'a=elsewhere', 'kept.zip'];
  const { code, errors } = await motorloop(['compare', ...args, '--no-png', '--no-dsa', '--no-fixed-points', '--noiseless', '--out', 'three'], folder.path);
  assert.is(code, 0, errors);
  assert.match(errors, 'elsewhere: neither inputs nor targets are known');
  const { analyses, reference, dsa, aligned, noise } = json('three', 'comparison.json');
  assert.equal(
    analyses.map(({ name, group }: { name: string; group: string }) => [name, group]),
    [
      ['NODE-3, seed 0', 'a'],
      ['elsewhere', 'a'],
      ['GRU-5, seed 0', 'z'],
    ],
  );
  assert.is(reference, 0);
  assert.is(dsa, null);
  assert.is(aligned[0].r2, 1);
  assert.is(noise, 'without noise');
});

test('other trials are named with their difference; dynamics can be compared all the same, or all on new trials', async () => {
  cpSync(at('made'), at('other'), { recursive: true });
  const experiment = json('other', 'experiment.json');
  writeFileSync(at('other', 'experiment.json'), JSON.stringify({ ...experiment, data: { ...experiment.data, seed: 5 } }));
  await refused(['made', 'other'], /expected runs on the same trials, got other: GRU-5, seed 0: data\.seed is 5, not 0 as in made: GRU-5, seed 0/);
  const only = await motorloop(['compare', 'made', 'other', '--dsa-only', '--no-png', '--no-fixed-points', '--out', 'only', ...quick], folder.path);
  assert.is(only.code, 0, only.errors);
  assert.is(json('only', 'comparison.json').stateR2[0][1], null);
  assert.is(json('only', 'comparison.json').dsa.scores.length, 4);
  const anew = await motorloop(['compare', 'made', 'other', '--data-seed', '9', '--no-png', '--no-dsa', '--no-fixed-points', '--out', 'anew'], folder.path);
  assert.is(anew.code, 0, anew.errors);
  assert.is(json('anew', 'comparison.json').stateR2[0][2], 1, 'the same network on the same trials');
});

test('what cannot be compared is refused', async () => {
  await refused(['made/GRU-5/seed-0', '--group', 'a=made/GRU-5'], /expected two runs or more, got GRU-5, seed 0/);
  await refused(['made', 'made/GRU-5/seed-0'], /expected each run once, got .*GRU-5\/seed-0 twice/);
  await refused(['made', '--reference', 'made'], /--reference: expected one run, got made, which are 2: GRU-5, seed 0, NODE-3, seed 0/);
  await refused(['made', '--dsa-percent', '0'], /above 0 and up to 100/);
});

test('numbers that are none and a rank that is too high are named', async () => {
  cpSync(at('elsewhere'), at('nan'), { recursive: true });
  const bad = Float64Array.from({ length: 16 * 30 * 4 }, (_, i) => (i === 77 ? Number.NaN : i % 7));
  writeFileSync(at('nan', 'latents.train.npy'), writeNpy([16, 30, 4], bad));
  await refused(['made', 'nan'], /expected finite latents, got NaN in trial 0, step 19, channel 1/);
  const rank = await motorloop(['compare', 'made', '--dsa-delays', '2', '--dsa-rank', '400', '--no-fixed-points', '--out', 'rank'], folder.path);
  assert.is(rank.code, 2, rank.output);
  assert.match(rank.errors, /dsa\.rank: expected at most 10 for GRU-5, seed 0 \(5 units × 2 delays\), got 400/);
  assert.match(rank.errors, /expected at most 6 for NODE-3, seed 0/);
  assert.not.ok(existsSync(at('rank', 'comparison.json')));
});

test.run();
