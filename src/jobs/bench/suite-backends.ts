// The backends of a suite: every variant that works here, on one thread and on all, each started a few times first, which is measured, too.
import type { Backend } from '../../backends/backend.js';
import { backendNames, backendVariants, createBackend } from '../../backends/create.js';
import { ConfigError } from '../../errors.js';
import { configurationName, longestReason, type SuiteCeiling, type SuiteConfiguration, type SuiteOmission } from '../../runs/bench-result.js';
import type { JobContext } from '../context.js';
import { measureBandwidth, measureCeiling } from './ceiling.js';
import { measuredOn, type Timeable } from './measure.js';

/** A backend that stays open for the whole suite. */
export interface SuiteBackend {
  readonly name: string;
  readonly on: SuiteConfiguration;
  readonly backend: Backend;
  /** Best so far; null where it has none (the reference) or does not have the kernel. */
  ceiling: SuiteCeiling | null;
}

/** What starting a backend took, one number a start. */
export interface StartUp {
  readonly on: SuiteConfiguration;
  readonly createSeconds: readonly number[];
  /** The first training step on it, with what is compiled only then; none where it cannot train. */
  readonly firstStepSeconds: readonly number[];
}

export interface OpenedBackends {
  readonly backends: readonly SuiteBackend[];
  readonly startUps: readonly StartUp[];
  readonly omissions: readonly SuiteOmission[];
}

interface OpenOptions {
  /** Names; default all that are registered, software adapters left out. */
  readonly names?: readonly string[] | undefined;
  /** Times that each is started, as long as no more than `mostSeconds` go by; once at least. */
  readonly starts: number;
  readonly mostSeconds: number;
  /** Seconds after which no more of them are started: the rest is left out by name. */
  readonly allSeconds: number;
  /** The first training step. */
  readonly step: Timeable;
}

/** The reference is there to be compared with: one of its precisions is enough. */
const variantsOf = (name: string): readonly string[] => backendVariants(name).slice(0, name === 'reference' ? 1 : undefined);

/** Starts everything that can be had. Throws ConfigError for a name that is not registered, and when nothing works. */
export async function openBackends({ names, starts, mostSeconds, allSeconds, step }: OpenOptions, context: JobContext): Promise<OpenedBackends> {
  const unknown = (names ?? []).filter((name) => !backendNames().includes(name));
  if (unknown.length > 0)
    throw new ConfigError('bench suite', [`--backend: expected ${backendNames().join(', ')}, got ${unknown.map((name) => `"${name}"`).join(', ')}`]);
  const software = names !== undefined;
  const backends: SuiteBackend[] = [];
  const startUps: StartUp[] = [];
  const omissions: SuiteOmission[] = [];
  const began = performance.now();
  for (const name of [...new Set(names ?? backendNames())]) {
    for (const variant of variantsOf(name)) {
      const options = { ...(variant === 'default' ? {} : { variant }), software };
      context.signal.throwIfAborted();
      const spent = (performance.now() - began) / 1000;
      if (backends.length > 0 && spent > allSeconds) {
        const reason = `starting the backends before it took ${spent.toPrecision(2)} s`;
        omissions.push({ label: 'everything', configuration: configurationName({ backend: name, variant, threads: 1 }), kind: 'time', reason });
        continue;
      }
      context.progress.update(`starting ${configurationName({ backend: name, variant, threads: 1 })}`, true);
      try {
        const create = (more: { readonly threads?: number } = {}) => createBackend(name, { ...options, ...more });
        const startUp = await startOften(create, { starts, mostSeconds, step }, context.signal);
        startUps.push(startUp);
        // one thread first: tables and legends go from slow to fast
        for (const threads of startUp.on.threads > 1 ? [1, startUp.on.threads] : [undefined]) {
          const given = threads === undefined ? {} : { threads };
          backends.push(await openOne(() => create(given)));
        }
      } catch (error) {
        if (context.signal.aborted) throw error;
        omissions.push({
          label: 'everything',
          configuration: configurationName({ backend: name, variant, threads: 1 }),
          kind: 'refused',
          reason: reasonOf(error),
        });
      }
    }
  }
  if (backends.length === 0)
    throw new ConfigError('bench suite', [
      'expected a backend that works here, got none',
      ...omissions.map(({ configuration, reason }) => `${configuration}: ${reason}`),
    ]);
  return { backends, startUps, omissions };
}

interface Bandwidth {
  readonly memory: number | null;
  readonly cache: number | null;
}

/** Starts a backend again and again. */
async function startOften(
  create: () => Promise<Backend>,
  { starts, mostSeconds, step }: Omit<OpenOptions, 'names' | 'allSeconds'>,
  signal: AbortSignal,
): Promise<StartUp> {
  const began = performance.now();
  const [createSeconds, firstStepSeconds]: [number[], number[]] = [[], []];
  let on: SuiteConfiguration | null = null;
  for (let i = 0; i < starts && (on === null || performance.now() - began < 1000 * mostSeconds); i++) {
    signal.throwIfAborted();
    const begin = performance.now();
    const backend = await create();
    createSeconds.push((performance.now() - begin) / 1000);
    try {
      on = measuredOn(backend);
      const first = await firstRun(backend, step);
      if (first !== null) firstStepSeconds.push(first);
    } finally {
      await backend.dispose();
    }
  }
  return { on: on as SuiteConfiguration, createSeconds, firstStepSeconds };
}

/** What a backend moves through memory and caches. */
async function bandwidthOf(backend: Backend): Promise<Bandwidth> {
  const { name, adapter } = backend.description;
  if (name === 'reference') return { memory: null, cache: null };
  return {
    memory: await orNull(measureBandwidth(backend, 'memory', 3)),
    cache: adapter === null ? await orNull(measureBandwidth(backend, 'cache', 3)) : null,
  };
}

/** Seconds of a first run; null where the backend refuses it. */
async function firstRun(backend: Backend, step: Timeable): Promise<number | null> {
  try {
    const opened = await step.open(backend);
    try {
      const begin = performance.now();
      await opened.run();
      return (performance.now() - begin) / 1000;
    } finally {
      await opened.dispose();
    }
  } catch {
    return null; // refused: the items of the suite say so by name
  }
}

/** A processor is started once more for its bandwidth, since memory that a WebAssembly module has taken stays taken; a GPU, which may start slowly, gives it back. */
async function openOne(create: () => Promise<Backend>): Promise<SuiteBackend> {
  let backend = await create();
  const { memory, cache } = await bandwidthOf(backend);
  if (backend.description.adapter === null) {
    await backend.dispose();
    backend = await create();
  }
  const on = measuredOn(backend);
  const measured = await orNull(measureCeiling(backend));
  const ceiling = measured && { ...measured, gigabytesPerSecond: memory ?? measured.gigabytesPerSecond, cacheGigabytesPerSecond: cache };
  return { name: configurationName(on), on, backend, ceiling };
}

/** Measures the ceiling of multiply-adds once more: the larger of all counts. */
export async function renewCeiling(entry: SuiteBackend): Promise<void> {
  const again = entry.ceiling && (await orNull(measureCeiling(entry.backend, 15, 0.2)));
  if (entry.ceiling && again && again.gflops > entry.ceiling.gflops) entry.ceiling = { ...entry.ceiling, gflops: again.gflops };
}

/** A backend may lack the kernel that a ceiling is measured with. */
function orNull<T>(promise: Promise<T | null>): Promise<T | null> {
  return promise.catch(() => null);
}

/** The message of an error as the reason of an omission. */
export function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, longestReason);
}
