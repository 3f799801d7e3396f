// Cycles of a rhythm: where they begin, how long they are, and the average cycle of each condition (Rush et al. 2023: cycles of the modal length only).
import { ShapeError } from '../../errors.js';
import type { TrialArray } from '../analysis.js';
import { commonLengths } from '../trials.js';
import { conditionAverages, distinctLabels, type Label } from './conditions.js';

/** Samples at which swing begins: the vertical force on the foot is 0 and was above 0 the sample before. */
export function swingOnsets(verticalForce: ArrayLike<number>): Int32Array {
  return eventsOf(verticalForce, (before, now) => before > 0 && now <= 0);
}

/** Samples at which a signal rises through `level`: below it before, at or above it now. */
export function risingCrossings(signal: ArrayLike<number>, level = 0): Int32Array {
  return eventsOf(signal, (before, now) => before < level && now >= level);
}

function eventsOf(signal: ArrayLike<number>, isEvent: (before: number, now: number) => boolean): Int32Array {
  const found: number[] = [];
  for (let i = 1; i < signal.length; i++) if (isEvent(signal[i - 1] as number, signal[i] as number)) found.push(i);
  return Int32Array.from(found);
}

/** Onsets of a rhythm of known period, in samples (need not be whole), from `first` on, within `steps`. Throws ShapeError for a period below 2 samples. */
export function periodicOnsets(steps: number, period: number, first = 0): Int32Array {
  if (!(period >= 2)) throw new ShapeError(`periodicOnsets: expected a period of 2 samples or more, got ${period}`);
  return Int32Array.from({ length: Math.max(0, Math.floor((steps - first) / period) + 1) }, (_, cycle) => Math.round(first + cycle * period)).filter(
    (onset) => onset <= steps,
  );
}

/** The length that occurs most often, the shortest of those that occur equally often. Throws ShapeError when there is none. */
export function modalLength(lengths: ArrayLike<number>): number {
  const counts = new Map<number, number>();
  for (let i = 0; i < lengths.length; i++) counts.set(lengths[i] as number, (counts.get(lengths[i] as number) ?? 0) + 1);
  const ordered = [...counts].sort(([a, countA], [b, countB]) => countB - countA || a - b);
  if (ordered.length === 0) throw new ShapeError('modalLength: expected 1 or more cycles, got none');
  return (ordered[0] as [number, number])[0];
}

export interface CycleAverages {
  readonly labels: readonly Label[];
  /** Modal cycle length of each condition, in samples [C]. */
  readonly lengths: Int32Array;
  /** Cycles of that length, which are averaged, and cycles in all [C]. */
  readonly kept: Int32Array;
  readonly found: Int32Array;
  /** Mean over the kept cycles [C, longest, W], and their variance. */
  readonly mean: TrialArray;
  readonly variance: TrialArray;
}

/**
 * Cuts trials into cycles, each from one onset to the next, and averages those of the modal length of each condition. `onsets` holds one rising list a
 * trial (what follows the last onset is no cycle), `labels` a condition a trial. Throws ShapeError where a condition has no cycle, naming it.
 */
export function cycleAverages(array: TrialArray, onsets: readonly ArrayLike<number>[], labels: ArrayLike<Label>): CycleAverages {
  const where = 'cycleAverages';
  const lengths = commonLengths([array], where, ['the trials']);
  const { trials, steps, width, values } = array;
  if (onsets.length !== trials || labels.length !== trials) {
    throw new ShapeError(`${where}: expected onsets and a label for each of ${trials} trials, got ${onsets.length} and ${labels.length}`);
  }
  const distinct = distinctLabels(labels);
  const cycles: { trial: number; start: number; length: number; label: Label }[] = [];
  for (let trial = 0; trial < trials; trial++) {
    const own = onsets[trial] as ArrayLike<number>;
    const end = lengths === null ? steps : (lengths[trial] as number);
    for (let i = 0; i + 1 < own.length; i++) {
      const [start, next] = [own[i] as number, own[i + 1] as number];
      if (!(start >= 0 && next > start)) throw new ShapeError(`${where}: expected rising onsets of 0 or more, got ${start}, ${next} in trial ${trial}`);
      if (next <= end) cycles.push({ trial, start, length: next - start, label: labels[trial] as Label });
    }
  }
  const found = distinct.map((label) => cycles.filter((cycle) => cycle.label === label));
  const empty = found.findIndex((own) => own.length === 0);
  if (empty >= 0) throw new ShapeError(`${where}: expected a whole cycle in every condition, got none in condition ${distinct[empty]}; give longer trials`);
  const modal = found.map((own) => modalLength(own.map(({ length }) => length)));
  const kept = found.map((own, condition) => own.filter(({ length }) => length === modal[condition]));
  const chosen = kept.flatMap((own, condition) => own.map((cycle) => ({ ...cycle, condition })));
  const longest = Math.max(...modal);
  const cut = new Float64Array(chosen.length * longest * width);
  for (const [i, { trial, start, length }] of chosen.entries()) {
    cut.set(values.subarray((trial * steps + start) * width, (trial * steps + start + length) * width), i * longest * width);
  }
  const stacked = { trials: chosen.length, steps: longest, width, values: cut, lengths: Int32Array.from(chosen, ({ length }) => length) };
  const { mean, variance } = conditionAverages(
    stacked,
    chosen.map(({ condition }) => condition),
  );
  const count = (lists: readonly (readonly unknown[])[]) => Int32Array.from(lists, ({ length }) => length);
  return { labels: distinct, lengths: Int32Array.from(modal), kept: count(kept), found: count(found), mean, variance };
}
