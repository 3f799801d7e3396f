// A run directory in memory: for library calls that want no files, for browsers, and for tests.
import { RunFormatError } from '../errors.js';
import { pathNames } from '../platform/paths.js';
import type { Storage } from './storage.js';

/** A storage whose files are the entries of `files` (path → bytes). */
export interface MemoryStorage extends Storage {
  readonly files: Map<string, Uint8Array>;
}

/** An empty storage in memory, or one that holds a copy of `files`. `location` names it in messages. */
export function memoryStorage(files: Iterable<readonly [string, Uint8Array]> = [], location = 'memory'): MemoryStorage {
  const content = new Map([...files].map(([path, data]) => [path, data.slice()]));
  const bytes = (data: Uint8Array | string) => (typeof data === 'string' ? new TextEncoder().encode(data) : data.slice());
  const file = (path: string) => {
    if (pathNames(path).length === 0) throw new RunFormatError(`${location}: expected the path of a file, got ""`);
    return path;
  };
  return {
    location,
    files: content,
    async exists(path) {
      const folder = pathNames(path).length === 0 ? '' : `${path}/`;
      return content.has(path) || [...content.keys()].some((name) => name.startsWith(folder));
    },
    async read(path) {
      const data = content.get(file(path));
      if (!data) throw new RunFormatError(`${location}: expected a file ${path}, got none; is this a run directory?`);
      return data.slice();
    },
    async write(path, data) {
      content.set(file(path), bytes(data));
    },
    async append(path, text) {
      const old = content.get(file(path)) ?? new Uint8Array();
      const added = bytes(text);
      const joined = new Uint8Array(old.length + added.length);
      joined.set(old);
      joined.set(added, old.length);
      content.set(path, joined);
    },
    async list(path) {
      const folder = pathNames(path).length === 0 ? '' : `${path}/`;
      const names = new Set<string>();
      for (const name of content.keys()) {
        if (!name.startsWith(folder)) continue;
        const [first, ...rest] = name.slice(folder.length).split('/');
        names.add(rest.length > 0 ? `${first}/` : (first as string));
      }
      return [...names].sort();
    },
    async remove(path) {
      content.delete(file(path));
    },
  };
}
