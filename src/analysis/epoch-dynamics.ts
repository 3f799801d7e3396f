// How a network came to compute as it does: the same trials at the epochs whose checkpoints were kept, their latents in one basis, outputs, and fixed points.
import { ConfigError } from '../errors.js';
import type { NoiseChoice, TrialArray } from './analysis.js';
import { findFixedPoints } from './fixed-points/search.js';
import { someEpochs } from './kept-epochs.js';
import { pointsOf, type PhasePoint } from './phase-dynamics.js';
import { type PrincipalComponents, project } from './pca.js';
import type { RunAnalysis } from './run-analysis.js';
import { round, roundAll } from './scores.js';
import type { FigureArray } from './summary-data.js';

export interface EpochOptions {
  /** Axes of the latents: principal components of the last epoch for all, or of each epoch its own. Default `last`. */
  readonly basis?: 'last' | 'own';
  /** Samples that the search for fixed points starts from at each epoch. Default 128; 0: no search. */
  readonly starts?: number;
  readonly maxIterations?: number;
  readonly noise?: NoiseChoice;
  readonly seed?: number;
  readonly onProgress?: (stage: string, share: number) => void;
  readonly signal?: AbortSignal;
}

export interface EpochSnapshot {
  readonly epoch: number;
  readonly validationLoss: number | null;
  /** Share of this epoch's variance along the three axes. */
  readonly explained: number;
  /** Latents of some validation trials on the axes [K, T, 3]. */
  readonly latents: FigureArray;
  /** Outputs in them [K, T, O]; with a body the positions of the end point, m. */
  readonly outputs: FigureArray;
  /** Null where no search was made. */
  readonly fixedPoints: { readonly unique: number; readonly stable: number; readonly points: readonly PhasePoint[] } | null;
}

export interface EpochDynamics {
  readonly basis: 'last' | 'own';
  /** Steps of a trial between two samples of the figures' arrays. */
  readonly stride: number;
  /** What the network was given while fixed points were sought. */
  readonly input: string;
  readonly epochs: readonly EpochSnapshot[];
}

/** Trials and samples of each that figures show. */
const shownTrials = 10;
const shownSamples = 250;
/** Epochs at most, spread evenly over those that were kept, besides the analysed one. */
const mostEpochs = 11;

/**
 * Looks at a run at every epoch that was kept (`training.checkpointEpochs`) before the analysed checkpoint, and there. Throws ConfigError where none was kept,
 * what search and rollouts throw, and the signal's reason when aborted.
 */
export async function analyseEpochs(analysis: RunAnalysis, options: EpochOptions = {}): Promise<EpochDynamics> {
  const { basis = 'last', starts = 128, noise, seed = 0, maxIterations, onProgress, signal } = options;
  const earlier = analysis.keptEpochs.filter((epoch) => epoch < analysis.checkpoint.epoch);
  if (earlier.length === 0)
    throw new ConfigError('epochs', ['expected a run with checkpoints of chosen epochs, got none; name them in training.checkpointEpochs and train again']);
  const chosen = someEpochs(earlier, mostEpochs);
  const axes = await analysis.getPca('validation', noise);
  const stride = Math.ceil(analysis.trials.steps / shownSamples);
  const epochs: EpochSnapshot[] = [];
  const look = async (at: RunAnalysis) => {
    signal?.throwIfAborted();
    onProgress?.(`epoch ${at.checkpoint.epoch}`, epochs.length / (chosen.length + 1));
    const own = await at.getPca('validation', noise);
    const used = basis === 'own' ? own : axes;
    const { latents, controlled } = await at.getModelOutputs('validation', noise);
    epochs.push({
      epoch: at.checkpoint.epoch,
      validationLoss: at.validationLoss,
      explained: round(shareAlong(own, used)),
      latents: figureOf(latents, stride, (row) => project(used, row)),
      outputs: figureOf(controlled, stride, (row) => row),
      fixedPoints: starts > 0 && at.map ? await pointsAt(at, used) : null,
    });
  };
  /** Under zeros, or where a body moves the mean input of the validation trials. */
  const pointsAt = async (at: RunAnalysis, used: PrincipalComponents): Promise<EpochSnapshot['fixedPoints']> => {
    const search = await findFixedPoints(at.map as NonNullable<RunAnalysis['map']>, {
      trajectories: await at.getStates('validation', noise),
      inputs: at.task.plant ? meanOf(await at.getNetworkInputs('validation', noise)) : null,
      count: starts,
      seed,
      signal,
      ...(maxIterations === undefined ? {} : { maxIterations }),
    });
    const { unique, stable } = search.counts;
    return { unique, stable, points: pointsOf(search.unique, used) };
  };
  for (const epoch of chosen) {
    const at = await analysis.atEpoch(epoch);
    try {
      await look(at);
    } finally {
      await at.dispose();
    }
  }
  await look(analysis);
  return { basis, stride, input: analysis.task.plant ? 'mean input of the validation trials' : 'zeros', epochs };
}

/** Share of the variance that `own` components describe along the first three of `axes`. */
function shareAlong({ dimension, components, variances }: PrincipalComponents, axes: PrincipalComponents): number {
  let [along, whole] = [0, 0];
  for (let j = 0; j < dimension; j++) {
    whole += variances[j] as number;
    for (let k = 0; k < Math.min(3, dimension); k++) {
      let product = 0;
      for (let i = 0; i < dimension; i++) product += (axes.components[k * dimension + i] as number) * (components[j * dimension + i] as number);
      along += (variances[j] as number) * product * product;
    }
  }
  return whole > 0 ? along / whole : 0;
}

/** Samples of the first trials, each changed by `of`; the last one is repeated behind a trial's end. */
function figureOf(
  { trials, steps, width, values, lengths }: TrialArray,
  stride: number,
  of: (row: Float32Array | Float64Array) => ArrayLike<number>,
): FigureArray {
  const count = Math.min(shownTrials, trials);
  const kept = Math.ceil(steps / stride);
  const shown: number[] = [];
  for (let trial = 0; trial < count; trial++)
    for (let i = 0; i < kept; i++) {
      const at = (trial * steps + Math.min(i * stride, (lengths?.[trial] ?? steps) - 1)) * width;
      shown.push(...roundAll(of(values.subarray(at, at + width))));
    }
  return { shape: [count, kept, shown.length / Math.max(1, count * kept)], values: shown };
}

function meanOf({ trials, steps, width, values, lengths }: TrialArray): Float64Array {
  const mean = new Float64Array(width);
  let samples = 0;
  for (let trial = 0; trial < trials; trial++) {
    const length = lengths?.[trial] ?? steps;
    samples += length;
    for (let i = 0; i < length * width; i++) mean[i % width] = (mean[i % width] as number) + (values[trial * steps * width + i] as number);
  }
  return mean.map((sum) => sum / samples);
}
