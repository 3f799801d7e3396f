// Run directories on disk and the facts about the host. Node only: it is about files.
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../src/errors.js';
import { checkoutCommit, hostFacts, nodeStorage } from '../../src/platform/node.js';
import { assertRejects, checkStorage } from '../support/storage.js';

const test = suite<{ folder: string }>('platform/node');
test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), 'motorloop-'));
});
test.after.each(({ folder }) => rm(folder, { recursive: true, force: true }));

test('storage on disk reads back what was written, lists in order, appends, removes, and refuses paths that leave the root', async ({ folder }) => {
  await checkStorage(nodeStorage(join(folder, 'new', 'root')));
});

test('storage on disk leaves no temporary file and does not list what a killed process left', async ({ folder }) => {
  const storage = nodeStorage(folder);
  await storage.write('a.json', '{}');
  assert.equal(await readdir(folder), ['a.json']);
  await writeFile(join(folder, '.b.json.tmp'), 'half');
  assert.equal(await storage.list(''), ['a.json']);
  await storage.write('b.json', '{}');
  assert.equal((await readdir(folder)).sort(), ['a.json', 'b.json']);
});

test('a directory that cannot be written is named before anything is written', async ({ folder }) => {
  await writeFile(join(folder, 'file'), '');
  const storage = nodeStorage(join(folder, 'file', 'run'));
  await assertRejects(storage.checkWritable?.() as Promise<void>, ConfigError, 'expected a directory that can be written, got a file at');
  await assertRejects(storage.write('experiment.json', '{}'), ConfigError, 'name another one');
  await assertRejects(nodeStorage(join(folder, 'file')).list(''), ConfigError, 'name another one');
  await nodeStorage(join(folder, 'deep', 'down')).checkWritable?.();
  await nodeStorage(folder).checkWritable?.();
  if (process.platform === 'linux') {
    // Not even root may: permissions do not say so.
    const nowhere = nodeStorage('/proc/motorloop/run');
    await assertRejects(nowhere.checkWritable?.() as Promise<void>, ConfigError, 'name another one');
    await assertRejects(nowhere.write('a', 'x'), ConfigError, 'name another one');
  }
  assert.equal(await readdir(folder), ['file']);
});

test('a write that fails names the file and leaves the old content', async ({ folder }) => {
  const storage = nodeStorage(folder);
  await mkdir(join(folder, 'taken'));
  await assertRejects(storage.write('taken', 'x'), ConfigError, 'taken');
  assert.equal(await readdir(folder), ['taken']);
});

test('host facts name version, runtime and machine, and no path', async () => {
  const facts = await hostFacts();
  assert.match(facts.runtime, /^node \d+\.\d+\.\d+$/);
  assert.ok(facts.cores >= 1 && facts.memoryBytes > 0);
  assert.match(facts.version, /^\d+\.\d+\.\d+/);
});

test('the commit of a checkout is found whether the branch is loose, packed or detached, and in a worktree', async ({ folder }) => {
  const commit = '0123456789abcdef0123456789abcdef01234567';
  const put = async (path: string, text: string) => {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), text);
  };
  assert.is(await checkoutCommit(join(folder, 'no', '.git')), null);
  await put('loose/.git/HEAD', 'ref: refs/heads/main\n');
  assert.is(await checkoutCommit(join(folder, 'loose', '.git')), null);
  await put('loose/.git/refs/heads/main', `${commit}\n`);
  assert.is(await checkoutCommit(join(folder, 'loose', '.git')), commit);
  await put('packed/.git/HEAD', 'ref: refs/heads/main\n');
  await put(
    'packed/.git/packed-refs',
    `# pack-refs with: peeled fully-peeled sorted\n${commit.replace('0', 'f')} refs/heads/another/main\n${commit} refs/heads/main\n`,
  );
  assert.is(await checkoutCommit(join(folder, 'packed', '.git')), commit);
  await put('detached/.git/HEAD', `${commit}\n`);
  assert.is(await checkoutCommit(join(folder, 'detached', '.git')), commit);
  await put('worktree/.git', `gitdir: ${join(folder, 'loose', '.git', 'worktrees', 'worktree')}\n`);
  await put('loose/.git/worktrees/worktree/HEAD', 'ref: refs/heads/main\n');
  await put('loose/.git/worktrees/worktree/commondir', '../..\n');
  assert.is(await checkoutCommit(join(folder, 'worktree', '.git')), commit);
});

test.run();
