// Canonical correlation analysis (Hotelling 1936) and SVCCA (Raghu et al. 2017): correlations between two sets of latents, whatever invertible map
// relates their coordinates.
import { Matrix } from 'ml-matrix';
import type { TrialArray } from '../analysis.js';
import { type FeatureRange, type Moments, scatter } from '../moments.js';
import { symmetricEigen } from '../pca.js';
import { singularValues } from '../svd.js';
import { momentsOfTrials } from '../trials.js';
import type { TrialComparisonOptions } from './state-r2.js';

export interface CanonicalCorrelations {
  /** Canonical correlations, falling; as many as the narrower side has directions. Empty when a side does not vary. */
  readonly correlations: Float64Array;
  /** Their mean: 1 when one side is an invertible affine map of the other. Null when there are none. */
  readonly mean: number | null;
  /** Mean of their squares: the share of a whitened side that the other explains (R² of CCA). */
  readonly meanSquare: number | null;
}

export interface CanonicalOptions extends TrialComparisonOptions {
  /** Keeps the fewest principal components of each side with this share of its variance (SVCCA: 0.99). Default 1: all directions. */
  readonly variance?: number;
}

/** Directions with less than this share of the largest variance are left out: rounding would decide on their correlations. */
const smallestRelativeVariance = { single: 1e-6, double: 1e-10 };

/** Canonical correlations on all samples given (in-sample). Throws ShapeError when trials differ, NumericsError for values that are not finite. */
export async function cca(a: TrialArray, b: TrialArray, options: CanonicalOptions = {}): Promise<CanonicalCorrelations> {
  const { moments, ranges } = await momentsOfTrials([a, b], { ...options, where: 'cca' });
  return ccaMatrix(moments, ranges, options.variance)[0]?.[1] as CanonicalCorrelations;
}

/** Canonical correlations of every pair of ranges; symmetric. The diagonal holds ones, as many as there are directions. */
export function ccaMatrix(moments: Moments, ranges: readonly FeatureRange[], variance = 1): CanonicalCorrelations[][] {
  const whitening = ranges.map((range) => whiten(moments, range, variance));
  const result = ranges.map((): CanonicalCorrelations[] => []);
  for (const [i, rows] of ranges.entries()) {
    for (const [j, columns] of ranges.entries()) {
      if (j < i) continue;
      const [left, right] = [whitening[i] as Matrix, whitening[j] as Matrix];
      const count = Math.min(left.rows, right.rows);
      const found = i === j ? new Float64Array(count).fill(1) : correlate(moments, rows, columns, left, right);
      (result[i] as CanonicalCorrelations[])[j] = summarise(found);
      (result[j] as CanonicalCorrelations[])[i] = summarise(found);
    }
  }
  return result;
}

/** Rows that make the kept directions uncorrelated, with unit sum of squares [K, D]. */
function whiten(moments: Moments, range: FeatureRange, variance: number): Matrix {
  const { length } = range;
  const { values, vectors } = symmetricEigen(scatter(moments, range, range), length, 'cca');
  const cutoff = smallestRelativeVariance[moments.single ? 'single' : 'double'] * Math.max(0, values[0] ?? 0);
  const total = values.reduce((sum, value) => sum + Math.max(0, value), 0);
  let kept = 0;
  for (let sum = 0; kept < length && (values[kept] as number) > cutoff && (kept === 0 || sum < variance * total); kept++) sum += values[kept] as number;
  const rows = new Matrix(kept, length);
  for (let k = 0; k < kept; k++) for (let i = 0; i < length; i++) rows.set(k, i, (vectors[k * length + i] as number) / Math.sqrt(values[k] as number));
  return rows;
}

function correlate(moments: Moments, rows: FeatureRange, columns: FeatureRange, left: Matrix, right: Matrix): Float64Array {
  if (left.rows === 0 || right.rows === 0) return new Float64Array(0);
  const cross = Matrix.from1DArray(rows.length, columns.length, scatter(moments, rows, columns));
  const whitened = left.mmul(cross).mmul(right.transpose());
  // rounding may lift a perfect correlation a hair above 1
  return singularValues(whitened.to1DArray(), left.rows, right.rows, 'cca').map((value) => Math.min(1, value));
}

function summarise(correlations: Float64Array): CanonicalCorrelations {
  const mean = (power: number) => (correlations.length === 0 ? null : correlations.reduce((sum, value) => sum + value ** power, 0) / correlations.length);
  return { correlations, mean: mean(1), meanSquare: mean(2) };
}
