// How far two sets of activity share a subspace: the alignment index of Elsayed, Lara, Kaufman, Churchland & Cunningham 2016 (doi:10.1038/ncomms13239, eq. 4),
// the variance of one set that the leading components of the other hold, over what its own components hold.
import { ConfigError } from '../../errors.js';
import type { TrialArray } from '../analysis.js';
import type { PrincipalComponents } from '../pca.js';
import { pcaOfTrials } from '../trial-pca.js';

export interface SharedSubspaceOptions {
  /** Components compared. Default: the fewest that hold `share` of the variance of the set that is projected. */
  readonly components?: number;
  /** Default 0.95. */
  readonly share?: number;
}

export interface SharedSubspaces {
  /** Components compared for each set [n]. */
  readonly components: readonly number[];
  /** `ratios[r][c]`: variance of set c in the leading components of set r over that in its own, in [0, 1]; null where set c does not vary. */
  readonly ratios: readonly (readonly (number | null)[])[];
}

/**
 * Shared subspaces of sets of activity [S, T, H] over the same units, each about its own mean. Identical sets give 1, sets at right angles 0; not symmetric.
 * Throws ConfigError for options and for sets of different widths, NumericsError for values that are not finite.
 */
export async function sharedSubspaces(sets: readonly TrialArray[], options: SharedSubspaceOptions = {}): Promise<SharedSubspaces> {
  const { share = 0.95 } = options;
  const width = sets[0]?.width ?? 0;
  const problems: string[] = [];
  if (sets.some((set) => set.width !== width)) problems.push(`expected sets over the same units, got ${sets.map((set) => set.width).join(', ')}`);
  if (options.components !== undefined && !(Number.isInteger(options.components) && options.components >= 1 && options.components <= width))
    problems.push(`components: expected a whole number from 1 to ${width}, got ${options.components}`);
  if (!(share > 0 && share <= 1)) problems.push(`share: expected a number above 0, at most 1, got ${share}`);
  if (problems.length > 0) throw new ConfigError('sharedSubspaces', problems);
  const fitted: PrincipalComponents[] = [];
  for (const set of sets) fitted.push(await pcaOfTrials(set));
  const components = fitted.map((pca) => options.components ?? fewest(pca, share));
  const ratios = fitted.map((row) =>
    fitted.map((column, c) => {
      const count = components[c] as number;
      const own = held(column, column, count);
      return own > 0 ? Math.min(1, held(column, row, count) / own) : null;
    }),
  );
  return { components, ratios };
}

/** Fewest components that hold a share of the variance, at least one. */
function fewest({ ratios }: PrincipalComponents, share: number): number {
  let sum = 0;
  for (const [k, ratio] of ratios.entries()) {
    sum += ratio;
    if (sum >= share * (1 - 1e-12)) return k + 1;
  }
  return Math.max(1, ratios.length);
}

/** Variance of `data` along the first `count` components of `axes`: Σ_k Σ_j λ_j (w_k · v_j)². */
function held({ dimension, components, variances }: PrincipalComponents, axes: PrincipalComponents, count: number): number {
  let sum = 0;
  for (let k = 0; k < count; k++) {
    for (let j = 0; j < dimension; j++) {
      if (variances[j] === 0) continue;
      let product = 0;
      for (let i = 0; i < dimension; i++) product += (axes.components[k * dimension + i] as number) * (components[j * dimension + i] as number);
      sum += (variances[j] as number) * product * product;
    }
  }
  return sum;
}
