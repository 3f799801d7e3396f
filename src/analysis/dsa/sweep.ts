// Which delays and rank suit a data set: quality of prediction, non-normality and residuals of the operator over a grid, and how far two halves of the trials are
// apart under each choice (which a useful choice makes small).
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { ConfigError } from '../../errors.js';
import type { TrialArray } from '../analysis.js';
import { type DsaOptions, type DsaSource, halvesOf } from './compare.js';
import { type Dense, frobeniusNorm, multiply } from './dense.js';
import { type Dmd, type DmdOptions, eigenvalues, fitDmd, rowsOf, withRank } from './dmd.js';
import { type PredictionStatistics, type PredictOptions, predictDmd, predictionStatistics } from './prediction.js';
import { compareOperators } from './similarity-transform.js';

export interface SweepOptions extends Omit<DmdOptions, 'delays' | 'rank' | 'rankThreshold' | 'explainedVariance'>, PredictOptions {
  /** Default 1, 5, 10, 20. */
  readonly delays?: readonly number[];
  /** Default 2, 5, 10, 20, 50. */
  readonly ranks?: readonly number[];
  /** Trials that are predicted; default those that are fitted. */
  readonly test?: TrialArray;
}

export interface SweepCell extends PredictionStatistics {
  readonly delays: number;
  readonly rank: number;
  /** Henrici's departure from normality √(‖A‖² − Σ|λ|²) / ‖A‖, in [0, 1). */
  readonly nonNormality: number;
  /** Mean over eigenpairs of ‖(V₊ − λ V₋) w‖ / ‖V₋ w‖: 0 where the coordinates are closed under the dynamics (Colbrook, Ayton & Szőke 2023). */
  readonly residual: number;
}

/** Cells by delays (rows) and rank (columns); null where the data do not have that rank. */
export interface Sweep {
  readonly delays: readonly number[];
  readonly ranks: readonly number[];
  readonly cells: readonly (readonly (SweepCell | null)[])[];
}

/** Fits and predicts over a grid; one decomposition for each number of delays. Throws ConfigError for an empty grid, and what `fitDmd` throws. */
export function sweepDmd(
  data: TrialArray,
  { delays = [1, 5, 10, 20], ranks = [2, 5, 10, 20, 50], test = data, reseed = 1, ...options }: SweepOptions = {},
): Sweep {
  checkGrid('sweepDmd', delays, ranks);
  const cells = delays.map((d) => {
    const fit = fitDmd(data, { ...options, delays: d, rank: largestRank(data, d, ranks, options) });
    return ranks.map((rank) => (rank > fit.singularValues.length || rank > fit.hankel.rows ? null : cellOf(withRank(fit, rank), test, d, reseed)));
  });
  return { delays, ranks, cells };
}

function checkGrid(where: string, delays: readonly number[], ranks: readonly number[]): void {
  const problems = Object.entries({ delays, ranks }).flatMap(([name, values]) =>
    values.length > 0 && values.every((value) => Number.isInteger(value) && value >= 1)
      ? []
      : [`expected ${name} as whole numbers of at least 1, got [${values.join(', ')}]`],
  );
  if (problems.length > 0) throw new ConfigError(where, problems);
}

/** The largest rank of the grid that trials of these lengths can have. */
function largestRank(data: TrialArray, delays: number, ranks: readonly number[], { interval = 1, stepsAhead = 1 }: DmdOptions): number {
  const lengths = data.lengths ?? new Int32Array(data.trials).fill(data.steps);
  const pairs = lengths.reduce((sum, length) => sum + Math.max(0, length - (delays - 1) * interval - stepsAhead), 0);
  return Math.max(1, Math.min(Math.max(...ranks), data.width * delays, pairs));
}

function cellOf(dmd: Dmd, test: TrialArray, delays: number, reseed: number): SweepCell {
  const { rank, stepsAhead, operator } = dmd;
  const statistics = predictionStatistics(test, predictDmd(dmd, test, { reseed }), { rank, stepsAhead });
  return { delays, rank, ...statistics, nonNormality: nonNormality(operator), residual: meanResidual(dmd) };
}

/** √(‖A‖² − Σ|λ|²) / ‖A‖ (Henrici 1962): 0 for a normal matrix. */
function nonNormality(operator: Dense): number {
  const { real, imaginary } = eigenvalues(operator);
  const squares = real.reduce((sum, value, k) => sum + value * value + (imaginary[k] as number) ** 2, 0);
  const norm = frobeniusNorm(operator);
  return norm > 0 ? Math.sqrt(Math.max(0, norm * norm - squares)) / norm : 0;
}

function meanResidual({ hankel, courses, operator, stepsAhead }: Dmd): number {
  const n = operator.rows;
  const before = rowsOf(hankel, courses, n, stepsAhead, 0);
  const after = rowsOf(hankel, courses, n, stepsAhead, stepsAhead);
  const [gram, cross, square] = [multiply(before, before, 'left'), multiply(before, after, 'left'), multiply(after, after, 'left')];
  // observables V w with Aᵀ w = λ w: their rows advance by λ
  const { realEigenvalues, imaginaryEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(Matrix.from1DArray(n, n, operator.values).transpose(), {
    assumeSymmetric: false,
  });
  let sum = 0;
  for (let k = 0; k < n; k++) {
    const [re, im] = [realEigenvalues[k] as number, imaginaryEigenvalues[k] as number];
    const paired = im !== 0 && k + 1 < n;
    const [x, y] = [eigenvectorMatrix.getColumn(k), paired ? eigenvectorMatrix.getColumn(k + 1) : new Array<number>(n).fill(0)];
    const length = form(gram, x, x) + form(gram, y, y);
    // ‖V₊w‖² − 2 Re(λ̄ (V₋w)ᴴ V₊w) + |λ|² ‖V₋w‖²
    const forward = form(square, x, x) + form(square, y, y);
    const overlap = re * (form(cross, x, x) + form(cross, y, y)) + im * (form(cross, x, y) - form(cross, y, x));
    const residual = Math.sqrt(Math.max(0, forward - 2 * overlap + (re * re + im * im) * length) / length);
    sum += paired ? 2 * residual : residual;
    if (paired) k++;
  }
  return sum / n;
}

/** xᵀ M y. */
function form({ rows, values }: Dense, x: readonly number[], y: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < rows; i++) for (let j = 0; j < rows; j++) sum += (x[i] as number) * (values[i * rows + j] as number) * (y[j] as number);
  return sum;
}

export interface DsaScan {
  readonly delays: readonly number[];
  readonly ranks: readonly number[];
  /** Distance between two halves of the trials by delays (rows) and rank (columns); null where the data do not have that rank. */
  readonly splitHalf: readonly (readonly (number | null)[])[];
}

/**
 * Split-half distance of one data set over a grid: small where the choice describes the system and not the trials. Trials as in `splitHalfDistance`. Throws
 * ConfigError for an empty grid or a data set of one trial.
 */
export async function scanDsa(
  source: DsaSource,
  {
    delays = [1, 5, 10, 20],
    ranks = [2, 5, 10, 20, 50],
    ...options
  }: Omit<DsaOptions, 'delays' | 'rank'> & { readonly delays?: readonly number[]; readonly ranks?: readonly number[] } = {},
): Promise<DsaScan> {
  checkGrid('scanDsa', delays, ranks);
  const halves = await halvesOf(source, options);
  if (halves === null) throw new ConfigError('scanDsa', ['expected at least two trials, got one']);
  const { ridge, stepsAhead, regression, interval } = options;
  const common = {
    ...(ridge === undefined ? {} : { ridge }),
    ...(stepsAhead === undefined ? {} : { stepsAhead }),
    ...(regression === undefined ? {} : { regression }),
    ...(typeof interval === 'number' ? { interval } : {}),
  };
  let done = 0;
  const splitHalf: (number | null)[][] = [];
  for (const d of delays) {
    const [first, second] = halves.map((half) => fitDmd(half, { ...common, delays: d, rank: largestRank(half, d, ranks, common) })) as [Dmd, Dmd];
    const row: (number | null)[] = [];
    for (const rank of ranks) {
      await new Promise((resolve) => setTimeout(resolve));
      options.signal?.throwIfAborted();
      const known = rank <= Math.min(first.singularValues.length, second.singularValues.length);
      row.push(known ? compareOperators(withRank(first, rank).operator, withRank(second, rank).operator, options).score : null);
      options.onProgress?.({ stage: 'compare', done: ++done, of: delays.length * ranks.length });
    }
    splitHalf.push(row);
  }
  return { delays, ranks, splitHalf };
}
