// What the engine can compile, found with two tiny modules, and the compiled binary of a variant, with shared memory or without.
import { BackendError } from '../../errors.js';
import { setEngineFlag } from '../../platform/host.js';
import { inflateBase64 } from '../../platform/inflate.js';

export type WasmVariant = 'simd' | 'relaxed';
export const wasmVariants: readonly WasmVariant[] = ['simd', 'relaxed'];

const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7b, 3, 2, 1, 0];
const splatZero = [0x41, 0, 0xfd, 0x0f];
/** () → v128: i8x16.popcnt(i8x16.splat(0)) */
const simdProbe = Uint8Array.from([...header, 10, 10, 1, 8, 0, ...splatZero, 0xfd, 0x62, 0x0b]);
/** () → v128: f32x4.relaxed_madd of three zeros */
const relaxedProbe = Uint8Array.from([...header, 10, 19, 1, 17, 0, ...splatZero, ...splatZero, ...splatZero, 0xfd, 0x85, 0x02, 0x0b]);

/** Why a variant cannot run here, or null when it can. */
export function variantMissing(variant: WasmVariant): string | null {
  if (typeof WebAssembly === 'undefined') return 'WebAssembly is missing';
  if (!WebAssembly.validate(simdProbe)) return 'this engine has no WebAssembly SIMD';
  if (variant === 'simd' || WebAssembly.validate(relaxedProbe)) return null;
  // Node 20 has relaxed SIMD behind a flag, which must be set before anything that uses it is compiled.
  if (setEngineFlag('--experimental-wasm-relaxed-simd') && WebAssembly.validate(relaxedProbe)) return null;
  return 'this engine has no WebAssembly relaxed SIMD';
}

/** The binaries, each loaded when it is asked for: bundlers that split code fetch only the one that is used. */
const binaries: Readonly<Record<WasmVariant, () => Promise<{ readonly binary: string }>>> = {
  simd: () => import('./simd.gen.js'),
  relaxed: () => import('./relaxed.gen.js'),
};

/** Compiles the binary of a variant, off the main thread where the engine can. Throws BackendError when it is missing or refused. */
export async function compileVariant(variant: WasmVariant, threads: boolean): Promise<WebAssembly.Module> {
  const { binary } = await binaries[variant]();
  const bytes = await inflateBase64(binary);
  if (threads) shareMemory(bytes);
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    throw new BackendError(`wasm: expected the binary ${variant} to compile, got "${error instanceof Error ? error.message : error}"`);
  }
}

/** The import of the memory: "env", "memory", the kind, and limits that have a maximum. */
const memoryImport = [3, 0x65, 0x6e, 0x76, 6, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 2, 1];
const sharedLimits = 3;

/** Makes a binary take shared memory: the one byte in which a build with threads differs from one without, since kernels use no atomics. */
function shareMemory(bytes: Uint8Array): void {
  // The import section comes second, behind the types.
  const at = bytes.findIndex((_, i) => memoryImport.every((byte, k) => bytes[i + k] === byte));
  if (at < 0) throw new BackendError('wasm: expected a binary that imports a memory with a maximum, got another; rebuild it with "npm run build"');
  bytes[at + memoryImport.length - 1] = sharedLimits;
}
