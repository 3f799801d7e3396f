// Cycle consistency: are all latents needed for the rates? From latents to log-rates by least squares and back by a truncated pseudo-inverse
// (Versteeg et al. 2023, "Expressive dynamics models with nonlinear injective readouts enable reliable recovery of latent features"; CtDB).
import { ShapeError } from '../../errors.js';
import { type FeatureRange, momentMeans, scatter } from '../moments.js';
import { type AffineScore, fitAffine } from '../regression.js';
import { svd } from '../svd.js';
import { momentsOfTrials, type SplitTrials } from '../trials.js';
import { logRates } from './rates.js';
import { type TrialComparisonOptions, stateR2 } from './state-r2.js';

export interface CycleConsistency {
  /** Variance-weighted R² of the recovered against the given validation latents; null when these do not vary. */
  readonly r2: number | null;
  /** Singular directions of the map latents → log-rates that were kept. */
  readonly kept: number;
}

/** Share of the squared singular values that may be dropped. */
const defaultThreshold = 0.01;
/** Singular values below this share of the largest are rounding: no threshold keeps them. */
const smallestRelativeValue = 1e-12;

/**
 * Fits log-rates = L Wᵀ + b on training trials; keeps the fewest singular directions of W whose squares sum to 1 − threshold of the whole; goes from
 * validation latents to log-rates and back through them. 1 when every direction of the latents is expressed in the rates above the threshold; falls as
 * latents carry what the rates do not. Of the validation trials only the latents count, as in CtDB. `threshold`: 0 to below 1, default 0.01.
 * Throws ShapeError when trials differ or samples are fewer than dimensions, NumericsError for rates that are not positive.
 */
export async function cycleConsistency(
  latents: SplitTrials,
  rates: Pick<SplitTrials, 'train'>,
  { threshold = defaultThreshold, ...options }: TrialComparisonOptions & { readonly threshold?: number } = {},
): Promise<CycleConsistency> {
  const [found] = await cycleConsistencies(latents, rates, [threshold], options);
  return found as CycleConsistency;
}

/** The same for several thresholds at once. */
export async function cycleConsistencies(
  latents: SplitTrials,
  rates: Pick<SplitTrials, 'train'>,
  thresholds: readonly number[],
  options: TrialComparisonOptions = {},
): Promise<CycleConsistency[]> {
  const where = 'cycleConsistency';
  const bad = thresholds.find((threshold) => !(threshold >= 0 && threshold < 1));
  if (bad !== undefined) throw new ShapeError(`${where}: expected a threshold from 0 to below 1, got ${bad}`);
  const names = ['latents', 'rates'];
  const { moments: train, ranges } = await momentsOfTrials([latents.train, logRates(rates.train, where)], { ...options, where, names });
  const [from, to] = ranges as [FeatureRange, FeatureRange];
  if (train.count <= from.length)
    throw new ShapeError(`${where}: expected more than ${from.length} training samples, one a latent and one more, got ${train.count}`);
  const { moments: validation } = await momentsOfTrials([latents.validation], { ...options, where, names, shift: train.shift.slice(0, from.length) });
  const { weights, sourceMean } = fitAffine(train, from, to);
  // weights are Wᵀ [L, N]: their left singular vectors are the right ones of W
  const { values, left } = svd(weights, from.length, to.length, where);
  const squares = values.map((value) => value * value);
  const whole = squares.reduce((sum, value) => sum + value, 0);
  const rank = values.findLastIndex((value) => value > smallestRelativeValue * (values[0] as number)) + 1;
  const own = { start: 0, length: from.length };
  const error = scatter(validation, own, own, sourceMean, sourceMean);
  const total = scatter(validation, own, own, momentMeans(validation, own), momentMeans(validation, own));
  const trace = (matrix: Float64Array) => matrix.reduce((sum, value, i) => (i % (from.length + 1) === 0 ? sum + value : sum), 0);
  const varied = trace(total);
  // Back and forth is the projection on the kept directions: what is lost is the scatter along the others, the null space of W included.
  const along = Array.from(values, (_, k) => quadratic(error, left, k, own.length, values.length));
  return thresholds.map((threshold) => {
    let kept = 0;
    for (let sum = 0; kept < rank && (kept === 0 || sum / whole < 1 - threshold); kept++) sum += squares[kept] as number;
    const explained = along.slice(0, kept).reduce((sum, value) => sum + value, 0);
    return { r2: varied > 0 ? 1 - Math.max(0, trace(error) - explained) / varied : null, kept };
  });
}

/** uᵀ M u for column k of `columns` [size, count]. */
function quadratic(matrix: Float64Array, columns: Float64Array, k: number, size: number, count: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) sum += (matrix[i * size + j] as number) * (columns[i * count + k] as number) * (columns[j * count + k] as number);
  }
  return sum;
}

/** R² of the affine map from log-rates to latents (CtDB's linear variant without noise). Throws as `cycleConsistency` does. */
export function latentsFromRatesR2(latents: SplitTrials, rates: SplitTrials, options: TrialComparisonOptions = {}): Promise<AffineScore> {
  const where = 'latentsFromRatesR2';
  const logs = { train: logRates(rates.train, where), validation: logRates(rates.validation, where) };
  return stateR2(logs, latents, { names: ['rates', 'latents'], ...options });
}
