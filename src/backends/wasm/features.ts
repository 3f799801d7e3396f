// What the engine can compile, found with two tiny modules, and the compiled binary of a variant.
import { BackendError } from '../../errors.js';
import { setEngineFlag } from '../../platform/host.js';
import { binaries } from './binaries.gen.js';

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

/** Compiles the binary of a variant, off the main thread where the engine can. Throws BackendError when it is missing or refused. */
export async function compileVariant(variant: WasmVariant, threads: boolean): Promise<WebAssembly.Module> {
  const target = threads ? `${variant}-threads` : variant;
  const text = binaries[target];
  if (text === undefined) throw new BackendError(`wasm: expected the binary ${target}, got nothing; build it with "npm run build"`);
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    throw new BackendError(`wasm: expected the binary ${target} to compile, got "${error instanceof Error ? error.message : error}"`);
  }
}
