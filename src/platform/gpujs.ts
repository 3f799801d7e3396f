// Where gpu.js comes from: the optional package `gpu.js` in Node; in browsers the file that the page's server has beside the bundles, or the page's own `GPU`.

/** Value on a GPU, or an array where gpu.js computes on the processor. */
export interface GpujsTexture {
  readonly type: string;
  toArray(): Float32Array;
  delete(): void;
}
export type GpujsValue = GpujsTexture | Float32Array;

/** What we use of gpu.js. Its own types mention DOM and Node alike, and are no part of ours. */
export interface GpujsLibrary {
  readonly isWebGL2Supported: boolean;
  readonly isWebAssemblySupported: boolean;
  new (settings: { readonly mode: string; readonly canvas?: unknown; readonly context?: unknown }): GpujsInstance;
}
export interface GpujsInstance {
  readonly canvas: unknown;
  readonly context: unknown;
  addFunction(source: string, settings: { readonly argumentTypes: Readonly<Record<string, string>>; readonly returnType: string }): void;
  addNativeFunction(name: string, source: string): void;
  createKernel(source: string, settings: Readonly<Record<string, unknown>>): GpujsKernel;
  destroy(): Promise<void>;
}
export interface GpujsKernel {
  (...args: readonly (GpujsValue | number)[]): GpujsValue;
  destroy(): void;
  readonly kernel: { readonly fallbackReason?: unknown; readonly constructor: { readonly name: string } };
}

const file = 'gpu-browser.min.js';

/** Where a page's server has gpu.js: a folder beside that of the bundles. `motorloop lab` and `--in chromium` serve it there where it is installed. */
export const gpujsFolderName = 'gpu.js';

/** Loads gpu.js, once. Throws an Error that says what to install. */
export async function loadGpujs(): Promise<GpujsLibrary> {
  const host = globalThis as { GPU?: unknown; process?: { versions?: { node?: string } } };
  const offered = libraryOf(host.GPU);
  if (offered) return offered;
  // Named by variables: bundles must not follow them.
  if (host.process?.versions?.node !== undefined) {
    const name = 'gpu.js';
    try {
      const { GPU } = (await import(/* @vite-ignore */ name)) as { GPU: GpujsLibrary };
      return GPU;
    } catch (error) {
      throw new Error(
        `the optional package "gpu.js" does not load (${error instanceof Error ? error.message.split('\n')[0] : error}); install it with npm install gpu.js`,
      );
    }
  }
  const url = new URL(`../${gpujsFolderName}/${file}`, import.meta.url).href;
  try {
    await import(/* @vite-ignore */ url);
  } catch {
    throw new Error(
      `gpu.js is not at ${url}; install it (npm install gpu.js) where the lab or --in chromium runs, put its dist/${file} there, or load it into the page first`,
    );
  }
  const loaded = libraryOf(host.GPU);
  if (!loaded) throw new Error(`${url} is not gpu.js: it defines no GPU`);
  return loaded;
}

/** The class, be it given as such or as a module's namespace, as the file for browsers leaves it behind. */
function libraryOf(given: unknown): GpujsLibrary | null {
  for (const candidate of [given, (given as { GPU?: unknown } | undefined)?.GPU]) {
    if (typeof candidate === 'function' && 'isWebGL2Supported' in candidate) return candidate as unknown as GpujsLibrary;
  }
  return null;
}
