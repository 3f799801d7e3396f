// Motorloop against its peers: alternating runs in separate processes, the best of several rounds of each, written to bench/results/.
// Usage, from the root of a built clone on a quiet machine: node --import tsx bench/compare.ts [--rounds 3] [--only gru-800,…] [--blas DIR] [--out FILE]
//   --blas DIR   folder of an optimised libblas.so.3 for PyTorch, where the system's is the slow reference BLAS
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const execute = promisify(execFile);
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
    blas: { type: 'string' },
    out: { type: 'string' },
    python: { type: 'string', default: 'python3' },
  },
});

/** One training step that everyone runs. */
interface Scenario {
  readonly name: string;
  readonly model: 'gru' | 'lstm' | 'node';
  readonly batch: number;
  readonly repeats: number;
  /** Peers besides PyTorch's cell call a step. */
  readonly also?: readonly ('nn-gru' | 'jax-js')[];
}

const scenarios: readonly Scenario[] = [
  { name: 'gru-800', model: 'gru', batch: 800, repeats: 4, also: ['nn-gru'] },
  { name: 'lstm-800', model: 'lstm', batch: 800, repeats: 4 },
  { name: 'node-800', model: 'node', batch: 800, repeats: 15 },
  { name: 'gru-32', model: 'gru', batch: 32, repeats: 40, also: ['jax-js'] },
];
const steps = 100;

/** Seconds a step of one contender, one entry a round. */
interface Result {
  readonly contender: string;
  readonly minSeconds: number[];
  readonly medianSeconds: number[];
  readonly details: Record<string, unknown>[];
}

async function run(command: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<string> {
  const { stdout } = await execute(command, [...args], { cwd: root, env: { ...process.env, ...environment }, maxBuffer: 1 << 24 });
  return stdout;
}

interface Row {
  readonly variant: string;
  readonly threads: number;
  readonly minSeconds: number;
  readonly medianSeconds: number;
}

/** Rows of `bench train-step`: both variants, on one thread and on all. */
async function motorloop({ model, batch, repeats }: Scenario, folder: string): Promise<Row[]> {
  const file = join(folder, 'motorloop.json');
  await run(process.execPath, [
    'bin/motorloop.js',
    'bench',
    'train-step',
    '--model',
    model,
    '--batch',
    `${batch}`,
    '--steps',
    `${steps}`,
    '--repeats',
    `${repeats}`,
    '--json',
    file,
    '--quiet',
  ]);
  return (JSON.parse(await readFile(file, 'utf8')) as { rows: Row[] }).rows;
}

async function torch(model: string, { batch, repeats }: Scenario, threads: number): Promise<Row> {
  const args = [
    'bench/peers/torch_step.py',
    '--model',
    model,
    '--batch',
    `${batch}`,
    '--steps',
    `${steps}`,
    '--repeats',
    `${repeats}`,
    '--threads',
    `${threads}`,
  ];
  return JSON.parse(await run(options.python, args, options.blas ? { LD_LIBRARY_PATH: options.blas } : {})) as Row;
}

async function jaxJs({ batch }: Scenario): Promise<Row> {
  return JSON.parse(await run(process.execPath, ['bench/peers/jax_js_step.mjs', '--batch', `${batch}`, '--steps', `${steps}`, '--repeats', '10'])) as Row;
}

function add(results: Map<string, Result>, contender: string, row: Row): void {
  const result = results.get(contender) ?? { contender, minSeconds: [], medianSeconds: [], details: [] };
  result.minSeconds.push(row.minSeconds);
  result.medianSeconds.push(row.medianSeconds);
  result.details.push({ ...row });
  results.set(contender, result);
}

/** One round: every contender once, one after another; peers that are reported beside the others in the first round only. */
async function round(scenario: Scenario, first: boolean, folder: string, results: Map<string, Result>): Promise<void> {
  for (const row of await motorloop(scenario, folder)) add(results, `motorloop ${row.variant} ×${row.threads}`, row);
  add(results, 'torch ×1', await torch(scenario.model, scenario, 1));
  if (!first) return;
  // Slower than one thread wherever we measured, so once is enough; the better of the two counts.
  add(results, 'torch ×2', await torch(scenario.model, scenario, 2));
  for (const peer of scenario.also ?? []) {
    if (peer === 'jax-js') add(results, peer, await jaxJs(scenario));
    else add(results, `torch ${peer} ×1`, await torch(peer, scenario, 1));
  }
}

const best = (results: Map<string, Result>, contender: string): number => Math.min(...(results.get(contender)?.minSeconds ?? [Number.NaN]));

/** How many times as fast the variants are as the peers, best against best. */
function ratios(results: Map<string, Result>): Record<string, number> {
  const all = availableParallelism();
  const peer = Math.min(best(results, 'torch ×1'), best(results, 'torch ×2'));
  const found: Record<string, number> = {};
  for (const variant of ['simd', 'relaxed']) {
    const ours = best(results, `motorloop ${variant} ×${all}`);
    found[`${variant} ×${all} against torch`] = peer / ours;
    found[`${variant} ×${all} against ×1`] = best(results, `motorloop ${variant} ×1`) / ours;
    if (results.has('jax-js')) found[`${variant} ×${all} against jax-js`] = best(results, 'jax-js') / ours;
  }
  return found;
}

const folder = await mkdtemp(join(tmpdir(), 'motorloop-compare-'));
try {
  const wanted = options.only?.split(',');
  const report = [];
  for (const scenario of scenarios.filter(({ name }) => wanted?.includes(name) ?? true)) {
    const results = new Map<string, Result>();
    for (let i = 0; i < Number(options.rounds); i++) await round(scenario, i === 0, folder, results);
    const found = ratios(results);
    console.log(`\n${scenario.name}, ${scenario.batch} × ${steps}`);
    for (const { contender } of results.values()) console.log(`  ${contender.padEnd(24)} ${(1000 * best(results, contender)).toFixed(1).padStart(8)} ms`);
    for (const [name, ratio] of Object.entries(found)) console.log(`  ${name.padEnd(32)} ${ratio.toFixed(2)}`);
    report.push({ scenario: scenario.name, model: scenario.model, batchSize: scenario.batch, steps, ratios: found, results: [...results.values()] });
  }
  const machineFile = join(folder, 'kernels.json');
  await run(process.execPath, [
    'bin/motorloop.js',
    'bench',
    'kernels',
    '--kernel',
    'rollout_forward',
    '--kernel',
    'rollout_backward',
    '--json',
    machineFile,
    '--quiet',
  ]);
  const { machine, ceiling, rows } = JSON.parse(await readFile(machineFile, 'utf8')) as Record<string, unknown>;
  const out = options.out ?? join(root, 'bench', 'results', `compare-${new Date().toISOString().slice(0, 10)}.json`);
  await writeFile(
    out,
    `${JSON.stringify({ machine, blas: options.blas ? 'given by --blas' : "the system's", comparison: report, ceiling, kernels: rows }, null, 1)}\n`,
  );
  console.log(`\nwritten to ${out}`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
