// Keeps a directory to one process at a time. The mark of a process that was killed does not count: it names a process that is no more.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { ConfigError } from '../errors.js';
import { makeFolder } from './node.js';

/** Takes a directory, making it first; returns what gives it back. Throws ConfigError while another process of this machine has it. */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  // listed by no storage, as all names that begin with a dot and end in .tmp
  const file = join(resolve(directory), '.process.tmp');
  const own = `${process.pid} ${hostname()}`;
  try {
    await makeFolder(resolve(directory));
    // whoever makes the file has the directory; a mark that does not count goes first
    while (!(await make(file, own))) {
      const read = () => readFile(file, 'utf8').catch(() => '');
      // empty: another process is about to write it
      const holder = holderOf((await read()) || (await setTimeout(50).then(read)));
      if (holder !== null)
        throw new ConfigError(directory, [
          `expected a directory that no other process works in, got one that process ${holder} has; wait for it, or stop it; where that is another program, remove ${file}`,
        ]);
      await rm(file, { force: true });
    }
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(directory, [
      `expected a directory that can be written, got ${error instanceof Error ? error.message : String(error)}; name another one`,
    ]);
  }
  return () => rm(file, { force: true });
}

/** Writes a file that is not there yet; false where it is. */
async function make(file: string, text: string): Promise<boolean> {
  try {
    await writeFile(file, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The other process of this machine that a mark names, or null: it is none, or no more. */
function holderOf(mark: string): number | null {
  const [pid = '', host] = mark.trim().split(' ');
  return host === hostname() && Number(pid) !== process.pid && isAlive(Number(pid)) ? Number(pid) : null;
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It exists, but belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
