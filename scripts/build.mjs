// npm run build: kernels → generated TypeScript → dist/. A step runs only when a file that it reads, or one that it makes, has changed.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fail, root, run } from './setup.mjs';

const stamps = join(root, 'build', 'stamps');

/** All files below the given paths, sorted; generated ones only with `generated`. */
function files(paths, generated = false) {
  return paths
    .flatMap((path) => {
      const absolute = join(root, path);
      if (!existsSync(absolute)) return [];
      const entries = path.includes('.') ? null : readdirSync(absolute, { withFileTypes: true, recursive: true });
      return entries ? entries.filter((entry) => entry.isFile()).map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name))) : [path];
    })
    .filter((path) => generated || !path.endsWith('.gen.ts'))
    .sort();
}

function hashOf(paths) {
  const hash = createHash('sha256').update(process.versions.node);
  for (const path of paths)
    hash
      .update(path)
      .update('\0')
      .update(readFileSync(join(root, path)))
      .update('\0');
  return hash.digest('hex');
}

/** Runs `make` unless inputs and outputs are those of its last success. */
async function step(name, { inputs, outputs, make }) {
  const stamp = join(stamps, name);
  const state = () => `${hashOf(inputs())} ${hashOf(outputs().filter((path) => existsSync(join(root, path))))}`;
  const complete = outputs().every((path) => existsSync(join(root, path)));
  if (complete && existsSync(stamp) && readFileSync(stamp, 'utf8') === state()) return;
  console.error(`Building ${name} …`);
  const code = await make();
  if (code !== 0) fail(`build: expected the step "${name}" to succeed, got exit code ${code}; see the messages above`);
  mkdirSync(stamps, { recursive: true });
  writeFileSync(stamp, state());
}

const tsx = (...args) => run(process.execPath, ['--import', 'tsx', ...args]);

/** Where bundles for browsers and the lab go; what is there is tidied up by the scripts that make them. */
const bundles = ['bundle', 'lab'].map((name) => join('dist', name, '/'));

/** Where the compiler remembers what it compiled last, so that a small change takes a moment. */
const memory = 'build/tsconfig.build.tsbuildinfo';

/** Where the compiler puts all declarations; those that the package's own reach are copied into dist. */
const types = join('build', 'types');

/** Compiled files whose source is gone would still be packed: remove them. If one that should be there is not, the compiler must start afresh. */
function tidyOutput() {
  const sources = files(['src'], true);
  const wanted = (folder, ending) => sources.map((path) => path.replace(/^src/, folder).replace(/\.ts$/, ending));
  const compiled = new Set(wanted('dist', '.js'));
  for (const path of files(['dist'], true)) if (!compiled.has(path) && !bundles.some((folder) => path.startsWith(folder))) rmSync(join(root, path));
  if ([...compiled, ...wanted(types, '.d.ts')].some((path) => !existsSync(join(root, path)))) rmSync(join(root, memory), { force: true });
}

/** Comments stay in the sources and in the declarations, which editors show: without them and without indentation the package is a megabyte smaller. */
async function squeeze() {
  const { transform } = await import('esbuild');
  for (const path of files(['dist']).filter((file) => file.endsWith('.js') && !bundles.some((folder) => file.startsWith(folder)))) {
    const text = readFileSync(join(root, path), 'utf8');
    const { code } = await transform(text, { format: 'esm', target: 'es2022', legalComments: 'none', minifyWhitespace: true, lineLimit: 160 });
    if (code !== text) writeFileSync(join(root, path), code);
  }
}

/** Declarations that nobody can come to from those of the package's entries would be half a megabyte. */
function copyTypes() {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const queue = Object.values(exports).flatMap((entry) =>
    entry.types ? [entry.types.replace('./dist/', ''), entry.browser?.replace('./dist/', '').replace(/\.js$/, '.d.ts') ?? []].flat() : [],
  );
  const seen = new Set();
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const text = readFileSync(join(root, types, path), 'utf8');
    for (const [, target] of text.matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"]+)\.js['"]/g)) queue.push(join(dirname(path), `${target}.d.ts`));
    cpSync(join(root, types, path), join(root, 'dist', path));
  }
}

await step('kernels', {
  inputs: () => ['asconfig.json', 'package-lock.json', 'scripts/build-wasm.ts', ...files(['assembly', 'src/backends/wasm', 'src/platform'])],
  outputs: () => ['simd', 'relaxed', 'worker'].map((name) => `src/backends/wasm/${name}.gen.ts`),
  make: () => tsx('scripts/build-wasm.ts'),
});

await step('shaders', {
  inputs: () => ['scripts/build-wgsl.ts', ...files(['shaders'])],
  outputs: () => ['src/backends/webgpu/shaders.gen.ts'],
  make: () => tsx('scripts/build-wgsl.ts'),
});

await step('package', {
  inputs: () => ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json', ...files(['src'], true)],
  outputs: () => ['dist/index.js', 'dist/index.d.ts', 'dist/index.browser.js', 'dist/index.browser.d.ts', 'dist/cli/main.js'],
  make: async () => {
    tidyOutput();
    const code = run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--incremental', '--tsBuildInfoFile', memory]);
    if (code !== 0) return code;
    await squeeze();
    copyTypes();
    return 0;
  },
});

await step('bundles', {
  inputs: () => ['package-lock.json', 'scripts/build-bundles.mjs', ...files(['src'], true)],
  outputs: () => ['motorloop', 'core', 'client', 'worker', 'driver'].map((name) => `dist/bundle/${name}.js`),
  make: () => run(process.execPath, ['scripts/build-bundles.mjs']),
});

await step('lab', {
  inputs: () => ['package-lock.json', 'tsconfig.json', 'scripts/build-bundles.mjs', 'scripts/build-lab.ts', ...files(['lab', 'experiments', 'src'], true)],
  outputs: () => ['index.html', 'lab.js', 'engine/worker.js'].map((name) => `dist/lab/${name}`),
  make: () => tsx('scripts/build-lab.ts'),
});
