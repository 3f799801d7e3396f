// Delay embedding (Takens 1981): a trial of T states becomes T' = T − (d − 1)τ rows, each a state with its d − 1 predecessors, newest first; never across trials.
import { ConfigError, NumericsError, ShapeError } from '../../errors.js';
import type { TrialArray } from '../analysis.js';

export interface DelayOptions {
  /** States in a row, d ≥ 1. Default 1, which is the data itself. */
  readonly delays?: number;
  /** Steps between two of them, τ ≥ 1. Default 1. */
  readonly interval?: number;
}

/** One trial of [T, N] states in f64. */
interface Trial {
  readonly steps: number;
  readonly values: Float64Array;
}

/** The Hankel matrix H [Σ T', N d] of a set of trials, never written out: its block i of row t is x at t + (d − 1 − i) τ. */
export interface Hankel {
  readonly trials: readonly Trial[];
  /** N. */
  readonly width: number;
  readonly delays: number;
  readonly interval: number;
  /** Rows T' of each trial. */
  readonly trialRows: readonly number[];
  /** Σ T'. */
  readonly rows: number;
  /** N d. */
  readonly columns: number;
}

/**
 * The Hankel matrix of trials. `needed` is how many rows each trial must give at least (default 1). Throws ConfigError for delays or an interval that are not
 * whole numbers of at least 1, ShapeError naming every trial that is too short, NumericsError for a value that is not finite.
 */
export function hankelOf(data: TrialArray, { delays = 1, interval = 1 }: DelayOptions = {}, needed = 1): Hankel {
  const problems = Object.entries({ delays, interval }).flatMap(([name, value]) =>
    Number.isInteger(value) && value >= 1 ? [] : [`expected ${name} as a whole number of at least 1, got ${value}`],
  );
  if (problems.length > 0) throw new ConfigError('delayEmbed', problems);
  const { steps, width, values, lengths } = data;
  if (data.trials < 1 || width < 1 || values.length !== data.trials * steps * width || (lengths !== null && lengths.length !== data.trials))
    throw new ShapeError(
      `delayEmbed: expected [S, T, N] values of at least one trial and one unit, got ${values.length} values for [${data.trials}, ${steps}, ${width}]`,
    );
  const lost = (delays - 1) * interval;
  const short: string[] = [];
  const trials: Trial[] = [];
  for (let k = 0; k < data.trials; k++) {
    const length = lengths === null ? steps : (lengths[k] as number);
    if (length - lost < needed || length > steps) short.push(`trial ${k} with ${length}`);
    else trials.push({ steps: length, values: finiteTrial(values, k, steps, length, width) });
  }
  if (short.length > 0) {
    const named = short.length > 5 ? `${short.slice(0, 5).join(', ')} and ${short.length - 5} more` : short.join(', ');
    throw new ShapeError(
      `delayEmbed: expected trials of ${lost + needed} to ${steps} steps (${delays} delays at interval ${interval}), got ${named}; take fewer delays or longer trials`,
    );
  }
  const trialRows = trials.map((trial) => trial.steps - lost);
  return { trials, width, delays, interval, trialRows, rows: trialRows.reduce((sum, count) => sum + count, 0), columns: width * delays };
}

function finiteTrial(values: ArrayLike<number>, trial: number, steps: number, length: number, width: number): Float64Array {
  const start = trial * steps * width;
  const own = new Float64Array(length * width);
  for (let i = 0; i < own.length; i++) {
    const value = values[start + i] as number;
    if (!Number.isFinite(value))
      throw new NumericsError(
        `delayEmbed: expected finite states, got ${value} in trial ${trial}, step ${Math.floor(i / width)}, unit ${i % width}; has the training diverged?`,
      );
    own[i] = value;
  }
  return own;
}

/** The embedded trials one behind the other: rows [Σ T', N d], newest block first, and how many rows each trial gave. */
export interface Embedding {
  readonly rows: number;
  readonly width: number;
  readonly values: Float64Array;
  readonly trialRows: readonly number[];
}

/** Delay embedding of trials [S, T, N] (no means are removed). Throws as `hankelOf` does. */
export function delayEmbed(data: TrialArray, options: DelayOptions = {}): Embedding {
  const hankel = hankelOf(data, options);
  const values = new Float64Array(hankel.rows * hankel.columns);
  let row = 0;
  hankel.trials.forEach((trial, k) => {
    for (let t = 0; t < (hankel.trialRows[k] as number); t++) writeRow(hankel, trial.values, t, values, row++ * hankel.columns);
  });
  return { rows: hankel.rows, width: hankel.columns, values, trialRows: hankel.trialRows };
}

/** Row t of one trial's part of H into `target` at `at`. */
function writeRow({ width, delays, interval }: Hankel, trial: Float64Array, t: number, target: Float64Array, at: number): void {
  for (let block = 0; block < delays; block++) {
    const start = (t + (delays - 1 - block) * interval) * width;
    target.set(trial.subarray(start, start + width), at + block * width);
  }
}
