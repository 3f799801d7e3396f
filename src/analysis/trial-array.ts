// Arrays of trials by phase, as ndarrays, and free of numbers that are not finite. Checks of shapes and splits are in trials.ts.
import ndarray, { type NdArray } from 'ndarray';
import { ConfigError, RunFormatError } from '../errors.js';
import type { Phase, TrialArray } from './analysis.js';
import { sliceTrials } from './trials.js';

/** A phase as callers may write it: CtDB says `val`. */
export type PhaseName = Phase | 'val';

/** The phase that a name means. Throws ConfigError for anything else than all, train, validation or val. */
export function phaseOf(name: PhaseName): Phase {
  if (name === 'val') return 'validation';
  if (name === 'all' || name === 'train' || name === 'validation') return name;
  throw new ConfigError('phase', [`expected all, train or validation, got ${JSON.stringify(name)}`]);
}

/** The trials of a phase where the first `training` trials train and the others validate; a view. */
export function phaseRange(array: TrialArray, training: number, phase: Phase): TrialArray {
  if (phase === 'all') return array;
  return phase === 'train' ? sliceTrials(array, 0, training) : sliceTrials(array, training, array.trials);
}

/** An ndarray [S, T, W] on the same numbers. */
export function ndarrayOf({ trials, steps, width, values }: TrialArray): NdArray<Float32Array | Float64Array> {
  return ndarray(values, [trials, steps, width]);
}

/** Throws RunFormatError that names the first number that is not finite, steps behind the end of a trial left out. */
export function checkFinite({ trials, steps, width, values, lengths }: TrialArray, where: string, what: string, firstTrial = 0): void {
  for (let trial = 0; trial < trials; trial++) {
    const end = (trial * steps + (lengths?.[trial] ?? steps)) * width;
    for (let i = trial * steps * width; i < end; i++) {
      if (Number.isFinite(values[i])) continue;
      const inTrial = i - trial * steps * width;
      throw new RunFormatError(
        `${where}: expected finite ${what}, got ${values[i]} in trial ${firstTrial + trial}, step ${Math.floor(inTrial / width)}, channel ${inTrial % width}`,
      );
    }
  }
}
