// Gym-style spaces: which actions an Environment takes and which observations it gives.
import { deriveKey, randomKey, uniformAt } from '../random.js';

/** A box in `shape[0]` dimensions. */
export interface Box {
  readonly low: Float32Array;
  readonly high: Float32Array;
  /** Entries of one trial, e.g. [6]. */
  readonly shape: readonly [number];
  /** Whether values [N] lie inside, bounds included. */
  contains(values: ArrayLike<number>): boolean;
  /** A point drawn uniformly (unbounded axes: on [−1, 1]); the same for the same seed and trial. */
  sample(seed: number, trial?: number): Float32Array;
}

export function box(size: number, low: number, high: number): Box {
  const [lows, highs] = [new Float32Array(size).fill(low), new Float32Array(size).fill(high)];
  const bounded = Number.isFinite(low) && Number.isFinite(high);
  return {
    low: lows,
    high: highs,
    shape: [size],
    contains: (values) => values.length === size && Array.from(values).every((value) => value >= low && value <= high),
    sample: (seed, trial = 0) => {
      const key = deriveKey(randomKey(seed, 'space'), 'sample');
      return Float32Array.from({ length: size }, (_, index) =>
        bounded ? low + (high - low) * uniformAt(key, trial, index) : 2 * uniformAt(key, trial, index) - 1,
      );
    },
  };
}
