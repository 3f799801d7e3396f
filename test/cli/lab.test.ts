// motorloop lab: serves its page with the headers that threads need until it is stopped, or writes the page out.
import { spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { motorloop, program, workFolder } from './cli.js';

const folder = workFolder();
test.after(() => folder.remove());

test('the page is served on loopback with both headers, and Ctrl-C ends it cleanly', async () => {
  const child = spawn(process.execPath, [program, 'lab', '--json', 'lab.json'], { cwd: folder.path, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  let output = '';
  await new Promise<void>((resolve) =>
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.includes('Ctrl-C ends it')) resolve();
    }),
  );
  const url = /http:\/\/127\.0\.0\.1:\d+\//.exec(output)?.[0] as string;
  const page = await fetch(url);
  assert.is(page.headers.get('cross-origin-opener-policy'), 'same-origin');
  assert.is(page.headers.get('cross-origin-embedder-policy'), 'require-corp');
  assert.match(await page.text(), '<script type="module" src="lab.js">');
  for (const name of ['lab.js', 'engine/worker.js']) assert.is((await fetch(`${url}${name}`)).status, 200, name);
  assert.is((await fetch(`${url}..%2f..%2fpackage.json`)).status, 404);
  child.kill('SIGINT');
  assert.is(await ended, 0);
  assert.is(JSON.parse(readFileSync(join(folder.path, 'lab.json'), 'utf8')).url, url);
});

test('a port that is taken, or is none, is bad usage', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const taken = await motorloop(['lab', '--port', String(port)], folder.path);
  other.close();
  assert.is(taken.code, 2);
  assert.match(taken.errors, `--port: expected a free port, got ${port}, which is taken`);
  assert.is((await motorloop(['lab', '--port', '70000'], folder.path)).code, 2);
});

test('the page is written out as static files that need no others', async () => {
  assert.is((await motorloop(['lab', '--out', 'site', '--quiet'], folder.path)).code, 0);
  const files = folder.list().filter((name) => name.startsWith(`site`));
  for (const name of ['index.html', 'lab.js', join('engine', 'worker.js')]) assert.ok(files.includes(join('site', name)), name);
  for (const name of files.filter((file) => file.endsWith('.js') && statSync(join(folder.path, file)).isFile())) {
    const script = readFileSync(join(folder.path, name), 'utf8');
    for (const [, target] of script.matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g))
      assert.ok(files.includes(join(dirname(name), target as string)), `${name}: ${target}`);
  }
  const again = await motorloop(['lab', '--out', 'site'], folder.path);
  assert.is(again.code, 2);
  assert.match(again.errors, 'site: expected a new or empty directory');
});

test.run();
