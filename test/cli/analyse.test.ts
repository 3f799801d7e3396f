// motorloop analyse: a run, an experiment's directory and a zip give again what `run` found; what is none of these is refused before anything is written.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readNpz } from '../../src/runs/npz.js';
import { packZip } from '../../src/runs/zip.js';
import { rawZip } from '../support/raw-zip.js';
import { motorloop, tinyExperiment, workFolder } from './cli.js';

const folder = workFolder({ 'tiny.json': tinyExperiment() });
const at = (...names: string[]) => join(folder.path, ...names);
const json = (...names: string[]) => JSON.parse(readFileSync(at(...names), 'utf8'));

/** What `run` measures as well, without the machine it ran on and the command that made it. */
const measured = (...names: string[]) => {
  const summary = json(...names, 'analysis.json');
  return { ...summary, environment: null, runs: summary.runs.map((run: object) => ({ ...run, dynamics: null })) };
};
/** Keeps the search for fixed points short. */
const quick = ['--starts', '20'];
/** … or leaves it out. */
const fast = ['--only', 'decoding'];

function filesBelow(path: string): [string, Uint8Array][] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .map((file) => [file.slice(path.length + 1).replaceAll('\\', '/'), new Uint8Array(readFileSync(file))]);
}

test.before(async () => {
  const { code, errors } = await motorloop(['run', 'tiny.json', '--out', 'made', '--quiet'], folder.path);
  assert.is(code, 0, errors);
});

test.after(() => folder.remove());

test('an experiment directory is measured again, with the same result', async () => {
  cpSync(at('made'), at('again'), { recursive: true });
  for (const name of ['analysis.json', 'report.html']) rmSync(at('again', name));
  const { code, output } = await motorloop(['analyse', 'again', '--json', 'again.json', ...quick], folder.path);
  assert.is(code, 0);
  assert.match(output, 'tiny, 2 runs, into again');
  assert.match(output, 'GRU-5');
  assert.equal(measured('again'), measured('made'));
  assert.match(readFileSync(at('again', 'report.html'), 'utf8'), '<title>tiny · motorloop report</title>');
  const { analyses } = json('again.json');
  assert.is(analyses.length, 1);
  assert.is(analyses[0].report, at('again', 'report.html'));
  assert.equal(
    analyses[0].runs.map((run: { model: string }) => run.model),
    ['GRU-5', 'NODE-3'],
  );
  const [first] = json('again', 'analysis.json').runs;
  const { fixedPoints, tangling, decoding } = first.dynamics;
  assert.is(fixedPoints.counts.starts - fixedPoints.counts.seeded, 20);
  assert.is(fixedPoints.input, 'zeros');
  assert.is(fixedPoints.settings.phase, 'validation');
  assert.is(fixedPoints.points.length, fixedPoints.counts.unique + fixedPoints.counts.uniqueSlow);
  assert.equal(
    tangling.map(({ layer }: { layer: string }) => layer),
    ['inputs', 'latents', 'outputs'],
  );
  assert.is(decoding.length, 2);
  assert.equal(analyses[0].dynamics[0].fixedPoints.counts, fixedPoints.counts);
  const arrays = readNpz(new Uint8Array(readFileSync(at('again', 'GRU-5', 'seed-0', 'arrays.npz'))), 'arrays.npz');
  assert.equal(arrays.get('fixed_points')?.shape, [fixedPoints.counts.unique, 5]);
  assert.equal(arrays.get('latents_pca')?.shape, [4, 30, 3]);
  assert.ok(existsSync(at('again', 'figures')) && existsSync(at('again', 'tables', 'decoding.csv')));
  assert.ok(analyses[0].figures.length > 5 && analyses[0].figures.every((file: string) => existsSync(file)));
});

test('noise, checkpoint and parts can be chosen, and the analysis says so', async () => {
  cpSync(at('made', 'GRU-5', 'seed-0'), at('quiet'), { recursive: true });
  const options = ['--noiseless', '--checkpoint', 'best', '--only', 'decoding', '--quiet'];
  const { code, errors } = await motorloop(['analyse', 'quiet', ...options], folder.path);
  assert.is(code, 0, errors);
  const summary = json('quiet', 'analysis.json');
  assert.is(summary.noise, 'without noise');
  assert.is(summary.runs[0].checkpoint.kind, 'best');
  assert.equal([summary.runs[0].dynamics.fixedPoints, summary.runs[0].dynamics.tangling], [null, null]);
  assert.not.ok(existsSync(at('quiet', 'arrays', 'fixed_points.npy')));
});

test('bad options and damaged checkpoints are named', async () => {
  const checkpoint = ['GRU-5', 'seed-0', 'checkpoints', 'last.safetensors'] as const;
  cpSync(at('made'), at('cut'), { recursive: true });
  writeFileSync(at('cut', ...checkpoint), readFileSync(at('made', ...checkpoint)).subarray(0, 500));
  cpSync(at('made'), at('nan'), { recursive: true });
  const bytes = readFileSync(at('made', ...checkpoint));
  bytes.fill(0xff, bytes.length - 4);
  const text = bytes.toString('latin1');
  const header = JSON.parse(text.slice(8, 8 + bytes.readUInt32LE(0)));
  const [begin] = header['cell.weight_hh'].data_offsets;
  bytes.writeFloatLE(Number.NaN, 8 + bytes.readUInt32LE(0) + begin);
  writeFileSync(at('nan', ...checkpoint), bytes);
  const refused: [string[], RegExp][] = [
    [['cut'], /last\.safetensors: expected /],
    [['nan'], /last\.safetensors: expected finite parameters, got NaN in cell\.weight_hh, entry 0/],
    [['made', '--checkpoint', '7'], /expected at least one run with a checkpoint, got none; GRU-5, seed 0 has no checkpoint 7/],
    [['made', '--checkpoint', 'first'], /expected last, best or the number of an epoch, got "first"/],
    [['made', '--noise', 'wind=0'], /--noise: wind: expected a source of noise among input, initial/],
    [['made', '--only', 'points'], /expected some of fixed-points, tangling, decoding, .*joined by commas, got "points"/],
    [['made', '--inputs', '1,2,3', '--out', 'three'], /inputs: expected 2 numbers, one for each input of the network, got 3/],
  ];
  for (const [args, message] of refused) {
    const { code, errors } = await motorloop(['analyse', ...args], folder.path);
    assert.is(code, 2, errors);
    assert.match(errors, message);
  }
  assert.not.ok(existsSync(at('three')));
});

test('a single run is measured in its own directory', async () => {
  cpSync(at('made', 'GRU-5', 'seed-0'), at('alone'), { recursive: true });
  const { code, output } = await motorloop(['analyse', 'alone', ...fast], folder.path);
  assert.is(code, 0);
  assert.match(output, 'tiny, 1 run, into alone');
  const [run] = measured('alone').runs;
  assert.equal({ ...run }, measured('made').runs[0]);
  assert.ok(existsSync(at('alone', 'arrays', 'scree.npy')));
  assert.not.ok(existsSync(at('alone', 'GRU-5')));
});

test('a zip is unpacked beside itself and measured there', async () => {
  writeFileSync(at('kept.zip'), packZip(filesBelow(at('made')), 'tiny'));
  assert.is((await motorloop(['analyse', 'kept.zip', '--quiet', ...fast], folder.path)).code, 0);
  assert.equal(measured('kept'), measured('made'));
  const again = await motorloop(['analyse', 'kept.zip'], folder.path);
  assert.is(again.code, 2);
  assert.match(again.errors, 'kept: expected a new or empty directory, got one that holds something; name another one with --out');
  assert.is((await motorloop(['analyse', 'kept.zip', '--out', 'elsewhere', ...fast], folder.path)).code, 0);
  assert.equal(measured('elsewhere'), measured('made'));
});

test('with --out a directory stays as it is', async () => {
  const before = filesBelow(at('made')).map(([path]) => path);
  assert.is((await motorloop(['analyse', 'made', '--out', 'beside', '--quiet', ...fast], folder.path)).code, 0);
  assert.equal(
    filesBelow(at('made')).map(([path]) => path),
    before,
  );
  assert.equal(measured('beside'), measured('made'));
  const two = await motorloop(['analyse', 'made', 'again', '--out', 'both'], folder.path);
  assert.is(two.code, 2);
  assert.match(two.errors, '--out: expected one run when --out is given, got 2');
});

test('what is no run is refused before anything is written', async () => {
  mkdirSync(at('several'));
  cpSync(at('made'), at('several', 'first'), { recursive: true });
  cpSync(at('made'), at('broken'), { recursive: true });
  writeFileSync(at('broken', 'GRU-5', 'seed-0', 'manifest.json'), '{"format":"motorloop-run"}');
  writeFileSync(at('out.zip'), rawZip([{ name: '../evil.txt', data: new Uint8Array(3) }]));
  const refused: [string, RegExp][] = [
    ['several', /name one of the experiments in it: first/],
    ['broken', /broken\/GRU-5\/seed-0\/manifest\.json: expected format motorloop-run, version 1/],
    ['out.zip', /out\.zip: expected names below the archive's root/],
  ];
  for (const [name, message] of refused) {
    const before = folder.list();
    const { code, errors } = await motorloop(['analyse', name], folder.path);
    assert.is(code, 2, errors);
    assert.match(errors, message);
    assert.equal(folder.list(), before);
  }
});

test('a task of one’s own is measured only with the module that is named', async () => {
  writeFileSync(at('sine.mjs'), readFileSync('examples/sine-wave.mjs'));
  writeFileSync(at('sine.json'), JSON.stringify(tinyExperiment({ name: 'sine', task: { name: 'custom', module: './sine.mjs' } })));
  const made = await motorloop(['run', 'sine.json', '--out', 'sine', '--quiet'], folder.path);
  assert.is(made.code, 0, made.errors);
  const without = await motorloop(['analyse', 'sine'], folder.path);
  assert.is(without.code, 2);
  assert.match(without.errors, "task.module: expected --task-module FILE for a task of one's own, got none");
  const before = measured('sine');
  assert.is((await motorloop(['analyse', 'sine', '--task-module', 'sine.mjs', '--quiet', ...fast], folder.path)).code, 0);
  assert.equal(measured('sine'), before);
});

test.run();
