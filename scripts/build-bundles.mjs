// Bundles for browsers, in dist/bundle: the whole package and its core for <script type=module>, the worker and its client, the page that the command line
// drives. What few need (kernels of one variant, the reference, the report) are files beside them, loaded when asked for.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from './setup.mjs';

const outdir = join(root, 'dist', 'bundle');

/** Parts that are loaded when asked for, by file. */
const parts = {
  simd: 'src/backends/wasm/simd.gen.ts',
  relaxed: 'src/backends/wasm/relaxed.gen.ts',
  reference: 'src/backends/reference/index.ts',
  gpujs: 'src/backends/gpujs/index.ts',
  'self-check': 'src/backends/self-check.ts',
};

const common = {
  absWorkingDir: root,
  outdir,
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
  // an optional package of 5 MB: pages that want HDF5 bring it
  external: ['h5wasm'],
};

/** Leaves the parts where the other bundles have them. They bring their own copies of what they share with the core: plain functions, and classes of errors. */
const partsBeside = {
  name: 'parts beside',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^\./ }, async ({ path, kind, resolveDir, importer, pluginData }) => {
      if (kind !== 'dynamic-import' || pluginData === 'seen') return null;
      const { path: found } = await resolve(path, { kind, resolveDir, importer, pluginData: 'seen' });
      const part = Object.keys(parts).find((name) => found === join(root, parts[name]));
      return part ? { path: `./${part}.js`, external: true } : null;
    });
  },
};

const results = [
  await build({
    ...common,
    entryPoints: {
      motorloop: 'src/index.browser.ts',
      client: 'src/browser/client.ts',
      worker: 'src/browser/worker.ts',
      driver: 'src/browser/driver.ts',
      ...parts,
    },
    splitting: true,
    chunkNames: 'chunk-[hash]',
  }),
  // One file, which pages load for its size.
  await build({ ...common, entryPoints: { core: 'src/index.core.ts' }, plugins: [partsBeside] }),
];

// Chunks carry a hash: those of earlier builds would stay for ever.
const made = new Set(results.flatMap(({ metafile }) => Object.keys(metafile.outputs)).map((path) => path.split('/').at(-1)));
for (const name of readdirSync(outdir)) if (!made.has(name)) rmSync(join(outdir, name));
