// Principal components of an array of trials: moments in one pass, then the eigenvectors of their covariance.
import type { TrialArray } from './analysis.js';
import { type PrincipalComponents, principalComponents } from './pca.js';
import { type MomentOptions, momentsOfTrials } from './trials.js';

/** PCA over all samples of all trials. Throws NumericsError for values that are not finite, naming trial, step and unit. */
export async function pcaOfTrials(array: TrialArray, options: MomentOptions = {}): Promise<PrincipalComponents> {
  const { moments } = await momentsOfTrials([array], { where: 'pcaOfTrials', names: ['the trials'], ...options });
  return principalComponents(moments);
}
