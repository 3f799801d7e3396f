// Tests src/platform/serve.ts and tar.ts. Needs Node: it serves files.
import { request } from 'node:http';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../src/errors.js';
import { serveStatic } from '../../src/platform/serve.js';
import { untar } from '../../src/platform/tar.js';
import { workFolder } from '../cli/cli.js';

const folder = workFolder({ 'secret.txt': 'secret', 'site/index.html': '<p>home', 'site/a b.js': 'export {}', 'site/deep/data.bin': Uint8Array.of(1, 2, 3) });
test.after(() => folder.remove());
const site = join(folder.path, 'site');

test('files come with their type and with the headers for shared memory, or without them', async () => {
  for (const isolated of [true, false]) {
    const server = await serveStatic({ folders: { '/': site, '/more/': join(site, 'deep') }, pages: { '/page': '<p>page' }, isolated });
    try {
      const home = await fetch(server.url);
      assert.is(await home.text(), '<p>home');
      assert.match(home.headers.get('content-type') as string, 'text/html');
      assert.is(home.headers.get('cross-origin-opener-policy'), isolated ? 'same-origin' : null);
      assert.is(home.headers.get('cross-origin-embedder-policy'), isolated ? 'require-corp' : null);
      const script = await fetch(`${server.url}a%20b.js`);
      assert.match(script.headers.get('content-type') as string, 'text/javascript');
      assert.is(await (await fetch(`${server.url}page`)).text(), '<p>page');
      assert.equal([...new Uint8Array(await (await fetch(`${server.url}more/data.bin`)).arrayBuffer())], [1, 2, 3]);
    } finally {
      await server.close();
    }
  }
});

/** The status of a request that fetch would tidy up or refuse to send. */
function status(url: string, path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    request({ hostname, port, path, headers, method }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

test('nothing outside the folders is served, to nobody but this machine, and nothing is taken', async () => {
  const server = await serveStatic({ folders: { '/': site } });
  try {
    for (const path of [
      '/../secret.txt',
      '/..%2fsecret.txt',
      '/%2e%2e/secret.txt',
      '/deep',
      '/nothing',
      '/a%00b',
      '/deep/../../secret.txt',
      '/%5c..%5csecret.txt',
    ])
      assert.is(await status(server.url, path), 404, path);
    assert.is(await status(server.url, '/%zz'), 400);
    assert.is(await status(server.url, '/', { host: 'elsewhere.example' }), 403);
    assert.is(await status(server.url, '/', {}, 'PUT'), 405);
  } finally {
    await server.close();
  }
});

test('a port that is taken is named', async () => {
  const server = await serveStatic({ folders: {} });
  const port = Number(new URL(server.url).port);
  try {
    await serveStatic({ folders: {}, port });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, ConfigError);
    assert.match((error as Error).message, `--port: expected a free port, got ${port}`);
  } finally {
    await server.close();
  }
});

test('archives give their regular files, and none that would lie elsewhere', () => {
  const entry = (name: string, data: string, type = '0') => {
    const header = Buffer.alloc(512);
    header.write(name);
    header.write(data.length.toString(8).padStart(11, '0'), 124);
    header.write(type, 156);
    const body = Buffer.alloc(Math.ceil(data.length / 512) * 512);
    body.write(data);
    return Buffer.concat([header, body]);
  };
  const archive = Buffer.concat([
    entry('./lib/', '', '5'),
    entry('./lib/one.so', 'one'),
    entry('../outside', 'no'),
    entry('/etc/no', 'no'),
    entry('link', '', '2'),
    entry('two', 'x'.repeat(600)),
    Buffer.alloc(1024),
  ]);
  const files = [...untar(archive)].map(({ name, data }) => [name, Buffer.from(data).toString()]);
  assert.equal(files, [
    ['lib/one.so', 'one'],
    ['two', 'x'.repeat(600)],
  ]);
});

test.run();
