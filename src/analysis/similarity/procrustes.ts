// Procrustes disparity: what is left of the distance between two sets of latents after the best shift, scaling, rotation and reflection
// (Gower 1975; as scipy.spatial.procrustes has it).
import { scatter, type FeatureRange, type Moments } from '../moments.js';
import type { TrialArray } from '../analysis.js';
import { singularValues } from '../svd.js';
import { momentsOfTrials } from '../trials.js';
import type { TrialComparisonOptions } from './state-r2.js';

/**
 * Disparity on all samples given: both sides centred and of unit Frobenius norm, min ‖A − s B R‖² = 1 − (Σ singular values of AᵀB)².
 * 0 for copies up to shift, scaling, rotation and reflection; 1 for unrelated latents; null when a side does not vary. Symmetric.
 * Sides of unequal width count as if the narrower one had columns of zeros. Throws ShapeError when trials differ, NumericsError for values that are not finite.
 */
export async function procrustes(a: TrialArray, b: TrialArray, options: TrialComparisonOptions = {}): Promise<number | null> {
  const { moments, ranges } = await momentsOfTrials([a, b], { ...options, where: 'procrustes' });
  return procrustesMatrix(moments, ranges)[0]?.[1] ?? null;
}

/** Disparity of every pair of ranges; symmetric, with a diagonal of zeros. */
export function procrustesMatrix(moments: Moments, ranges: readonly FeatureRange[]): (number | null)[][] {
  const variances = ranges.map((range) => scatter(moments, range, range).reduce((sum, value, i) => (i % (range.length + 1) === 0 ? sum + value : sum), 0));
  const result = ranges.map((): (number | null)[] => []);
  for (const [i, rows] of ranges.entries()) {
    for (const [j, columns] of ranges.entries()) {
      if (j < i) continue;
      const scale = (variances[i] as number) * (variances[j] as number);
      const value = scale > 0 ? (i === j ? 0 : disparity(moments, rows, columns, scale)) : null;
      (result[i] as (number | null)[])[j] = value;
      (result[j] as (number | null)[])[i] = value;
    }
  }
  return result;
}

function disparity(moments: Moments, rows: FeatureRange, columns: FeatureRange, scale: number): number {
  const sum = singularValues(scatter(moments, rows, columns), rows.length, columns.length, 'procrustes').reduce((total, value) => total + value, 0);
  // rounding may leave a perfect fit a hair below zero
  return Math.max(0, 1 - sum ** 2 / scale);
}
