// Tests src/browser/files.ts and src/jobs/errors.ts: what a worker tells arrives whole.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { applyChange, reportingStorage } from '../../src/browser/files.js';
import type { FileChange } from '../../src/browser/protocol.js';
import { BackendError, ConfigError, NumericsError, RunFormatError } from '../../src/errors.js';
import { decodeError, encodeError } from '../../src/jobs/errors.js';
import { checkStorage } from '../support/storage.js';

test('a storage that reports its changes is a storage', () => checkStorage(reportingStorage({}, 'reported', () => undefined)));

test('whoever applies the changes holds the same directory at any moment', async () => {
  const files = new Map<string, Uint8Array>([['kept', Uint8Array.of(7)]]);
  const storage = reportingStorage(Object.fromEntries(files), 'reported', (change: FileChange) => applyChange(files, structuredClone(change)));
  await storage.write('a/b', Uint8Array.of(1, 2));
  await storage.append('a/lines', 'one\n');
  await storage.append('a/lines', 'two\n');
  await storage.write('gone', 'x');
  await storage.remove('gone');
  const text = (path: string) => new TextDecoder().decode(files.get(path));
  assert.equal([...files.keys()].sort(), ['a/b', 'a/lines', 'kept']);
  assert.is(text('a/lines'), 'one\ntwo\n');
  for (const path of files.keys()) assert.equal([...(files.get(path) as Uint8Array)], [...(await storage.read(path))]);
});

test('errors keep class, message and problems on their way', () => {
  const errors = [
    new ConfigError('task: flipflop', ['bits: expected a number, got "two: three"']),
    new ConfigError('experiment', ['one: bad', 'two: worse']),
    new BackendError('wasm: expected memory, got none'),
    new NumericsError('run: expected finite numbers, got NaN'),
    new RunFormatError('run: expected JSON'),
    new TypeError('x is not a function'),
  ];
  for (const error of errors) {
    const back = decodeError(JSON.parse(JSON.stringify(encodeError(error))));
    assert.is(back.name, error.name);
    assert.is(back.message, error.message);
    if (!(error instanceof TypeError)) assert.is(back.constructor, error.constructor);
    if (error instanceof ConfigError) assert.equal((back as ConfigError).problems, error.problems);
  }
  assert.is(decodeError(encodeError('text')).message, 'text');
});

test.run();
