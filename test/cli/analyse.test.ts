// motorloop analyse: a run, an experiment's directory and a zip give again what `run` found; what is none of these is refused before anything is written.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packZip } from '../../src/runs/zip.js';
import { rawZip } from '../support/raw-zip.js';
import { motorloop, tinyExperiment, workFolder } from './cli.js';

const folder = workFolder({ 'tiny.json': tinyExperiment() });
const at = (...names: string[]) => join(folder.path, ...names);
const json = (...names: string[]) => JSON.parse(readFileSync(at(...names), 'utf8'));

/** What an analysis measured, without the machine it ran on and the command that made it. */
const measured = (...names: string[]) => ({ ...json(...names, 'analysis.json'), environment: null });

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
  const { code, output } = await motorloop(['analyse', 'again', '--json', 'again.json'], folder.path);
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
});

test('a single run is measured in its own directory', async () => {
  cpSync(at('made', 'GRU-5', 'seed-0'), at('alone'), { recursive: true });
  const { code, output } = await motorloop(['analyse', 'alone'], folder.path);
  assert.is(code, 0);
  assert.match(output, 'tiny, 1 run, into alone');
  const [run] = measured('alone').runs;
  assert.equal({ ...run }, measured('made').runs[0]);
  assert.ok(existsSync(at('alone', 'arrays', 'scree.npy')));
  assert.not.ok(existsSync(at('alone', 'GRU-5')));
});

test('a zip is unpacked beside itself and measured there', async () => {
  writeFileSync(at('kept.zip'), packZip(filesBelow(at('made')), 'tiny'));
  assert.is((await motorloop(['analyse', 'kept.zip', '--quiet'], folder.path)).code, 0);
  assert.equal(measured('kept'), measured('made'));
  const again = await motorloop(['analyse', 'kept.zip'], folder.path);
  assert.is(again.code, 2);
  assert.match(again.errors, 'kept: expected a new or empty directory, got one that holds something; name another one with --out');
  assert.is((await motorloop(['analyse', 'kept.zip', '--out', 'elsewhere'], folder.path)).code, 0);
  assert.equal(measured('elsewhere'), measured('made'));
});

test('with --out a directory stays as it is', async () => {
  const before = filesBelow(at('made')).map(([path]) => path);
  assert.is((await motorloop(['analyse', 'made', '--out', 'beside', '--quiet'], folder.path)).code, 0);
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
  assert.is((await motorloop(['analyse', 'sine', '--task-module', 'sine.mjs', '--quiet'], folder.path)).code, 0);
  assert.equal(measured('sine'), before);
});

test.run();
