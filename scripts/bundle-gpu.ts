// Packs everything that a bare Linux machine with a GPU driver and no network needs to run `devices`, `check`, the WebGPU tests and `bench`: Node, Dawn's binding,
// the built package with what it depends on, tests as plain JavaScript, experiments, golden files, the Vulkan loader and a software driver to try it out with.
// Usage: npm run build && node --import tsx scripts/bundle-gpu.ts [--out build/motorloop-gpu.tar.xz] [--node FILE] [--preset N]; there: tar xf motorloop-gpu.tar.xz && motorloop-gpu/run.sh
//   --node FILE   the Node to pack (default: the one that runs this), an x64 binary
//   --preset N    effort of xz, 0 to 9 (default 6; 0 is for trials: quicker, and a larger archive)
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { softwareDriver } from '../src/platform/software-gpu.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/** Bytes of the archive at most. */
const limit = 60e6;
/** The tests that a GPU is to pass. */
const isGpuTest = (path: string) => /^test\/(kernels|backends)\/webgpu.*\.test\.ts$/.test(path);

const { values: options } = parseArgs({
  options: {
    out: { type: 'string', default: 'build/motorloop-gpu.tar.xz' },
    node: { type: 'string', default: process.execPath },
    preset: { type: 'string', default: '6' },
  },
});
if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error(`bundle-gpu: expected Linux on x64, got ${process.platform} on ${process.arch}`);
if (!existsSync(join(root, 'dist/cli/main.js'))) throw new Error('bundle-gpu: expected the built package in dist/, got nothing; run npm run build first');

const work = mkdtempSync(join(tmpdir(), 'motorloop-bundle-'));
const folder = join(work, 'motorloop-gpu');
const app = join(folder, 'app');

/** Copies below the bundle, without what only people read. */
function take(from: string, to: string): void {
  cpSync(from, join(folder, to), { recursive: true, dereference: true, filter: (path) => !/\.(d\.ts|d\.mts|d\.cts|map|md)$/.test(path) });
}

/** Names of the packages that the built package loads, with all that they need. */
function dependencies(names: readonly string[], found = new Set<string>()): Set<string> {
  for (const name of names) {
    if (found.has(name) || name.startsWith('@types/')) continue;
    found.add(name);
    const { dependencies: own = {} } = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as { dependencies?: object };
    dependencies(Object.keys(own), found);
  }
  return found;
}

async function packTests(): Promise<void> {
  const tests = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .map((path) => `test/${path.replaceAll('\\', '/')}`)
    .filter(isGpuTest)
    .sort();
  await build({
    absWorkingDir: root,
    entryPoints: ['scripts/test-file.ts', ...tests],
    outbase: '.',
    outdir: join(app, 'suites'),
    bundle: true,
    splitting: true,
    // Beside the tests, so that paths relative to a file of test/support hold.
    chunkNames: 'test/support/[name]-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['webgpu'],
    logLevel: 'error',
  });
  take(join(root, 'test/support/experiments'), 'app/suites/test/support/experiments');
  writeFileSync(join(app, 'suites/tests.json'), JSON.stringify(tests.map((path) => path.replace(/\.ts$/, '.js'))));
}

/** The loader and the software driver out of the development package, and the C++ library of this machine. */
async function packLibraries(): Promise<void> {
  await softwareDriver();
  const driver = dirname(process.env['VK_ICD_FILENAMES'] as string);
  mkdirSync(join(folder, 'lib/vulkan'), { recursive: true });
  mkdirSync(join(folder, 'lib/standard'), { recursive: true });
  mkdirSync(join(folder, 'software'), { recursive: true });
  copyFileSync(join(driver, 'libvulkan.so.1'), join(folder, 'lib/vulkan/libvulkan.so.1'));
  for (const file of ['libvk_swiftshader.so', 'vk_swiftshader_icd.json']) copyFileSync(join(driver, file), join(folder, 'software', file));
  const icd = { file_format_version: '1.0.0', ICD: { library_path: 'libGLX_nvidia.so.0', api_version: '1.3.0' } };
  writeFileSync(join(folder, 'lib/nvidia_icd.json'), JSON.stringify(icd));
  const linked = execFileSync('ldd', [options.node], { encoding: 'utf8' });
  for (const [, name, path] of linked.matchAll(/(libstdc\+\+\.so\.6|libgcc_s\.so\.1) => (\S+)/g)) {
    copyFileSync(path as string, join(folder, 'lib/standard', name as string));
  }
}

try {
  mkdirSync(app, { recursive: true });
  copyFileSync(options.node, join(folder, 'node'));
  for (const file of ['run.sh', 'run.mjs']) copyFileSync(join(root, 'scripts/gpu-bundle', file), join(folder, file));
  for (const file of ['node', 'run.sh']) chmodSync(join(folder, file), 0o755);
  for (const path of ['package.json', 'bin', 'dist', 'experiments', 'test/golden', 'bench/peers']) take(join(root, path), `app/${path}`);
  // The page and the bundles for browsers are of no use there.
  for (const path of ['dist/bundle', 'dist/lab']) rmSync(join(app, path), { recursive: true, force: true });
  const { dependencies: own, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { dependencies: object; version: string };
  for (const name of dependencies(Object.keys(own))) take(join(root, 'node_modules', name), `app/node_modules/${name}`);
  for (const path of ['index.js', 'package.json', 'LICENSE.md', 'dist/linux-x64']) {
    cpSync(join(root, 'node_modules/webgpu', path), join(app, 'node_modules/webgpu', path), { recursive: true });
  }
  await packTests();
  await packLibraries();
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
  const node = execFileSync(options.node, ['--version'], { encoding: 'utf8' }).trim();
  writeFileSync(join(folder, 'bundle.json'), JSON.stringify({ version, commit, node }));
  const out = join(process.cwd(), options.out);
  mkdirSync(dirname(out), { recursive: true });
  execFileSync('tar', ['-C', work, '-cf', `${out}.tar`, 'motorloop-gpu']);
  // -9 would take three times as long for a few per cent.
  execFileSync('xz', [`-${options.preset}`, '-T0', '-f', `${out}.tar`]);
  rmSync(out, { force: true });
  execFileSync('mv', [`${out}.tar.xz`, out]);
  const { size } = statSync(out);
  console.log(`${options.out}: ${(size / 1e6).toFixed(1)} MB, Node ${node}`);
  if (size >= limit) throw new Error(`bundle-gpu: expected less than ${limit / 1e6} MB, got ${(size / 1e6).toFixed(1)} MB`);
} finally {
  rmSync(work, { recursive: true, force: true });
}
