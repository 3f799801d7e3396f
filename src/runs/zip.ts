// Runs as zip archives: what the lab downloads and opens, and what `analyse` reads. An archive may come from anyone, so that reading trusts nothing in it.
// Format: PKWARE APPNOTE 6.3.10, sections 4.3 (layout), 4.4 (fields); stored and deflated entries, no zip64, no encryption.
import { Inflate, zipSync } from 'fflate';
import { RunFormatError } from '../errors.js';
import { pathNames } from '../platform/paths.js';

/** What an archive may unpack to. A run with kept checkpoints and arrays is a few megabytes in some dozen files. */
export interface ZipLimits {
  /** All files together, bytes. */
  readonly bytes: number;
  readonly files: number;
}

export const zipLimits: ZipLimits = { bytes: 1e9, files: 10_000 };

// Any time does; the same files then give the same archive.
const fixedTime = new Date(1980, 0, 1);

/** An archive of `files` (path → bytes) below one folder, sorted by path; the same files give the same bytes. */
export function packZip(files: Iterable<readonly [string, Uint8Array]>, folder: string): Uint8Array {
  const entries = [...files].map(([path, data]) => [`${folder}/${path}`, data] as const).sort(([a], [b]) => (a < b ? -1 : 1));
  return zipSync(Object.fromEntries(entries), { level: 6, mtime: fixedTime });
}

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly offset: number;
}

/**
 * The files of an archive, path → bytes; a single folder around everything is taken off, folders and what macOS adds are left out.
 * Throws RunFormatError, naming `where` and the entry, for anything but an intact archive of plain files below the archive's root and within `limits`:
 * nothing is unpacked beyond them, whatever the archive says of itself.
 */
export function unpackZip(archive: Uint8Array, where: string, limits: ZipLimits = zipLimits): Map<string, Uint8Array> {
  const entries = listEntries(archive, where, limits).filter(({ name }) => !name.endsWith('/') && !isLitter(name));
  checkNames(entries, where);
  const total = entries.reduce((sum, { size }) => sum + size, 0);
  if (total > limits.bytes) throw new RunFormatError(`${where}: expected files of at most ${limits.bytes} bytes together, got ${total}; is this a run?`);
  const around = commonFolder(entries.map(({ name }) => name));
  return new Map(entries.map((entry) => [entry.name.slice(around.length), unpackEntry(archive, entry, where)]));
}

function listEntries(archive: Uint8Array, where: string, limits: ZipLimits): Entry[] {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const end = endRecord(view, where);
  const count = view.getUint16(end + 10, true);
  const size = view.getUint32(end + 12, true);
  const start = view.getUint32(end + 16, true);
  if (count === 0xffff || size === 0xffffffff || start === 0xffffffff)
    throw new RunFormatError(`${where}: expected a plain zip archive, got one in zip64 format`);
  if (view.getUint16(end + 4, true) !== 0 || start + size > end) throw broken(where, 'a directory that lies outside the file');
  if (count > limits.files) throw new RunFormatError(`${where}: expected at most ${limits.files} files, got ${count}; is this a run?`);
  const entries: Entry[] = [];
  let at = start;
  for (let i = 0; i < count; i++) {
    if (at + 46 > end || view.getUint32(at, true) !== 0x02014b50) throw broken(where, `no entry ${i + 1} of ${count}`);
    const lengths = [28, 30, 32].map((field) => view.getUint16(at + field, true)) as [number, number, number];
    const next = at + 46 + lengths[0] + lengths[1] + lengths[2];
    if (next > end) throw broken(where, `an entry ${i + 1} that does not end`);
    const name = nameOf(archive.subarray(at + 46, at + 46 + lengths[0]), where);
    const flags = view.getUint16(at + 8, true);
    const method = view.getUint16(at + 10, true);
    if ((flags & 1) !== 0) throw new RunFormatError(`${where}: expected files without a password, got ${JSON.stringify(name)} encrypted`);
    if (method !== 0 && method !== 8)
      throw new RunFormatError(`${where}: expected ${JSON.stringify(name)} stored or deflated, got compression method ${method}`);
    // The upper half of the attributes is the mode where the archive was made on a Unix system; 0xa000 marks a symbolic link.
    if ((view.getUint16(at + 40, true) & 0xf000) === 0xa000)
      throw new RunFormatError(`${where}: expected plain files, got the symbolic link ${JSON.stringify(name)}`);
    entries.push({
      name,
      method,
      crc: view.getUint32(at + 16, true),
      packed: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    });
    at = next;
  }
  return entries;
}

/** Where the end record begins: 22 bytes and a comment of at most 65535 before the end of the file. */
function endRecord(view: DataView, where: string): number {
  for (let at = view.byteLength - 22; at >= 0 && at >= view.byteLength - 22 - 0xffff; at--) {
    if (view.getUint32(at, true) === 0x06054b50 && at + 22 + view.getUint16(at + 20, true) === view.byteLength) return at;
  }
  throw new RunFormatError(`${where}: expected a zip archive, got something else; was the download cut short?`);
}

function nameOf(bytes: Uint8Array, where: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new RunFormatError(`${where}: expected names in UTF-8, got bytes ${[...bytes].slice(0, 20).join(' ')}`);
  }
}

/** Every name is a path below the root, and no two of them are one file or a file and a folder, whether or not capitals count. */
function checkNames(entries: readonly Entry[], where: string): void {
  const files = new Set<string>();
  const folders = new Set<string>();
  for (const { name } of entries) {
    const shown = JSON.stringify(name.slice(0, 100));
    let names: string[] = [];
    try {
      names = pathNames(name);
    } catch {
      // reported below
    }
    if (names.length === 0 || name.length > 1000) throw new RunFormatError(`${where}: expected names below the archive's root, joined by "/", got ${shown}`);
    const path = name.toLowerCase();
    if (files.has(path)) throw new RunFormatError(`${where}: expected every file once, got ${shown} twice`);
    files.add(path);
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) folders.add(path.slice(0, at));
  }
  for (const path of files) if (folders.has(path)) throw new RunFormatError(`${where}: expected ${JSON.stringify(path)} as a file or a folder, got both`);
}

/** What the Finder adds to archives. */
function isLitter(name: string): boolean {
  return name.startsWith('__MACOSX/') || /(^|\/)\.DS_Store$/.test(name);
}

/** `FOLDER/` when everything lies in one folder, else nothing. */
function commonFolder(names: readonly string[]): string {
  const first = names[0] ?? '';
  const folder = first.slice(0, first.indexOf('/') + 1);
  return folder !== '' && names.every((name) => name.startsWith(folder)) ? folder : '';
}

function unpackEntry(archive: Uint8Array, { name, method, crc, packed, size, offset }: Entry, where: string): Uint8Array {
  const shown = JSON.stringify(name);
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  if (offset + 30 > archive.length || view.getUint32(offset, true) !== 0x04034b50) throw broken(where, `nothing where ${shown} should be`);
  const begin = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
  if (begin + packed > archive.length) throw broken(where, `${shown} cut short`);
  const content = archive.subarray(begin, begin + packed);
  const data = method === 0 ? content.slice() : inflated(content, size, shown, where);
  if (data.length !== size || checksum(data) !== crc) throw broken(where, `${shown} with other content than it was packed with`);
  return data;
}

/** Small pieces, so that an entry that unpacks to more than it says is given up at once. */
const piece = 1 << 14;

function inflated(content: Uint8Array, size: number, shown: string, where: string): Uint8Array {
  const data = new Uint8Array(size);
  let length = 0;
  const inflate = new Inflate((chunk) => {
    if (length + chunk.length > size) throw broken(where, `${shown} with more than the ${size} bytes that it claims`);
    data.set(chunk, length);
    length += chunk.length;
  });
  try {
    for (let at = 0; at === 0 || at < content.length; at += piece) inflate.push(content.subarray(at, at + piece), at + piece >= content.length);
  } catch (error) {
    if (error instanceof RunFormatError) throw error;
    throw broken(where, `${shown} that cannot be unpacked (${(error as Error).message})`);
  }
  return data.subarray(0, length);
}

function broken(where: string, what: string): RunFormatError {
  return new RunFormatError(`${where}: expected an intact zip archive, got ${what}; was it damaged or edited?`);
}

let table: Uint32Array | null = null;

/** CRC-32 (polynomial 0xedb88320, reflected), as zip has it. */
function checksum(data: Uint8Array): number {
  table ??= Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
    return value;
  });
  let crc = 0xffffffff;
  for (let i = 0; i < data.length; i++) crc = (table[(crc ^ (data[i] as number)) & 255] as number) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
