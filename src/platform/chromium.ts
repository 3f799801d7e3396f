// Headless Chromium: where one is, and how it is driven (playwright-core). Both packages are optional and loaded only here. Node only, on purpose lazy.
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { BackendError, ConfigError } from '../errors.js';
import { untar } from './tar.js';

/** A browser to start: its program, and libraries that it may need where the system lacks them. */
interface Program {
  readonly path: string;
  readonly libraries: string | null;
  /** Fonts for systems that have none, without which it draws no text. */
  readonly fonts: string | null;
}

// No sandbox: containers and root refuse it, and only our own pages are loaded. Without --enable-unsafe-webgpu there is no software adapter.
// Without the feature, SwiftShader writes out the zeroing of workgroup memory: 2 ms of compiling a word, 4.4 s for 8 KiB, 10 ms with it (gpu.ts does the same in Node).
const flags = ['--no-sandbox', '--enable-unsafe-webgpu', '--enable-dawn-features=disable_workgroup_init', '--disable-background-networking'];

/**
 * Starts headless Chromium, with `more` flags: the one at CHROMIUM_PATH, else that of the package @sparticuz/chromium, unpacked once.
 * Throws ConfigError, saying what to install, when a package or the browser is missing, BackendError when it does not start.
 */
export async function launchChromium(more: readonly string[] = []): Promise<Browser> {
  const { chromium } = await loadPlaywright();
  const { path, libraries, fonts } = await findChromium();
  const environment = { ...process.env, ...(fonts === null || existsSync('/etc/fonts/fonts.conf') ? {} : { FONTCONFIG_PATH: fonts }) };
  const launch = (env: Record<string, string | undefined>) =>
    // The signals are ours to handle: a run is stopped between two steps, and only then the browser is closed.
    chromium.launch({ executablePath: path, headless: true, args: [...flags, ...more], env, handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false });
  try {
    return await launch(environment);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (libraries !== null && /shared librar/.test(text)) {
      const known = process.env.LD_LIBRARY_PATH;
      return await launch({ ...environment, LD_LIBRARY_PATH: known ? `${libraries}:${known}` : libraries });
    }
    throw new BackendError(`chromium: expected ${path} to start, got "${text.split('\n')[0]}"; set CHROMIUM_PATH to another browser`);
  }
}

async function loadPlaywright(): Promise<typeof import('playwright-core')> {
  try {
    return await import('playwright-core');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new ConfigError('--in chromium', ['expected the package playwright-core, got none; install it with "npm install playwright-core"']);
  }
}

async function findChromium(): Promise<Program> {
  const named = process.env.CHROMIUM_PATH;
  if (named) {
    if (existsSync(named)) return { path: named, libraries: null, fonts: null };
    throw new ConfigError('CHROMIUM_PATH', [`expected the program of a Chromium browser, got ${named}, where there is none`]);
  }
  const archives = packagedArchives();
  if (archives === null)
    throw new ConfigError('--in chromium', [
      'expected CHROMIUM_PATH to name a Chromium browser, or the package @sparticuz/chromium (Linux on x64), got neither; install one of them',
    ]);
  const folder = await unpacked(archives);
  return { path: join(folder, 'chromium'), libraries: join(folder, 'lib'), fonts: folder };
}

/** The folder of the package's archives, or null where it is not installed or is for another machine. */
function packagedArchives(): string | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  try {
    // The package exports its module alone; the archives lie beside it.
    const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium');
    let folder = dirname(entry);
    while (!existsSync(join(folder, 'bin', 'chromium.br'))) {
      if (dirname(folder) === folder) return null;
      folder = dirname(folder);
    }
    return join(folder, 'bin');
  } catch {
    return null;
  }
}

/** Unpacks the browser (197 MB, about two seconds) into this user's cache, once a version; returns the folder. */
async function unpacked(archives: string): Promise<string> {
  const { size } = await stat(join(archives, 'chromium.br'));
  const cache = await cacheFolder();
  const folder = join(cache, `chromium-${size}`);
  if (existsSync(folder)) return folder;
  const temporary = await mkdtemp(join(cache, 'unpacking-'));
  const read = (name: string) => brotliDecompressSync(readFileSync(join(archives, name)));
  try {
    await writeFile(join(temporary, 'chromium'), read('chromium.br'), { mode: 0o755 });
    for (const archive of ['swiftshader.tar.br', 'al2023.tar.br', 'fonts.tar.br']) {
      for (const { name, data } of untar(read(archive))) {
        const place = join(temporary, ...name.split('/'));
        await mkdir(dirname(place), { recursive: true });
        await writeFile(place, data, { mode: 0o755 });
      }
    }
    const fonts = `<fontconfig><dir>${join(folder, 'fonts')}</dir><cachedir>${join(folder, 'fonts-cache')}</cachedir></fontconfig>`;
    await writeFile(join(temporary, 'fonts.conf'), `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">${fonts}\n`);
    await rename(temporary, folder).catch((error) => {
      // Another process was faster.
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return folder;
}

/** A folder that only this user writes to: programs in it will be run. */
async function cacheFolder(): Promise<string> {
  const home = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  try {
    const folder = join(home, 'motorloop');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return folder;
  } catch {
    return mkdtemp(join(tmpdir(), 'motorloop-'));
  }
}
