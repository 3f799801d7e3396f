// A run directory that is kept in two places: the worker's memory, and whoever hears of its changes.
import { memoryStorage } from '../runs/memory-storage.js';
import type { Storage } from '../runs/storage.js';
import type { FileChange, Files } from './protocol.js';

const nothing = new Uint8Array();

/** A storage in memory that begins with `files` and reports every change once it is made. */
export function reportingStorage(files: Files, location: string, report: (change: FileChange) => void): Storage {
  const storage = memoryStorage(Object.entries(files), location);
  const bytes = (data: Uint8Array | string) => (typeof data === 'string' ? new TextEncoder().encode(data) : data);
  return {
    ...storage,
    async write(path, data) {
      await storage.write(path, data);
      report({ path, kind: 'write', data: bytes(data) });
    },
    async append(path, text) {
      await storage.append(path, text);
      report({ path, kind: 'append', data: bytes(text) });
    },
    async remove(path) {
      await storage.remove(path);
      report({ path, kind: 'remove', data: nothing });
    },
  };
}

/** Makes a reported change in a directory of one's own. */
export function applyChange(files: Map<string, Uint8Array>, { path, kind, data }: FileChange): void {
  if (kind === 'remove') files.delete(path);
  else if (kind === 'write') files.set(path, data);
  else {
    const old = files.get(path) ?? nothing;
    const joined = new Uint8Array(old.length + data.length);
    joined.set(old);
    joined.set(data, old.length);
    files.set(path, joined);
  }
}
