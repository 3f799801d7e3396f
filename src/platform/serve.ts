// A small static web server on loopback: what the lab and the headless browser load, with the headers that shared memory needs. Node only.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError } from '../errors.js';
import { gpujsFolderName } from './gpujs.js';
import { pathNames } from './paths.js';

export interface ServeOptions {
  /** Folders on disk by URL path, each path beginning and ending with `/`; the longest that fits a request counts. */
  readonly folders: Readonly<Record<string, string>>;
  /** Pages that are no file: HTML by URL path. */
  readonly pages?: Readonly<Record<string, string>>;
  /** Send COOP and COEP, so that pages are cross-origin isolated and get shared memory, hence threads. Default true. */
  readonly isolated?: boolean;
  /** Default 0: any free port. */
  readonly port?: number;
}

export interface Server {
  /** `http://127.0.0.1:PORT/`. */
  readonly url: string;
  close(): Promise<void>;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.yaml': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** Starts serving. Throws ConfigError when the port is taken. */
export async function serveStatic(options: ServeOptions): Promise<Server> {
  const server = createServer((request, response) => void answer(request, response, options));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new ConfigError('--port', [`expected a free port, got ${options.port}, which is taken; name another one`]) : error),
    );
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, { folders, pages = {}, isolated = true }: ServeOptions): Promise<void> {
  const headers: Record<string, string> = {
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(isolated
      ? { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp', 'cross-origin-resource-policy': 'same-origin' }
      : {}),
  };
  const refuse = (status: number) => void response.writeHead(status, headers).end();
  // A page elsewhere whose name was made to point here must not read what is served.
  if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(request.headers.host ?? '')) return refuse(403);
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405);
  let path: string;
  try {
    path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
  } catch {
    return refuse(400);
  }
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
  if (page !== undefined) return void response.writeHead(200, { ...headers, 'content-type': types['.html'] }).end(page);
  const file = await findFile(path, folders);
  if (file === null) return refuse(404);
  response.writeHead(200, { ...headers, 'content-type': types[extname(file.path)] ?? 'application/octet-stream', 'content-length': String(file.size) });
  if (request.method === 'HEAD') return void response.end();
  createReadStream(file.path)
    .on('error', () => response.destroy())
    .pipe(response);
}

/** The regular file that a URL path names; a folder stands for its index.html. */
async function findFile(path: string, folders: ServeOptions['folders']): Promise<{ path: string; size: number } | null> {
  const mount = Object.keys(folders)
    .filter((candidate) => path.startsWith(candidate))
    .sort((a, b) => b.length - a.length)[0];
  if (mount === undefined) return null;
  const rest = path.slice(mount.length);
  try {
    const place = join(folders[mount] as string, ...pathNames(rest.endsWith('/') || rest === '' ? `${rest}index.html` : rest));
    const found = await stat(place);
    return found.isFile() ? { path: place, size: found.size } : null;
  } catch {
    return null;
  }
}

/** The folder of the bundles that browsers load (`dist/bundle`). Throws ConfigError where they are not built. */
export function bundleFolder(where = '--in chromium'): Promise<string> {
  return builtFolder('bundle', 'worker.js', where, 'the bundles for browsers');
}

/** The folder of the lab's page (`dist/lab`). Throws ConfigError where it is not built. */
export function labFolder(): Promise<string> {
  return builtFolder('lab', 'index.html', 'lab', "the lab's page");
}

/** Where pages find gpu.js, if it is installed: a folder beside that of the bundles (platform/gpujs.ts). */
export function gpujsFolders(): Readonly<Record<string, string>> {
  let folder: string;
  try {
    folder = join(dirname(createRequire(import.meta.url).resolve('gpu.js/package.json')), 'dist');
  } catch {
    return {};
  }
  return { [`/${gpujsFolderName}/`]: folder };
}

async function builtFolder(name: string, probe: string, where: string, what: string): Promise<string> {
  // From dist/platform/ as built, from src/platform/ in tests.
  for (const place of [`../${name}/`, `../../dist/${name}/`]) {
    const folder = fileURLToPath(new URL(place, import.meta.url));
    if (await stat(join(folder, probe)).catch(() => null)) return folder;
  }
  throw new ConfigError(where, [`expected ${what} in dist/${name}, got none; run "npm run build" first`]);
}
