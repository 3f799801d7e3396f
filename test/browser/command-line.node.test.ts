// The command line's `--in chromium`: the same files, results and exit codes as in Node. Needs Node: it starts the built program.
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type MetricsRow, parseMetrics } from '../../src/runs/metrics.js';
import { motorloop, program, workFolder } from '../cli/cli.js';
import { chromiumOrSkip } from '../support/chromium.js';

const test = suite('--in chromium');
const browser = await chromiumOrSkip(test, 'the command line in chromium');
await browser?.close();

const models = [{ cell: 'gru', hiddenSize: 16 }];
const experiments = {
  flipflop: { name: 'flipflop', task: { name: 'flipflop', steps: 50 }, data: { trials: 64 }, training: { epochs: 4, batchSize: 32 }, models },
  reach: { name: 'reach', task: { name: 'random-target', steps: 50 }, data: { trials: 64 }, training: { epochs: 4, batchSize: 32 }, models },
};
const folder = workFolder({ 'flipflop.json': experiments.flipflop, 'reach.json': experiments.reach });
test.after(() => folder.remove());

/** Runs the command line in the folder; fails with what it printed unless it ends with `code`. */
async function run(args: readonly string[], code = 0, env: Record<string, string> = {}): Promise<string> {
  const result = await motorloop(args, folder.path, env);
  assert.is(result.code, code, `${args.join(' ')}\n${result.output}\n${result.errors}`);
  return result.output + result.errors;
}

const bytes = (path: string) => readFileSync(join(folder.path, path));
const json = (path: string) => JSON.parse(bytes(path).toString());
const last = 'GRU-16/seed-0/checkpoints/last.safetensors';

/** Processes in which browsers below a process talk to the GPU (Linux). */
function gpuProcesses(ancestor: number): number[] {
  const parents = new Map<number, number>();
  const found: number[] = [];
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const [, parent] = /^\d+ \(.*\) \w (\d+)/s.exec(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? [];
      parents.set(Number(name), Number(parent));
      if (readFileSync(`/proc/${name}/cmdline`, 'utf8').includes('--type=gpu-process')) found.push(Number(name));
    } catch {
      // it ended meanwhile
    }
  }
  const below = (pid: number): boolean => pid === ancestor || (parents.has(pid) && below(parents.get(pid) as number));
  return found.filter(below);
}

if (browser) {
  test('a flip-flop network trains to the same bytes as in Node, on any number of threads', async () => {
    await run(['run', 'flipflop.json', '--out', 'node', '--threads', '1']);
    const said = await run(['run', 'flipflop.json', '--out', 'chromium', '--threads', '2', '--in', 'chromium', '--json', 'result.json']);
    assert.match(said, 'backend wasm, simd: 2 threads as asked for');
    for (const file of [last, last.replace('last', 'best'), 'experiment.json', 'GRU-16/seed-0/arrays/latents_pca.npy'])
      assert.ok(bytes(`node/${file}`).equals(bytes(`chromium/${file}`)), file);
    const losses = (out: string) =>
      bytes(`${out}/GRU-16/seed-0/metrics.jsonl`)
        .toString()
        .replace(/"seconds":[^,}]+/g, '');
    assert.is(losses('node'), losses('chromium'));
    assert.ok(bytes('chromium/report.html').length > 10_000);
    const manifest = json('chromium/GRU-16/seed-0/manifest.json');
    assert.match(manifest.host.runtime, /^chromium \d+/);
    assert.is(manifest.status, 'complete');
    const { runs, report, directory } = json('result.json');
    assert.is(runs[0].epochs, 4);
    assert.is(report, join(directory, 'report.html'));
  });

  test('on WebGPU the same network repeats itself to the byte, and its losses stay within 1e-3 of those in WebAssembly', async () => {
    await run(['run', 'flipflop.json', '--out', 'gpu', '--backend', 'webgpu', '--in', 'chromium']);
    await run(['run', 'flipflop.json', '--out', 'again', '--backend', 'webgpu', '--in', 'chromium']);
    assert.ok(bytes(`gpu/${last}`).equals(bytes(`again/${last}`)));
    const rows = (out: string) => parseMetrics(bytes(`${out}/GRU-16/seed-0/metrics.jsonl`).toString(), out);
    const expected = rows('node');
    assert.is(expected.length, 4);
    for (const [i, { trainLoss, validationLoss }] of rows('gpu').entries()) {
      const { trainLoss: train, validationLoss: validation } = expected[i] as MetricsRow;
      for (const [got, wanted] of [
        [trainLoss, train],
        [validationLoss, validation],
      ] as [number, number][])
        assert.ok(Math.abs(got - wanted) <= 1e-3 * Math.abs(wanted), `epoch ${i + 1}: ${got} instead of ${wanted}`);
    }
  });

  test('a reaching network stopped in Node goes on in Chromium and ends as one that never stopped', async () => {
    await run(['run', 'reach.json', '--out', 'whole', '--threads', '1']);
    await run(['run', 'reach.json', '--out', 'moved', '--threads', '1', '--epochs', '2']);
    await run(['run', 'reach.json', '--out', 'moved', '--threads', '1', '--resume', '--in', 'chromium']);
    assert.ok(bytes(`whole/${last}`).equals(bytes(`moved/${last}`)));
    assert.is(json('moved/GRU-16/seed-0/manifest.json').resumes.length, 1);
  });

  test('Ctrl-C stops a run between two steps, closes the browser, and what is there can be resumed', async () => {
    const args = ['run', 'flipflop.json', '--epochs', '100000', '--threads', '1', '--in', 'chromium', '--out', 'stopped'];
    const child = spawn(process.execPath, [program, ...args], { cwd: folder.path, stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    while (!folder.list().includes(join('stopped', last)) && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 50));
    child.kill('SIGINT');
    assert.is(await ended, 130, errors);
    assert.match(errors, '--in chromium --epochs 100000 --out stopped --resume');
    assert.is(json('stopped/GRU-16/seed-0/manifest.json').status, 'aborted');
  });

  test('a killed GPU process stops the run with a message, its last checkpoint stays, and another backend takes it up', async () => {
    const args = ['run', 'flipflop.json', '--epochs', '60', '--backend', 'webgpu', '--in', 'chromium', '--out', 'killed'];
    const child = spawn(process.execPath, [program, ...args], { cwd: folder.path, stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    while (!folder.list().includes(join('killed', last)) && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 50));
    for (const pid of gpuProcesses(child.pid as number)) process.kill(pid, 'SIGKILL');
    assert.is(await ended, 1, errors);
    assert.match(errors, /device was lost[\s\S]*--resume/);
    assert.is(json('killed/GRU-16/seed-0/manifest.json').status, 'failed');
    await run(['run', 'flipflop.json', '--epochs', '60', '--backend', 'wasm', '--out', 'killed', '--resume']);
    const manifest = json('killed/GRU-16/seed-0/manifest.json');
    assert.is(manifest.status, 'complete');
    assert.is(parseMetrics(bytes('killed/GRU-16/seed-0/metrics.jsonl').toString(), 'killed').length, 60);
    assert.is(manifest.resumes[0].backend.split(' ')[0], 'wasm');
  });

  test('check, bench and devices give what they give in Node', async () => {
    mkdirSync(join(folder.path, 'golden'));
    copyFileSync('test/golden/losses.safetensors', join(folder.path, 'golden/losses.safetensors'));
    await run(['check', 'golden', '--backend', 'wasm', '--json', 'here.json']);
    await run(['check', 'golden', '--backend', 'wasm', '--in', 'chromium', '--json', 'there.json']);
    assert.equal(json('there.json'), json('here.json'));

    const bench = 'bench train-step --hidden 8 --batch 4 --steps 8 --repeats 1 --threads 1 --variant simd --backend wasm --in chromium --json bench.json';
    assert.match(await run(bench.split(' ')), /flipflop, gru-8, 4 × 8 +wasm +simd +1/);
    const { machine, rows } = json('bench.json');
    assert.match(machine.engine, /^chromium/);
    assert.ok(rows[0].checked && rows[0].medianSeconds > 0);

    const suiteOf = 'bench suite --quick --seconds 60 --backend wasm --group optimiser --in chromium --html suite.html --json suite.json';
    assert.match(await run(suiteOf.split(' ')), /Loss and optimiser: wasm .* is fastest/);
    const measured = json('suite.json');
    assert.match(measured.machine.runtime, /^chromium/);
    assert.ok(measured.rows.some(({ group, checked }: { group: string; checked: boolean }) => group === 'optimiser' && checked));
    assert.match(bytes('suite.html').toString(), 'What is fastest here');
  });

  test('mistakes end with exit code 2 and the messages of Node', async () => {
    assert.match(
      await run(['run', 'flipflop.json', '--backend', 'abacus', '--in', 'chromium', '--out', 'none'], 2),
      /--backend: expected a backend among .*"abacus"/,
    );
    assert.not.ok(folder.list().includes('none'));
    assert.match(await run(['run', 'flipflop.json', '--in', 'chromium', '--out', 'node'], 2), /expected a new or empty output directory/);
  });
}

test('a browser that is not there is named, with what to do', async () => {
  const said = await run(['devices', '--in', 'chromium'], 2, { CHROMIUM_PATH: '/nowhere/chromium' });
  assert.match(said, 'CHROMIUM_PATH: expected the program of a Chromium browser, got /nowhere/chromium');
  assert.match(await run(['devices', '--in', 'netscape'], 2), 'expected node or chromium, got "netscape"');
});

test.run();
