// The safetensors codec: round trips, deterministic bytes, and every way in which a hostile file may lie.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RunFormatError } from '../../src/errors.js';
import { type ArrayData, type ArrayTensor, readSafetensors, writeSafetensors } from '../../src/runs/safetensors.js';

/** A file with this header text and this many data bytes. */
function file(header: string, dataBytes = 0, statedLength?: bigint): Uint8Array {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, statedLength ?? BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}
const entry = (dtype: string, shape: unknown, offsets: unknown) => JSON.stringify({ dtype, shape, data_offsets: offsets });

const hostile: [string, Uint8Array][] = [
  ['shorter than its length field', new Uint8Array(7)],
  ['with a header beyond its end', file('{}', 0, 3n)],
  ['with a header of 2^63 bytes', file('{}', 0, 2n ** 63n)],
  ['with a header above the limit', file('{}', 0, 100_000_001n)],
  ['that begins with something else', file('[]')],
  ['with a header of no bytes', file('', 0, 0n)],
  ['with JSON that ends early', file('{"a":')],
  [
    'with text that is not UTF-8',
    (() => {
      const bytes = file('{"a":1}');
      bytes[10] = 0xff;
      return bytes;
    })(),
  ],
  ['with overlapping tensors', file(`{"a":${entry('F32', [2], [0, 8])},"b":${entry('F32', [2], [4, 12])}}`, 12)],
  ['with a gap between tensors', file(`{"a":${entry('F32', [1], [0, 4])},"b":${entry('F32', [1], [8, 12])}}`, 12)],
  ['with offsets beyond its end', file(`{"a":${entry('F32', [4], [0, 16])}}`, 12)],
  ['with bytes of no tensor', file(`{"a":${entry('F32', [1], [0, 4])}}`, 8)],
  ['with offsets that run backwards', file(`{"a":${entry('F32', [1], [4, 0])}}`, 4)],
  ['with negative offsets', file(`{"a":${entry('F32', [1], [-4, 0])}}`, 4)],
  ['with a shape whose product overflows', file(`{"a":${entry('F32', [2 ** 30, 2 ** 30, 2 ** 30], [0, 4])}}`, 4)],
  ['with a shape whose product wraps to fit 64 bits', file(`{"a":${entry('F32', [2 ** 32, 2 ** 32], [0, 0])}}`)],
  ['with a shape that does not fit its bytes', file(`{"a":${entry('F64', [1], [0, 4])}}`, 4)],
  ['with a negative size', file(`{"a":${entry('F32', [-1], [0, 4])}}`, 4)],
  ['with a fractional size', file(`{"a":${entry('F32', [0.5], [0, 2])}}`, 2)],
  ['with a shape that is no array', file(`{"a":${entry('F32', 'x', [0, 4])}}`, 4)],
  ['with an unknown dtype', file(`{"a":${entry('Q4', [1], [0, 4])}}`, 4)],
  ['with a dtype from the prototype', file(`{"a":${entry('constructor', [1], [0, 4])}}`, 4)],
  ['with a tensor named __proto__', file(`{"__proto__":${entry('F32', [1], [0, 4])}}`, 4)],
  ['with a tensor named constructor', file(`{"constructor":${entry('F32', [1], [0, 4])}}`, 4)],
  ['with a name twice', file(`{"a":${entry('F32', [1], [0, 4])},"a":${entry('F32', [1], [0, 4])}}`, 4)],
  ['with a name twice, once escaped', file(`{"a":${entry('F32', [1], [0, 4])},"\\u0061":${entry('F32', [1], [0, 4])}}`, 4)],
  ['with a key of a tensor twice', file('{"a":{"dtype":"F32","dtype":"I32","shape":[1],"data_offsets":[0,4]}}', 4)],
  ['with metadata that is no object', file('{"__metadata__":[]}')],
  ['with metadata that is no string', file('{"__metadata__":{"a":1}}')],
  ['with metadata named __proto__', file('{"__metadata__":{"__proto__":"x"}}')],
  ['with a tensor that is null', file('{"a":null}')],
  ['with nesting without end', file(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)],
];
for (const [what, bytes] of hostile) {
  test(`a file ${what} is refused in the house format`, () => {
    assert.throws(
      () => readSafetensors(bytes, 'x.safetensors'),
      (error: unknown) => error instanceof RunFormatError && /^x\.safetensors: .*expected .*, got /.test(error.message) && error.message.length < 500,
    );
  });
}

const shapes = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 3 });
const tensors: fc.Arbitrary<ArrayTensor> = fc
  .tuple(shapes, fc.constantFrom(Float64Array, Float32Array, Int32Array, Uint8Array), fc.integer())
  .map(([shape, Kind, seed]) => {
    const size = shape.reduce((product, n) => product * n, 1);
    return { shape, data: new Kind(Array.from({ length: size }, (_, i) => Math.abs((seed + 17 * i) % 251))) as ArrayData };
  });
const names = fc.string({ minLength: 1, maxLength: 12 }).filter((name) => !['__proto__', 'constructor', 'prototype', '__metadata__'].includes(name));

test('what is written reads back, at any alignment of the file in memory', () => {
  fc.assert(
    fc.property(
      fc.dictionary(names, tensors, { maxKeys: 6 }),
      fc.dictionary(names, fc.string(), { maxKeys: 3 }),
      fc.integer({ min: 0, max: 7 }),
      (given, metadata, shift) => {
        const bytes = writeSafetensors(given, metadata);
        const moved = new Uint8Array(bytes.length + 8).subarray(shift, shift + bytes.length);
        moved.set(bytes);
        const read = readSafetensors(moved, 'x');
        assert.equal([...read.tensors.keys()].sort(), Object.keys(given).sort());
        for (const [name, { shape, data }] of Object.entries(given)) assert.equal(read.tensors.get(name), { shape, data });
        assert.equal(Object.fromEntries(read.metadata), { ...metadata });
      },
    ),
    { numRuns: 60, seed: 1 },
  );
});

test('bytes do not depend on the order of the tensors, and data are aligned to their items', () => {
  const a = { shape: [1], data: Uint8Array.of(1) };
  const b = { shape: [3], data: Float64Array.of(1, 2, 3) };
  const c = { shape: [], data: Float32Array.of(4) };
  const bytes = writeSafetensors({ a, b, c }, { y: '1', x: '2' });
  assert.equal(writeSafetensors({ c, b, a }, { x: '2', y: '1' }), bytes);
  assert.is(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8, 0);
  assert.equal([...readSafetensors(bytes, 'x').tensors.keys()], ['b', 'c', 'a']);
});

test('random damage to a file is refused or read, never anything else', () => {
  const good = writeSafetensors({ w: { shape: [2, 3], data: new Float32Array(6) }, step: { shape: [], data: Int32Array.of(7) } }, { note: '"x"' });
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: good.length - 1 }),
      fc.integer({ min: 0, max: 255 }),
      fc.integer({ min: 0, max: good.length }),
      (at, value, length) => {
        const bytes = good.slice(0, length);
        if (at < length) bytes[at] = value;
        try {
          readSafetensors(bytes, 'x');
        } catch (error) {
          assert.instance(error, RunFormatError);
        }
      },
    ),
    { numRuns: 500, seed: 2 },
  );
});

test('64-bit integers are read exactly or refused', () => {
  const bytes = file(`{"a":${entry('I64', [1], [0, 8])}}`, 8);
  new DataView(bytes.buffer).setBigInt64(bytes.length - 8, -5n, true);
  assert.equal(readSafetensors(bytes, 'x').tensors.get('a')?.data, Float64Array.of(-5));
  new DataView(bytes.buffer).setBigInt64(bytes.length - 8, 2n ** 60n, true);
  assert.throws(() => readSafetensors(bytes, 'x'), /below 2\^53/);
});

test('data that do not fit their shape, and reserved names, are not written', () => {
  assert.throws(() => writeSafetensors({ a: { shape: [2], data: new Float32Array(3) } }), /expected 2 numbers for a \[2\], got 3/);
  assert.throws(() => writeSafetensors({ __metadata__: { shape: [], data: new Float32Array(1) } }), /reserved/);
});

test.run();
