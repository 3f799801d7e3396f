// Linear decoding: how much of the task's targets (or of anything else over the same trials) an affine map reads from the latents, output by output.
import { Matrix } from 'ml-matrix';
import { ShapeError } from '../../errors.js';
import type { FeatureRange } from '../moments.js';
import { type AffineScore, fitAffine, scoreAffine } from '../regression.js';
import type { SplitTrials } from '../trials.js';
import { type TrialComparisonOptions, splitMoments } from './state-r2.js';

/** Variance-weighted R² over all outputs and R² of each; null where a target does not vary. */
export interface DecodingScore {
  readonly r2: number | null;
  readonly perOutput: readonly (number | null)[];
}

export interface Decoding {
  /** On the training trials, where the decoder was fitted: what CtDB's comparison of performance shows. */
  readonly inSample: DecodingScore;
  /** On the validation trials. */
  readonly heldOut: DecodingScore;
}

/**
 * Decodes `targets` from `latents` by least squares with intercept, fitted on training trials.
 * Throws ShapeError when trials differ or samples are fewer than dimensions, NumericsError for values that are not finite.
 */
export async function decode(latents: SplitTrials, targets: SplitTrials, options: TrialComparisonOptions = {}): Promise<Decoding> {
  const { train, validation, ranges } = await splitMoments([latents, targets], { names: ['latents', 'targets'], ...options }, 'decode');
  const [from, to] = ranges as [FeatureRange, FeatureRange];
  if (train.count <= from.length) {
    throw new ShapeError(`decode: expected more than ${from.length} training samples for ${from.length} latents, got ${train.count}; give more trials`);
  }
  const map = fitAffine(train, from, to);
  const outputs = Float64Array.from(Matrix.eye(to.length).to1DArray());
  return { inSample: named(scoreAffine(map, train, outputs)), heldOut: named(scoreAffine(map, validation, outputs)) };
}

const named = ({ r2, perComponent }: AffineScore): DecodingScore => ({ r2, perOutput: perComponent });
