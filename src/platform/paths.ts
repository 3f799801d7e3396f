// Paths inside a storage (disk, OPFS, memory): the one check that keeps them below its root.
import { RunFormatError } from '../errors.js';

// Backslash and colon mean something on Windows; control characters nowhere.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is refused
const refused = /[\\:\u0000-\u001f]/;

/** Splits a storage path into its names; `''` is the root itself. Throws RunFormatError unless it is relative, uses `/`, and stays below the root. */
export function pathNames(path: string): string[] {
  if (path === '') return [];
  const names = path.split('/');
  if (names.some((name) => name === '' || name === '.' || name === '..' || refused.test(name))) {
    throw new RunFormatError(`storage: expected a relative path of plain names joined by "/", got ${JSON.stringify(path)}`);
  }
  return names;
}
