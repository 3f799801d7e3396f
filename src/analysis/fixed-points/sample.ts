// States to start a search from: points of trajectories, drawn uniformly over all valid (trial, step), with noise if asked for; and the inputs that belong to them.
// The manner is that of Golub & Sussillo 2018 (FixedPointFinder, doi:10.21105/joss.01003) and of CtDB; draws are counter-based, so any number repeats.
import { NumericsError, ShapeError } from '../../errors.js';
import { fillNormal, randomKey, uniformAt } from '../../random.js';
import type { TrialArray } from '../analysis.js';

export interface SampleOptions {
  /** How many states to draw. */
  readonly count: number;
  /** Default 0. */
  readonly seed?: number;
  /** Standard deviation of Gaussian noise added to every entry of a state. Default 0: noise leaves the states that a network visits. */
  readonly noise?: number;
  /** Which (trial, step) may be drawn [S, T], 0 or 1; steps behind the end of a trial never are. Default: all. */
  readonly mask?: ArrayLike<number | boolean> | null;
}

/** K states and where they were taken. */
export interface StateSample {
  /** [K, W], noise included. */
  readonly states: Float64Array;
  /** Trial and step of each [K]. */
  readonly trials: Int32Array;
  readonly steps: Int32Array;
}

/** Indices trial · T + step of every valid bin, ascending. */
function validBins({ trials, steps, lengths }: TrialArray, mask: SampleOptions['mask']): Int32Array {
  if (mask && mask.length !== trials * steps) {
    throw new ShapeError(`sampleStates: expected a mask [${trials}, ${steps}], got ${mask.length} values`);
  }
  const bins = new Int32Array(trials * steps);
  let count = 0;
  for (let trial = 0; trial < trials; trial++) {
    const end = Math.min(steps, lengths?.[trial] ?? steps);
    for (let bin = trial * steps; bin < trial * steps + end; bin++) if (!mask || mask[bin]) bins[count++] = bin;
  }
  return bins.subarray(0, count);
}

/**
 * Draws `count` states from trajectories [S, T, W], uniformly over valid (trial, step), with replacement. Throws ShapeError when nothing is valid or
 * sizes do not fit, NumericsError (naming trial and step) when a drawn state is not finite.
 */
export function sampleStates(trajectories: TrialArray, { count, seed = 0, noise = 0, mask = null }: SampleOptions): StateSample {
  const { steps, width } = trajectories;
  checkTrialArray('sampleStates', trajectories);
  if (!Number.isInteger(count) || count < 1) throw new ShapeError(`sampleStates: expected count as a positive whole number, got ${count}`);
  if (!(noise >= 0 && Number.isFinite(noise))) throw new NumericsError(`sampleStates: expected noise as a number of at least 0, got ${noise}`);
  const bins = validBins(trajectories, mask);
  if (bins.length === 0) throw new ShapeError('sampleStates: expected at least one valid step in the trajectories, got none; does the mask let any through?');
  const where = randomKey(seed, 'fixed-point samples');
  const sample: StateSample = { states: new Float64Array(count * width), trials: new Int32Array(count), steps: new Int32Array(count) };
  for (let k = 0; k < count; k++) {
    // two draws of 24 bits: a single one would favour some of a million bins by a few percent
    const uniform = uniformAt(where, k, 0) + uniformAt(where, k, 1) * 2 ** -24;
    const bin = bins[Math.floor(uniform * bins.length)] as number;
    sample.trials[k] = Math.floor(bin / steps);
    sample.steps[k] = bin % steps;
    const state = trajectories.values.subarray(bin * width, (bin + 1) * width);
    const bad = state.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      throw new NumericsError(
        `sampleStates: expected finite states, got ${state[bad]} in trial ${sample.trials[k]}, step ${sample.steps[k]}, unit ${bad}; has the training diverged?`,
      );
    }
    sample.states.set(state, k * width);
  }
  if (noise > 0) addNoise(sample.states, width, noise, seed);
  return sample;
}

function addNoise(states: Float64Array, width: number, noise: number, seed: number): void {
  const key = randomKey(seed, 'fixed-point sample noise');
  const draws = new Float64Array(width);
  for (let k = 0; k * width < states.length; k++) {
    fillNormal(draws, key, k);
    for (let i = 0; i < width; i++) states[k * width + i] = (states[k * width + i] as number) + noise * (draws[i] as number);
  }
}

/** The inputs [K, I] at the (trial, step) of a sample. Throws ShapeError when they are of other trials, NumericsError when one is not finite. */
export function inputsAt(inputs: TrialArray, { trials, steps }: Pick<StateSample, 'trials' | 'steps'>): Float64Array {
  checkTrialArray('inputsAt', inputs);
  const paired = new Float64Array(trials.length * inputs.width);
  for (const [k, trial] of trials.entries()) {
    const step = steps[k] as number;
    if (trial >= inputs.trials || step >= inputs.steps) {
      throw new ShapeError(
        `inputsAt: expected inputs of trial ${trial}, step ${step}, got ${inputs.trials} trials of ${inputs.steps} steps; are they of the same trials?`,
      );
    }
    const bin = trial * inputs.steps + step;
    paired.set(inputs.values.subarray(bin * inputs.width, (bin + 1) * inputs.width), k * inputs.width);
  }
  const bad = paired.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    const k = Math.floor(bad / inputs.width);
    throw new NumericsError(`inputsAt: expected finite inputs, got ${paired[bad]} in trial ${trials[k]}, step ${steps[k]}, input ${bad % inputs.width}`);
  }
  return paired;
}

function checkTrialArray(where: string, { trials, steps, width, values, lengths }: TrialArray): void {
  if (values.length !== trials * steps * width || width < 1) {
    throw new ShapeError(`${where}: expected [${trials}, ${steps}, ${width}] numbers, got ${values.length}`);
  }
  if (lengths && lengths.length !== trials) throw new ShapeError(`${where}: expected ${trials} lengths of trials, got ${lengths.length}`);
}
