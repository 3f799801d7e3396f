// Synthetic trials for the tests of similarity: correlated latents, affine maps of them, permuted trials.
import type { TrialArray } from '../../../src/analysis/analysis.js';
import { type SplitTrials, splitTrials, trialArray } from '../../../src/analysis/trials.js';
import { normalAt, permutation, randomKey } from '../../../src/random.js';

/** Latents [S, T, W] with correlated units and an offset; every trial goes its own way. */
export function latents(seed: number, trials: number, steps: number, width: number): TrialArray {
  const key = randomKey(seed, 'similarity test');
  const values = new Float64Array(trials * steps * width);
  for (let i = 0; i < trials * steps; i++) {
    for (let j = 0; j < width; j++) values[i * width + j] = 1 + normalAt(key, i, j) / (1 + j / 2) + (j > 0 ? 0.4 * (values[i * width + j - 1] as number) : 0);
  }
  return trialArray(values, [trials, steps, width]);
}

/** x M + offset with M row-major [W, outputs]. */
export function mapped(array: TrialArray, matrix: ArrayLike<number>, outputs: number, offset = 0): TrialArray {
  const { trials, steps, width, values } = array;
  const result = new Float64Array(trials * steps * outputs);
  for (let i = 0; i < trials * steps; i++) {
    for (let k = 0; k < outputs; k++) {
      let sum = offset;
      for (let j = 0; j < width; j++) sum += (values[i * width + j] as number) * (matrix[j * outputs + k] as number);
      result[i * outputs + k] = sum;
    }
  }
  return { trials, steps, width: outputs, values: result, lengths: array.lengths };
}

/** A random matrix [rows, columns], well conditioned when square: the identity and normals of a third. */
export function matrix(seed: number, rows: number, columns: number): Float64Array {
  const key = randomKey(seed, 'matrix');
  return Float64Array.from({ length: rows * columns }, (_, i) => normalAt(key, 0, i) / 3 / Math.sqrt(rows) + (Math.floor(i / columns) === i % columns ? 1 : 0));
}

/** The trials in another order. */
export function permuted(array: TrialArray, seed: number): TrialArray {
  const order = permutation(array.trials, randomKey(seed, 'order'));
  const size = array.steps * array.width;
  const values = new Float64Array(array.values.length);
  for (let trial = 0; trial < array.trials; trial++)
    values.set(array.values.subarray((order[trial] as number) * size, ((order[trial] as number) + 1) * size), trial * size);
  return { ...array, values };
}

export const split = (array: TrialArray): SplitTrials => splitTrials(array);
