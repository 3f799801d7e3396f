// One process to a directory (Node only: processes and files): a living one keeps it, a mark that was left behind does not.
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../src/errors.js';
import { lockDirectory } from '../../src/platform/lock.js';

let folder = '';
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motorloop-lock-'));
});
test.after(() => rm(folder, { recursive: true }));

test('a directory that a living process has is refused by name, and free once that process is gone or gives it back', async () => {
  const directory = join(folder, 'grid');
  const unlock = await lockDirectory(directory);
  assert.equal(await readdir(directory), ['.process.tmp']);
  await unlock();
  assert.equal(await readdir(directory), []);
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const gone = new Promise((resolve) => other.once('exit', resolve));
  await writeFile(join(directory, '.process.tmp'), `${other.pid} ${hostname()}`);
  let error: unknown = null;
  await lockDirectory(directory).catch((thrown: unknown) => {
    error = thrown;
  });
  other.kill();
  await gone;
  assert.ok(error instanceof ConfigError);
  assert.match(error.message, `got one that process ${other.pid} has`);
  for (const left of [`${other.pid} ${hostname()}`, `${process.pid} elsewhere`, '']) {
    await writeFile(join(directory, '.process.tmp'), left);
    await (await lockDirectory(directory))();
  }
});

test.run();
