// Motorloop against its peers: alternating runs in separate processes, the best of several rounds of each, written to bench/results/.
// Usage, from the root of a built clone on a quiet machine: node --import tsx bench/compare.ts [--rounds 3] [--only gru-800,reach-32,…] [--blas DIR] [--out FILE]
//   --most N        more rounds, at most N of them, until everyone who runs in every round has come within 3% of its best time twice
//   --above N       wait, before every run of anyone, until all cores together reach N GFLOP/s in strict SIMD, ten minutes at most: for machines with slow phases
//   --blas DIR      folder of an optimised libblas.so.3 for PyTorch, where the system's is the slow reference BLAS
//   --motornet DIR  a checkout of MotorNet, which is then timed beside torch_reach.py
//   --quick         two rounds of small batches: a first look in a few minutes
// A peer that is not installed is named and left out.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { createWasmBackend } from '../src/backends/wasm/index.js';
import { measureCeiling } from '../src/jobs/bench/ceiling.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const execute = promisify(execFile);
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    most: { type: 'string' },
    above: { type: 'string' },
    only: { type: 'string' },
    blas: { type: 'string' },
    out: { type: 'string' },
    python: { type: 'string', default: 'python3' },
    motornet: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
});

/** Options of a command line, in order. */
type Flags = Readonly<Record<string, string | number>>;

/** A peer besides PyTorch, or another task of ours, that is reported beside the others. */
interface Also {
  readonly contender: string;
  readonly run: (folder: string) => Promise<Row[]>;
}

/** Something that everyone runs. */
interface Scenario {
  readonly name: string;
  /** Our benchmark and its options. */
  readonly bench: 'train-step' | 'physics';
  readonly ours: Flags;
  /** The PyTorch script and its options. */
  readonly script: string;
  readonly theirs: Flags;
  readonly batch: number;
  readonly steps: number;
  /** Timed in every round, and in the first one only. */
  readonly always?: readonly Also[];
  readonly once?: readonly Also[];
}

interface Row {
  readonly variant?: string;
  readonly threads: number;
  readonly minSeconds: number;
  readonly medianSeconds: number;
}

const above = Number(options.above ?? 0);
const probe = above > 0 ? await createWasmBackend({ variant: 'simd', threads: availableParallelism() }) : null;

/** Returns once the machine is as fast as `--above` says, or after ten minutes. */
async function quiet(): Promise<void> {
  if (!probe) return;
  const until = performance.now() + 600_000;
  let best = 0;
  while (performance.now() < until) {
    const now = (await measureCeiling(probe, 1, 10))?.gflops ?? 0; // over a quarter of a second
    if (now >= above) return;
    best = Math.max(best, now);
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
  console.log(`  after ten minutes at ${best.toFixed(0)} GFLOP/s or less, below the ${above} of --above: measured all the same`);
}

async function run(command: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<string> {
  await quiet();
  const { stdout } = await execute(command, [...args], { cwd: root, env: { ...process.env, ...environment }, maxBuffer: 1 << 24 });
  return stdout;
}

const flags = (given: Flags): string[] => Object.entries(given).flatMap(([name, value]) => [`--${name}`, `${value}`]);

/** Rows of one of our benchmarks: both variants, on one thread and on all. */
async function motorloop(bench: string, given: Flags, folder: string): Promise<Row[]> {
  const file = join(folder, 'motorloop.json');
  await run(process.execPath, ['bin/motorloop.js', 'bench', bench, ...flags(given), '--json', file, '--quiet']);
  return (JSON.parse(await readFile(file, 'utf8')) as { rows: Row[] }).rows;
}

/** The line of JSON that a script of a peer ends with. */
const lastLine = (output: string): Row => JSON.parse(output.trim().split('\n').at(-1) as string) as Row;

async function torch(script: string, given: Flags, threads: number): Promise<Row> {
  const library: Record<string, string> = options.blas ? { LD_LIBRARY_PATH: options.blas } : {};
  return lastLine(await run(options.python, [`bench/peers/${script}`, ...flags({ ...given, threads })], library));
}

/** Why a peer did not run, once for each. */
const missing = new Map<string, string>();

/** What a peer says, or nothing where it is not installed. */
async function attempt<T>(contender: string, ask: () => Promise<T[]>): Promise<T[]> {
  if (missing.has(contender)) return [];
  try {
    return await ask();
  } catch (error) {
    const { stderr = '', message } = error as { stderr?: string; message: string };
    // the line that says what is wrong, of a Python traceback or of Node's report
    const lines = stderr.split('\n').filter((line) => line.trim() !== '');
    missing.set(contender, lines.find((line) => /Error/.test(line))?.trim() ?? lines.at(-1) ?? message);
    console.log(`  ${contender} is left out: ${missing.get(contender)}`);
    return [];
  }
}

/** A training step on the flip-flop. */
function flipflop(name: string, model: string, batch: number, repeats: number, once: Scenario['once'] = []): Scenario {
  const size = { model, batch, steps: 100, repeats };
  const peers = [...once, ...(model === 'gru' || model === 'lstm' || model === 'node' ? [jax({ model, batch, steps: 100, repeats })] : [])];
  return { name, bench: 'train-step', ours: size, script: 'torch_step.py', theirs: size, batch, steps: 100, once: peers };
}

/** A training step of a GRU that moves the arm. */
function reach(name: string, hidden: number, batch: number, steps: number, repeats: number, always: Scenario['always'] = []): Scenario {
  const size = { hidden, batch, steps, repeats };
  return {
    name,
    bench: 'train-step',
    ours: { task: 'reach', ...size },
    script: 'torch_reach.py',
    theirs: size,
    batch,
    steps,
    always: [...always, ...motornet(size)],
  };
}

/** The arm alone, forward. */
function physics(batch: number): Scenario {
  const size = { batch, steps: 100 };
  const body = { effector: 'RigidTendonArm26', muscle: 'MujocoHillMuscle', integration: 'euler' };
  const theirs = { mode: 'physics', ...size, repeats: 8 };
  return {
    name: `physics-${batch}`,
    bench: 'physics',
    ours: { ...body, ...size, repeats: 40 },
    script: 'torch_reach.py',
    theirs,
    ...size,
    always: motornet(theirs),
  };
}

const nnGru: Also = {
  contender: 'torch nn-gru',
  run: async () => [await torch('torch_step.py', { model: 'nn-gru', batch: 800, steps: 100, repeats: 4 }, 1)],
};
/** A peer in JavaScript: a script and its options. */
const script = (contender: string, file: string, given: Flags): Also => ({
  contender,
  run: async () => [lastLine(await run(process.execPath, [`bench/peers/${file}`, ...flags(given)]))],
});
const small = { batch: 32, steps: 100 };
const jaxJs = script('jax-js', 'jax_js_step.mjs', { ...small, repeats: 10 });
const tfjsWasm = script('tfjs-wasm', 'tfjs_step.mjs', { ...small, backend: 'wasm', repeats: 5 });
const tfjsWasmThreads = script('tfjs-wasm', 'tfjs_step.mjs', { ...small, backend: 'wasm', threads: availableParallelism(), repeats: 5 });
const tfjsWebgpu = script('tfjs-webgpu', 'tfjs_step.mjs', { ...small, backend: 'webgpu', repeats: 5 });
const brainJs = script('brain.js', 'brain_js_step.mjs', { ...small, repeats: 1 });
/** JAX under Python, on all cores. */
const jax = (given: Flags): Also => ({
  contender: 'jax',
  run: async () => [lastLine(await run(options.python, ['bench/peers/jax_scan.py', ...flags(given)]))],
});
/** MotorNet itself, where a checkout was named. */
const motornet = (given: Flags): Also[] =>
  options.motornet === undefined
    ? []
    : [{ contender: 'motornet', run: async () => [await torch('motornet_step.py', { checkout: options.motornet as string, ...given }, 1)] }];
/** The same network without a body: what senses, delays, noise and physics cost. */
const decoupled: Also = {
  contender: 'decoupled',
  run: (folder) => motorloop('train-step', { task: 'decoupled-reach', hidden: 128, batch: 256, steps: 100, repeats: 8 }, folder),
};

/** Alternations, and what is compared where nothing is said. */
const rounds = options.quick ? 2 : Number(options.rounds);
const mostRounds = Math.max(rounds, Number(options.most ?? 0));
const quickScenarios = ['gru-32', 'reach-32', 'physics-256'];

const scenarios: readonly Scenario[] = [
  flipflop('gru-800', 'gru', 800, 4, [nnGru]),
  flipflop('lstm-800', 'lstm', 800, 4),
  flipflop('node-800', 'node', 800, 15),
  flipflop('gru-32', 'gru', 32, 40, [jaxJs, tfjsWasm, tfjsWasmThreads, tfjsWebgpu, brainJs]),
  reach('reach-32', 128, 32, 100, 10),
  reach('reach-256', 128, 256, 100, 6, [decoupled]),
  reach('reach-1000', 128, 1000, 100, 3),
  reach('reach-gru256', 256, 128, 200, 4),
  physics(256),
  physics(1024),
];

/** Seconds a step of one contender, one entry a round. */
interface Result {
  readonly contender: string;
  readonly minSeconds: number[];
  readonly medianSeconds: number[];
  readonly details: Row[];
}

function add(results: Map<string, Result>, contender: string, row: Row): void {
  const result = results.get(contender) ?? { contender, minSeconds: [], medianSeconds: [], details: [] };
  result.minSeconds.push(row.minSeconds);
  result.medianSeconds.push(row.medianSeconds);
  result.details.push({ ...row });
  results.set(contender, result);
}

const nameOf = (contender: string, { variant, threads }: Row): string => [contender, ...(variant ? [variant] : []), `×${threads}`].join(' ');

/** One round: every contender once, one after another; peers that are reported beside the others in the first round only. */
async function round(scenario: Scenario, first: boolean, folder: string, results: Map<string, Result>): Promise<void> {
  const { bench, ours, script, theirs, always = [], once = [] } = scenario;
  for (const row of await motorloop(bench, ours, folder)) add(results, nameOf('motorloop', row), row);
  // Two threads were slower than one wherever we measured, so once is enough; the better of the two counts.
  for (const threads of first ? [1, 2] : [1]) {
    for (const row of await attempt('torch', async () => [await torch(script, theirs, threads)])) add(results, `torch ×${threads}`, row);
  }
  for (const { contender, run } of [...always, ...(first ? once : [])]) {
    for (const row of await attempt(contender, () => run(folder))) add(results, nameOf(contender, row), row);
  }
}

const best = (results: Map<string, Result>, contender: string): number => Math.min(...(results.get(contender)?.minSeconds ?? [Number.NaN]));

/** Contenders of every round whose best time stands alone: a slow phase of the machine may hide a better one. */
function unsettled(results: Map<string, Result>): string[] {
  const often = [...results.values()].filter(({ minSeconds }) => minSeconds.length > 1);
  return often.flatMap(({ contender, minSeconds }) => {
    const [first, second] = [...minSeconds].sort((a, b) => a - b) as [number, number];
    return second > 1.03 * first ? [contender] : [];
  });
}

/** How many times as fast the variants are as the peers, best against best; of a peer on several numbers of threads the fastest counts. */
function ratios(results: Map<string, Result>): Record<string, number> {
  const all = availableParallelism();
  const peers = [...new Set([...results.keys()].map((contender) => contender.replace(/ ×\d+$/, '')))].filter((peer) => !/^(motorloop|decoupled)/.test(peer));
  const fastest = (peer: string) => Math.min(...[...results.keys()].filter((name) => name.replace(/ ×\d+$/, '') === peer).map((name) => best(results, name)));
  const found: Record<string, number> = {};
  for (const variant of ['simd', 'relaxed']) {
    const name = `${variant} ×${all}`;
    const ours = best(results, `motorloop ${name}`);
    for (const peer of peers) found[`${name} against ${peer}`] = fastest(peer) / ours;
    found[`${name} against ×1`] = best(results, `motorloop ${variant} ×1`) / ours;
    if (results.has(`decoupled ${name}`)) found[`${name} over decoupled`] = ours / best(results, `decoupled ${name}`);
  }
  return found;
}

/** Rounds of one scenario, printed. */
async function compare(scenario: Scenario, folder: string): Promise<Record<string, unknown>> {
  const { name, batch, steps, ours, theirs } = scenario;
  const results = new Map<string, Result>();
  let run = 0;
  while (run < rounds || (run < mostRounds && unsettled(results).length > 0)) await round(scenario, run++ === 0, folder, results);
  const found = ratios(results);
  const open = unsettled(results);
  console.log(`\n${name}, ${batch} × ${steps}, ${run} rounds${open.length > 0 ? `; best time seen once only: ${open.join(', ')}` : ''}`);
  for (const { contender } of results.values()) {
    const seconds = best(results, contender);
    const speed = `${Math.round((batch * steps) / seconds / 1000)}k trial steps/s`;
    console.log(`  ${contender.padEnd(24)} ${(1000 * seconds).toFixed(1).padStart(8)} ms  ${speed.padStart(22)}`);
  }
  for (const [ratio, value] of Object.entries(found)) console.log(`  ${ratio.padEnd(32)} ${value.toFixed(2)}`);
  return {
    scenario: name,
    batchSize: batch,
    steps,
    options: ours,
    peerOptions: theirs,
    ratios: found,
    rounds: run,
    unsettled: open,
    results: [...results.values()],
  };
}

const folder = await mkdtemp(join(tmpdir(), 'motorloop-compare-'));
try {
  const wanted = options.only?.split(',') ?? (options.quick ? quickScenarios : undefined);
  const unknown = wanted?.filter((name) => !scenarios.some((scenario) => scenario.name === name)) ?? [];
  if (unknown.length > 0) throw new Error(`compare: expected --only among ${scenarios.map(({ name }) => name).join(', ')}, got ${unknown.join(', ')}`);
  const comparison = [];
  for (const scenario of scenarios.filter(({ name }) => wanted?.includes(name) ?? true)) comparison.push(await compare(scenario, folder));
  const machineFile = join(folder, 'kernels.json');
  const kernels = ['--kernel', 'rollout_forward', '--kernel', 'rollout_backward'];
  await run(process.execPath, ['bin/motorloop.js', 'bench', 'kernels', ...kernels, '--json', machineFile, '--quiet']);
  const { machine, ceiling, rows } = JSON.parse(await readFile(machineFile, 'utf8')) as Record<string, unknown>;
  const out = options.out ?? join(root, 'bench', 'results', `compare-${new Date().toISOString().slice(0, 10)}.json`);
  const blas = options.blas ? 'given by --blas' : "the system's";
  await writeFile(out, `${JSON.stringify({ machine, blas, missing: Object.fromEntries(missing), comparison, ceiling, kernels: rows }, null, 1)}\n`);
  console.log(`\nwritten to ${out}`);
} finally {
  await probe?.dispose();
  await rm(folder, { recursive: true, force: true });
}
