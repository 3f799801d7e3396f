// The .npz codec: round trips, archives as NumPy makes them, refusal of everything else.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RunFormatError } from '../../src/errors.js';
import { writeNpy } from '../../src/runs/npy.js';
import { readNpz, writeNpz } from '../../src/runs/npz.js';
import { packZip } from '../../src/runs/zip.js';
import { rawZip } from '../support/raw-zip.js';

// numpy.savez(file, a=numpy.arange(3, dtype='<f4')), NumPy 1.24: stored, with a zip64 field in the local header.
const fromNumpy = Uint8Array.from(
  atob(
    'UEsDBBQAAAAAAAAAIQC2jIZTjAAAAIwAAAAFABQAYS5ucHkBABAAjAAAAAAAAACMAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxmNCcsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgzLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAAAAAAAAgD8AAABAUEsBAhQDFAAAAAAAAAAhALaMhlOMAAAAjAAAAAUAAAAAAAAAAAAAAIABAAAAAGEubnB5UEsFBgAAAAABAAEAMwAAAMMAAAAAAA==',
  ),
  (character) => character.charCodeAt(0),
);

const arrays = { latents: { shape: [2, 3, 1], data: Float32Array.of(1, 2, 3, 4, 5, 6) }, 'speed.log-10': { shape: [2], data: Float64Array.of(0.1, -2) } };

test('arrays come back bit for bit, and the same arrays give the same bytes', () => {
  const bytes = writeNpz(arrays);
  assert.equal(Object.fromEntries(readNpz(bytes, 'x.npz')), arrays);
  assert.equal(writeNpz(new Map(Object.entries(arrays).reverse())), bytes);
});

test('an archive of NumPy is read', () => {
  assert.equal(Object.fromEntries(readNpz(fromNumpy, 'x.npz')), { a: { shape: [3], data: Float32Array.of(0, 1, 2) } });
});

test('names that are no plain files are refused on the way out and on the way in', () => {
  const one = { shape: [1], data: Float32Array.of(1) };
  for (const name of ['../a', '__proto__', 'a/b', '', '.hidden', 'a b']) {
    assert.throws(
      () => writeNpz(new Map([[name, one]])),
      (error: Error) => error instanceof RunFormatError && /names of letters/.test(error.message),
    );
  }
  const npy = writeNpy([1], one.data);
  for (const name of ['../evil.npy', '/etc/a.npy', '__proto__.npy', 'a.txt', 'a b.npy']) {
    assert.throws(
      () =>
        readNpz(
          rawZip([
            { name, data: npy },
            { name: 'b.npy', data: npy },
          ]),
          'x.npz',
        ),
      (error: unknown) => error instanceof RunFormatError,
    );
  }
});

test('damaged, oversized and foreign files are refused', () => {
  const bytes = writeNpz(arrays);
  const refused = (file: Uint8Array, limits?: { bytes: number; files: number }) =>
    assert.throws(
      () => readNpz(file, 'x.npz', limits),
      (error: Error) => error instanceof RunFormatError && /^x\.npz/.test(error.message),
    );
  refused(new Uint8Array(100));
  refused(bytes.subarray(0, bytes.length - 5));
  for (let at = 30; at < bytes.length; at += 7) {
    const damaged = bytes.slice();
    damaged[at] = (damaged[at] as number) ^ 0x55;
    try {
      readNpz(damaged, 'x.npz');
    } catch (error) {
      assert.instance(error, RunFormatError);
    }
  }
  // a megabyte of zeros in a kilobyte
  const bomb = packZip([['a.npy', writeNpy([1_000_000], new Uint8Array(1_000_000))]], 'x');
  assert.ok(bomb.length < 5000);
  refused(bomb, { bytes: 100_000, files: 10 });
});

test.run();
