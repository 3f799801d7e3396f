// What run.sh of a bundle does: devices, check, the WebGPU tests, bench, and PyTorch where it is installed. Leaves JSON in results/ and ends with code 1 when something failed.
import { execFileSync, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const app = join(here, 'app');
const results = join(here, 'results');
const given = process.argv.slice(2);
const quick = given.includes('--quick');
const only = given.includes('--only') ? given[given.indexOf('--only') + 1].split(',') : null;
const motorloop = join(app, 'bin', 'motorloop.js');
/** A process that takes longer than this has hung. */
const limitMs = 900_000;

/** What training steps are timed: model, batch, steps. */
const steps = [
  { task: 'flipflop', peer: 'torch_step.py', steps: 500, batches: [800, 8192] },
  { task: 'reach', peer: 'torch_reach.py', steps: 300, batches: [256, 1024, 8192] },
].flatMap(({ batches, ...scenario }) =>
  quick ? [{ ...scenario, hidden: 16, batch: 8, steps: 20 }] : batches.map((batch) => ({ ...scenario, hidden: 128, batch })),
);

/** Runs a program; what it prints goes to the terminal and to results/NAME.log. */
function run(name, program, args, environment = {}) {
  console.log(`\n== ${name}`);
  const log = createWriteStream(join(results, `${name}.log`));
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: join(app, 'suites'), env: { ...process.env, ...environment }, timeout: limitMs });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data) => {
        output += data;
        log.write(data);
        process.stdout.write(data);
      });
    }
    child.on('error', (error) => resolve({ name, ok: false, output: error.message }));
    child.on('close', (code) => {
      log.end();
      resolve({ name, ok: code === 0, output });
    });
  });
}

const jobs = {
  devices: async () => [await run('devices', process.execPath, [motorloop, 'devices', '--json', join(results, 'devices.json')])],
  check: async () => [
    await run('check', process.execPath, [motorloop, 'check', join(app, 'test/golden'), '--backend', 'webgpu', '--json', join(results, 'check.json')]),
  ],
  tests: async () => {
    const list = JSON.parse(readFileSync(join(app, 'suites/tests.json'), 'utf8'));
    const done = [];
    for (const file of list) {
      const name = `test-${file.split('/').at(-1).replace('.test.js', '')}`;
      const { ok, output } = await run(name, process.execPath, ['scripts/test-file.js', file], { REQUIRE_BACKENDS: 'webgpu' });
      const last = output.trimEnd().split('\n').at(-1) ?? '';
      const result = last.startsWith('{') ? JSON.parse(last) : { passed: 0, failed: 1, skipped: [], problems: ['ended without a result'] };
      done.push({ name, file, ok: ok && result.failed === 0, ...result });
    }
    writeFileSync(join(results, 'tests.json'), JSON.stringify(done, null, 2));
    return done;
  },
  bench: async () => {
    const done = [];
    for (const { task, hidden, batch, steps: length } of steps) {
      const name = `bench-${task}-${batch}`;
      const options = ['--task', task, '--hidden', hidden, '--batch', batch, '--steps', length, '--repeats', quick ? 3 : 10].map(String);
      done.push(
        await run(name, process.execPath, [motorloop, 'bench', 'train-step', '--backend', 'webgpu', ...options, '--json', join(results, `${name}.json`)]),
      );
    }
    return done;
  },
  /** The same steps in PyTorch on the same GPU, where there is one. */
  peers: async () => {
    try {
      execFileSync('python3', ['-c', 'import torch; assert torch.cuda.is_available()'], { stdio: 'ignore' });
    } catch {
      console.log('\n== peers: no PyTorch with CUDA here');
      return [];
    }
    const done = [];
    for (const { task, peer, batch, steps: length } of steps) {
      for (const extra of [[], ['--compile'], ...(task === 'flipflop' ? [['--model', 'nn-gru']] : [])]) {
        const name = `torch-${task}-${batch}${extra.map((word) => word.replace('--model', '')).join('-')}`;
        const options = [join(app, 'bench/peers', peer), '--batch', batch, '--steps', length, '--repeats', quick ? 3 : 5, '--device', 'cuda', ...extra];
        const result = await run(name, 'python3', options.map(String));
        const line = result.output.split('\n').find((text) => text.startsWith('{'));
        if (line) writeFileSync(join(results, `${name}.json`), `${line}\n`);
        // A peer that fails, or takes too long to compile, is noted and fails nothing of ours.
        done.push({ ...result, peer: true });
      }
    }
    return done;
  },
};

mkdirSync(results, { recursive: true });
let gpu = null;
try {
  gpu = execFileSync('nvidia-smi', ['--query-gpu=name,driver_version,memory.total,clocks.max.sm', '--format=csv,noheader'], { encoding: 'utf8' }).trim();
} catch {
  // No NVIDIA tools here: devices.json names the adapter.
}
const outcomes = [];
for (const [name, job] of Object.entries(jobs)) if (only === null || only.includes(name)) outcomes.push(...(await job()));
const summary = {
  date: new Date().toISOString(),
  gpu,
  bundle: JSON.parse(readFileSync(join(here, 'bundle.json'), 'utf8')),
  quick,
  outcomes: outcomes.map(({ name, ok, peer = false }) => ({ name, ok, peer })),
};
writeFileSync(join(results, 'summary.json'), JSON.stringify(summary, null, 2));
console.log(
  `\n${outcomes.map(({ name, ok }) => `${ok ? 'ok    ' : 'FAILED'} ${name}`).join('\n')}\n\nresults: ${readdirSync(results)
    .filter((file) => file.endsWith('.json'))
    .join(', ')} in ${results}`,
);
if (outcomes.some(({ ok, peer }) => !ok && !peer)) process.exitCode = 1;
