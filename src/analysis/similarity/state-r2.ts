// R² of affine maps between arrays of trials, fitted on training trials and scored on validation trials (state, reconstruction and input R² of CtDB).
import type { Backend } from '../../backends/backend.js';
import { ShapeError } from '../../errors.js';
import type { FeatureRange, Moments } from '../moments.js';
import { type AffineScore, affineR2, affineR2Matrix } from '../regression.js';
import { momentsOfTrials, type SplitTrials } from '../trials.js';

export interface TrialComparisonOptions {
  /** Multiplies on this backend (f32 within groups of 512 samples: R² good to about 1e-6). Default: on the host, in f64. */
  readonly backend?: Backend;
  /** Names of the arrays in messages. Default: source, target. */
  readonly names?: readonly string[];
}

/** Joint moments of several arrays over the same trials, by phase. */
export interface SplitMoments {
  readonly train: Moments;
  readonly validation: Moments;
  /** Where each array is among the features. */
  readonly ranges: readonly FeatureRange[];
}

/** The moments that every comparison of these arrays needs, from one pass over the data. Throws ShapeError, NumericsError. */
export async function splitMoments(arrays: readonly SplitTrials[], options: TrialComparisonOptions = {}, where = 'splitMoments'): Promise<SplitMoments> {
  const { moments: train, ranges } = await momentsOfTrials(
    arrays.map((array) => array.train),
    { ...options, where },
  );
  const { moments: validation } = await momentsOfTrials(
    arrays.map((array) => array.validation),
    { ...options, where, shift: train.shift },
  );
  return { train, validation, ranges };
}

/** Throws ShapeError unless a least-squares fit from `range` is determined: more samples than features. */
function needSamples(train: Moments, { length }: FeatureRange, where: string, name: string): void {
  if (train.count > length) return;
  throw new ShapeError(
    `${where}: expected more than ${length} training samples, as ${name} has ${length} dimensions, got ${train.count}; give more trials, or fewer principal components`,
  );
}

/**
 * Variance-weighted R² of the affine map source → target on validation trials, fitted by least squares on training trials; also for every principal
 * component of the target's training trials. A target that the source determines scores 1; one that it says nothing of about 0, less when overfitted.
 * Throws ShapeError when trials differ or samples are fewer than dimensions, NumericsError for values that are not finite.
 */
export async function stateR2(source: SplitTrials, target: SplitTrials, options: TrialComparisonOptions = {}): Promise<AffineScore> {
  const { train, validation, ranges } = await splitMoments([source, target], { names: ['source', 'target'], ...options }, 'stateR2');
  const [from, to] = ranges as [FeatureRange, FeatureRange];
  needSamples(train, from, 'stateR2', options.names?.[0] ?? 'the source');
  return affineR2(train, validation, from, to);
}

/** `stateR2` of every pair, `[source][target]`. Throws as it does. */
export async function stateR2Matrix(arrays: readonly SplitTrials[], options: TrialComparisonOptions = {}): Promise<AffineScore[][]> {
  return stateR2OfMoments(await splitMoments(arrays, options, 'stateR2Matrix'), options.names);
}

/** The same from moments. Throws ShapeError when samples are fewer than dimensions. */
export function stateR2OfMoments({ train, validation, ranges }: SplitMoments, names: readonly string[] = []): AffineScore[][] {
  ranges.forEach((range, i) => needSamples(train, range, 'stateR2Matrix', names[i] ?? `array ${i + 1}`));
  return affineR2Matrix(train, validation, ranges);
}

/**
 * How much of the inferred latents the true ones explain (CtDB's state_r2) and the other way round (its recon_r2 as meant: as implemented there
 * it repeats state_r2).
 */
export async function stateAndReconstructionR2(
  truth: SplitTrials,
  inferred: SplitTrials,
  options: TrialComparisonOptions = {},
): Promise<{ stateR2: AffineScore; reconstructionR2: AffineScore }> {
  const [forth, back] = (await stateR2Matrix([truth, inferred], { names: ['true latents', 'inferred latents'], ...options })) as [AffineScore[], AffineScore[]];
  return { stateR2: forth[1] as AffineScore, reconstructionR2: back[0] as AffineScore };
}

/** R² of the affine map from true to inferred inputs (CtDB's input_r2), per principal component of the inferred ones. Throws as `stateR2` does. */
export function inputR2(trueInputs: SplitTrials, inferredInputs: SplitTrials, options: TrialComparisonOptions = {}): Promise<AffineScore> {
  return stateR2(trueInputs, inferredInputs, { names: ['true inputs', 'inferred inputs'], ...options });
}
