// Bundles for browsers, in dist/bundle: the worker and its client, the page that the command line drives. Parts that few need are chunks of their own, loaded when asked for.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from './setup.mjs';

const outdir = join(root, 'dist', 'bundle');

/** What every bundle shares. */
const common = {
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
};

const { metafile } = await build({
  ...common,
  absWorkingDir: root,
  entryPoints: { client: 'src/browser/client.ts', worker: 'src/browser/worker.ts', driver: 'src/browser/driver.ts' },
  outdir,
  splitting: true,
  chunkNames: 'chunk-[hash]',
  metafile: true,
});

// Chunks carry a hash: those of earlier builds would stay for ever.
const made = new Set(Object.keys(metafile.outputs).map((path) => path.split('/').at(-1)));
for (const name of readdirSync(outdir)) if (!made.has(name)) rmSync(join(outdir, name));
