// Start-up: the registry of backends, the choice of one, and the list of what is there. The only module that names backends.
import { BackendError } from '../errors.js';
import type { Backend } from './backend.js';
import { createReferenceBackend } from './reference/index.js';
import { selfCheck } from './self-check.js';
import { type WasmVariant, wasmVariants } from './wasm/features.js';
import { createWasmBackend } from './wasm/index.js';
import { createWebgpuBackend } from './webgpu/index.js';

export { selfCheck };

/** What `createBackend` passes on to the backend; what a backend does not know of it refuses. */
export interface BackendOptions {
  /** wasm: `simd` (default) or `relaxed`; reference: `f64` (default) or `f32`. */
  readonly variant?: string;
  /** wasm: default the processors available, at most 8. The others run on one. */
  readonly threads?: number;
}

/** Makes a backend. Rejects with BackendError, with the reason, when it cannot run here. */
export type BackendFactory = (options: BackendOptions) => Promise<Backend>;

/** One line of `motorloop devices`. */
export interface BackendReport {
  readonly name: string;
  readonly available: boolean;
  /** Those that work here, the default first. */
  readonly variants: readonly string[];
  /** Threads that the default variant takes; 0 when it is not available. */
  readonly threads: number;
  /** Why it is not available, or why it runs as it does. */
  readonly reason: string;
}

interface Entry {
  readonly factory: BackendFactory;
  readonly variants: readonly string[];
}

const precisions = ['f64', 'f32'] as const;

const registry = new Map<string, Entry>([
  [
    'wasm',
    {
      factory: async ({ variant, threads }) =>
        createWasmBackend({ ...(variant === undefined ? {} : { variant: variant as WasmVariant }), ...(threads === undefined ? {} : { threads }) }),
      variants: wasmVariants,
    },
  ],
  ['webgpu', { factory: webgpu, variants: ['f32'] }],
  ['reference', { factory: reference, variants: precisions }],
]);

/** The order in which `auto` tries: the reference is for checking, never chosen by itself. */
const automatic = ['wasm'];

async function webgpu({ variant = 'f32', threads = 1 }: BackendOptions): Promise<Backend> {
  if (variant !== 'f32') throw new BackendError(`webgpu: expected variant f32, got "${variant}"`);
  if (threads !== 1) throw new BackendError(`webgpu: expected 1 thread, got ${threads}; the device schedules its own`);
  return createWebgpuBackend();
}

async function reference({ variant = 'f64', threads = 1 }: BackendOptions): Promise<Backend> {
  const precision = precisions.find((name) => name === variant);
  if (!precision) throw new BackendError(`reference: expected a variant among ${precisions.join(', ')}, got "${variant}"`);
  if (threads !== 1) throw new BackendError(`reference: expected 1 thread, got ${threads}; the reference backend has no others`);
  return createReferenceBackend({ precision });
}

/**
 * Adds a backend under a name of its own, for `createBackend` and `listBackends`. `variants`: those worth listing, the default first.
 * Throws BackendError when the name is taken.
 */
export function registerBackend(name: string, factory: BackendFactory, variants: readonly string[] = ['default']): void {
  if (name === 'auto' || registry.has(name))
    throw new BackendError(`registerBackend: expected a new name, got "${name}"; taken are auto, ${[...registry.keys()].join(', ')}`);
  registry.set(name, { factory, variants });
}

/**
 * Starts a backend: `auto` (default) takes the fastest that works here and says in `description.reason` why; a name takes that one or fails.
 * Throws BackendError for an unknown name, and with the reason of every backend tried when none works.
 */
export async function createBackend(name: string = 'auto', options: BackendOptions = {}): Promise<Backend> {
  if (name !== 'auto') {
    const entry = registry.get(name);
    if (!entry) throw new BackendError(`createBackend: expected a backend among auto, ${[...registry.keys()].join(', ')}, got "${name}"`);
    return entry.factory(options);
  }
  const refused: string[] = [];
  for (const candidate of automatic) {
    try {
      return await (registry.get(candidate) as Entry).factory(options);
    } catch (error) {
      refused.push(messageOf(error));
    }
  }
  throw new BackendError(`createBackend: expected a backend that works here, got none: ${refused.join('; ')}; "reference" works everywhere, slowly`);
}

/** Every registered backend, tried out variant by variant. */
export async function listBackends(): Promise<BackendReport[]> {
  const reports: BackendReport[] = [];
  for (const [name, { factory, variants }] of registry) reports.push(await report(name, factory, variants));
  return reports;
}

async function report(name: string, factory: BackendFactory, variants: readonly string[]): Promise<BackendReport> {
  const working: string[] = [];
  const reasons: string[] = [];
  let threads = 0;
  for (const variant of variants) {
    try {
      const backend = await factory(variant === 'default' ? {} : { variant });
      if (working.length === 0) {
        threads = backend.description.threads;
        reasons.unshift(backend.description.reason);
      }
      working.push(variant);
      await backend.dispose();
    } catch (error) {
      reasons.push(`no ${variant}: ${messageOf(error)}`);
    }
  }
  return { name, available: working.length > 0, variants: working, threads, reason: reasons.join('; ') };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
