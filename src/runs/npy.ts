// NumPy's .npy files, format 1.0 (numpy.lib.format): one array each, little-endian, row-major. Reads hostile files safely.
import { RunFormatError } from '../errors.js';
import type { ArrayData, ArrayTensor } from './safetensors.js';

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] as const;
/** NumPy's own limit on the text of a header, bytes; it also keeps the parse below cheap. */
const largestHeader = 10_000;

/** An array as a .npy file of format 1.0; the data begin at a multiple of 64 bytes. Throws RunFormatError when data and shape do not agree. */
export function writeNpy(shape: readonly number[], data: ArrayData): Uint8Array {
  const size = shape.reduce((product, n) => product * n, 1);
  if (size !== data.length) throw new RunFormatError(`writeNpy: expected ${size} numbers for [${shape.join(', ')}], got ${data.length}`);
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '${descriptorOf(data)}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const headerLength = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const bytes = new Uint8Array(10 + headerLength + data.byteLength);
  bytes.set(magic);
  bytes.set([1, 0], 6);
  new DataView(bytes.buffer).setUint16(8, headerLength, true);
  bytes.set(new TextEncoder().encode(`${text.padEnd(headerLength - 1)}\n`), 10);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 10 + headerLength);
  return bytes;
}

/** Reads a whole file of format 1, 2 or 3. Throws RunFormatError for anything but a complete row-major array of f8, f4, i4 or u1. */
export function readNpy(bytes: Uint8Array, where: string): ArrayTensor {
  if (bytes.length < 12 || !magic.every((byte, i) => bytes[i] === byte)) throw new RunFormatError(`${where}: expected a .npy file, got other bytes`);
  const version = bytes[6] as number;
  if (version < 1 || version > 3) throw new RunFormatError(`${where}: expected .npy format 1, 2 or 3, got ${version}`);
  const numbers = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerStart = version === 1 ? 10 : 12;
  const headerLength = version === 1 ? numbers.getUint16(8, true) : numbers.getUint32(8, true);
  const limit = Math.min(largestHeader, bytes.length - headerStart);
  if (headerLength > limit)
    throw new RunFormatError(`${where}: expected a header of at most ${limit} bytes, got a stated length of ${headerLength}; was the file cut off?`);
  const { descriptor, shape } = parseHeader(new TextDecoder('latin1').decode(bytes.subarray(headerStart, headerStart + headerLength)), where);
  const itemSize = Number(descriptor.slice(2));
  const expected = shape.reduce((product, n) => product * n, itemSize);
  const got = bytes.length - headerStart - headerLength;
  if (expected !== got)
    throw new RunFormatError(`${where}: expected ${expected} bytes of data for ${descriptor} [${shape.join(', ')}], got ${got}; was the file cut off?`);
  // A copy through the constructor: `slice` of a Node Buffer would share memory, unaligned.
  return { shape, data: convert(descriptor, new Uint8Array(bytes.subarray(headerStart + headerLength)).buffer) };
}

/** The three entries of the header's Python dictionary, in any order. */
function parseHeader(text: string, where: string): { descriptor: string; shape: number[] } {
  const dictionary = /^\{(.*)\}\s*$/s.exec(text)?.[1] ?? '';
  const descriptor = /'descr': '([^']*)'/.exec(dictionary)?.[1];
  const order = /'fortran_order': (True|False)/.exec(dictionary)?.[1];
  const tuple = /'shape': \(((?:\d+, ?)*\d*)\)/.exec(dictionary)?.[1];
  if (descriptor === undefined || order === undefined || tuple === undefined) {
    throw new RunFormatError(`${where}: expected a header with descr, fortran_order and shape, got ${JSON.stringify(text.slice(0, 80))}`);
  }
  if (!['<f8', '<f4', '<i4', '|u1', '|b1'].includes(descriptor))
    throw new RunFormatError(`${where}: expected dtype <f8, <f4, <i4, |u1 or |b1, got "${descriptor}"; convert it with astype`);
  if (order === 'True') throw new RunFormatError(`${where}: expected a row-major array, got Fortran order; save it with np.ascontiguousarray`);
  const shape = tuple
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
    .map(Number);
  if (!Number.isSafeInteger(shape.reduce((product, n) => product * n, 8)))
    throw new RunFormatError(`${where}: expected a shape that memory can hold, got (${tuple})`);
  return { descriptor, shape };
}

function convert(descriptor: string, bytes: ArrayBuffer): ArrayData {
  switch (descriptor) {
    case '<f8':
      return new Float64Array(bytes);
    case '<f4':
      return new Float32Array(bytes);
    case '<i4':
      return new Int32Array(bytes);
    default:
      return new Uint8Array(bytes);
  }
}

function descriptorOf(data: ArrayData): string {
  if (data instanceof Float64Array) return '<f8';
  if (data instanceof Float32Array) return '<f4';
  return data instanceof Int32Array ? '<i4' : '|u1';
}
