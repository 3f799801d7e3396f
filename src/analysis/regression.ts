// Affine maps between two sets of latents: least squares with intercept on training samples, scored on validation samples.
// Works on moments (Gram form), so the data may be of any length.
import { Matrix } from 'ml-matrix';
import { ShapeError } from '../errors.js';
import { type FeatureRange, type Moments, momentMeans, scatter } from './moments.js';
import { principalComponents, symmetricEigen } from './pca.js';

/** y ≈ targetMean + (x − sourceMean) · weights. */
export interface AffineMap {
  readonly source: FeatureRange;
  readonly target: FeatureRange;
  readonly sourceMean: Float64Array;
  readonly targetMean: Float64Array;
  /** Row-major [source.length, target.length]. */
  readonly weights: Float64Array;
}

/** How well a map predicts validation samples. */
export interface AffineScore {
  /** Variance-weighted: 1 − Σ SSE / Σ SST over all target features, SST around the validation mean. Null when the target does not vary. */
  readonly r2: number | null;
  /** The same for each principal component of the target's training samples, by falling variance. */
  readonly perComponent: readonly (number | null)[];
}

/**
 * Directions of the source whose variance is below this share of the largest are left out of the fit: their sums are rounding
 * (products summed in f32 are good to about 1e-8 of the largest, in f64 to about 1e-15), and the minimum-norm solution ignores them.
 */
const smallestRelativeVariance = { single: 1e-9, double: 1e-14 };

interface Eigen {
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

const sourceEigen = (train: Moments, source: FeatureRange): Eigen => symmetricEigen(scatter(train, source, source), source.length, 'fitAffine');

/**
 * Least squares with intercept from `source` to `target`, the minimum-norm solution where the source is degenerate. `eigen` is the source's
 * decomposition, for callers that fit several targets.
 */
export function fitAffine(train: Moments, source: FeatureRange, target: FeatureRange, eigen: Eigen = sourceEigen(train, source)): AffineMap {
  const { values, vectors } = eigen;
  const cutoff = smallestRelativeVariance[train.single ? 'single' : 'double'] * Math.max(0, values[0] ?? 0);
  const basis = new Matrix(source.length, source.length);
  const scaled = new Matrix(source.length, source.length);
  for (let k = 0; k < source.length; k++) {
    const value = values[k] as number;
    if (value <= cutoff) break;
    for (let i = 0; i < source.length; i++) {
      basis.set(k, i, vectors[k * source.length + i] as number);
      scaled.set(i, k, (vectors[k * source.length + i] as number) / value);
    }
  }
  const cross = Matrix.from1DArray(source.length, target.length, scatter(train, source, target));
  const weights = scaled.mmul(basis.mmul(cross));
  return { source, target, sourceMean: momentMeans(train, source), targetMean: momentMeans(train, target), weights: Float64Array.from(weights.to1DArray()) };
}

function identityMap(train: Moments, range: FeatureRange): AffineMap {
  const mean = momentMeans(train, range);
  return { source: range, target: range, sourceMean: mean, targetMean: mean, weights: Float64Array.from(Matrix.eye(range.length).to1DArray()) };
}

/** Scores a map on validation samples; `components` are the target's principal components on training samples, for `perComponent`. */
export function scoreAffine(map: AffineMap, validation: Moments, components: Float64Array): AffineScore {
  const { source, target } = map;
  const weights = Matrix.from1DArray(source.length, target.length, map.weights);
  const xx = Matrix.from1DArray(source.length, source.length, scatter(validation, source, source, map.sourceMean, map.sourceMean));
  const xy = Matrix.from1DArray(source.length, target.length, scatter(validation, source, target, map.sourceMean, map.targetMean));
  const yy = Matrix.from1DArray(target.length, target.length, scatter(validation, target, target, map.targetMean, map.targetMean));
  const explained = weights.transpose().mmul(xy);
  // Σ (y − ŷ)(y − ŷ)ᵀ = Syy − WᵀSxy − SxyᵀW + WᵀSxxW, all around the training means that the map uses
  const error = Matrix.sub(Matrix.sub(yy, explained), explained.transpose()).add(weights.transpose().mmul(xx).mmul(weights));
  const total = Matrix.from1DArray(target.length, target.length, scatter(validation, target, target));
  const perComponent = Array.from({ length: target.length }, (_, k) => {
    const axis = Matrix.columnVector(components.subarray(k * target.length, (k + 1) * target.length));
    const along = (matrix: Matrix) => axis.transpose().mmul(matrix).mmul(axis).get(0, 0);
    return ratio(along(error), along(total));
  });
  return { r2: ratio(error.trace(), total.trace()), perComponent };
}

function ratio(error: number, total: number): number | null {
  // rounding may leave a perfect fit a hair below zero error
  return total > 0 ? 1 - Math.max(0, error) / total : null;
}

/** Fits on `train`, scores on `validation`: the state R² of one direction. */
export function affineR2(train: Moments, validation: Moments, source: FeatureRange, target: FeatureRange): AffineScore {
  return scoreAffine(fitAffine(train, source, target), validation, principalComponents(train, target).components);
}

/**
 * `affineR2` of every pair of ranges, `[source][target]`; decomposes each range once. On the diagonal stands what the identity, which is the
 * best map, scores: exactly 1, whatever the rounding of the moments.
 */
export function affineR2Matrix(train: Moments, validation: Moments, ranges: readonly FeatureRange[]): AffineScore[][] {
  const components = ranges.map((target) => principalComponents(train, target).components);
  return ranges.map((source, i) => {
    const eigen = sourceEigen(train, source);
    return ranges.map((target, j) => {
      const map = i === j ? identityMap(train, source) : fitAffine(train, source, target, eigen);
      return scoreAffine(map, validation, components[j] as Float64Array);
    });
  });
}

/** Variance-weighted R² of `predicted` against `truth`, both [N, D], without any fit. Null when the truth does not vary. */
export function varianceWeightedR2(truth: ArrayLike<number>, predicted: ArrayLike<number>, dimension: number): number | null {
  if (truth.length !== predicted.length) throw new ShapeError(`varianceWeightedR2: expected predictions of ${truth.length} values, got ${predicted.length}`);
  const samples = truth.length / dimension;
  let error = 0;
  let total = 0;
  for (let column = 0; column < dimension; column++) {
    let mean = 0;
    for (let i = column; i < truth.length; i += dimension) mean += (truth[i] as number) / samples;
    for (let i = column; i < truth.length; i += dimension) {
      error += ((truth[i] as number) - (predicted[i] as number)) ** 2;
      total += ((truth[i] as number) - mean) ** 2;
    }
  }
  return ratio(error, total);
}
