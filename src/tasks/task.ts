// The contract of a task: everything a third party implements, in one file, to train, evaluate and draw a task of their own.
import type { RandomKey } from '../random.js';

/** Trials as plain arrays, row-major; S trials, T steps, I inputs, O outputs. */
export interface TrialSet {
  readonly trials: number;
  readonly steps: number;
  /** What the network sees, noise included [S, T, I]. */
  readonly inputs: Float32Array;
  /** The same without noise [S, T, I]. */
  readonly trueInputs: Float32Array;
  /** Desired outputs [S, T, O]. */
  readonly targets: Float32Array;
  /** Condition of each trial [S]; the grouped sampler and figures use it. */
  readonly conditions: Int32Array;
  /** Numbers that loss or analysis need, E a trial [S, E]; E may be 0. */
  readonly extra: Float32Array;
}

/** How the outputs are scored. `weights` returns [S, T, O] (or null for all ones) for `squared error` and [S, T] for `cross entropy`. */
export interface TaskLoss {
  readonly kind: 'squared error' | 'cross entropy';
  /** What one trial's sum of weighted errors is multiplied by before the mean over trials, e.g. 1 / (T·O). */
  readonly scale: number;
  weights(set: TrialSet): Float32Array | null;
}

/** A task with its parameters fixed. `generate` must be a pure function of its arguments. */
export interface Task {
  readonly name: string;
  /** Every parameter that shapes the trials: hashed into caches and recorded with the run. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly steps: number;
  /** Seconds per step, or null where the task has no unit of time. */
  readonly stepDuration: number | null;
  readonly inputSize: number;
  readonly outputSize: number;
  readonly inputLabels: readonly string[];
  readonly outputLabels: readonly string[];
  readonly loss: TaskLoss;
  /** Makes trials `first` … `first + count − 1` of the stream `key`: trial k is the same whatever `first` and `count` are. */
  generate(key: RandomKey, first: number, count: number): TrialSet;
  /** Scores on given trials, e.g. `bitAccuracy`; outputs [S, T, O]. */
  metrics?(outputs: Float32Array, set: TrialSet): Record<string, number>;
}
