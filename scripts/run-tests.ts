// The test runner: checks (types, lint, unused code, kernels, layers, backends) and every test/**/*.test.ts, three processes at a time.
// Usage: node --import tsx scripts/run-tests.ts [--all] [PATTERN…]; a pattern is a part of a file's path or of a check's name.
// Suites that compute on a software GPU or in a headless browser take as long as all others together: without --all, REQUIRE_BACKENDS or a pattern they are skipped.
// Each file runs in a process of its own, so that a crash, a leak or an endless loop stays there; all are compiled once before (bundle-tests.ts). Last line: `N passed, N failed, N skipped`.
import { fork, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';
import { bundleTests } from './bundle-tests.js';
import type { FileResult } from './uvu-file.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const timesFile = join(root, 'build', 'test-times.json');
// The slowest file, the commands of all pages, takes two to five minutes on two cores with another file beside it; a busy machine may need twice that.
const TIME_LIMIT_MS = 600_000;

interface Job {
  readonly name: string;
  run(): Promise<Outcome>;
}

interface Outcome extends FileResult {
  /** Everything the process printed: shown when something failed. */
  readonly output: string;
}

/** A check passes when its program ends with code 0. */
function check(name: string, args: readonly string[]): Job {
  return {
    name: `check ${name}`,
    run: async () => {
      const { code, output } = await finish(spawn(process.execPath, args, { cwd: root }));
      return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: [], problems: [], output };
    },
  };
}

const testFile = (path: string): Job => forked(path, 'scripts/test-file.ts', () => [bundle.program(path)]);

/** The suites that need nothing of Node, in headless Chromium: with the headers for shared memory, without them, or on the adapter of its WebGPU. */
const inChromium = (mode: string): Job => forked(`test/ in chromium, ${mode}`, 'scripts/test-chromium.ts', () => [mode]);

/** A bundled script in a process of its own that sends a FileResult. */
function forked(name: string, script: string, args: () => string[]): Job {
  return {
    name,
    run: async () => {
      const child = fork(bundle.program(script), args(), { cwd: root, execArgv: ['--enable-source-maps'], silent: true });
      let result: FileResult | null = null;
      child.on('message', (message) => {
        result = message as FileResult;
      });
      const { code, output, timedOut } = await finish(child);
      const reported = result as FileResult | null;
      if (reported && !timedOut && (code === 0 || reported.failed > 0)) return { ...reported, output };
      const problem = timedOut ? `expected to end within ${TIME_LIMIT_MS / 1000} s` : `expected to run to its end, got exit code ${code}`;
      return {
        passed: reported?.passed ?? 0,
        failed: (reported?.failed ?? 0) + 1,
        skipped: reported?.skipped ?? [],
        problems: [...(reported?.problems ?? []), problem],
        output,
      };
    },
  };
}

/** Waits for a process, gathering what it prints; ends it after the time limit. */
function finish(child: ReturnType<typeof spawn>): Promise<{ code: number; output: string; timedOut: boolean }> {
  return new Promise((resolve, reject) => {
    let output = '';
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, TIME_LIMIT_MS);
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? 1, output, timedOut });
    });
  });
}

function findTests(folder = 'test'): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return findTests(path);
    return entry.name.endsWith('.test.ts') ? [path] : [];
  });
}

/** Seconds that the long ones take about, by a part of their name: where no run has written down its own. */
const firstTimes: readonly [string, number][] = [
  ['cli/docs', 300],
  ['chromium, isolated', 120],
  ['browser/command-line', 115],
  ['package/pack', 100],
  ['lab/page', 90],
  ['chromium, webgpu', 80],
  ['webgpu-loops', 80],
  ['webgpu-training', 70],
  ['cli/analyse', 65],
  ['webgpu-trust', 60],
  ['check types', 60],
  ['cli/bad-input', 55],
  ['webgpu-rollouts', 50],
  ['cli/commands', 45],
  ['kernels/kernels', 40],
  ['golden/golden', 40],
  ['webgpu-reach', 40],
  ['training/reach', 35],
  ['cli/compare', 30],
  ['webgpu', 25],
  ['chromium, plain', 25],
  ['/cli/', 20],
  ['runs/kill', 20],
  ['rollout/closed-loop', 20],
  ['check ', 15],
];

function readTimes(): Record<string, number> {
  return existsSync(timesFile) ? (JSON.parse(readFileSync(timesFile, 'utf8')) as Record<string, number>) : {};
}

const color = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (style: 'green' | 'red' | 'yellow' | 'dim', text: string) => (color ? styleText(style, text) : text);

function report(job: Job, outcome: Outcome, seconds: number): void {
  const failed = outcome.failed > 0;
  const counts = [
    `${outcome.passed} passed`,
    ...(failed ? [`${outcome.failed} failed`] : []),
    ...(outcome.skipped.length ? [`${outcome.skipped.length} skipped`] : []),
  ];
  console.log(`${failed ? paint('red', '✘') : paint('green', '✔')} ${job.name}  ${paint('dim', `${counts.join(', ')} · ${seconds.toFixed(1)} s`)}`);
  for (const { name, reason } of outcome.skipped) console.log(`  ${paint('yellow', 'skipped')} ${name}: ${reason}`);
  if (!failed) return;
  for (const problem of outcome.problems) console.log(`  ${job.name}: ${problem}`);
  console.log(outcome.output.replace(/^/gm, '  '));
}

const tsx = ['--import', 'tsx'];
const all: Job[] = [
  check('types', ['node_modules/typescript/bin/tsc', '-p', '.', '--incremental', '--tsBuildInfoFile', 'build/tsconfig.tsbuildinfo']),
  check('lint', ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '--max-diagnostics=50', '.']),
  check('unused code', ['node_modules/knip/bin/knip.js', '--no-progress']),
  check('kernels', [...tsx, 'scripts/check-kernels.ts']),
  check('layers', [...tsx, 'scripts/check-layers.ts']),
  check('backends', [...tsx, 'scripts/check-backends.ts']),
  ...findTests().map(testFile),
  ...['isolated', 'plain', 'webgpu'].map(inChromium),
];

const whole = process.argv.includes('--all') || process.env.REQUIRE_BACKENDS !== undefined;
const patterns = process.argv.slice(2).filter((argument) => argument !== '--all');
const times = readTimes();
const costly: readonly [RegExp, string][] = [
  [/chromium|^test\/(browser|lab)\/.*\.node\.test/, 'runs in a headless browser'],
  [/\/webgpu[^/]*$/, 'runs on a software GPU'],
];
const reasonToSkip = ({ name }: Job) => (whole || patterns.length > 0 ? undefined : costly.find(([pattern]) => pattern.test(name))?.[1]);
const chosen = all.filter((job) => patterns.length === 0 || patterns.some((pattern) => job.name.includes(pattern)));
const jobs = chosen.filter((job) => reasonToSkip(job) === undefined);
if (jobs.length === 0) console.error(`run-tests: expected a part of a test's path or a check's name, got ${patterns.join(' ')}`);
// Longest first, so that no long file is left over for the end.
const expected = (job: Job) => times[job.name] ?? firstTimes.find(([part]) => job.name.includes(part))?.[1] ?? 5;
const queue = [...jobs].sort((a, b) => expected(b) - expected(a));
const programs = jobs.map(({ name }) => name).filter((name) => name.endsWith('.test.ts'));
const bundle = await bundleTests(root, [...programs, 'scripts/test-file.ts', 'scripts/test-chromium.ts']).catch((): never => {
  // esbuild has said where
  console.log('run-tests: expected tests that compile, got the errors above; npx tsc -p . --noEmit says more\n0 passed, 1 failed, 0 skipped');
  process.exit(1);
});
process.on('exit', bundle.remove);
process.on('SIGINT', () => process.exit(130));

const left = chosen.filter((job) => reasonToSkip(job) !== undefined);
for (const job of left) console.log(`${paint('yellow', 'skipped')} ${job.name}: ${reasonToSkip(job)}; npm test -- --all takes it along`);
const total = { passed: 0, failed: jobs.length === 0 ? 1 : 0, skipped: left.length };
const failedJobs: string[] = [];

async function work(): Promise<void> {
  for (let job = queue.shift(); job; job = queue.shift()) {
    const started = performance.now();
    const outcome = await job.run();
    const seconds = (performance.now() - started) / 1000;
    times[job.name] = Math.round(seconds * 10) / 10;
    total.passed += outcome.passed;
    total.failed += outcome.failed;
    total.skipped += outcome.skipped.length;
    if (outcome.failed > 0) failedJobs.push(job.name);
    report(job, outcome, seconds);
  }
}

const started = performance.now();
// One more than two cores: browsers and child processes leave them idle for a fifth of the time.
await Promise.all(Array.from({ length: Math.min(3, availableParallelism() + 1) }, work));
mkdirSync(dirname(timesFile), { recursive: true });
writeFileSync(timesFile, `${JSON.stringify(times, null, 2)}\n`);
if (failedJobs.length > 0) console.log(`\nfailed:\n${failedJobs.map((name) => `  ${name}`).join('\n')}`);
console.log(`\n${jobs.length} files and checks in ${((performance.now() - started) / 1000).toFixed(0)} s`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed === 0 ? 0 : 1);
