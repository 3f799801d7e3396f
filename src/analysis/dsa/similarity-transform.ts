// How far two linear operators are from being the same up to a rotation of coordinates: Procrustes over vector fields (Ostrow et al. 2023, eq. 6–8).
import { ConfigError, NumericsError, ShapeError } from '../../errors.js';
import { cayleyAdam, type CayleyLayers } from './cayley-adam.js';
import { addScaled, type Dense, frobeniusNorm, innerProduct, multiply, scale, transpose, zeros } from './dense.js';
import { finalists, type SearchOptions, searchOrthogonal } from './orthogonal-search.js';
import { spectralDistance } from './transport.js';

export type DsaMetric = 'angular' | 'euclidean' | 'wasserstein';

export interface SimilarityOptions extends SearchOptions {
  /** Default 'angular', as in the benchmark's package of 2023–24; the present one of the authors uses 'wasserstein'. */
  readonly metric?: DsaMetric;
  /** 'orthogonal' (default): descent on O(n) from many starts. 'cayley-adam': the original package's training, two runs. */
  readonly optimiser?: 'orthogonal' | 'cayley-adam';
  /** Of 'cayley-adam'. Default 1500. */
  readonly iterations?: number;
  /** Of 'cayley-adam'. Default 0.005. */
  readonly learningRate?: number;
  readonly layers?: { readonly plain: CayleyLayers; readonly permuted: CayleyLayers };
  /** Operators of different sizes under 'angular' and 'euclidean': 'wasserstein' scores their spectra instead, 'zero-padding' enlarges the smaller. */
  readonly unequalRanks?: 'wasserstein' | 'zero-padding';
}

export interface SimilarityResult {
  readonly score: number;
  /** The metric that was used: 'wasserstein' where ranks differ, unless padding was asked for. */
  readonly metric: DsaMetric;
  /** C [n, n] with A ≈ C B Cᵀ; null for 'wasserstein'. */
  readonly map: Dense | null;
  /** Scores of all descents, best first; one number for 'wasserstein' and 'cayley-adam'. Only the first six were followed to their end. */
  readonly scores: Float64Array;
  /** Standard deviation of the first six of those: how much the score depends on where the search starts. */
  readonly spread: number;
  readonly notes: readonly string[];
}

/**
 * Distance of two square operators. angular: arccos of their correlation after the best rotation, rad in [0, π]; euclidean: ‖A − C B Cᵀ‖ of the operators at unit
 * norm, in [0, 2]; wasserstein: exact transport between their eigenvalues, squared distance, which ignores every change of coordinates. Symmetric: a pair is put
 * in a fixed order first. Throws ShapeError for operators that are not square, NumericsError for values that are not finite or an operator that is zero.
 */
export function compareOperators(a: Dense, b: Dense, options: SimilarityOptions = {}): SimilarityResult {
  const { metric = 'angular', optimiser = 'orthogonal', unequalRanks = 'wasserstein' } = options;
  checkOperators([a, b], options);
  if (metric === 'wasserstein') return ofSpectra(a, b, []);
  if (a.rows !== b.rows && unequalRanks === 'wasserstein')
    return ofSpectra(a, b, [`ranks ${a.rows} and ${b.rows} differ: eigenvalues are compared (wasserstein) instead of ${metric} distance`]);
  const notes = a.rows === b.rows ? [] : [`ranks ${a.rows} and ${b.rows} differ: the smaller operator is padded with zeros`];
  const size = Math.max(a.rows, b.rows);
  const [unitA, unitB] = [unit(padded(a, size)), unit(padded(b, size))];
  const swapped = isAfter(unitA, unitB);
  const [first, second] = swapped ? [unitB, unitA] : [unitA, unitB];
  const found =
    optimiser === 'orthogonal'
      ? searchOrthogonal(first, second, options)
      : [cayleyAdam(first, second, options)].map(({ map }) => ({ map, loss: lossOf(first, second, map) }));
  const scores = Float64Array.from(found, ({ loss }) => scoreOf(loss, metric));
  const map = (found[0] as (typeof found)[number]).map;
  return { score: scores[0] as number, metric, map: swapped ? transpose(map) : map, scores, spread: deviation(scores.subarray(0, finalists)), notes };
}

function checkOperators(operators: readonly Dense[], { starts = 8, steps = 300, iterations = 1500, learningRate = 0.005 }: SimilarityOptions): void {
  const problems = Object.entries({ starts, steps, iterations }).flatMap(([name, value]) =>
    Number.isInteger(value) && value >= (name === 'starts' ? 0 : 1)
      ? []
      : [`expected ${name} as a whole number of at least ${name === 'starts' ? 0 : 1}, got ${value}`],
  );
  if (!(learningRate > 0 && learningRate < Infinity)) problems.push(`expected learningRate above 0, got ${learningRate}`);
  if (problems.length > 0) throw new ConfigError('compareOperators', problems);
  for (const { rows, columns, values } of operators) {
    if (rows !== columns || rows < 1 || values.length !== rows * columns)
      throw new ShapeError(`compareOperators: expected square operators, got [${rows}, ${columns}] with ${values.length} values`);
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0)
      throw new NumericsError(`compareOperators: expected finite operators, got ${values[bad]} at row ${Math.floor(bad / rows)}, column ${bad % rows}`);
    if (values.every((value) => value === 0))
      throw new NumericsError('compareOperators: expected operators that are not zero, got one that is zero throughout');
  }
}

function ofSpectra(a: Dense, b: Dense, notes: readonly string[]): SimilarityResult {
  const score = spectralDistance(a, b);
  return { score, metric: 'wasserstein', map: null, scores: Float64Array.of(score), spread: 0, notes };
}

function padded(a: Dense, size: number): Dense {
  if (a.rows === size) return a;
  const result = zeros(size, size);
  for (let i = 0; i < a.rows; i++) result.values.set(a.values.subarray(i * a.rows, (i + 1) * a.rows), i * size);
  return result;
}

const unit = (a: Dense): Dense => scale(a, 1 / frobeniusNorm(a));

/** A fixed order of two matrices: by their first values that differ. */
function isAfter(a: Dense, b: Dense): boolean {
  const at = a.values.findIndex((value, i) => value !== b.values[i]);
  return at >= 0 && (a.values[at] as number) > (b.values[at] as number);
}

function lossOf(a: Dense, b: Dense, map: Dense): number {
  const distance = addScaled(a, multiply(multiply(map, b), map, 'right'), -1);
  return innerProduct(distance, distance);
}

/** Score of one orthogonal map C between two operators of the same size. */
export function mapScore(a: Dense, b: Dense, map: Dense, metric: 'angular' | 'euclidean'): number {
  return scoreOf(lossOf(unit(a), unit(b), map), metric);
}

/** ‖A − C B Cᵀ‖² = 2 − 2 cos θ at unit norms: θ = 2 arcsin(distance / 2), which keeps its digits near 0. */
function scoreOf(loss: number, metric: 'angular' | 'euclidean'): number {
  const distance = Math.sqrt(Math.max(0, loss));
  return metric === 'euclidean' ? distance : 2 * Math.asin(Math.min(1, distance / 2));
}

function deviation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
