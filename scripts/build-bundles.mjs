// Bundles for browsers, in dist/bundle: the whole package and its core for <script type=module>, the worker and its client, the page that the command line
// drives. What few need (kernels of one variant, the reference, the report) are chunks beside them, loaded when asked for.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from './setup.mjs';

const outdir = join(root, 'dist', 'bundle');

/** Each set shares chunks. The core is apart, in few and small ones: pages load it for its size. */
const sets = {
  core: { core: 'src/index.core.ts' },
  chunk: { motorloop: 'src/index.browser.ts', client: 'src/browser/client.ts', worker: 'src/browser/worker.ts', driver: 'src/browser/driver.ts' },
};

const made = new Set();
for (const [name, entryPoints] of Object.entries(sets)) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints,
    outdir,
    bundle: true,
    splitting: true,
    chunkNames: `${name}-[hash]`,
    format: 'esm',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
  });
  for (const path of Object.keys(metafile.outputs)) made.add(path.split('/').at(-1));
}

// Chunks carry a hash: those of earlier builds would stay for ever.
for (const name of readdirSync(outdir)) if (!made.has(name)) rmSync(join(outdir, name));
