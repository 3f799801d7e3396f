// Which backends the tests run on, and how a missing one is reported: REQUIRE_BACKENDS=wasm,… turns a missing backend into a failure.
import type { Backend } from '../../src/backends/backend.js';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { createWasmBackend } from '../../src/backends/wasm/index.js';
import { createWebgpuBackend } from '../../src/backends/webgpu/index.js';

/** A backend and the label that test names and messages carry. */
export interface BackendUnderTest {
  readonly label: string;
  readonly backend: Backend;
  /** What f32 tensors are stored in: bounds that hold for f64 are too tight for f32. */
  readonly precision: 'f64' | 'f32';
}

/** A backend that could not be made, with its reason: register a named skip for it. */
export interface MissingBackend {
  readonly label: string;
  readonly reason: string;
}

const wasmVariants = [
  { label: 'wasm simd', options: { variant: 'simd', threads: 1 } },
  { label: 'wasm simd, 2 threads', options: { variant: 'simd', threads: 2 } },
  { label: 'wasm relaxed', options: { variant: 'relaxed', threads: 1 } },
] as const;

/** Those whose label starts with a name in TEST_BACKENDS, where it is set (in browsers, scripts/test-chromium.ts); else all. */
const chosen = (process.env['TEST_BACKENDS'] ?? '').split(',');
const wanted = (label: string) => chosen.some((name) => label.startsWith(name));

/**
 * Makes every backend that tests should cover. The caller disposes them (`disposeBackends`) in `test.after`.
 * `webgpu`: that one too; off by default, as on a software adapter its long shaders take seconds each to compile.
 */
export async function backendsUnderTest({ webgpu = false } = {}): Promise<{ available: BackendUnderTest[]; missing: MissingBackend[] }> {
  const available: BackendUnderTest[] = wanted('reference')
    ? [
        { label: 'reference f64', backend: createReferenceBackend(), precision: 'f64' },
        { label: 'reference f32', backend: createReferenceBackend({ precision: 'f32' }), precision: 'f32' },
      ]
    : [];
  const missing: MissingBackend[] = [];
  const others = [
    ...wasmVariants.map(({ label, options }) => ({ label, create: () => createWasmBackend(options) })),
    ...(webgpu ? [{ label: 'webgpu', create: () => createWebgpuBackend() }] : []),
  ];
  for (const { label, create } of others.filter((other) => wanted(other.label))) {
    try {
      available.push({ label, backend: await create(), precision: 'f32' });
    } catch (error) {
      missing.push({ label, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  checkRequired(available, missing, webgpu);
  return { available, missing };
}

/** Disposes every backend of a list. */
export async function disposeBackends(backends: readonly BackendUnderTest[]): Promise<void> {
  for (const { backend } of backends) await backend.dispose();
}

/** Throws when a backend named in REQUIRE_BACKENDS is missing, or lacks a variant that tests should cover. */
function checkRequired(available: readonly BackendUnderTest[], missing: readonly MissingBackend[], webgpu: boolean): void {
  for (const name of (process.env.REQUIRE_BACKENDS ?? '')
    .split(',')
    .filter((word) => !['', 'chromium', 'gpujs', ...(webgpu ? [] : ['webgpu'])].includes(word))) {
    const lacking = missing.find(({ label }) => label.startsWith(name));
    if (lacking) throw new Error(`${lacking.label}: required by REQUIRE_BACKENDS, but missing: ${lacking.reason}`);
    if (!available.some(({ backend }) => backend.description.name === name)) throw new Error(`${name}: required by REQUIRE_BACKENDS, but no test knows it`);
  }
}
