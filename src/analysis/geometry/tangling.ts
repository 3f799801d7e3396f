// Trajectory tangling: how differently a state may go on from places that are close to each other (Russo et al. 2018, doi:10.1016/j.neuron.2018.01.004,
// eq. 1). Q(t) = max over t' of ‖ẋ_t − ẋ_t'‖² / (‖x_t − x_t'‖² + ε).
import type { Backend } from '../../backends/backend.js';
import { NumericsError, ShapeError } from '../../errors.js';
import type { TrialArray } from '../analysis.js';
import { pcaOfRows, type PrincipalComponents, project } from '../pca.js';
import { type ConditionRows, conditionRows, type Normalisation } from './normalise.js';
import { largestRatiosOnBackend } from './tangling-backend.js';
import { largestRatios } from './tangling-pairs.js';

/**
 * What keeps the denominator from vanishing, each times a tenth: 'russo' the total variance, divisor N − 1; 'population' the mean squared distance from the
 * mean; 'second-moment' the mean squared norm; 'rush' (Rush et al. 2023) the variance over all entries of the matrix, smaller by the number of units.
 */
export type TanglingEpsilon = 'russo' | 'population' | 'second-moment' | 'rush';

/**
 * 'forward': (x_{t+1} − x_t)/dt at all samples but the last. 'backward-copied': (x_t − x_{t−1})/dt, the first sample repeats its successor.
 * 'periodic': the same, and the first sample follows the last one: for cycles.
 */
export type TanglingDerivative = 'forward' | 'backward-copied' | 'periodic';

export interface TanglingOptions {
  /** Seconds between samples. */
  readonly dt: number;
  /** Default 'russo'. */
  readonly epsilon?: TanglingEpsilon;
  /** Default 'forward'. */
  readonly derivative?: TanglingDerivative;
  /** Scaling of the units beforehand. Default 'none'. */
  readonly normalisation?: Normalisation;
  /** Analyse the first K principal components, or the fewest with a share of the variance. Default null: all units as they are. */
  readonly components?: number | { readonly variance: number } | null;
  /** Compare samples of one condition only with each other. Default false: of all conditions. */
  readonly sameCondition?: boolean;
  /** Evaluate, and compare with, every n-th sample of a condition. Default 1. */
  readonly timeStep?: number;
  /** Finds the pairs with this backend's matmul, faster from some thousand samples of many units on; values are the same. Default: on the host. */
  readonly backend?: Backend;
}

export interface Tangling {
  /** Q of each evaluated sample, condition after condition, 1/s² [n]. */
  readonly values: Float64Array;
  /** Which condition and which of its samples each value belongs to [n]. */
  readonly condition: Int32Array;
  readonly step: Int32Array;
  /** The sample that Q is reached with, as a position in `values` [n]. */
  readonly partner: Int32Array;
  readonly epsilon: number;
  /** Dimensions that distances were measured in. */
  readonly components: number;
}

/** Procedures as published; `dt` and, of the sampling, `timeStep` are the data's. */
export const tanglingRecipes = {
  /** For activity of networks and EMG; spike rates take { soft: 5 } as normalisation. */
  russo: { epsilon: 'russo', derivative: 'backward-copied', normalisation: 'range', components: 8 },
  /** At submission; 'periodic' is the authors' later derivative. */
  rush: { epsilon: 'rush', derivative: 'backward-copied', normalisation: 'z-score', components: null },
} as const satisfies Readonly<Record<string, Omit<TanglingOptions, 'dt'>>>;

/** ε is a tenth of a variance in every convention. */
const epsilonShare = 0.1;

/**
 * Tangling of trajectories [C, T, D], one a condition (of unequal length where `lengths` says so), all conditions pooled.
 * Scaling the states leaves Q as it is, halving dt makes it four times as large. Throws ShapeError for options or conditions that cannot be, NumericsError
 * for values that are not finite and for trajectories that never move.
 */
export async function tangling(conditions: TrialArray, options: TanglingOptions): Promise<Tangling> {
  const { dt, epsilon: convention = 'russo', derivative = 'forward', normalisation = 'none', components = null, sameCondition = false, timeStep = 1 } = options;
  const where = 'tangling';
  if (!(dt > 0)) throw new ShapeError(`${where}: expected dt, the seconds between samples, above 0, got ${dt}`);
  if (!(Number.isInteger(timeStep) && timeStep >= 1)) throw new ShapeError(`${where}: expected every 1st, 2nd, … sample as timeStep, got ${timeStep}`);
  const all = conditionRows(conditions, normalisation, where);
  const short = all.starts.findIndex((start, condition) => condition > 0 && start - (all.starts[condition - 1] as number) < 2);
  if (short > 0 || conditions.trials === 0)
    throw new ShapeError(`${where}: expected conditions of 2 samples or more, got ${short > 0 ? `fewer in condition ${short - 1}` : 'none'}`);
  const space = await analysedSpace(all, components);
  const epsilon = epsilonOf(space, convention);
  // what rounding of the mean leaves of constant values is no variance
  if (!(epsilon > 1e-24 * epsilonOf(space, 'second-moment')))
    throw new NumericsError(`${where}: expected trajectories that move, got constant ones: ε, a share of their variance, is ${epsilon}`);
  const { positions, velocities, condition, step } = sample(space, dt, derivative, timeStep);
  const groups = sameCondition ? condition : null;
  const { values, partner } = options.backend
    ? await largestRatiosOnBackend({ positions, velocities }, space.width, epsilon, groups, options.backend)
    : largestRatios(await rotated(positions, velocities, space.width), space.width, epsilon, groups);
  return { values, condition, step, partner, epsilon, components: space.width };
}

async function analysedSpace(all: ConditionRows, components: NonNullable<TanglingOptions['components']> | null): Promise<ConditionRows> {
  if (components === null) return all;
  const pca = await pcaOfRows(all.rows, all.width);
  const count = typeof components === 'number' ? components : componentsFor(pca, components.variance);
  if (!(Number.isInteger(count) && count >= 1)) throw new ShapeError(`tangling: expected 1 or more principal components, got ${count}`);
  const width = Math.min(count, all.width);
  return { ...all, rows: project(pca, all.rows, width), width };
}

/** The fewest components that have this share of the variance. */
function componentsFor({ ratios }: PrincipalComponents, share: number): number {
  if (!(share > 0 && share <= 1)) throw new ShapeError(`tangling: expected a share of variance above 0, at most 1, got ${share}`);
  let sum = 0;
  const last = ratios.findIndex((ratio) => {
    sum += ratio;
    return sum >= share;
  });
  return last < 0 ? ratios.length : last + 1;
}

function epsilonOf({ rows, width }: ConditionRows, convention: TanglingEpsilon): number {
  const samples = rows.length / width;
  let [square, variance, grand] = [0, 0, 0];
  for (const value of rows) {
    square += value * value;
    grand += value / rows.length;
  }
  for (let unit = 0; unit < width; unit++) {
    let mean = 0;
    for (let i = unit; i < rows.length; i += width) mean += (rows[i] as number) / samples;
    for (let i = unit; i < rows.length; i += width) variance += ((rows[i] as number) - mean) ** 2;
  }
  switch (convention) {
    case 'russo':
      return (epsilonShare * variance) / (samples - 1);
    case 'population':
      return (epsilonShare * variance) / samples;
    case 'second-moment':
      return (epsilonShare * square) / samples;
    case 'rush':
      return (epsilonShare * rows.reduce((sum, value) => sum + (value - grand) ** 2, 0)) / rows.length;
    default:
      throw new ShapeError(`tangling: expected epsilon russo, population, second-moment or rush, got ${String(convention)}`);
  }
}

interface Samples {
  readonly positions: Float64Array;
  readonly velocities: Float64Array;
  readonly condition: Int32Array;
  readonly step: Int32Array;
}

/** States and their derivatives at every `timeStep`-th sample. */
function sample({ rows, width, starts }: ConditionRows, dt: number, derivative: TanglingDerivative, timeStep: number): Samples {
  const chosen: { row: number; from: number; to: number; condition: number; step: number }[] = [];
  for (let condition = 0; condition + 1 < starts.length; condition++) {
    const [first, end] = [starts[condition] as number, starts[condition + 1] as number];
    for (let row = first; row < (derivative === 'forward' ? end - 1 : end); row += timeStep) {
      const before = { forward: row, 'backward-copied': Math.max(first, row - 1), periodic: row === first ? end - 1 : row - 1 }[derivative];
      if (before === undefined) throw new ShapeError(`tangling: expected derivative forward, backward-copied or periodic, got ${String(derivative)}`);
      const after = derivative === 'forward' || before === row ? row + 1 : row;
      chosen.push({ row, from: before, to: after, condition, step: row - first });
    }
  }
  const positions = new Float64Array(chosen.length * width);
  const velocities = new Float64Array(chosen.length * width);
  for (const [i, { row, from, to }] of chosen.entries()) {
    for (let unit = 0; unit < width; unit++) {
      positions[i * width + unit] = rows[row * width + unit] as number;
      velocities[i * width + unit] = ((rows[to * width + unit] as number) - (rows[from * width + unit] as number)) / dt;
    }
  }
  return { positions, velocities, condition: Int32Array.from(chosen, (one) => one.condition), step: Int32Array.from(chosen, (one) => one.step) };
}

/** Widths up to which distances are computed as they come. */
const directWidth = 8;

/** In wide spaces both in the principal axes of the states: distances stay as they are, but most of each lies in the first dimensions. */
async function rotated(positions: Float64Array, velocities: Float64Array, width: number): Promise<{ positions: Float64Array; velocities: Float64Array }> {
  if (width <= directWidth) return { positions, velocities };
  const pca = await pcaOfRows(positions, width);
  return { positions: project(pca, positions, width), velocities: project({ ...pca, mean: new Float64Array(width) }, velocities, width) };
}
