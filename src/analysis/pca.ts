// Principal components of latents: eigen-decomposition of the covariance, no scaling (analysis after Pearson 1901, Hotelling 1933).
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { NumericsError } from '../errors.js';
import { addSamples, createMoments, columnMeans, type FeatureRange, type Moments, momentMeans, scatter } from './moments.js';

export interface PrincipalComponents {
  /** H: features; K = H components are kept, by falling variance. */
  readonly dimension: number;
  readonly mean: Float64Array;
  /** Row-major [K, H]: unit rows, the largest-magnitude loading of each positive. */
  readonly components: Float64Array;
  /** Variance along each component, with divisor N − 1 [K]. */
  readonly variances: Float64Array;
  /** Share of the whole variance [K]; zeros when nothing varies. */
  readonly ratios: Float64Array;
}

/** Eigenvalues (falling) and unit eigenvectors (rows) of a symmetric row-major matrix [H, H]. Throws NumericsError when it is not finite. */
export function symmetricEigen(matrix: Float64Array, dimension: number, where: string): { values: Float64Array; vectors: Float64Array } {
  const bad = matrix.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new NumericsError(`${where}: expected a finite matrix, got ${matrix[bad]} at row ${Math.floor(bad / dimension)}, column ${bad % dimension}`);
  const decomposition = new EigenvalueDecomposition(Matrix.from1DArray(dimension, dimension, matrix), { assumeSymmetric: true });
  const found = decomposition.realEigenvalues;
  const order = found.map((_, k) => k).sort((a, b) => (found[b] as number) - (found[a] as number));
  const vectors = new Float64Array(dimension * dimension);
  order.forEach((source, k) => {
    for (let i = 0; i < dimension; i++) vectors[k * dimension + i] = decomposition.eigenvectorMatrix.get(i, source);
  });
  return { values: Float64Array.from(order, (source) => found[source] as number), vectors };
}

/**
 * PCA of the features in `range` (default: all) from their moments. One sample or constant features give zero variances.
 * The sign of a component only matters for pictures: its largest-magnitude loading is positive, the first one where several tie.
 */
export function principalComponents(moments: Moments, range: FeatureRange = { start: 0, length: moments.dimension }): PrincipalComponents {
  const dimension = range.length;
  const divisor = Math.max(1, moments.count - 1);
  const covariance = scatter(moments, range, range).map((value) => value / divisor);
  const { values, vectors } = symmetricEigen(covariance, dimension, 'principalComponents');
  for (let k = 0; k < dimension; k++) fixSign(vectors.subarray(k * dimension, (k + 1) * dimension));
  // rounding may leave the smallest eigenvalues a little below zero
  const variances = values.map((value) => Math.max(0, value));
  const total = variances.reduce((sum, value) => sum + value, 0);
  return { dimension, mean: momentMeans(moments, range), components: vectors, variances, ratios: variances.map((value) => (total > 0 ? value / total : 0)) };
}

function fixSign(component: Float64Array): void {
  const largest = component.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  // 1e-9: loadings of equal size differ in their last bits only
  const leading = component.find((value) => Math.abs(value) >= largest * (1 - 1e-9)) ?? 0;
  if (leading < 0) for (let i = 0; i < component.length; i++) component[i] = -(component[i] as number);
}

/** PCA of rows [N, H] held in memory, in f64. */
export async function pcaOfRows(rows: Float32Array | Float64Array, dimension: number): Promise<PrincipalComponents> {
  const moments = createMoments(dimension, columnMeans(rows, dimension));
  await addSamples(moments, rows);
  return principalComponents(moments);
}

/**
 * Scores of rows [N, H] on the first `count` components, row-major [N, count]. With fewer than `count` components the rest is zero,
 * so that a two-unit network still draws in three dimensions.
 */
export function project(pca: PrincipalComponents, rows: ArrayLike<number>, count = 3): Float64Array {
  const { dimension, mean, components } = pca;
  const samples = rows.length / dimension;
  const scores = new Float64Array(samples * count);
  for (let sample = 0; sample < samples; sample++) {
    for (let k = 0; k < Math.min(count, dimension); k++) {
      let sum = 0;
      for (let i = 0; i < dimension; i++) sum += ((rows[sample * dimension + i] as number) - (mean[i] as number)) * (components[k * dimension + i] as number);
      scores[sample * count + k] = sum;
    }
  }
  return scores;
}

/** Participation ratio (Σλ)² / Σλ²: 1 for a line, H for a ball; 0 when nothing varies. (Bouchaud & Mézard 1997; Gao et al. 2017.) */
export function participationRatio(pca: PrincipalComponents): number {
  const squares = pca.ratios.reduce((sum, ratio) => sum + ratio * ratio, 0);
  return squares > 0 ? 1 / squares : 0;
}
