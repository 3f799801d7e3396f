// A Vulkan driver in software for Node, out of the development package @sparticuz/chromium (SwiftShader and a Vulkan loader): for tests, and where a GPU is asked for by name and none is there.

function builtin<T>(name: string): T {
  const node = (globalThis as { process?: { getBuiltinModule?: (id: string) => unknown } }).process;
  const module = node?.getBuiltinModule?.(`node:${name}`);
  if (!module) throw new Error(`the module ${name} of Node is missing`);
  return module as T;
}

/** Where the driver lies once unpacked; made once a process. */
let unpacked: Promise<string> | null = null;

/** Makes the driver known to the Vulkan loader of this process. Must run before Dawn looks for adapters. Throws where the package is missing or for another machine. */
export async function softwareDriver(): Promise<void> {
  unpacked ??= unpack();
  const folder = await unpacked;
  const path = builtin<typeof import('node:path')>('path');
  const { process } = globalThis;
  process.env.VK_ICD_FILENAMES = path.join(folder, 'vk_swiftshader_icd.json');
  process.env.VK_DRIVER_FILES = process.env.VK_ICD_FILENAMES;
  try {
    // RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE: Dawn's own request for this library then finds it by name.
    process.dlopen({ exports: {} } as unknown as NodeJS.Module, path.join(folder, 'libvulkan.so.1'), 0x1102);
  } catch {
    // Not an add-on of Node, which is all that this says: the library stays loaded.
  }
}

async function unpack(): Promise<string> {
  const fs = builtin<typeof import('node:fs')>('fs');
  const path = builtin<typeof import('node:path')>('path');
  const os = builtin<typeof import('node:os')>('os');
  const { createRequire } = builtin<typeof import('node:module')>('module');
  const { process } = globalThis;
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error(`the package's driver is for Linux on x64, this is ${process.platform} on ${process.arch}`);
  let archive: string;
  try {
    const entry = createRequire(path.join(process.cwd(), 'package.json')).resolve;
    const own = createRequire(import.meta.url).resolve;
    const find = (resolve: (id: string) => string) => path.join(path.dirname(resolve('@sparticuz/chromium/package.json')), 'bin', 'swiftshader.tar.br');
    archive = [own, entry]
      .map((resolve) => attempt(() => find(resolve)) ?? attempt(() => findBeside(resolve)))
      .find((file) => file !== null && fs.existsSync(file)) as string;
    if (!archive) throw new Error('not found');
  } catch {
    throw new Error('the package "@sparticuz/chromium", which carries one, is not installed');
  }
  const { size } = fs.statSync(archive);
  const folder = path.join(os.tmpdir(), `motorloop-swiftshader-${process.getuid?.() ?? 0}-${size}`);
  if (fs.existsSync(path.join(folder, 'complete'))) return folder;
  const temporary = fs.mkdtempSync(`${folder}-`);
  const tar = builtin<typeof import('node:zlib')>('zlib').brotliDecompressSync(fs.readFileSync(archive));
  for (const { name, data } of tarEntries(tar)) {
    if (/^[\w.-]+$/.test(name)) fs.writeFileSync(path.join(temporary, name), data, { mode: 0o755 });
  }
  fs.writeFileSync(path.join(temporary, 'complete'), '');
  try {
    fs.renameSync(temporary, folder);
  } catch {
    fs.rmSync(temporary, { recursive: true, force: true }); // another process was faster
  }
  return folder;

  function findBeside(resolve: (id: string) => string): string {
    const main = resolve('@sparticuz/chromium');
    return path.join(main.slice(0, main.indexOf('@sparticuz')), '@sparticuz', 'chromium', 'bin', 'swiftshader.tar.br');
  }
}

function attempt<T>(get: () => T): T | null {
  try {
    return get();
  } catch {
    return null;
  }
}

/** Regular files of a tar archive, with names as they stand. */
function* tarEntries(tar: Uint8Array): Generator<{ name: string; data: Uint8Array }> {
  const text = (from: number, length: number) => new TextDecoder().decode(tar.subarray(from, from + length)).replace(/\0.*$/s, '');
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const size = Number.parseInt(text(at + 124, 12), 8) || 0;
    const type = text(at + 156, 1);
    const name = text(at, 100).replace(/^\.\//, '');
    if (type === '' || type === '0') yield { name, data: tar.subarray(at + 512, at + 512 + size) };
    at += 512 + Math.ceil(size / 512) * 512;
  }
}
