// Tests the command line as a whole: help, run with its result file and directory, resume, quiet, interruption, devices.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { motorloop, program, tinyExperiment, workFolder } from './cli.js';

const commands = ['run', 'preview', 'check', 'bench', 'devices'];

test('--help lists the commands, and every command explains itself with --json and --quiet', async () => {
  const folder = workFolder();
  try {
    const all = await motorloop(['--help'], folder.path);
    assert.is(all.code, 0);
    for (const name of commands) assert.match(all.output, new RegExp(`^ {2}${name}\\b`, 'm'));
    for (const name of commands.filter((command) => command !== 'bench')) {
      const { code, output } = await motorloop([name, '--help'], folder.path);
      assert.is(code, 0, name);
      assert.match(output, '--json');
      assert.match(output, '--quiet');
    }
    const bench = await motorloop(['bench', 'train-step', '--help'], folder.path);
    assert.is(bench.code, 0);
    assert.match(bench.output, '--json');
    assert.is((await motorloop(['--version'], folder.path)).output, `${JSON.parse(readFileSync('package.json', 'utf8')).version}\n`);
  } finally {
    folder.remove();
  }
});

test('without arguments the program shows its help and exits with 2', async () => {
  const folder = workFolder();
  try {
    const { code, errors } = await motorloop([], folder.path);
    assert.is(code, 2);
    assert.match(errors, 'Usage: motorloop');
  } finally {
    folder.remove();
  }
});

test('run trains every model, writes the directory, prints the table and the report, and says so in JSON', async () => {
  const folder = workFolder({ 'experiment.yaml': tinyExperiment() });
  try {
    const { code, output, errors } = await motorloop(['run', 'experiment.yaml', '--out', 'out', '--json', 'result.json', '--epochs', '3'], folder.path);
    assert.is(code, 0, errors);
    const files = folder.list();
    for (const file of [
      'experiment.json',
      'analysis.json',
      'report.html',
      'GRU-5/seed-0/manifest.json',
      'GRU-5/seed-0/metrics.jsonl',
      'NODE-3/seed-0/checkpoints/last.safetensors',
    ]) {
      assert.ok(files.includes(join('out', file)), file);
    }
    assert.match(output, /GRU-5 +0 /);
    assert.match(output, join(folder.path, 'out/report.html'));
    const result = JSON.parse(readFileSync(join(folder.path, 'result.json'), 'utf8'));
    assert.equal(
      result.runs.map((run: { model: string; epochs: number; status: string }) => [run.model, run.epochs, run.status]),
      [
        ['GRU-5', 3, 'complete'],
        ['NODE-3', 3, 'complete'],
      ],
    );
    assert.ok(result.runs.every((run: { validationLoss: number }) => run.validationLoss > 0));
    assert.is(result.backend.name, 'wasm');
  } finally {
    folder.remove();
  }
});

test('a resumed run with more epochs ends with the checkpoint of one long run', async () => {
  const folder = workFolder({ 'experiment.yaml': tinyExperiment({ models: [{ cell: 'gru', hiddenSize: 5 }] }) });
  const runWith = async (...args: string[]) => assert.is((await motorloop(['run', 'experiment.yaml', '--quiet', ...args], folder.path)).code, 0);
  try {
    await runWith('--out', 'long', '--epochs', '4');
    await runWith('--out', 'parts', '--epochs', '2');
    await runWith('--out', 'parts', '--epochs', '4', '--resume', '--threads', '1');
    const checkpoint = (out: string) => readFileSync(join(folder.path, out, 'GRU-5/seed-0/checkpoints/last.safetensors'));
    assert.ok(checkpoint('long').equals(checkpoint('parts')));
  } finally {
    folder.remove();
  }
});

test('--quiet prints nothing, and NO_COLOR and a pipe keep escape codes out', async () => {
  const folder = workFolder({ 'experiment.yaml': tinyExperiment() });
  try {
    assert.equal(await motorloop(['run', 'experiment.yaml', '--out', 'quiet', '--quiet'], folder.path), { code: 0, output: '', errors: '' });
    const { output, errors } = await motorloop(['run', 'experiment.yaml', '--out', 'plain'], folder.path);
    assert.not.ok((output + errors).includes('\x1b') || (output + errors).includes('\r'));
  } finally {
    folder.remove();
  }
});

test('a seed of its own gives another network, a model option is reached by name', async () => {
  const folder = workFolder({ 'experiment.yaml': tinyExperiment() });
  try {
    const { code, errors } = await motorloop(
      ['run', 'experiment.yaml', '--out', 'out', '--quiet', '--seed', '7', '--set', 'models.GRU-5.hiddenSize=4', '--json', 'result.json'],
      folder.path,
    );
    assert.is(code, 0, errors);
    const { runs } = JSON.parse(readFileSync(join(folder.path, 'result.json'), 'utf8'));
    assert.equal(
      runs.map((run: { path: string }) => run.path),
      ['GRU-4/seed-7', 'NODE-3/seed-7'],
    );
  } finally {
    folder.remove();
  }
});

test('Ctrl-C ends a run with a checkpoint to go on from, and a closed pipe does not end it', async () => {
  const folder = workFolder({ 'experiment.yaml': tinyExperiment({ training: { epochs: 100_000, batchSize: 8 }, models: [{ cell: 'gru', hiddenSize: 5 }] }) });
  try {
    const child = spawn(process.execPath, [program, 'run', 'experiment.yaml', '--out', 'out'], { cwd: folder.path, stdio: ['ignore', 'pipe', 'pipe'] });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    child.stdout.once('data', () => child.stdout.destroy());
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    while (!folder.list().includes(join('out', 'GRU-5/seed-0/checkpoints/last.safetensors'))) await new Promise((resolve) => setTimeout(resolve, 50));
    child.kill('SIGINT');
    assert.is(await ended, 130);
    assert.match(errors, '--out out --resume');
    assert.is(JSON.parse(readFileSync(join(folder.path, 'out/GRU-5/seed-0/manifest.json'), 'utf8')).status, 'aborted');
  } finally {
    folder.remove();
  }
});

test('devices names the backends, their variants and the outcome of the self-check', async () => {
  const folder = workFolder();
  try {
    const { code, output, errors } = await motorloop(['devices', '--json', 'devices.json'], folder.path);
    assert.is(code, 0, errors);
    assert.match(output, /^wasm: /m);
    assert.match(output, /^reference: /m);
    const { backends, auto } = JSON.parse(readFileSync(join(folder.path, 'devices.json'), 'utf8'));
    const wasm = backends.find((backend: { name: string }) => backend.name === 'wasm');
    assert.ok(wasm.checks.length > 0 && wasm.checks.every((check: { ok: boolean }) => check.ok));
    assert.is(auto.name, 'wasm');
  } finally {
    folder.remove();
  }
});

test('motorloop without dist/ says how to build it', async () => {
  const folder = workFolder({ 'package.json': { type: 'module' }, 'bin/motorloop.js': readFileSync(program) });
  try {
    const child = spawn(process.execPath, ['bin/motorloop.js', '--help'], { cwd: folder.path });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    assert.is(await new Promise((resolve) => child.on('close', resolve)), 1);
    assert.match(errors, 'run npm run build first');
  } finally {
    folder.remove();
  }
});

test.run();
