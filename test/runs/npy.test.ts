// The .npy codec: bytes as NumPy writes them, round trips, refusal of everything else.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RunFormatError } from '../../src/errors.js';
import { readNpy, writeNpy } from '../../src/runs/npy.js';

// numpy.save(file, numpy.arange(6, dtype='<f4').reshape(2, 3)), NumPy 2.4.
const fromNumpy = Uint8Array.from(
  atob(
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAACAPwAAAEAAAEBAAACAQAAAoEA=',
  ),
  (character) => character.charCodeAt(0),
);

test('an array is written byte for byte as NumPy writes it, and read back', () => {
  const data = Float32Array.of(0, 1, 2, 3, 4, 5);
  assert.equal(writeNpy([2, 3], data), fromNumpy);
  assert.equal(readNpy(fromNumpy, 'x.npy'), { shape: [2, 3], data });
});

test('every dtype and shape reads back', () => {
  for (const shape of [[], [0], [4], [2, 1, 3]]) {
    const size = shape.reduce((product, n) => product * n, 1);
    for (const Kind of [Float64Array, Float32Array, Int32Array, Uint8Array]) {
      const data = new Kind(Array.from({ length: size }, (_, i) => i + 1));
      assert.equal(readNpy(writeNpy(shape, data), 'x'), { shape, data });
    }
  }
});

/** A file of format 1.0 with this header text. */
function file(header: string, dataBytes = 0): Uint8Array {
  const bytes = new Uint8Array(10 + header.length + dataBytes);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 255, header.length >> 8]);
  bytes.set(new TextEncoder().encode(header), 10);
  return bytes;
}
/** The file with these bytes at its end. */
function withData(bytes: Uint8Array, data: readonly number[]): Uint8Array {
  bytes.set(data, bytes.length - data.length);
  return bytes;
}

test('other dtypes, byte orders and orders of axes are read as NumPy means them', () => {
  const read = (descriptor: string, shape: string, order: string, data: readonly number[]) =>
    readNpy(withData(file(`{'descr': '${descriptor}', 'fortran_order': ${order}, 'shape': ${shape}, }\n`, data.length), data), 'x');
  assert.equal(read('>f4', '(1,)', 'False', [0x3f, 0x80, 0, 0]), { shape: [1], data: Float32Array.of(1) });
  assert.equal(read('<i8', '(1,)', 'False', [0xfe, 255, 255, 255, 255, 255, 255, 255]), { shape: [1], data: Float64Array.of(-2) });
  assert.equal(read('>u8', '(1,)', 'False', [0, 0, 0, 1, 0, 0, 0, 0]), { shape: [1], data: Float64Array.of(2 ** 32) });
  assert.equal(read('<u4', '(1,)', 'False', [255, 255, 255, 255]), { shape: [1], data: Float64Array.of(2 ** 32 - 1) });
  assert.equal(read('<i2', '(2,)', 'False', [0xff, 0xff, 1, 0]), { shape: [2], data: Int32Array.of(-1, 1) });
  assert.equal(read('|i1', '(1,)', 'False', [0x80]), { shape: [1], data: Int32Array.of(-128) });
  assert.equal(read('|b1', '(2,)', 'False', [0, 1]), { shape: [2], data: Uint8Array.of(0, 1) });
  // np.asfortranarray(np.arange(6).reshape(1, 2, 3)): 0 3 1 4 2 5
  assert.equal(read('|u1', '(1, 2, 3)', 'True', [0, 3, 1, 4, 2, 5]), { shape: [1, 2, 3], data: Uint8Array.of(0, 1, 2, 3, 4, 5) });
  assert.equal(read('|u1', '(3, 2)', 'True', [0, 2, 4, 1, 3, 5]), { shape: [3, 2], data: Uint8Array.of(0, 1, 2, 3, 4, 5) });
});

const hostile: [string, Uint8Array][] = [
  ['of other bytes', new Uint8Array(64)],
  ['cut off in the data', fromNumpy.subarray(0, fromNumpy.length - 1)],
  ['cut off in the header', fromNumpy.subarray(0, 40)],
  ['of complex numbers', file("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }\n", 8)],
  ['of numbers of no byte order', file("{'descr': '|f4', 'fortran_order': False, 'shape': (1,), }\n", 4)],
  ['of integers that f64 cannot hold', withData(file("{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }\n", 8), [1, 0, 0, 0, 0, 0, 0, 0x40])],
  ['with more axes than NumPy has', file(`{'descr': '<f4', 'fortran_order': False, 'shape': (${'1, '.repeat(65)}), }\n`, 4)],
  ['of another kind of object', file("{'descr': '<constructor', 'fortran_order': False, 'shape': (1,), }\n", 8)],
  ['of objects', file("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n", 8)],
  ['with a shape that overflows', file("{'descr': '<f4', 'fortran_order': False, 'shape': (9007199254740991, 9007199254740991), }\n", 4)],
  ['with a negative size', file("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }\n", 4)],
  ['without a shape', file("{'descr': '<f4', 'fortran_order': False, }\n", 4)],
];
for (const [what, bytes] of hostile) {
  test(`a file ${what} is refused in the house format`, () => {
    assert.throws(
      () => readNpy(bytes, 'x.npy'),
      (error: unknown) => error instanceof RunFormatError && /^x\.npy: expected .*, got /.test(error.message),
    );
  });
}

test('random damage to a file is refused or read, never anything else', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: fromNumpy.length - 1 }), fc.integer({ min: 0, max: 255 }), (at, value) => {
      const bytes = fromNumpy.slice();
      bytes[at] = value;
      try {
        readNpy(bytes, 'x');
      } catch (error) {
        assert.instance(error, RunFormatError);
      }
    }),
    { numRuns: 500, seed: 3 },
  );
});

test.run();
