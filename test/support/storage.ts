// What every storage must do, and a storage that dies at its n-th operation: used by the tests of runs and platform.
import * as assert from 'uvu/assert';
import { RunFormatError } from '../../src/errors.js';
import { type MemoryStorage, memoryStorage } from '../../src/runs/memory-storage.js';
import type { Storage } from '../../src/runs/storage.js';

const decode = (data: Uint8Array) => new TextDecoder().decode(data);

/** Asserts that a promise is rejected with an error of `type` whose message holds `part`. */
export async function assertRejects(promise: Promise<unknown>, type: new (...args: never[]) => Error, part: string | RegExp): Promise<void> {
  try {
    await promise;
  } catch (error) {
    assert.instance(error, type, `expected ${type.name}, got ${error}`);
    assert.match((error as Error).message, part);
    return;
  }
  assert.unreachable(`expected ${type.name} with "${part}", got no error`);
}

/** Exercises an empty storage. */
export async function checkStorage(storage: Storage): Promise<void> {
  assert.equal(await storage.list(''), []);
  assert.is(await storage.exists('a/b.txt'), false);
  await assertRejects(storage.read('a/b.txt'), RunFormatError, 'a/b.txt');

  await storage.write('a/b.txt', 'first');
  await storage.write('a/b.txt', 'second');
  assert.is(decode(await storage.read('a/b.txt')), 'second');
  const data = Uint8Array.from([1, 2, 3]);
  await storage.write('bytes', data);
  data[0] = 9;
  assert.equal([...(await storage.read('bytes'))], [1, 2, 3]);

  await storage.append('a/lines.jsonl', 'one\n');
  await storage.append('a/lines.jsonl', 'two\n');
  await storage.flush?.('a/lines.jsonl');
  assert.is(decode(await storage.read('a/lines.jsonl')), 'one\ntwo\n');

  await storage.write('a/c/d', 'x');
  assert.equal(await storage.list(''), ['a/', 'bytes']);
  assert.equal(await storage.list('a'), ['b.txt', 'c/', 'lines.jsonl']);
  assert.equal(await storage.list('nowhere'), []);
  assert.is(await storage.exists('a/c'), true);
  assert.is(await storage.exists('a/c/d'), true);

  await storage.remove('a/c/d');
  await storage.remove('a/c/d');
  assert.is(await storage.exists('a/c/d'), false);

  for (const path of ['../x', 'a/../../x', '/etc/passwd', 'a//b', './a', 'C:\\x', 'a\\..\\b', 'nul\u0000']) {
    await assertRejects(storage.write(path, 'x'), RunFormatError, 'relative path');
    await assertRejects(storage.read(path), RunFormatError, 'relative path');
  }
}

/** Thrown by `mortalStorage` in place of the operation that it does not live to do. */
export class Crash extends Error {}

/**
 * A storage in memory that dies at change number `lifetime` (write, append, remove; from 0) and refuses everything afterwards, like a killed process.
 * Half of a dying append is written: a crash may cut a line. `write` is atomic, so nothing of it is.
 */
export function mortalStorage(lifetime: number, files: MemoryStorage['files'] = new Map()): MemoryStorage {
  const storage = memoryStorage(files);
  let changes = 0;
  const change = async (work: () => Promise<void>, half?: () => Promise<void>) => {
    if (changes === lifetime) await half?.();
    if (changes++ >= lifetime) throw new Crash(`crash at change ${lifetime}`);
    await work();
  };
  return {
    ...storage,
    write: (path, data) => change(() => storage.write(path, data)),
    append: (path, text) =>
      change(
        () => storage.append(path, text),
        () => storage.append(path, text.slice(0, text.length >> 1)),
      ),
    remove: (path) => change(() => storage.remove(path)),
  };
}
