// How well an operator predicts the trajectories it was fitted to, or others: predictions with re-seeding, and the statistics by which delays and rank are chosen.
import { ConfigError, ShapeError } from '../../errors.js';
import type { TrialArray } from '../analysis.js';
import { hankelOf } from './delay-embedding.js';
import { multiply, type Dense, zeros } from './dense.js';
import type { Dmd } from './dmd.js';
import { timesColumns } from './hankel-products.js';

export interface PredictOptions {
  /** Every how many jumps of s steps the prediction starts from the data again. Default 1: always. */
  readonly reseed?: number;
}

export interface Prediction {
  /** States [S, T, N] in f64; before `from` the data itself. */
  readonly states: TrialArray;
  /** First predicted step: (d − 1) τ + s. */
  readonly from: number;
}

/**
 * Predicts every state of trials [S, T, N] from the rows s steps before it, or from predictions of those between two re-seedings. Throws ConfigError for a
 * `reseed` below 1, ShapeError for trials of another width, and what `delayEmbed` throws.
 */
export function predictDmd(dmd: Dmd, data: TrialArray, { reseed = 1 }: PredictOptions = {}): Prediction {
  const { operator, patterns, singularValues, stepsAhead: s } = dmd;
  const { delays, interval, width } = dmd.hankel;
  if (!(Number.isInteger(reseed) && reseed >= 1)) throw new ConfigError('predictDmd', [`expected reseed as a whole number of at least 1, got ${reseed}`]);
  if (data.width !== width) throw new ShapeError(`predictDmd: expected states of ${width} units, as those that were fitted, got ${data.width}`);
  const hankel = hankelOf(data, { delays, interval }, s + 1);
  const size = operator.rows;
  // coordinates S⁻¹ Eᵀ h of all rows, and the way back to the newest block of h
  const into = zeros(patterns.rows, size);
  const back = zeros(width, size);
  for (let i = 0; i < patterns.rows; i++) {
    for (let k = 0; k < size; k++) {
      const value = patterns.values[i * patterns.columns + k] as number;
      into.values[i * size + k] = value / (singularValues[k] as number);
      if (i < width) back.values[i * size + k] = value * (singularValues[k] as number);
    }
  }
  const coordinates = timesColumns(hankel, into);
  const values = new Float64Array(data.trials * data.steps * width);
  const from = (delays - 1) * interval + s;
  let first = 0;
  hankel.trials.forEach((trial, k) => {
    const rows = hankel.trialRows[k] as number;
    const predicted = zeros(rows, size);
    for (let row = s; row < rows; row++) {
      const seeded = (Math.floor(row / s) - 1) % reseed === 0;
      const source = seeded
        ? coordinates.values.subarray((first + row - s) * size, (first + row - s + 1) * size)
        : predicted.values.subarray((row - s) * size, (row - s + 1) * size);
      apply(operator, source, predicted.values.subarray(row * size, (row + 1) * size));
    }
    const start = k * data.steps * width;
    values.set(trial.values.subarray(0, from * width), start);
    values.set(multiply(predicted, back, 'right').values.subarray(s * width), start + from * width);
    first += rows;
  });
  return { states: { trials: data.trials, steps: data.steps, width, values, lengths: data.lengths }, from };
}

function apply({ rows, values }: Dense, x: Float64Array, out: Float64Array): void {
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let j = 0; j < rows; j++) sum += (values[i * rows + j] as number) * (x[j] as number);
    out[i] = sum;
  }
}

export interface PredictionStatistics {
  /** Mean absolute error. */
  readonly mae: number;
  /** MAE over that of persistence, x(t) ≈ x(t − s) (Hyndman & Koehler 2006): below 1 is better than standing still; null where nothing moves. */
  readonly mase: number | null;
  readonly mse: number;
  /** MSE over the mean square of the states; null where they are zero. */
  readonly nmse: number | null;
  /** 1 − SSE / SST around each unit's mean, summed over units; null where nothing varies. */
  readonly r2: number | null;
  /** Pearson's correlation, mean over the units that vary; null where none does. */
  readonly correlation: number | null;
  /** ln(SSE / n) + 2 (r² + 1) / n over n predicted values (Akaike 1974); −∞ for a perfect prediction. */
  readonly aic: number;
}

/**
 * Compares predicted with true states [S, T, N] from step `from` on. `rank` enters the AIC (default 0), `stepsAhead` the persistence forecast (default 1).
 * Throws ShapeError where the shapes differ or nothing is predicted.
 */
export function predictionStatistics(truth: TrialArray, { states, from }: Prediction, { rank = 0, stepsAhead = 1 } = {}): PredictionStatistics {
  const { steps, width, values, lengths } = truth;
  if (states.trials !== truth.trials || states.steps !== steps || states.width !== width)
    throw new ShapeError(
      `predictionStatistics: expected states [${truth.trials}, ${steps}, ${width}], got [${states.trials}, ${states.steps}, ${states.width}]`,
    );
  if (from < stepsAhead) throw new ShapeError(`predictionStatistics: expected predictions from step ${stepsAhead} on at the earliest, got ${from}`);
  const sums = { absolute: 0, squared: 0, persistence: 0, square: 0, count: 0 };
  // per unit: Σx, Σy, Σx², Σy², Σxy
  const units = new Float64Array(5 * width);
  for (let trial = 0; trial < truth.trials; trial++) {
    const length = lengths === null ? steps : (lengths[trial] as number);
    for (let t = from; t < length; t++) {
      for (let i = 0; i < width; i++) {
        const at = (trial * steps + t) * width + i;
        const x = values[at] as number;
        const y = states.values[at] as number;
        sums.absolute += Math.abs(x - y);
        sums.squared += (x - y) ** 2;
        sums.persistence += Math.abs(x - (values[at - stepsAhead * width] as number));
        sums.square += x * x;
        sums.count++;
        [x, y, x * x, y * y, x * y].forEach((value, k) => {
          units[k * width + i] = (units[k * width + i] as number) + value;
        });
      }
    }
  }
  if (sums.count === 0) throw new ShapeError('predictionStatistics: expected at least one predicted state, got none');
  const rows = sums.count / width;
  let [total, correlation, varying] = [0, 0, 0];
  for (let i = 0; i < width; i++) {
    const [x, y, xx, yy, xy] = [0, 1, 2, 3, 4].map((k) => units[k * width + i] as number) as [number, number, number, number, number];
    const [sxx, syy, sxy] = [xx - (x * x) / rows, yy - (y * y) / rows, xy - (x * y) / rows];
    total += sxx;
    if (!(sxx > 0 && syy > 0)) continue;
    correlation += sxy / Math.sqrt(sxx * syy);
    varying++;
  }
  const over = (value: number, by: number) => (by > 0 ? value / by : null);
  const n = sums.count;
  return {
    mae: sums.absolute / n,
    mase: over(sums.absolute, sums.persistence),
    mse: sums.squared / n,
    nmse: over(sums.squared, sums.square),
    r2: total > 0 ? 1 - sums.squared / total : null,
    correlation: over(correlation, varying),
    aic: Math.log(sums.squared / n) + (2 * (rank * rank + 1)) / n,
  };
}
