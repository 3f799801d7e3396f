// How benchmarks measure: which backends, repeated runs and their statistics, the ceiling they are compared with.
import type { Backend } from '../../backends/backend.js';
import { backendNames, createBackend, listBackends } from '../../backends/create.js';
import { ConfigError } from '../../errors.js';
import { availableThreads } from '../../platform/host.js';
import type { Machine } from '../../platform/machine.js';
import type { Ceiling } from './ceiling.js';
import { openBackend } from '../open-backend.js';

/** Options that every benchmark takes. */
export interface MeasureOptions {
  readonly backend?: readonly string[];
  readonly variant?: string;
  readonly threads?: number;
  readonly repeats: number;
}

/** One way to run the same thing. */
export interface Configuration {
  readonly backend: string;
  readonly variant: string;
  readonly threads: number;
}

/** Where something was measured. */
export interface MeasuredOn extends Configuration {
  /** The GPU, or null on the processor. */
  readonly adapter: string | null;
  /** The GPU is none: it computes on the processor. */
  readonly software: boolean;
}

export function measuredOn({ description }: Backend): MeasuredOn {
  const { name, variant, threads, adapter, software = false } = description;
  return { backend: name, variant, threads, adapter, software };
}

/** The configurations asked for: without a variant all that work here, without a number of threads 1 and all cores. The reference runs only when named. */
export async function configurations(options: MeasureOptions): Promise<Configuration[]> {
  const names = options.backend ?? ['wasm'];
  const reports = await listBackends(names);
  const list: Configuration[] = [];
  for (const name of names) {
    const report = reports.find((candidate) => candidate.name === name);
    if (!report) throw new ConfigError('bench', [`--backend: expected ${backendNames().join(' or ')}, got "${name}"`]);
    if (!report.available) throw new ConfigError('bench', [`--backend: expected a backend that works here, got ${name}: ${report.reason}`]);
    const variants = options.variant === undefined ? report.variants : [options.variant];
    const threads = options.threads === undefined ? [...new Set([1, report.threads > 1 ? availableThreads() : 1])] : [options.threads];
    for (const variant of variants) for (const count of threads) list.push({ backend: name, variant, threads: count });
  }
  return list;
}

/** Starts the backend of a configuration, hands it on, and disposes of it. */
export async function withBackend<T>({ backend: name, variant, threads }: Configuration, use: (backend: Backend) => Promise<T>): Promise<T> {
  const backend = await openBackend(name, { variant, threads });
  try {
    return await use(backend);
  } finally {
    await backend.dispose();
  }
}

/** The reference in f64, to check results with. */
export async function withReference<T>(use: (backend: Backend) => Promise<T>): Promise<T> {
  const backend = await createBackend('reference', { variant: 'f64' });
  try {
    return await use(backend);
  } finally {
    await backend.dispose();
  }
}

/** Something to time: compared with the reference first, on a smaller case, which is computed once however many backends there are. */
export interface Timeable {
  /** Largest deviation from the reference. Throws NumericsError when f32 does not explain it, KernelError or BackendError where a backend refuses it. */
  check(backend: Backend): Promise<number>;
  /** Puts everything on a backend. */
  open(backend: Backend): Promise<Opened>;
}

/** Ready to run on a backend. */
export interface Opened {
  /** Resolves when the work is done, not when it is queued. */
  run(): Promise<unknown>;
  /** Bytes of its buffers on the backend; null where they come and go. */
  readonly memoryBytes: number | null;
  dispose(): void | Promise<void>;
}

/** The reference's result of something, computed when it is first asked for. */
export function onReference<T>(use: (backend: Backend) => Promise<T>): () => Promise<T> {
  let result: Promise<T> | null = null;
  return () => {
    result ??= withReference(use);
    return result;
  };
}

/** What a benchmark gives: the machine, the ceilings measured beside it, and a row for everything that was timed. */
export interface BenchResult {
  readonly machine: Machine;
  readonly ceiling: { readonly method: string; readonly measured: readonly Ceiling[] };
  readonly rows: readonly object[];
}

export interface Timing {
  readonly repeats: number;
  readonly medianSeconds: number;
  readonly minSeconds: number;
  readonly p95Seconds: number;
}

/** Statistics of wall-clock times: the median, the smallest, the 95th percentile (the smallest time that 95% do not exceed). */
export function summarise(seconds: readonly number[]): Timing {
  const sorted = [...seconds].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
  return {
    repeats: sorted.length,
    medianSeconds: median,
    minSeconds: sorted[0] as number,
    p95Seconds: sorted[Math.ceil(0.95 * sorted.length) - 1] as number,
  };
}

/** Engines compile hot loops in the background: a warm-up of this long, and of two runs at least, lets them finish. */
const warmUpSeconds = 0.5;

/** Warms up, then times `repeats` runs one by one. Stops early when asked to, with what it has. */
export async function time(run: () => Promise<unknown>, repeats: number, signal: AbortSignal): Promise<Timing> {
  const begin = performance.now();
  for (let i = 0; i < 2 || performance.now() - begin < 1000 * warmUpSeconds; i++) {
    signal.throwIfAborted();
    await run();
  }
  const seconds: number[] = [];
  for (let i = 0; i < repeats; i++) {
    signal.throwIfAborted();
    const start = performance.now();
    await run();
    seconds.push((performance.now() - start) / 1000);
  }
  return summarise(seconds);
}
