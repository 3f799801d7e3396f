// Dynamic mode decomposition of delay-embedded trajectories: one linear operator for the flow of a data set (HAVOK: Brunton et al. 2017; Hankel DMD: Arbabi & Mezić 2017).
// Hᵀ = E S Vᵀ with unit columns of V; the operator maps V's rows s steps ahead. Means are not removed: an offset is a mode with eigenvalue 1.
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { ConfigError, NumericsError, ShapeError } from '../../errors.js';
import type { TrialArray } from '../analysis.js';
import { symmetricEigen } from '../pca.js';
import { type DelayOptions, type Hankel, hankelOf } from './delay-embedding.js';
import { cholesky, type Dense, multiply, solveDense, transpose, zeros } from './dense.js';
import { leadingTriples, type SingularTriples } from './singular.js';

export interface DmdOptions extends DelayOptions {
  /** Rank r: how many singular triples are kept. At most one of the three rules; without any, all above 1e-10 of the largest. */
  readonly rank?: number;
  /** Keep singular values above this. */
  readonly rankThreshold?: number;
  /** Keep the fewest whose squares make up this share of the sum of all squares, in (0, 1]. */
  readonly explainedVariance?: number;
  /** Ridge λ ≥ 0 of the regression. Default 1e-8, as in the original class; its configuration objects use 0. */
  readonly ridge?: number;
  /** s ≥ 1: how many steps ahead the operator maps. Default 1. */
  readonly stepsAhead?: number;
  /**
   * 'ridge' (default) fits on the r leading coordinates: A is [r, r]. 'reduced-rank' fits on all coordinates and projects on the r directions that are
   * predicted best: A is [K, K] of rank r (Izenman 1975); equal to ridge when r = K.
   */
  readonly regression?: 'ridge' | 'reduced-rank';
}

export interface Dmd {
  /** A: v(t + s) ≈ A v(t) in the coordinates V [r, r]. Defined up to D A D with signs D. */
  readonly operator: Dense;
  /** r: after every cap. */
  readonly rank: number;
  /** All singular values that were computed, falling; at least r. */
  readonly singularValues: Float64Array;
  /** ‖H‖²: the sum of squares of all singular values, computed or not. */
  readonly totalVariance: number;
  /** E [N d, K]. */
  readonly patterns: Dense;
  /** V [R, K]. */
  readonly courses: Dense;
  readonly hankel: Hankel;
  readonly ridge: number;
  readonly stepsAhead: number;
  readonly regression: 'ridge' | 'reduced-rank';
  /** What the data did not allow: a rank above N d, or above the number of singular values that are not rounding. */
  readonly notes: readonly string[];
}

/**
 * Fits the operator to trials [S, T, N]. Throws ConfigError for options out of range or two rank rules, ShapeError for trials that are too short or rows that are
 * fewer than the rank, NumericsError for states that are not finite or all zero.
 */
export function fitDmd(data: TrialArray, options: DmdOptions = {}): Dmd {
  const { ridge = 1e-8, stepsAhead = 1, regression = 'ridge' } = options;
  checkOptions(options, ridge, stepsAhead);
  const hankel = hankelOf(data, options, stepsAhead + 1);
  const notes: string[] = [];
  const pairs = hankel.rows - stepsAhead * hankel.trials.length;
  let wanted = options.rank ?? null;
  if (wanted !== null && wanted > hankel.columns) {
    notes.push(`rank ${wanted} is above the ${hankel.columns} columns (${hankel.width} units × ${hankel.delays} delays): ${hankel.columns} used`);
    wanted = hankel.columns;
  }
  if (wanted !== null && wanted > pairs)
    throw new ShapeError(
      `fitDmd: expected at least as many pairs of rows as the rank, got rank ${wanted} and ${pairs} pairs (${hankel.trials.length} trials, ${hankel.rows} rows); take more trials or a lower rank`,
    );
  const triples = triplesFor(hankel, wanted, options, regression);
  if (triples.values.length === 0) throw new NumericsError('fitDmd: expected states that are not all zero, got zeros only');
  const rank = rankOf(triples, wanted, options);
  if (wanted !== null && rank < wanted) notes.push(`rank ${wanted} is above the ${rank} singular values that exceed 1e-10 of the largest: ${rank} used`);
  const size = regression === 'ridge' ? rank : triples.values.length;
  const operator = regress(hankel, triples.courses, { size, rank, ridge, stepsAhead, reduced: regression === 'reduced-rank' });
  return {
    operator,
    rank,
    singularValues: triples.values,
    totalVariance: triples.total,
    patterns: triples.patterns,
    courses: triples.courses,
    hankel,
    ridge,
    stepsAhead,
    regression,
    notes,
  };
}

function checkOptions(options: DmdOptions, ridge: number, stepsAhead: number): void {
  const { rank, rankThreshold, explainedVariance } = options;
  const problems: string[] = [];
  const rules = Object.entries({ rank, rankThreshold, explainedVariance }).filter(([, value]) => value !== undefined);
  if (rules.length > 1) problems.push(`expected at most one of rank, rankThreshold and explainedVariance, got ${rules.map(([name]) => name).join(' and ')}`);
  if (rank !== undefined && !(Number.isInteger(rank) && rank >= 1)) problems.push(`expected rank as a whole number of at least 1, got ${rank}`);
  if (rankThreshold !== undefined && !(rankThreshold >= 0 && rankThreshold < Infinity))
    problems.push(`expected rankThreshold of at least 0, got ${rankThreshold}`);
  if (explainedVariance !== undefined && !(explainedVariance > 0 && explainedVariance <= 1))
    problems.push(`expected explainedVariance above 0 and up to 1, got ${explainedVariance}`);
  if (!(ridge >= 0 && ridge < Infinity)) problems.push(`expected ridge of at least 0, got ${ridge}`);
  if (!(Number.isInteger(stepsAhead) && stepsAhead >= 1)) problems.push(`expected stepsAhead as a whole number of at least 1, got ${stepsAhead}`);
  if (problems.length > 0) throw new ConfigError('fitDmd', problems);
}

/** As many triples as the rule needs: a number at once, the others in growing portions. */
function triplesFor(hankel: Hankel, wanted: number | null, options: DmdOptions, regression: string): SingularTriples {
  const all = Math.min(hankel.rows, hankel.columns);
  if (regression === 'reduced-rank') return leadingTriples(hankel, all);
  if (wanted !== null) return leadingTriples(hankel, wanted);
  if (options.rankThreshold === undefined && options.explainedVariance === undefined) return leadingTriples(hankel, all);
  for (let count = Math.min(32, all); ; count = Math.min(all, 2 * count)) {
    const triples = leadingTriples(hankel, count);
    if (count === all || triples.values.length < count || ruleEnds(triples, options)) return triples;
  }
}

/** Whether the rank by threshold or variance is reached within the triples. */
function ruleEnds({ values, total }: SingularTriples, { rankThreshold, explainedVariance }: DmdOptions): boolean {
  if (rankThreshold !== undefined) return (values.at(-1) ?? 0) <= rankThreshold;
  return values.reduce((sum, value) => sum + value * value, 0) >= (explainedVariance ?? 1) * total;
}

function rankOf({ values, total }: SingularTriples, wanted: number | null, { rankThreshold, explainedVariance }: DmdOptions): number {
  if (wanted !== null) return Math.min(wanted, values.length);
  if (rankThreshold !== undefined) {
    const above = values.filter((value) => value > rankThreshold).length;
    if (above === 0)
      throw new ConfigError('fitDmd', [
        `expected rankThreshold below the largest singular value ${(values[0] as number).toPrecision(4)}, got ${rankThreshold}`,
      ]);
    return above;
  }
  if (explainedVariance !== undefined) {
    let sum = 0;
    const enough = values.findIndex((value) => {
      sum += value * value;
      // rounding may leave the whole sum a little below the total
      return sum >= explainedVariance * total * (1 - 1e-12);
    });
    return enough < 0 ? values.length : enough + 1;
  }
  return values.length;
}

interface Regression {
  readonly size: number;
  readonly rank: number;
  readonly ridge: number;
  readonly stepsAhead: number;
  readonly reduced: boolean;
}

/** A = [(V₋ᵀV₋ + λI)⁻¹ V₋ᵀV₊]ᵀ on the first `size` columns of V. */
function regress(hankel: Hankel, courses: Dense, { size, rank, ridge, stepsAhead, reduced }: Regression): Dense {
  const before = rowsOf(hankel, courses, size, stepsAhead, 0);
  const after = rowsOf(hankel, courses, size, stepsAhead, stepsAhead);
  const gram = multiply(before, before, 'left');
  for (let i = 0; i < size; i++) gram.values[i * size + i] = (gram.values[i * size + i] as number) + ridge;
  const cross = multiply(before, after, 'left');
  const weights = solveDense(gram, cross);
  if (weights === null || cholesky(gram) === null)
    throw new NumericsError(
      `fitDmd: expected coordinates that determine the operator, got ${before.rows} pairs of rows for rank ${size} in a degenerate position; set ridge above 0 or lower the rank`,
    );
  if (!reduced || rank === size) return transpose(weights);
  // how much of V₊ each direction of the outputs has in the prediction
  const predicted = multiply(cross, weights, 'left');
  const { vectors } = symmetricEigen(symmetrised(predicted), size, 'fitDmd');
  const directions: Dense = { rows: rank, columns: size, values: vectors.subarray(0, rank * size) };
  return transpose(multiply(multiply(weights, directions, 'right'), directions));
}

function symmetrised({ rows, values }: Dense): Float64Array {
  return values.map((value, i) => (value + (values[(i % rows) * rows + Math.floor(i / rows)] as number)) / 2);
}

/** Rows `offset` … T' − s + offset of each trial, first `size` columns. */
export function rowsOf(hankel: Hankel, courses: Dense, size: number, stepsAhead: number, offset: number): Dense {
  const result = zeros(hankel.rows - stepsAhead * hankel.trials.length, size);
  let row = 0;
  let first = 0;
  for (const count of hankel.trialRows) {
    for (let t = 0; t < count - stepsAhead; t++, row++) {
      const start = (first + t + offset) * courses.columns;
      result.values.set(courses.values.subarray(start, start + size), row * size);
    }
    first += count;
  }
  return result;
}

/** The same decomposition with the operator fitted on its first `rank` coordinates: cheap, so that one decomposition serves a scan over ranks. */
export function withRank(dmd: Dmd, rank: number): Dmd {
  if (!(Number.isInteger(rank) && rank >= 1 && rank <= dmd.singularValues.length))
    throw new ConfigError('withRank', [`expected rank from 1 to the ${dmd.singularValues.length} singular values at hand, got ${rank}`]);
  const { hankel, courses, ridge, stepsAhead, regression } = dmd;
  const size = regression === 'ridge' ? rank : dmd.singularValues.length;
  return { ...dmd, rank, operator: regress(hankel, courses, { size, rank, ridge, stepsAhead, reduced: regression === 'reduced-rank' }) };
}

/** The operator on the embedded states themselves: h(t + s) ≈ E S A S⁻¹ Eᵀ h(t) [N d, N d]. */
export function fullOperator({ operator, patterns, singularValues }: Dmd): Dense {
  const size = operator.rows;
  const scaled = zeros(patterns.rows, size);
  const divided = zeros(patterns.rows, size);
  for (let i = 0; i < patterns.rows; i++) {
    for (let k = 0; k < size; k++) {
      const value = patterns.values[i * patterns.columns + k] as number;
      scaled.values[i * size + k] = value * (singularValues[k] as number);
      divided.values[i * size + k] = value / (singularValues[k] as number);
    }
  }
  return multiply(multiply(scaled, operator), divided, 'right');
}

/** Complex eigenvalues of a square matrix, as real and imaginary parts; in no particular order, pairs adjacent. Throws NumericsError when it is not finite. */
export function eigenvalues({ rows, values }: Dense): { real: Float64Array; imaginary: Float64Array } {
  if (values.some((value) => !Number.isFinite(value))) throw new NumericsError('eigenvalues: expected a finite matrix, got values that are not');
  const { realEigenvalues, imaginaryEigenvalues } = new EigenvalueDecomposition(Matrix.from1DArray(rows, rows, values), { assumeSymmetric: false });
  return { real: Float64Array.from(realEigenvalues), imaginary: Float64Array.from(imaginaryEigenvalues) };
}
