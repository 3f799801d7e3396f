// Firing rates against firing rates: R² without a fit, over all neurons and for each.
import { NumericsError, ShapeError } from '../../errors.js';
import type { TrialArray } from '../analysis.js';
import { varianceWeightedR2 } from '../regression.js';
import { rowsOf } from '../trials.js';

export interface RateScore {
  /** Variance-weighted over neurons: 1 − Σ SSE / Σ SST. Null when no true rate varies. */
  readonly r2: number | null;
  /** Unweighted mean over the neurons whose true rate varies, as CtDB's fork has it. */
  readonly mean: number | null;
  readonly perNeuron: readonly (number | null)[];
}

/** Variance-weighted R² of `predicted` against `truth` without any fit (CtDB's signal R²). Throws ShapeError unless both have one shape. */
export function signalR2(truth: TrialArray, predicted: TrialArray): number | null {
  return rateR2(truth, predicted).r2;
}

/** R² between true and inferred rates, without any fit. Throws ShapeError unless both have one shape, NumericsError for values that are not finite. */
export function rateR2(truth: TrialArray, inferred: TrialArray): RateScore {
  const names = ['true rates', 'inferred rates'];
  if (truth.width !== inferred.width) throw new ShapeError(`rateR2: expected as many inferred as true rates, ${truth.width}, got ${inferred.width}`);
  const both = rowsOf([truth, inferred], 'rateR2', names);
  const { width } = truth;
  const samples = both.length / (2 * width);
  const column = (from: number, count: number) =>
    Float64Array.from({ length: samples * count }, (_, i) => both[Math.floor(i / count) * 2 * width + from + (i % count)] as number);
  const perNeuron = Array.from({ length: width }, (_, k) => varianceWeightedR2(column(k, 1), column(width + k, 1), 1));
  const known = perNeuron.filter((value) => value !== null);
  return {
    r2: varianceWeightedR2(column(0, width), column(width, width), width),
    mean: known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length,
    perNeuron,
  };
}

/** ln of rates. Throws NumericsError for a rate inside a trial that is not positive, naming trial, step and neuron. */
export function logRates(rates: TrialArray, where: string): TrialArray {
  const { steps, width, lengths } = rates;
  const values = Float64Array.from(rates.values, Math.log);
  const bad = values.findIndex((value, i) => {
    const trial = Math.floor(i / (steps * width));
    const inside = lengths === null || Math.floor(i / width) % steps < (lengths[trial] as number);
    return inside && !Number.isFinite(value);
  });
  if (bad >= 0) {
    const at = `trial ${Math.floor(bad / (steps * width))}, step ${Math.floor(bad / width) % steps}, neuron ${bad % width}`;
    throw new NumericsError(`${where}: expected positive, finite rates, whose logarithm is compared, got ${rates.values[bad]} in ${at}`);
  }
  return { ...rates, values };
}
