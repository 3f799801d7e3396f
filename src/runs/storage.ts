// Where a run lives: one small interface for a folder on disk, OPFS and memory. Paths are relative, with `/`, and never leave the root.
import { RunFormatError } from '../errors.js';

export interface Storage {
  /** A name people recognise: a path, `memory`, … */
  readonly location: string;
  exists(path: string): Promise<boolean>;
  /** Throws RunFormatError when the file is missing. */
  read(path: string): Promise<Uint8Array>;
  /** Writes to a temporary name, flushes, then renames: a reader sees the old file or the new one, never half of one. */
  write(path: string, data: Uint8Array | string): Promise<void>;
  /** Appends whole lines (metrics). A killed process may leave the last line short. */
  append(path: string, text: string): Promise<void>;
  /** Makes what was appended to a file survive a power cut. Storages that cannot lose it leave this out. */
  flush?(path: string): Promise<void>;
  /** Names directly below `path` (`''`: the root), sorted; folders end in `/`, temporary files are left out. Empty when `path` does not exist. */
  list(path: string): Promise<string[]>;
  /** Removes a file; nothing happens when it is missing. */
  remove(path: string): Promise<void>;
  /** Throws ConfigError when nothing could be written here, without writing anything. Storages that always can leave it out. */
  checkWritable?(): Promise<void>;
}

/** UTF-8 text of a file in `storage`. Throws RunFormatError when it is missing. */
export async function readText(storage: Storage, path: string): Promise<string> {
  return new TextDecoder().decode(await storage.read(path));
}

/** A JSON file of `storage`, parsed; keys named `__proto__` are dropped. Throws RunFormatError, naming the file, when it is missing or not JSON. */
export async function readJson(storage: Storage, path: string): Promise<unknown> {
  const text = await readText(storage, path);
  try {
    return JSON.parse(text, (key, value) => (key === '__proto__' ? undefined : value));
  } catch (error) {
    throw new RunFormatError(`${storage.location}/${path}: expected JSON, got ${(error as Error).message}; the file was damaged or edited`);
  }
}

/** Writes a value as indented JSON with a final newline. */
export async function writeJson(storage: Storage, path: string, value: unknown): Promise<void> {
  await storage.write(path, `${JSON.stringify(value, null, 2)}\n`);
}
