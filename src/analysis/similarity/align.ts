// Latents in the reference's principal components: the affine map that figures of several networks are drawn with (CtDB's plotTrials3dReference).
import { Matrix } from 'ml-matrix';
import { ShapeError } from '../../errors.js';
import type { TrialArray } from '../analysis.js';
import type { FeatureRange, Moments } from '../moments.js';
import { type PrincipalComponents, principalComponents } from '../pca.js';
import { fitAffine, scoreAffine } from '../regression.js';
import { momentsOfTrials } from '../trials.js';
import type { TrialComparisonOptions } from './state-r2.js';

/** y = (x − mean) weights + offset: from latents of one network to the first K principal components of the reference. */
export interface Alignment {
  readonly dimension: number;
  readonly components: number;
  readonly mean: Float64Array;
  /** Row-major [H, K]. */
  readonly weights: Float64Array;
  readonly offset: Float64Array;
  /** Variance-weighted R² over these components, on the samples of the fit. Null when the reference does not vary. */
  readonly r2: number | null;
  readonly perComponent: readonly (number | null)[];
}

/**
 * Fits latents → first `components` principal components of the reference (default 3; fewer when the reference has fewer units) on all trials given,
 * in-sample as published. The reference itself maps by its own principal components.
 * Throws ShapeError when trials differ or samples are fewer than dimensions, NumericsError for values that are not finite.
 */
export async function alignToReference(
  latents: TrialArray,
  reference: TrialArray,
  { components = 3, ...options }: TrialComparisonOptions & { readonly components?: number } = {},
): Promise<Alignment> {
  const { moments, ranges } = await momentsOfTrials([latents, reference], { names: ['latents', 'reference'], ...options, where: 'alignToReference' });
  const [from, to] = ranges as [FeatureRange, FeatureRange];
  return alignmentOfMoments(moments, from, to, components);
}

/** The same from joint moments; `pca` are the reference's components, for callers that align several. */
export function alignmentOfMoments(
  moments: Moments,
  from: FeatureRange,
  to: FeatureRange,
  components = 3,
  pca: PrincipalComponents = principalComponents(moments, to),
): Alignment {
  if (moments.count <= from.length) {
    throw new ShapeError(`alignToReference: expected more than ${from.length} samples for ${from.length} latents, got ${moments.count}; give more trials`);
  }
  const kept = Math.min(components, to.length);
  const axes = Matrix.from1DArray(kept, to.length, pca.components.slice(0, kept * to.length));
  if (from.start === to.start && from.length === to.length) return ownComponents(pca, kept, axes);
  const map = fitAffine(moments, from, to);
  const weights = Matrix.from1DArray(from.length, to.length, map.weights).mmul(axes.transpose());
  const { perComponent } = scoreAffine(map, moments, pca.components);
  const shown = perComponent.slice(0, kept);
  const variances = Array.from(pca.variances.subarray(0, kept));
  const total = variances.reduce((sum, value) => sum + value, 0);
  return {
    dimension: from.length,
    components: kept,
    mean: map.sourceMean,
    weights: Float64Array.from(weights.to1DArray()),
    offset: Float64Array.from(axes.mmul(Matrix.columnVector(map.targetMean.map((value, i) => value - (pca.mean[i] as number)))).to1DArray()),
    r2: total > 0 ? shown.reduce<number>((sum, value, k) => sum + ((value ?? 0) * (variances[k] as number)) / total, 0) : null,
    perComponent: shown,
  };
}

function ownComponents(pca: PrincipalComponents, kept: number, axes: Matrix): Alignment {
  const perComponent = Array.from(pca.variances.subarray(0, kept), (value) => (value > 0 ? 1 : null));
  return {
    dimension: pca.dimension,
    components: kept,
    mean: pca.mean,
    weights: Float64Array.from(axes.transpose().to1DArray()),
    offset: new Float64Array(kept),
    r2: perComponent[0] === 1 ? 1 : null,
    perComponent,
  };
}

/** Samples (or fixed points) [N, H] in the reference's components, row-major [N, K]. Throws ShapeError unless rows have `dimension` values. */
export function align({ dimension, components, mean, weights, offset }: Alignment, rows: ArrayLike<number>): Float64Array {
  if (rows.length % dimension !== 0) throw new ShapeError(`align: expected rows of ${dimension} values, got ${rows.length} values in all`);
  const samples = rows.length / dimension;
  const result = new Float64Array(samples * components);
  for (let sample = 0; sample < samples; sample++) {
    for (let k = 0; k < components; k++) {
      let sum = offset[k] as number;
      for (let i = 0; i < dimension; i++) sum += ((rows[sample * dimension + i] as number) - (mean[i] as number)) * (weights[i * components + k] as number);
      result[sample * components + k] = sum;
    }
  }
  return result;
}
