// Averages over the trials of each condition, for any labels: speeds, targets, contexts.
import { ShapeError } from '../../errors.js';
import type { TrialArray } from '../analysis.js';
import { commonLengths } from '../trials.js';

export type Label = number | string;

export interface ConditionAverages {
  /** The labels in rising order: numbers before texts. */
  readonly labels: readonly Label[];
  /** Trials of each condition [C]. */
  readonly counts: Int32Array;
  /** Mean over the trials of a condition [C, T, W]; a condition is as long as its longest trial, and a step averages the trials that reach it. */
  readonly mean: TrialArray;
  /** Variance over the same trials (divisor n, 0 for a single one) [C, T, W]. */
  readonly variance: TrialArray;
}

/** Distinct labels in rising order, numbers before texts. */
export function distinctLabels(labels: ArrayLike<Label>): Label[] {
  return [...new Set(Array.from(labels))].sort((a, b) => {
    if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
    return a < b ? -1 : a > b ? 1 : 0;
  });
}

/** Averages trials by label, one label a trial [S]. Throws ShapeError unless every trial has one. */
export function conditionAverages(array: TrialArray, labels: ArrayLike<Label>): ConditionAverages {
  const lengths = commonLengths([array], 'conditionAverages', ['the trials']);
  const { trials, steps, width, values } = array;
  if (labels.length !== trials) throw new ShapeError(`conditionAverages: expected a label for each of ${trials} trials, got ${labels.length}`);
  const distinct = distinctLabels(labels);
  const index = new Map(distinct.map((label, condition) => [label, condition]));
  const conditions = distinct.length;
  const counts = new Int32Array(conditions);
  const longest = new Int32Array(conditions);
  const reached = new Int32Array(conditions * steps);
  const mean = new Float64Array(conditions * steps * width);
  const variance = new Float64Array(mean.length);
  // Welford's update: one pass, without the cancellation of squared sums
  for (let trial = 0; trial < trials; trial++) {
    const condition = index.get(labels[trial] as Label) as number;
    const length = lengths === null ? steps : (lengths[trial] as number);
    counts[condition] = (counts[condition] as number) + 1;
    longest[condition] = Math.max(longest[condition] as number, length);
    for (let step = 0; step < length; step++) {
      const at = condition * steps + step;
      const count = (reached[at] as number) + 1;
      reached[at] = count;
      for (let unit = 0; unit < width; unit++) {
        const to = at * width + unit;
        const value = values[(trial * steps + step) * width + unit] as number;
        const before = value - (mean[to] as number);
        mean[to] = (mean[to] as number) + before / count;
        variance[to] = (variance[to] as number) + before * (value - (mean[to] as number));
      }
    }
  }
  for (let i = 0; i < variance.length; i++) variance[i] = (variance[i] as number) / Math.max(1, reached[Math.floor(i / width)] as number);
  const common = { trials: conditions, steps, width, lengths: longest };
  return { labels: distinct, counts, mean: { ...common, values: mean }, variance: { ...common, values: variance } };
}
