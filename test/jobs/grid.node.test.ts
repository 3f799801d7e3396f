// Grids on the command line: killed at random moments and started again they end like undisturbed ones; what is complete stays; a failed network is named.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { randomKey, uniformAt } from '../../src/random.js';
import { motorloop, program, tinyExperiment, workFolder } from '../cli/cli.js';

const grid = tinyExperiment({
  name: 'tiny-grid',
  training: { epochs: 4, batchSize: 4, checkpointEpochs: [2] },
  models: [{ cell: 'gru', hiddenSize: 4 }],
  tests: [{ task: { noise: 0 } }],
  seeds: [0, 1],
  grid: { 'task.noise': [0.1, 0.3] },
});

/** Digests of all checkpoints below a folder. */
function checkpoints(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.safetensors'))
    .sort();
  return Object.fromEntries(
    names.map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ]),
  );
}

/** Starts a grid and kills its process once it has written a number of files that hangs on `share`. */
function startAndKill(args: readonly string[], folder: string, share: number): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [program, ...args], { cwd: folder, stdio: 'ignore' });
    const before = count(folder);
    const poll = setInterval(() => {
      if (count(folder) < before + 3 + share * 12) return;
      child.kill('SIGKILL');
    }, 5);
    child.on('close', () => {
      clearInterval(poll);
      resolve();
    });
  });
}

const count = (folder: string) => readdirSync(folder, { recursive: true }).length;

test('a grid killed at random and started again ends with the checkpoints of an undisturbed one; complete networks are left alone', async () => {
  const folder = workFolder({ 'grid.json': grid });
  try {
    const whole = await motorloop(['run', 'grid.json', '--out', 'whole', '--workers', '1'], folder.path);
    assert.is(whole.code, 0, whole.errors);
    const expected = checkpoints(join(folder.path, 'whole'));
    assert.is(Object.keys(expected).length, 4 * 3);
    const key = randomKey(7, 'kills');
    for (const [kill, workers] of ['2', '1'].entries())
      await startAndKill(['run', 'grid.json', '--out', 'killed', '--workers', workers], folder.path, uniformAt(key, 0, kill));
    const rest = await motorloop(['run', 'grid.json', '--out', 'killed', '--workers', '1', '--json', 'result.json'], folder.path);
    assert.is(rest.code, 0, rest.errors);
    assert.equal(checkpoints(join(folder.path, 'killed')), expected);

    const result = JSON.parse(readFileSync(join(folder.path, 'result.json'), 'utf8'));
    const losses = result.runs.map(({ validationLoss }: { validationLoss: number }) => validationLoss);
    assert.equal(
      losses,
      [...losses].sort((a, b) => a - b),
    );
    assert.is(result.runs[0].tests[0].name, 'noise-0');
    const table = readFileSync(join(folder.path, 'killed/table.csv'), 'utf8').trim().split('\n');
    assert.is(table.length, 5);
    assert.match(table[0] as string, /^task\.noise,model,seed,.*test noise-0: bitAccuracy/);
    assert.match(readFileSync(join(folder.path, 'killed/report.html'), 'utf8'), /<h1>tiny-grid<\/h1>/);

    const manifest = join(folder.path, 'killed/noise-0.3/GRU-4/seed-1/manifest.json');
    const time = statSync(manifest).mtimeMs;
    const again = await motorloop(['run', 'grid.json', '--out', 'killed'], folder.path);
    assert.is(again.code, 0, again.errors);
    assert.match(again.output, /4 networks, 4 of them complete already/);
    assert.is(statSync(manifest).mtimeMs, time);

    const other = await motorloop(['run', 'grid.json', '--out', 'killed', '--set', 'training.batchSize=5'], folder.path);
    assert.is(other.code, 2);
    assert.match(other.errors, /noise-0\.1: expected the experiment that this directory holds, got another one: .*training\.batchSize was 4, now 5/);
  } finally {
    folder.remove();
  }
});

test('a network that fails is named and does not stop the others', async () => {
  const failing = { ...grid, seeds: [0], training: { epochs: 1, clip: null, optimizer: { name: 'sgd' } }, grid: { 'training.learningRate': [0.01, 1e30] } };
  const folder = workFolder({ 'grid.json': failing });
  try {
    const { code, output, errors } = await motorloop(['run', 'grid.json', '--out', 'out', '--workers', '1'], folder.path);
    assert.is(code, 1);
    assert.match(errors, /failed: learningRate-1e\+30\/GRU-4\/seed-0: GRU-4\/seed-0: expected finite numbers at step/);
    assert.match(output, /0\.01 .*GRU-4/);
    assert.match(readFileSync(join(folder.path, 'out/report.html'), 'utf8'), /1 piece of work failed/);
  } finally {
    folder.remove();
  }
});

test.run();
