// Node's side of the platform: run directories on disk, and the facts about this machine and program that a manifest records.
import { appendFile, mkdir, open, readdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError, MotorloopError, RunFormatError } from '../errors.js';
import type { HostFacts } from '../runs/manifest.js';
import type { Storage } from '../runs/storage.js';
import { VERSION } from '../version.js';
import { pathNames } from './paths.js';

// Mistakes in the choice of a directory, which another directory cures; anything else (a full disk, a failing one) is a failure of the machine.
const badDirectory = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'EISDIR', 'ENAMETOOLONG', 'ELOOP', 'ENOENT']);

/** A folder on disk as storage. Made, with its parents, at the first write. One process may write to it at a time. */
export function nodeStorage(directory: string): Storage {
  const root = resolve(directory);
  const place = (path: string) => join(root, ...pathNames(path));
  const failed = (path: string, error: unknown): never => {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code && badDirectory.has(code)) throw new ConfigError(directory, [`expected a directory that can be written, got ${message}; name another one`]);
    throw new MotorloopError(`${directory}: expected to write ${path}, got ${message}; is the disk full?`);
  };

  return {
    location: directory,
    async exists(path) {
      return (await kindOf(place(path))) !== null;
    },
    async read(path) {
      try {
        return new Uint8Array(await readFile(place(path)));
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        if (code === 'ENOENT' || code === 'ENOTDIR') throw new RunFormatError(`${directory}: expected a file ${path}, got none; is this a run directory?`);
        throw new RunFormatError(`${directory}: expected to read ${path}, got ${message}`);
      }
    },
    async write(path, data) {
      const target = place(path);
      // A leading dot and the suffix keep it out of `list`; one name a file, so that what a killed process left is overwritten by the next.
      const temporary = join(dirname(target), `.${basename(target)}.tmp`);
      try {
        await makeFolder(dirname(target));
        const file = await open(temporary, 'w');
        try {
          await file.writeFile(data);
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(temporary, target);
        await syncFolder(dirname(target));
      } catch (error) {
        await rm(temporary, { force: true }).catch(() => undefined);
        failed(path, error);
      }
    },
    async append(path, text) {
      const target = place(path);
      try {
        await makeFolder(dirname(target));
        await appendFile(target, text);
      } catch (error) {
        failed(path, error);
      }
    },
    async flush(path) {
      const file = await open(place(path), 'r+');
      try {
        await file.datasync();
      } catch (error) {
        failed(path, error);
      } finally {
        await file.close();
      }
    },
    async list(path) {
      try {
        const entries = await readdir(place(path), { withFileTypes: true });
        return entries
          .filter((entry) => !isTemporary(entry.name))
          .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
          .sort();
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        if (code === 'ENOENT') return [];
        throw new ConfigError(directory, [`expected a directory that can be read, got ${message}; name another one`]);
      }
    },
    async remove(path) {
      await rm(place(path), { force: true });
    },
    async checkWritable() {
      // Permissions do not tell (root may do anything, and still not write to /proc), so that only an attempt does. It leaves nothing behind.
      let made: string[] = [];
      try {
        made = await makeFolder(root);
        const probe = join(root, '.probe.tmp');
        await writeFile(probe, '');
        await rm(probe);
      } catch (error) {
        failed('', error);
      } finally {
        for (const folder of made.reverse()) await rmdir(folder).catch(() => undefined);
      }
    },
  };
}

/**
 * Makes a folder and its missing parents; returns those it made, outermost first. Throws like mkdir. Node's own recursive mkdir never returns below a
 * folder that exists but takes no entries, as in /proc (seen with Node 20.20 on Linux).
 */
export async function makeFolder(path: string): Promise<string[]> {
  const kind = await kindOf(path);
  if (kind === 'folder') return [];
  if (kind === 'file') throw Object.assign(new Error(`a file at ${path}`), { code: 'ENOTDIR' });
  const made = await makeFolder(dirname(path));
  try {
    await mkdir(path);
  } catch (error) {
    // Someone else made it in between.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return [...made, path];
}

function isTemporary(name: string): boolean {
  return name.startsWith('.') && name.endsWith('.tmp');
}

async function kindOf(path: string): Promise<'file' | 'folder' | null> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch {
    return null;
  }
}

/** Makes a rename survive a power cut. Not every system can open a folder (Windows cannot); the rename itself has then happened all the same. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => null);
  if (!folder) return;
  try {
    await folder.sync();
  } catch {
    // EINVAL or EPERM on some file systems: they have no such call.
  } finally {
    await folder.close();
  }
}

/** The facts about this process and machine. */
export async function hostFacts(): Promise<HostFacts> {
  const processors = cpus();
  return {
    version: VERSION,
    commit: await checkoutCommit(fileURLToPath(new URL('../../.git', import.meta.url))),
    runtime: `node ${process.versions.node}`,
    system: `${process.platform} ${process.arch}`,
    processor: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryBytes: totalmem(),
  };
}

/** The commit that a git folder has checked out, read without git; null where there is none. Follows `.git` files of worktrees. */
export async function checkoutCommit(gitFolder: string): Promise<string | null> {
  const text = (path: string) =>
    readFile(path, 'utf8').then(
      (content) => content.trim(),
      () => null,
    );
  const pointer = (await kindOf(gitFolder)) === 'file' ? /^gitdir: (.+)$/m.exec((await text(gitFolder)) ?? '')?.[1] : undefined;
  const folder = pointer ? resolve(dirname(gitFolder), pointer) : gitFolder;
  const head = await text(join(folder, 'HEAD'));
  const reference = /^ref: (.+)$/.exec(head ?? '')?.[1];
  if (!reference) return isCommit(head) ? head : null;
  const common = resolve(folder, (await text(join(folder, 'commondir'))) ?? '.');
  const loose = await text(join(common, ...reference.split('/')));
  if (isCommit(loose)) return loose;
  const packed = (await text(join(common, 'packed-refs'))) ?? '';
  const line = packed.split('\n').find((entry) => entry.endsWith(` ${reference}`));
  const commit = line?.slice(0, line.indexOf(' ')) ?? null;
  return isCommit(commit) ? commit : null;
}

function isCommit(text: string | null): text is string {
  return text !== null && /^[0-9a-f]{40,64}$/.test(text);
}
