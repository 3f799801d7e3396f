// Runs test files in headless Chromium, each in a worker of its own: the same suites as in Node, bundled by esbuild, results as data.
// Usage: [EVERY_CASE=1] node --import tsx scripts/test-chromium.ts isolated|plain|webgpu [PATTERN…]. Started by scripts/run-tests.ts, which is sent what came of it.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';
import { ConfigError } from '../src/errors.js';
import { launchChromium } from '../src/platform/chromium.js';
import { gpujsFolders, serveStatic } from '../src/platform/serve.js';
import type { FileResult } from './uvu-file.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const parallel = 2;
/** As long as a file may take in Node. */
const limitMs = 300_000;

interface Mode {
  /** With the headers that shared memory needs. */
  readonly isolated: boolean;
  /** What REQUIRE_BACKENDS says inside. */
  readonly required: string;
  /** What TEST_BACKENDS says inside: suites that run on several backends take these. The others, in TypeScript or on another page here, are none the wiser for it. */
  readonly backends: string;
  /** Parts of the paths of the files to run. */
  readonly files: readonly string[];
  /** Reasons for which tests may be left out here. */
  readonly expected: RegExp | null;
}

const modes: Readonly<Record<string, Mode>> = {
  // What computes in WebAssembly, on threads of shared memory: kernels, memory, tensors, training; random numbers, tasks and files that a page makes itself.
  isolated: {
    isolated: true,
    required: 'wasm',
    backends: 'wasm',
    files: [
      'test/backends/create',
      'test/backends/memory',
      'test/backends/wasm',
      'test/config/train',
      'test/kernels/activation',
      'test/kernels/kernels',
      'test/random',
      'test/rollout/rollout',
      'test/runs/experiment-directory',
      'test/tasks/data',
      'test/tasks/index',
      'test/tensor/',
      'test/training/session',
      'test/training/train-model',
    ],
    expected: null,
  },
  // What the browser's GPU, or a software adapter, computes, through WebGPU and through WebGL2.
  webgpu: {
    isolated: true,
    required: 'webgpu,gpujs',
    backends: 'webgpu',
    files: ['test/kernels/gpujs', 'test/kernels/webgpu-math', 'test/kernels/webgpu.test', 'test/tensor/operations'],
    expected: null,
  },
  // The same page without the headers: no shared memory, so one thread, and a reason that says why.
  plain: {
    isolated: false,
    required: '',
    backends: 'wasm',
    files: ['test/rollout/rollout', 'test/tensor/operations', 'test/tensor/tidy', 'test/training/session'],
    expected: /cross-origin isolated/,
  },
};

/** What runs with EVERY_CASE=1 besides: all that need nothing of Node and compute, on every backend. */
const everyCase = (process.env['EVERY_CASE'] ?? '') !== '';
const everyFile = ['test/kernels/rollout-memory', 'test/gradients/rollout', 'test/rollout/', 'test/tasks/', 'test/tensor/', 'test/training/'];

type Outcome = FileResult & { readonly output: string };

function findTests(folder = 'test'): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return findTests(path);
    return /(?<!\.node)\.test\.ts$/.test(entry.name) ? [path] : [];
  });
}

/** Bundles test files into `folder`; those that turn out to need Node are left out and returned. */
async function bundle(files: readonly string[], folder: string, mode: Mode): Promise<{ ready: string[]; needNode: string[] }> {
  const needNode = new Set<string>();
  const graph = await build({ ...common(mode), entryPoints: [...files], outdir: folder, write: false, metafile: true });
  const importsNode = (path: string, seen = new Set<string>()): boolean => {
    if (seen.has(path)) return false;
    seen.add(path);
    return (graph.metafile?.inputs[path]?.imports ?? []).some((entry) => entry.path.startsWith('node:') || (!entry.external && importsNode(entry.path, seen)));
  };
  for (const file of files) if (importsNode(file)) needNode.add(file);
  const ready = files.filter((file) => !needNode.has(file));
  const list = `export default {\n${ready.map((file) => `  ${JSON.stringify(file)}: () => import(${JSON.stringify(`./${file}`)}),`).join('\n')}\n};\n`;
  await build({
    ...common(mode),
    entryPoints: { suites: 'scripts/suites-worker.ts' },
    outdir: folder,
    splitting: true,
    plugins: [
      {
        name: 'suites',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^virtual:suites$/ }, () => ({ path: 'suites', namespace: 'virtual' }));
          onLoad({ filter: /.*/, namespace: 'virtual' }, () => ({ contents: list, loader: 'js', resolveDir: root }));
        },
      },
    ],
  });
  return { ready, needNode: [...needNode] };
}

function common({ required, backends }: Mode): BuildOptions {
  return {
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    external: ['node:*'],
    logLevel: 'error',
    // Only this expression: uvu takes any `process` for Node.
    define: { 'process.env': JSON.stringify({ REQUIRE_BACKENDS: required, ...(everyCase ? { EVERY_CASE: '1' } : { TEST_BACKENDS: backends }) }) },
  };
}

/** The page: `runFile` starts a worker for one file. As text, since tsx would put names of its own into a function. */
const pageText = `<!doctype html><title>suites</title><script>
globalThis.runFile = ({ file, limit }) =>
  new Promise((resolve) => {
    const worker = new Worker('/suites/suites.js', { type: 'module' });
    const end = (outcome) => {
      clearTimeout(timer);
      worker.terminate();
      resolve(outcome);
    };
    const fail = (problem) => end({ passed: 0, failed: 1, skipped: [], problems: [problem], output: '' });
    const timer = setTimeout(() => fail('expected to end within ' + limit / 1000 + ' s'), limit);
    worker.onmessage = ({ data }) => end(data);
    worker.onerror = (event) => fail('expected to run to its end, got ' + (event.message || 'a worker that did not start'));
    worker.postMessage(file);
  });
</script>`;

async function runMode(name: string, mode: Mode, patterns: readonly string[]): Promise<FileResult> {
  const folder = mkdtempSync(join(tmpdir(), 'motorloop-suites-'));
  // The packaged browser dies of a trap in WebAssembly (out of bounds) unless it checks bounds itself; one test provokes such a trap.
  const browser = await launchChromium(['--disable-features=WebAssemblyTrapHandler']);
  const server = await serveStatic({
    folders: { ...gpujsFolders(), '/suites/': folder, '/examples/': join(root, 'examples') },
    pages: { '/': pageText },
    isolated: mode.isolated,
  });
  try {
    const parts = everyCase && name !== 'webgpu' ? [...mode.files, ...everyFile] : mode.files;
    const wanted = findTests().filter((file) => parts.some((part) => file.startsWith(part)) && patterns.every((part) => file.includes(part)));
    const { ready, needNode } = await bundle(wanted, folder, mode);
    const page = await browser.newPage();
    await page.goto(server.url);
    const isolated = await page.evaluate(() => globalThis.crossOriginIsolated);
    if (isolated !== mode.isolated) throw new Error(`${name}: expected crossOriginIsolated ${mode.isolated}, got ${isolated}`);
    const total = { passed: 0, failed: 0, skipped: [] as { name: string; reason: string }[], problems: [] as string[] };
    const queue = [...ready];
    const work = async (): Promise<void> => {
      for (let file = queue.shift(); file; file = queue.shift()) {
        const started = performance.now();
        const outcome = await page.evaluate((given) => (globalThis as unknown as { runFile(given: object): Promise<Outcome> }).runFile(given), {
          file,
          limit: limitMs,
        });
        const left = outcome.skipped.filter(({ reason }) => !mode.expected?.test(reason));
        const asExpected = outcome.skipped.length - left.length;
        console.log(
          `${outcome.failed ? '✘' : '✔'} ${file}  ${outcome.passed} passed${outcome.failed ? `, ${outcome.failed} failed` : ''}` +
            `${asExpected ? `, ${asExpected} not possible here` : ''} · ${((performance.now() - started) / 1000).toFixed(1)} s`,
        );
        if (outcome.failed > 0) console.log([outcome.output, ...outcome.problems].join('\n'));
        total.passed += outcome.passed;
        total.failed += outcome.failed;
        total.skipped.push(...left);
        total.problems.push(...outcome.problems.map((problem) => `${file}: ${problem}`));
      }
    };
    await Promise.all(Array.from({ length: parallel }, work));
    console.log(`${ready.length} files in chromium ${browser.version()}, ${name}; only in Node, since they read files: ${needNode.join(', ') || 'none'}`);
    return total;
  } finally {
    await browser.close();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function main(name: string, patterns: readonly string[]): Promise<FileResult> {
  const mode = modes[name];
  if (!mode) throw new Error(`test-chromium: expected ${Object.keys(modes).join(' or ')}, got ${name}`);
  try {
    return await runMode(name, mode, patterns);
  } catch (error) {
    const required = (process.env.REQUIRE_BACKENDS ?? '').split(',').includes('chromium');
    if (!(error instanceof ConfigError) || required) throw error;
    return { passed: 0, failed: 0, skipped: [{ name: `suites in chromium, ${name}`, reason: error.message }], problems: [] };
  }
}

const result = await main(process.argv[2] ?? '', process.argv.slice(3));
if (process.send) process.send(result, () => process.exit(0));
else {
  console.log(`${result.passed} passed, ${result.failed} failed, ${result.skipped.length} skipped`);
  process.exit(result.failed === 0 ? 0 : 1);
}
