// Arrays of trials: made from plain numbers with checks, cut into phases without a copy, viewed as ndarrays.
import ndarray, { type NdArray } from 'ndarray';
import { ConfigError, RunFormatError, ShapeError } from '../errors.js';
import type { Phase, TrialArray } from './analysis.js';

/** A phase as callers may write it: CtDB says `val`. */
export type PhaseName = Phase | 'val';

/** The phase that a name means. Throws ConfigError for anything else than all, train, validation or val. */
export function phaseOf(name: PhaseName): Phase {
  if (name === 'val') return 'validation';
  if (name === 'all' || name === 'train' || name === 'validation') return name;
  throw new ConfigError('phase', [`expected all, train or validation, got ${JSON.stringify(name)}`]);
}

/** Trials [S, T, W] over given numbers, which are not copied. Throws ShapeError when their count is another one. */
export function trialArray(values: Float32Array | Float64Array, [trials, steps, width]: readonly [number, number, number], lengths: Int32Array | null = null) {
  if (values.length !== trials * steps * width)
    throw new ShapeError(`trialArray: expected ${trials * steps * width} numbers for [${trials}, ${steps}, ${width}], got ${values.length}`);
  if (lengths && lengths.length !== trials) throw new ShapeError(`trialArray: expected ${trials} lengths, got ${lengths.length}`);
  return { trials, steps, width, values, lengths } satisfies TrialArray;
}

/** Trials `first` … `first + count − 1` of an array; a view. */
export function trialRange({ trials, steps, width, values, lengths }: TrialArray, first: number, count: number): TrialArray {
  if (first < 0 || count < 0 || first + count > trials)
    throw new ShapeError(`trialRange: expected trials within 0 to ${trials - 1}, got ${count} from ${first} on`);
  const size = steps * width;
  return {
    trials: count,
    steps,
    width,
    values: values.subarray(first * size, (first + count) * size),
    lengths: lengths && lengths.subarray(first, first + count),
  };
}

/** The trials of a phase where the first `training` trials train and the others validate; a view. */
export function phaseRange(array: TrialArray, training: number, phase: Phase): TrialArray {
  if (phase === 'all') return array;
  return phase === 'train' ? trialRange(array, 0, training) : trialRange(array, training, array.trials - training);
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
