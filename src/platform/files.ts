// Files that the command line reads and writes by name, outside run directories (those go through node.ts), and modules it imports.
import { access, constants, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConfigError } from '../errors.js';
import { makeFolder } from './node.js';

/** The text of a file. Throws ConfigError when it cannot be read. */
export async function readTextFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new ConfigError(path, [`expected a file that can be read, got ${reason(error)}`]);
  }
}

/** The bytes of a file of at most `most` bytes, or null for a directory. Throws ConfigError when it is larger or cannot be read. */
export async function readFileBytes(path: string, most: number): Promise<Uint8Array | null> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return null;
    if (found.size <= most) return new Uint8Array(await readFile(path));
  } catch (error) {
    throw new ConfigError(path, [`expected a file or directory that can be read, got ${reason(error)}`]);
  }
  throw new ConfigError(path, [`expected a file of at most ${most} bytes, got a larger one`]);
}

/** Writes a text file, making its folder first. Throws ConfigError when that is not possible. */
export async function writeTextFile(path: string, text: string): Promise<void> {
  try {
    await makeFolder(dirname(resolve(path)));
    await writeFile(path, text);
  } catch (error) {
    throw new ConfigError(path, [`expected a file that can be written, got ${reason(error)}; name another one`]);
  }
}

/** Throws ConfigError unless a file of this name could be written now; makes nothing. */
export async function checkWritableFile(path: string): Promise<void> {
  const kind = async (place: string) => {
    const found = await stat(place).catch(() => null);
    return found === null ? 'nothing' : found.isDirectory() ? 'a folder' : 'a file';
  };
  const refuse = (what: string) => {
    throw new ConfigError(path, [`expected a file that can be written, got ${what}; name another one`]);
  };
  let place = resolve(path);
  let found = await kind(place);
  if (found === 'a folder') refuse(found);
  if (found === 'nothing') {
    while (found === 'nothing' && dirname(place) !== place) {
      place = dirname(place);
      found = await kind(place);
    }
    if (found !== 'a folder') refuse(`${found} at ${place}`);
  }
  await access(place, constants.W_OK).catch((error) => refuse(reason(error)));
}

/** The namespace of a JavaScript module; a relative path starts at the folder of `besides`. Throws ConfigError when it cannot be loaded. */
export async function importModule(path: string, besides: string): Promise<unknown> {
  const file = resolve(dirname(besides), path);
  try {
    return await import(pathToFileURL(file).href);
  } catch (error) {
    throw new ConfigError(besides, [`task.module: expected a JavaScript module at ${file}, got ${reason(error)}`]);
  }
}

/** The folder that a file lies in. */
export function folderOf(path: string): string {
  return dirname(resolve(path));
}

/** An absolute path as people copy it. */
export function absolutePath(path: string): string {
  return resolve(path);
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
