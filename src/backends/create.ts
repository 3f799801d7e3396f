// Start-up: the registry of backends, the choice of one, and the list of what is there. The only module that names backends.
import { BackendError } from '../errors.js';
import type { Backend, BackendDescription } from './backend.js';
import type { GpujsVariant } from './gpujs/index.js';
import { type WasmVariant, wasmVariants } from './wasm/features.js';
import { createWasmBackend } from './wasm/index.js';
import { createWebgpuBackend } from './webgpu/index.js';

/** The self-check (self-check.ts) on a backend. It is loaded when it is needed, as the reference is: pages that compute do without both. */
export async function selfCheck(backend: Backend, options: { readonly loop?: boolean } = {}): Promise<{ ok: boolean; detail: string }> {
  return (await import('./self-check.js')).selfCheck(backend, options);
}

/** What `createBackend` passes on to the backend; what a backend does not know of it refuses. */
export interface BackendOptions {
  /** wasm: `simd` (default) or `relaxed`; gpujs: `webgl2` (default where it is there), `webasm` or `cpu`; reference: `f64` (default) or `f32`. */
  readonly variant?: string;
  /** wasm: default the processors available, at most 8. The others run on one. */
  readonly threads?: number;
  /** webgpu: also take an adapter that computes on the processor. Default true by name; `auto` never does. */
  readonly software?: boolean;
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
  /** The GPU, or null. */
  readonly adapter: string | null;
  /** The GPU is none: it computes on the processor. */
  readonly software: boolean;
  /** What the device allows, by the names that WebGPU has for it; null elsewhere. */
  readonly limits: Backend['deviceLimits'] | null;
  /** The self-check of each variant, where it was asked for or is needed. */
  readonly checks: readonly { readonly variant: string; readonly ok: boolean; readonly detail: string }[];
  /** Why it is not available, or why it runs as it does. */
  readonly reason: string;
}

interface Entry {
  readonly factory: BackendFactory;
  readonly variants: readonly string[];
  /** Its kernels are compiled by a driver, anew on every machine: used only after the self-check. */
  readonly driven?: boolean;
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
  ['webgpu', { factory: webgpu, variants: ['f32'], driven: true }],
  ['gpujs', { factory: gpujs, variants: ['webgl2', 'webasm', 'cpu'], driven: true }],
  ['reference', { factory: reference, variants: precisions }],
]);

/** The order in which `auto` tries: the reference is for checking, and gpu.js is slower than our own WASM on most machines; neither is chosen by itself. */
const automatic = ['webgpu', 'wasm'];

async function webgpu({ variant = 'f32', threads = 1, software = true }: BackendOptions): Promise<Backend> {
  if (variant !== 'f32') throw new BackendError(`webgpu: expected variant f32, got "${variant}"`);
  if (threads !== 1) throw new BackendError(`webgpu: expected 1 thread, got ${threads}; the device schedules its own`);
  return createWebgpuBackend({ software });
}

async function gpujs({ variant, threads = 1, software = true }: BackendOptions): Promise<Backend> {
  if (threads !== 1) throw new BackendError(`gpujs: expected 1 thread, got ${threads}; the GPU schedules its own, and gpu.js's other modes run on one`);
  const { createGpujsBackend } = await import('./gpujs/index.js');
  return createGpujsBackend({ ...(variant === undefined ? {} : { variant: variant as GpujsVariant }), software });
}

function start({ factory, driven }: Entry, options: BackendOptions): Promise<Backend> {
  return driven ? factory(options).then(trusted) : factory(options);
}

/**
 * The backend, if it passes the self-check; else it is disposed of, and the BackendError thrown names the deviation. A software adapter is checked without a
 * body: it is the same program on every machine, known to our tests, and its compiler takes seconds for a closed loop (2.5 s of one core forward, as much back).
 */
async function trusted(backend: Backend): Promise<Backend> {
  const { name, adapter, software = false } = backend.description;
  const { ok, detail } = await selfCheck(backend, { loop: !software });
  if (ok) return backend;
  await backend.dispose();
  throw new BackendError(
    `${name}: expected ${adapter ?? 'it'} to pass the self-check, got ${detail}; it is not to be trusted: update its driver, or use another backend`,
  );
}

async function reference({ variant = 'f64', threads = 1 }: BackendOptions): Promise<Backend> {
  const precision = precisions.find((name) => name === variant);
  if (!precision) throw new BackendError(`reference: expected a variant among ${precisions.join(', ')}, got "${variant}"`);
  if (threads !== 1) throw new BackendError(`reference: expected 1 thread, got ${threads}; the reference backend has no others`);
  const { createReferenceBackend } = await import('./reference/index.js');
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
    return start(entry, options);
  }
  return firstOf(
    automatic.map((candidate) => (given) => start(registry.get(candidate) as Entry, given)),
    { ...options, software: false },
  );
}

/** The first backend that works; its `reason` says why those before it were refused. Throws BackendError with all reasons when none does. */
async function firstOf(factories: readonly BackendFactory[], options: BackendOptions = {}): Promise<Backend> {
  const refused: string[] = [];
  for (const factory of factories) {
    try {
      const backend = await factory(options);
      const { description } = backend;
      const reason = [description.reason, ...refused].join('; ');
      return Object.assign(backend, { description: { ...description, reason } });
    } catch (error) {
      refused.push(messageOf(error));
    }
  }
  throw new BackendError(`createBackend: expected a backend that works here, got none: ${refused.join('; ')}; "reference" works everywhere, slowly`);
}

/** Names of all backends that are registered. */
export function backendNames(): string[] {
  return [...registry.keys()];
}

/** Variants that a backend has, the default first, whether they work here or not; none for a name that is not registered. */
export function backendVariants(name: string): readonly string[] {
  return registry.get(name)?.variants ?? [];
}

/** Backends tried out variant by variant: those named (default: all that are registered), with the self-check of each variant if `check` (default false). */
export async function listBackends(names: readonly string[] = backendNames(), check = false): Promise<BackendReport[]> {
  const reports: BackendReport[] = [];
  for (const [name, entry] of registry) if (names.includes(name)) reports.push(await report(name, entry, check));
  return reports;
}

async function report(name: string, { factory, variants, driven = false }: Entry, check: boolean): Promise<BackendReport> {
  const working: string[] = [];
  const reasons: string[] = [];
  const checks: BackendReport['checks'][number][] = [];
  let first: Pick<Backend, 'deviceLimits'> & { readonly description: BackendDescription | null } = { description: null };
  for (const variant of variants) {
    try {
      const backend = await factory(variant === 'default' ? {} : { variant });
      const result = check || driven ? await selfCheck(backend) : null;
      if (result) checks.push({ variant, ...result });
      await backend.dispose();
      if (first.description === null) first = backend;
      if (driven && !result?.ok) reasons.push(`${backend.description.reason}; not to be trusted: ${result?.detail}`);
      else {
        if (working.length === 0) reasons.unshift(backend.description.reason);
        working.push(variant);
      }
    } catch (error) {
      reasons.push(`no ${variant}: ${messageOf(error)}`);
    }
  }
  const { description, deviceLimits = null } = first;
  return {
    name,
    available: working.length > 0,
    variants: working,
    threads: working.length > 0 ? (description?.threads ?? 0) : 0,
    adapter: description?.adapter ?? null,
    software: description?.software ?? false,
    limits: deviceLimits,
    checks,
    reason: reasons.join('; '),
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
