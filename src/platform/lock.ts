// Keeps a directory to one process at a time. The mark of a process that was killed does not count: it names a process that is no more.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { ConfigError } from '../errors.js';
import { makeFolder } from './node.js';

/** Takes a directory, making it first; returns what gives it back. Throws ConfigError while another process of this machine has it. */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  // listed by no storage, as all names that begin with a dot and end in .tmp
  const file = join(resolve(directory), '.process.tmp');
  const own = `${process.pid} ${hostname()}`;
  const found = await readFile(file, 'utf8').catch(() => null);
  const [pid = '', host] = found?.trim().split(' ') ?? [];
  if (found !== null && host === hostname() && Number(pid) !== process.pid && isAlive(Number(pid)))
    throw new ConfigError(directory, [`expected a directory that no other process works in, got one that process ${pid} has; wait for it, or stop it`]);
  try {
    await makeFolder(resolve(directory));
    await writeFile(file, own);
  } catch (error) {
    throw new ConfigError(directory, [
      `expected a directory that can be written, got ${error instanceof Error ? error.message : String(error)}; name another one`,
    ]);
  }
  return () => rm(file, { force: true });
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
