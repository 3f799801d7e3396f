// The safetensors format (huggingface/safetensors): 8-byte header length, JSON header, raw little-endian data. Reads hostile files safely.
// Written files have sorted names and aligned data, so equal tensors give equal bytes.
import { RunFormatError } from '../errors.js';

export type ArrayData = Float64Array | Float32Array | Int32Array | Uint8Array;

export interface ArrayTensor {
  readonly shape: readonly number[];
  readonly data: ArrayData;
}

export interface SafetensorsFile {
  /** In the order of the data. */
  readonly tensors: ReadonlyMap<string, ArrayTensor>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** The original library's limit on the header, bytes. */
const largestHeader = 100_000_000;

/** What each dtype is read into: bytes per item and the conversion of a copy that is aligned. I64 becomes f64, exactly or not at all. */
const dtypes: Readonly<Record<string, { readonly size: number; convert(bytes: ArrayBuffer): ArrayData | null }>> = Object.assign(Object.create(null), {
  F64: { size: 8, convert: (bytes: ArrayBuffer) => new Float64Array(bytes) },
  F32: { size: 4, convert: (bytes: ArrayBuffer) => new Float32Array(bytes) },
  I64: { size: 8, convert: (bytes: ArrayBuffer) => exactIntegers(new BigInt64Array(bytes)) },
  I32: { size: 4, convert: (bytes: ArrayBuffer) => new Int32Array(bytes) },
  U8: { size: 1, convert: (bytes: ArrayBuffer) => new Uint8Array(bytes) },
  BOOL: { size: 1, convert: (bytes: ArrayBuffer) => new Uint8Array(bytes) },
});

/** Names that would reach into an object's prototype wherever tensors end up as properties. */
const reservedNames = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Reads a whole file. `where` names it in messages. Throws RunFormatError when the header is longer than the file or the limit, is not JSON, or
 * names anything twice; and when dtypes, shapes, offsets and the file's length do not agree exactly (no gap, no overlap, no rest).
 */
export function readSafetensors(bytes: Uint8Array, where: string): SafetensorsFile {
  const { header, dataStart } = readHeader(bytes, where);
  const metadata = new Map<string, string>();
  const entries: { name: string; dtype: string; shape: number[]; begin: number; end: number }[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (reservedNames.has(name)) throw new RunFormatError(`${where}: expected names of tensors, got "${name}", which no tensor may have`);
    if (name === '__metadata__') readMetadata(value, metadata, where);
    else entries.push({ name, ...readEntry(name, value, where) });
  }
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  const tensors = new Map<string, ArrayTensor>();
  let position = 0;
  for (const { name, dtype, shape, begin, end } of entries) {
    if (begin !== position)
      throw new RunFormatError(`${where}: expected the data of ${name} to begin at ${position}, got ${begin}; tensors may neither overlap nor leave gaps`);
    if (end > bytes.length - dataStart)
      throw new RunFormatError(
        `${where}: expected the data of ${name} to end within the file's ${bytes.length - dataStart} data bytes, got ${end}; was the file cut off?`,
      );
    // A copy through the constructor: `slice` of a Node Buffer would share memory, unaligned.
    const copy = new Uint8Array(bytes.subarray(dataStart + begin, dataStart + end));
    const data = (dtypes[dtype] as (typeof dtypes)[string]).convert(copy.buffer);
    if (!data) throw new RunFormatError(`${where}: expected integers of ${name} below 2^53, got larger ones`);
    tensors.set(name, { shape, data });
    position = end;
  }
  if (dataStart + position !== bytes.length) {
    throw new RunFormatError(`${where}: expected ${dataStart + position} bytes, got ${bytes.length}; the rest belongs to no tensor`);
  }
  return { tensors, metadata };
}

function readHeader(bytes: Uint8Array, where: string): { header: Record<string, unknown>; dataStart: number } {
  if (bytes.length < 8) throw new RunFormatError(`${where}: expected a safetensors file of at least 8 bytes, got ${bytes.length}`);
  const stated = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (stated > BigInt(Math.min(largestHeader, bytes.length - 8))) {
    throw new RunFormatError(
      `${where}: expected a header of at most ${Math.min(largestHeader, bytes.length - 8)} bytes, got a stated length of ${stated}; is this a safetensors file, and whole?`,
    );
  }
  const length = Number(stated);
  if (bytes[8] !== 0x7b)
    throw new RunFormatError(`${where}: expected a header that begins with {, got byte ${bytes[8] ?? 'none'}; is this a safetensors file?`);
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length));
    header = JSON.parse(text);
  } catch (error) {
    throw new RunFormatError(`${where}: expected a JSON header, got text that does not parse (${(error as Error).message})`);
  }
  const repeated = repeatedKey(text);
  if (repeated !== null) throw new RunFormatError(`${where}: expected every name once, got "${repeated}" twice`);
  return { header: header as Record<string, unknown>, dataStart: 8 + length };
}

function readMetadata(value: unknown, metadata: Map<string, string>, where: string): void {
  if (!isObject(value)) throw new RunFormatError(`${where}: expected __metadata__ as an object of strings, got ${describe(value)}`);
  for (const [key, text] of Object.entries(value)) {
    if (reservedNames.has(key)) throw new RunFormatError(`${where}: expected keys of metadata, got "${key}", which is reserved`);
    if (typeof text !== 'string') throw new RunFormatError(`${where}: expected __metadata__.${key} as a string, got ${describe(text)}`);
    metadata.set(key, text);
  }
}

function readEntry(name: string, value: unknown, where: string): { dtype: string; shape: number[]; begin: number; end: number } {
  const at = `${where}: ${name}`;
  if (!isObject(value)) throw new RunFormatError(`${at}: expected an object with dtype, shape and data_offsets, got ${describe(value)}`);
  const { dtype, shape, data_offsets: offsets } = value;
  const known = typeof dtype === 'string' ? dtypes[dtype] : undefined;
  if (!known) throw new RunFormatError(`${at}: expected dtype ${Object.keys(dtypes).join(', ')}, got ${describe(dtype)}`);
  if (!Array.isArray(shape) || !shape.every(isCount)) throw new RunFormatError(`${at}: expected a shape of whole numbers, got ${describe(shape)}`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount) || offsets[0] > offsets[1]) {
    throw new RunFormatError(`${at}: expected data_offsets [begin, end], got ${describe(offsets)}`);
  }
  const bytes = shape.reduce<number>((product, size) => product * size, known.size);
  if (!Number.isSafeInteger(bytes)) throw new RunFormatError(`${at}: expected a shape that memory can hold, got [${shape.join(', ')}]`);
  if (bytes !== offsets[1] - offsets[0])
    throw new RunFormatError(`${at}: expected ${bytes} bytes for ${dtype} [${shape.join(', ')}], got ${offsets[1] - offsets[0]}`);
  return { dtype: dtype as string, shape, begin: offsets[0], end: offsets[1] };
}

/** The first key that an object of this valid JSON text states twice (JSON.parse would keep the last silently), or null. */
function repeatedKey(text: string): string | null {
  const scopes: Set<string>[] = [];
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '{' || character === '[') scopes.push(new Set());
    else if (character === '}' || character === ']') scopes.pop();
    else if (character === '"') {
      const start = i++;
      while (text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
      let next = i + 1;
      while (' \n\r\t'.includes(text[next] ?? 'x')) next++;
      if (text[next] !== ':') continue;
      const key = JSON.parse(text.slice(start, i + 1)) as string;
      if (scopes.at(-1)?.has(key)) return key;
      scopes.at(-1)?.add(key);
    }
  }
  return null;
}

function exactIntegers(values: BigInt64Array): Float64Array | null {
  const numbers = Float64Array.from(values, Number);
  return numbers.every(Number.isSafeInteger) ? numbers : null;
}

/**
 * A file's bytes. Tensors lie by item size (largest first, hence aligned), then by name; metadata by key. Throws RunFormatError for a reserved
 * name or data that do not fit the shape.
 */
export function writeSafetensors(tensors: Readonly<Record<string, ArrayTensor>>, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const names = Object.keys(tensors).sort((a, b) => {
    const bySize = (tensors[b] as ArrayTensor).data.BYTES_PER_ELEMENT - (tensors[a] as ArrayTensor).data.BYTES_PER_ELEMENT;
    return bySize || (a < b ? -1 : 1);
  });
  const parts: string[] = [];
  const keys = Object.keys(metadata).sort();
  if (keys.length > 0) parts.push(`"__metadata__":{${keys.map((key) => `${JSON.stringify(key)}:${JSON.stringify(metadata[key])}`).join(',')}}`);
  let length = 0;
  for (const name of names) {
    const { shape, data } = tensors[name] as ArrayTensor;
    const size = shape.reduce((product, n) => product * n, 1);
    if (reservedNames.has(name) || name === '__metadata__')
      throw new RunFormatError(`writeSafetensors: expected a name for a tensor, got "${name}", which is reserved`);
    if (size !== data.length) throw new RunFormatError(`writeSafetensors: expected ${size} numbers for ${name} [${shape.join(', ')}], got ${data.length}`);
    parts.push(`${JSON.stringify(name)}:{"dtype":"${dtypeOf(data)}","shape":[${shape.join(',')}],"data_offsets":[${length},${length + data.byteLength}]}`);
    length += data.byteLength;
  }
  const json = new TextEncoder().encode(`{${parts.join(',')}}`);
  const headerLength = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerLength + length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.fill(0x20, 8, 8 + headerLength);
  bytes.set(json, 8);
  let position = 8 + headerLength;
  for (const name of names) {
    const { data } = tensors[name] as ArrayTensor;
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position);
    position += data.byteLength;
  }
  return bytes;
}

function dtypeOf(data: ArrayData): string {
  if (data instanceof Float64Array) return 'F64';
  if (data instanceof Float32Array) return 'F32';
  return data instanceof Int32Array ? 'I32' : 'U8';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** A value from a file for a message: never longer than a line, never deeper than a list. */
export function describe(value: unknown): string {
  if (Array.isArray(value))
    return value.length <= 8 && value.every((item) => typeof item !== 'object' && String(item).length < 20)
      ? `[${value.join(', ')}]`
      : `a list of length ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
