// The in-sample comparisons of the Neuromatch fork of CtDB, for numbers to hold against its notebooks; docs/similarity.md says how they differ from ours.
import { Matrix } from 'ml-matrix';
import type { TrialArray } from '../analysis.js';
import { type FeatureRange, scatter } from '../moments.js';
import { type PrincipalComponents, principalComponents } from '../pca.js';
import { fitAffine, scoreAffine } from '../regression.js';
import { momentsOfTrials } from '../trials.js';
import { ccaMatrix } from './canonical.js';
import { procrustesMatrix } from './procrustes.js';
import type { TrialComparisonOptions } from './state-r2.js';

export interface ForkMetrics {
  /**
   * `state_r2`: the mean over the true latents' first components of the R² with which the inferred latents' first components predict them, in-sample.
   * A side with fewer units has zeros for the missing components; true components that do not vary are left out of the mean.
   */
  readonly stateR2: number | null;
  /** `state_r2_vaf`: variance-weighted R² of the affine map true → inferred, all dimensions, in-sample. */
  readonly vaf: number | null;
  /** Procrustes disparity (procrustes.ts), of latents of equal width only, else null. */
  readonly procrustes: number | null;
  /** Mean squared canonical correlation (canonical.ts), of latents of equal width only, else null. */
  readonly ccaR2: number | null;
}

/** The fork's metrics on all samples given; `components` 3, or 4. Throws ShapeError when trials differ, NumericsError for values that are not finite. */
export async function forkMetrics(
  truth: TrialArray,
  inferred: TrialArray,
  { components = 3, ...options }: TrialComparisonOptions & { readonly components?: number } = {},
): Promise<ForkMetrics> {
  const { moments, ranges } = await momentsOfTrials([truth, inferred], { names: ['true latents', 'inferred latents'], ...options, where: 'forkMetrics' });
  const [from, to] = ranges as [FeatureRange, FeatureRange];
  const [pcaTrue, pcaInferred] = [principalComponents(moments, from), principalComponents(moments, to)];
  const equal = from.length === to.length;
  return {
    stateR2: componentsR2(pcaTrue, pcaInferred, scatter(moments, from, to), moments.count, components),
    vaf: scoreAffine(fitAffine(moments, from, to), moments, pcaInferred.components).r2,
    procrustes: equal ? (procrustesMatrix(moments, ranges)[0]?.[1] ?? null) : null,
    ccaR2: equal ? (ccaMatrix(moments, ranges)[0]?.[1]?.meanSquare ?? null) : null,
  };
}

/** Components of one side are uncorrelated, so a regression on them explains Σ_j cov(s_j, t)² / (var s_j var t) of component t. */
function componentsR2(truth: PrincipalComponents, inferred: PrincipalComponents, cross: Float64Array, count: number, components: number): number | null {
  const axes = ({ components: all, dimension }: PrincipalComponents) => {
    const kept = Math.min(components, dimension);
    return Matrix.from1DArray(kept, dimension, all.slice(0, kept * dimension));
  };
  const [left, right] = [axes(truth), axes(inferred)];
  const shared = left.mmul(Matrix.from1DArray(truth.dimension, inferred.dimension, cross)).mmul(right.transpose());
  const varies = ({ variances }: PrincipalComponents, k: number) => (variances[k] as number) > 1e-14 * (variances[0] as number);
  const scores: number[] = [];
  for (let t = 0; t < left.rows; t++) {
    if (!varies(truth, t)) continue;
    let explained = 0;
    for (let s = 0; s < right.rows; s++) {
      if (varies(inferred, s)) explained += (shared.get(t, s) / (count - 1)) ** 2 / ((truth.variances[t] as number) * (inferred.variances[s] as number));
    }
    // rounding may lift a perfect fit a hair above 1
    scores.push(Math.min(1, explained));
  }
  return scores.length === 0 ? null : scores.reduce((sum, value) => sum + value, 0) / scores.length;
}
