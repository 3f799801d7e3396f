// What `bench suite` measures, as its result files hold it: rows, ceilings, how quiet the machine was, what was left out. The reader is bench-file.ts.
import type { Machine } from '../platform/machine.js';

/** Kinds of work, in the order in which pages show them. */
export const suiteGroups = ['training', 'closed loop', 'physics', 'fixed points', 'optimiser', 'kernels', 'start-up', 'scaling'] as const;
export type SuiteGroup = (typeof suiteGroups)[number];

/** What a scaling row varies. */
export const scalingVariables = ['batch', 'steps', 'hidden', 'threads'] as const;
export type ScalingVariable = (typeof scalingVariables)[number];

/** One way to run the same thing. */
export interface SuiteConfiguration {
  readonly backend: string;
  readonly variant: string;
  readonly threads: number;
  /** The GPU, or null on the processor. */
  readonly adapter: string | null;
  /** The GPU is none: it computes on the processor. */
  readonly software: boolean;
}

/** What a configuration can do at most. */
export interface SuiteCeiling extends SuiteConfiguration {
  /** Multiply-adds that stay in registers. */
  readonly gflops: number;
  /** Bytes read and written by one array copied into another that no cache holds; null where it was not measured. */
  readonly gigabytesPerSecond: number | null;
  /** The same with arrays that stay in a cache. */
  readonly cacheGigabytesPerSecond: number | null;
  readonly runs: number;
}

/** One thing timed on one configuration. What does not apply is null. */
export interface SuiteRow extends SuiteConfiguration {
  readonly bench: 'suite';
  readonly group: SuiteGroup;
  /** What was timed: the same text on every device. */
  readonly label: string;
  readonly kernel: string | null;
  readonly task: string | null;
  readonly model: string | null;
  readonly hiddenSize: number | null;
  readonly batchSize: number | null;
  readonly steps: number | null;
  /** Samples taken, each the mean of `runsPerSample` runs: more than one where a run is too short for the clock. */
  readonly repeats: number;
  readonly runsPerSample: number;
  readonly medianSeconds: number;
  readonly minSeconds: number;
  readonly p95Seconds: number;
  /** Interquartile range over the median; null with fewer than four samples. */
  readonly spread: number | null;
  /** The calibration loop while this was timed, over its median of the whole suite: 1.2 is a machine 20% slower than usual. Null where none ran meanwhile. */
  readonly slowdown: number | null;
  /** The first run on this backend after the check, with what is compiled only then. */
  readonly firstSeconds: number;
  /** Algorithmic operations and bytes (every array once) of a run. */
  readonly flops: number | null;
  readonly bytes: number | null;
  readonly gflops: number | null;
  readonly gigabytesPerSecond: number | null;
  readonly trialStepsPerSecond: number | null;
  readonly ceilingGflops: number | null;
  readonly ceilingGigabytesPerSecond: number | null;
  /** Of the ceiling of multiply-adds, and of that of memory. */
  readonly share: number | null;
  readonly bandwidthShare: number | null;
  /** Bytes of its buffers on the backend. */
  readonly memoryBytes: number | null;
  /** The result was compared with the reference before timing. */
  readonly checked: boolean;
  readonly checkedDeviation: number | null;
  readonly scaling: { readonly variable: ScalingVariable; readonly value: number } | null;
}

/** A loop of fixed work, run again and again between the measurements: whatever makes it slower made them slower, too. */
export interface SuiteCalibration {
  /** `processor`, or an adapter's name. */
  readonly device: string;
  /** When each sample began, seconds since the suite did, and what it took, seconds. */
  readonly at: readonly number[];
  readonly seconds: readonly number[];
  readonly medianSeconds: number;
  /** Interquartile range over the median. */
  readonly spread: number;
  /** Slowest against fastest of six stretches of the suite, by their medians, minus 1. */
  readonly drift: number;
  readonly quiet: boolean;
}

/** Characters of a reason, which may quote a compiler, at most. */
export const longestReason = 2000;

/** Something that was not timed on some configuration, and why. */
export interface SuiteOmission {
  readonly label: string;
  /** `wasm relaxed ×2`; null: on none. */
  readonly configuration: string | null;
  /** `time`: the budget was used up; `refused`: the backend does not do it; `wrong`: its result was not that of the reference. */
  readonly kind: 'time' | 'refused' | 'wrong';
  readonly reason: string;
}

/** What a result file of the suite holds. */
export interface SuiteResult {
  readonly format: 'motorloop-bench-suite';
  readonly formatVersion: 1;
  readonly machine: Machine;
  readonly ceiling: { readonly method: string; readonly measured: readonly SuiteCeiling[] };
  readonly rows: readonly SuiteRow[];
  readonly suite: {
    readonly quick: boolean;
    /** Seconds that it was given, and that it took. */
    readonly budgetSeconds: number;
    readonly elapsedSeconds: number;
    /** Smallest step of the clock, seconds. */
    readonly timerSeconds: number;
    readonly calibrations: readonly SuiteCalibration[];
    readonly quiet: boolean;
    /** One sentence on how far the machine was quiet. */
    readonly notice: string;
    readonly omissions: readonly SuiteOmission[];
  };
}

/** `wasm relaxed ×2`, `webgpu f32 (software)`: a configuration as pages and tables name it. */
export function configurationName({
  backend,
  variant,
  threads,
  software = false,
}: Pick<SuiteConfiguration, 'backend' | 'variant' | 'threads'> & { readonly software?: boolean }): string {
  const kind = variant === 'default' || variant === backend ? backend : `${backend} ${variant}`;
  return `${kind}${threads > 1 ? ` ×${threads}` : ''}${software ? ' (software)' : ''}`;
}
