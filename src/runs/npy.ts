// NumPy's .npy files (numpy.lib.format): one array each. Written in format 1.0, little-endian and row-major; formats 1 to 3, either byte order and either
// order of axes are read. Reads hostile files safely.
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

/** What a dtype is read into. Integers that i32 cannot hold become f64, exactly or not at all. */
interface Reader {
  readonly size: number;
  read(view: DataView, at: number, little: boolean): number;
  readonly target: new (length: number) => ArrayData;
}

/** By NumPy's kind and size, without the byte order. */
const readers: Readonly<Record<string, Reader>> = Object.assign(Object.create(null), {
  f8: { size: 8, read: (view, at, little) => view.getFloat64(at, little), target: Float64Array },
  f4: { size: 4, read: (view, at, little) => view.getFloat32(at, little), target: Float32Array },
  i8: { size: 8, read: (view, at, little) => exact(view.getBigInt64(at, little)), target: Float64Array },
  u8: { size: 8, read: (view, at, little) => exact(view.getBigUint64(at, little)), target: Float64Array },
  i4: { size: 4, read: (view, at, little) => view.getInt32(at, little), target: Int32Array },
  u4: { size: 4, read: (view, at, little) => view.getUint32(at, little), target: Float64Array },
  i2: { size: 2, read: (view, at, little) => view.getInt16(at, little), target: Int32Array },
  u2: { size: 2, read: (view, at, little) => view.getUint16(at, little), target: Int32Array },
  i1: { size: 1, read: (view, at) => view.getInt8(at), target: Int32Array },
  u1: { size: 1, read: (view, at) => view.getUint8(at), target: Uint8Array },
  b1: { size: 1, read: (view, at) => (view.getUint8(at) === 0 ? 0 : 1), target: Uint8Array },
} satisfies Readonly<Record<string, Reader>>);

/** NaN for integers beyond those that f64 holds exactly. */
function exact(value: bigint): number {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : Number.NaN;
}

/**
 * Reads a whole file of format 1, 2 or 3 as a row-major array. Booleans are 0 and 1 in bytes. Throws RunFormatError for anything but a complete array of
 * numbers of a known dtype: f8, f4, i8, u8, i4, u4, i2, u2, i1, u1, b1.
 */
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
  const { descriptor, shape, fortran } = parseHeader(new TextDecoder('latin1').decode(bytes.subarray(headerStart, headerStart + headerLength)), where);
  const reader = readers[descriptor.slice(1)] as Reader;
  const start = headerStart + headerLength;
  const expected = shape.reduce((product, n) => product * n, reader.size);
  if (expected !== bytes.length - start)
    throw new RunFormatError(
      `${where}: expected ${expected} bytes of data for ${descriptor} [${shape.join(', ')}], got ${bytes.length - start}; was the file cut off?`,
    );
  const data = readData(bytes, start, descriptor, reader);
  if (data instanceof Float64Array && reader.size === 8 && descriptor[1] !== 'f' && data.some(Number.isNaN))
    throw new RunFormatError(`${where}: expected integers below 2^53, got larger ones`);
  return { shape, data: fortran && shape.length > 1 ? rowMajor(data, shape) : data };
}

function readData(bytes: Uint8Array, start: number, descriptor: string, { size, read, target: Numbers }: Reader): ArrayData {
  const length = (bytes.length - start) / size;
  if (descriptor[0] !== '>' && nativeDtypes.includes(descriptor.slice(1))) {
    // A copy through the constructor: `slice` of a Node Buffer would share memory, unaligned.
    const copy = new Uint8Array(bytes.subarray(start)).buffer;
    return new (Numbers as unknown as new (buffer: ArrayBuffer) => ArrayData)(copy);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, bytes.length - start);
  const data = new Numbers(length);
  for (let i = 0; i < length; i++) data[i] = read(view, i * size, descriptor[0] !== '>');
  return data;
}

/** Dtypes whose bytes are those of the array that they are read into. */
const nativeDtypes: readonly string[] = ['f8', 'f4', 'i4', 'u1'];

/** Numbers in Fortran order, first axis fastest, put into row-major order. */
function rowMajor(data: ArrayData, shape: readonly number[]): ArrayData {
  const result = data.slice();
  const index = shape.map(() => 0);
  const strides: number[] = [];
  shape.reduce((stride, n) => {
    strides.push(stride);
    return stride * n;
  }, 1);
  let from = 0;
  for (let i = 0; i < result.length; i++) {
    result[i] = data[from] as number;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1;
      from += strides[axis] as number;
      if ((index[axis] as number) < (shape[axis] as number)) break;
      from -= (shape[axis] as number) * (strides[axis] as number);
      index[axis] = 0;
    }
  }
  return result;
}

/** The three entries of the header's Python dictionary, in any order. */
function parseHeader(text: string, where: string): { descriptor: string; shape: number[]; fortran: boolean } {
  const dictionary = /^\{(.*)\}\s*$/s.exec(text)?.[1] ?? '';
  const descriptor = /'descr': '([^']*)'/.exec(dictionary)?.[1];
  const order = /'fortran_order': (True|False)/.exec(dictionary)?.[1];
  const tuple = /'shape': \(((?:\d+, ?)*\d*)\)/.exec(dictionary)?.[1];
  if (descriptor === undefined || order === undefined || tuple === undefined) {
    throw new RunFormatError(`${where}: expected a header with descr, fortran_order and shape, got ${JSON.stringify(text.slice(0, 80))}`);
  }
  const reader = readers[descriptor.slice(1)];
  if (!reader || !(['<', '>'].includes(descriptor[0] as string) || (reader.size === 1 && descriptor[0] === '|')))
    throw new RunFormatError(
      `${where}: expected dtype ${Object.keys(readers).join(', ')}, got ${JSON.stringify(descriptor.slice(0, 40))}; convert it with astype`,
    );
  const shape = tuple
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
    .map(Number);
  if (shape.length > mostAxes || !Number.isSafeInteger(shape.reduce((product, n) => product * n, 8)))
    throw new RunFormatError(`${where}: expected a shape that memory can hold, got (${tuple.slice(0, 80)})`);
  return { descriptor, shape, fortran: order === 'True' };
}

/** NumPy's own limit. */
const mostAxes = 64;

function descriptorOf(data: ArrayData): string {
  if (data instanceof Float64Array) return '<f8';
  if (data instanceof Float32Array) return '<f4';
  return data instanceof Int32Array ? '<i4' : '|u1';
}
