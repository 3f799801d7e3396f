// Spikes of a simulated population that watches a trained network, with the truth known: every neuron follows one unit, through a rate function and a count
// distribution. The same seed gives the same spikes; the embedding (which unit, what scale) is fixed by the first data and serves new trials unchanged.
import type { TrialArray } from '../analysis/analysis.js';
import { ConfigError, NumericsError, ShapeError } from '../errors.js';
import { exponential, naturalLog } from '../math.js';
import { deriveKey, openUniformAt, permutation, randomKey, type RandomKey, threefry } from '../random.js';
import { binomialCount, negativeBinomialCount, poissonCount } from './counts.js';
import { keptSteps, type RateFunction, resolveSimulator, type SimulatorInput, type SimulatorOptions } from './options.js';

/** Which units the neurons follow, and the scale of their activity. */
export interface Embedding {
  /** Units of the network H. */
  readonly units: number;
  /** Unit of each neuron [N]: permutations of all units one behind the other, as far as there are neurons. */
  readonly perm: Int32Array;
  /** Of the activity of all neurons in all trials and steps that were embedded first. */
  readonly mean: number;
  /** Its standard deviation, with divisor n. */
  readonly std: number;
}

/** Trials to simulate. */
export interface SimulatorTrials {
  /** Hidden states [S, T, H]. */
  readonly latents: TrialArray;
  /** What the network was given, kept beside the spikes [S, T, I]. */
  readonly inputs?: TrialArray | null;
  /** Numbers of each trial [S, 1, E]. */
  readonly extra?: TrialArray | null;
  /** Columns of `extra` that are steps of the trial; below 0: none. */
  readonly events?: readonly number[];
  /** Number of each trial [S], which its spikes are drawn by. Default 0, 1, …. */
  readonly indices?: Int32Array | null;
  /** Names the data set that `indices` number, so that other data has other spikes. Default `''`. */
  readonly stream?: string;
}

/** What was simulated; steps are those kept. */
export interface SimulatedTrials {
  /** Counts [S, T, N]; 0 behind a trial's end. */
  readonly spikes: Int32Array;
  /** What they were drawn from, spikes a bin [S, T, N]; 0 behind a trial's end. */
  readonly rates: TrialArray;
  readonly latents: TrialArray;
  readonly inputs: TrialArray | null;
  /** [S, 1, E], steps counted from the first one kept; −1 for those that are not among them. */
  readonly extra: TrialArray | null;
  /** [S]. */
  readonly indices: Int32Array;
}

/** Rates beyond this are a mistake, spikes a bin. */
const highestRate = 1e6;

/** Simulates populations with one embedding, given or made from the first trials. */
export class NeuralSimulator {
  readonly options: SimulatorOptions;
  #embedding: Embedding | null;

  /** Throws ConfigError for options that cannot be and for an embedding of another number of neurons. */
  constructor(options: SimulatorInput = {}, embedding: Embedding | null = null) {
    this.options = resolveSimulator(options);
    if (embedding) checkEmbedding(embedding, this.options.neurons);
    this.#embedding = embedding;
  }

  /** Null before the first trials. */
  get embedding(): Embedding | null {
    return this.#embedding;
  }

  /**
   * Simulates trials. The first call freezes the embedding. Throws ShapeError for arrays that do not fit each other or the embedding, ConfigError when the
   * trim leaves no step, NumericsError for activity that does not vary or is not finite and for rates above a million spikes a bin.
   */
  simulate(trials: SimulatorTrials): SimulatedTrials {
    const { neurons, trim, seed, rate, scaling, dispersion } = this.options;
    const { latents, inputs = null, extra = null, events = [], stream = '' } = trials;
    checkTrialsAgree(latents, inputs, extra, trials.indices ?? null);
    const kept = keptSteps(trim, latents.steps);
    const indices = trials.indices ?? Int32Array.from({ length: latents.trials }, (_, i) => i);
    const shown = trimSteps(latents, kept);
    this.#embedding ??= embed(shown, neurons, seed);
    const { perm, mean, std, units } = this.#embedding;
    if (units !== latents.width) throw new ShapeError(`simulate: expected latents of ${units} units, as those embedded first, got ${latents.width}`);
    const { steps } = shown;
    const rates = new Float32Array(latents.trials * steps * neurons);
    const spikes = new Int32Array(rates.length);
    const key = deriveKey(randomKey(seed, 'spikes'), stream);
    const gains = gainsOf(rate, neurons);
    const draw = countOf(dispersion);
    for (let trial = 0; trial < latents.trials; trial++) {
      const length = shown.lengths?.[trial] ?? steps;
      for (let k = 0; k < neurons; k++) {
        const gain = (gains[k] as number) / (scaling * std);
        // counted by the step before trimming: a trim leaves the spikes of the steps that it keeps as they are
        const own = threefry(key, indices[trial] as number, k);
        let from = trial * steps * units + (perm[k] as number);
        let to = trial * steps * neurons + k;
        for (let step = 0; step < length; step++, from += units, to += neurons) {
          const value = rateOf(rate, gain * ((shown.values[from] as number) - mean));
          // false for NaN too
          if (!(value <= highestRate)) {
            throw new NumericsError(
              `simulate: expected rates of at most ${highestRate} spikes a bin, got ${value} of neuron ${k} in trial ${trial}, step ${kept.first + step}; is the scaling, ${scaling}, too small?`,
            );
          }
          rates[to] = value;
          // of the rate as it is stored, in f32
          spikes[to] = draw(rates[to] as number, own, kept.first + step);
        }
      }
    }
    return {
      spikes,
      rates: { trials: latents.trials, steps, width: neurons, values: rates, lengths: shown.lengths },
      latents: shown,
      inputs: inputs && trimSteps(inputs, kept),
      extra: extra && shiftEvents(extra, events, kept),
      indices,
    };
  }
}

function checkEmbedding({ perm, units, mean, std }: Embedding, neurons: number): void {
  const problems: string[] = [];
  if (perm.length !== neurons) problems.push(`neurons: expected ${perm.length}, as in the embedding, got ${neurons}`);
  if (perm.some((unit) => !(unit >= 0 && unit < units))) problems.push(`perm: expected units below ${units}`);
  if (!(Number.isFinite(mean) && Number.isFinite(std) && std > 0)) problems.push(`expected a mean and a positive std, got ${mean} and ${std}`);
  if (problems.length > 0) throw new ConfigError('simulate: embedding', problems);
}

function checkTrialsAgree(latents: TrialArray, inputs: TrialArray | null, extra: TrialArray | null, indices: Int32Array | null): void {
  const { trials, steps } = latents;
  if (inputs && (inputs.trials !== trials || inputs.steps !== steps))
    throw new ShapeError(
      `simulate: expected inputs of shape [${trials}, ${steps}, …], as the latents, got [${inputs.trials}, ${inputs.steps}, ${inputs.width}]`,
    );
  if (extra && (extra.trials !== trials || extra.steps !== 1))
    throw new ShapeError(`simulate: expected extra of shape [${trials}, 1, …], got [${extra.trials}, ${extra.steps}, ${extra.width}]`);
  if (indices && indices.length !== trials) throw new ShapeError(`simulate: expected ${trials} indices, one a trial, got ${indices.length}`);
}

/** Units and scale for `neurons` neurons from trials [S, T, H]. Throws NumericsError when their activity does not vary or is not finite. */
function embed(latents: TrialArray, neurons: number, seed: number): Embedding {
  const units = latents.width;
  const perm = new Int32Array(neurons);
  for (let round = 0; round * units < neurons; round++)
    perm.set(permutation(units, randomKey(seed, 'embedding', round)).subarray(0, Math.min(units, neurons - round * units)), round * units);
  const counts = new Float64Array(units);
  for (const unit of perm) counts[unit] = (counts[unit] as number) + 1;
  /** Mean over all neurons, trials and steps of a function of the activity. */
  const average = (of: (value: number) => number): number => {
    let [sum, count] = [0, 0];
    for (let trial = 0; trial < latents.trials; trial++) {
      const length = latents.lengths?.[trial] ?? latents.steps;
      const start = trial * latents.steps * units;
      for (let i = 0; i < length * units; i++) {
        const times = counts[i % units] as number;
        if (times > 0) sum += times * of(latents.values[start + i] as number);
      }
      count += length * neurons;
    }
    return sum / count;
  };
  const mean = average((value) => value);
  const std = Math.sqrt(average((value) => (value - mean) ** 2));
  if (!(std > 0 && Number.isFinite(std))) throw new NumericsError(`simulate: expected activity that is finite and varies, got a standard deviation of ${std}`);
  return { units, perm, mean, std };
}

/** Gain of each neuron before the rate function: graded from 10^0.2 to 10 for the sigmoid, whose rates would all end at the same height otherwise. */
function gainsOf(rate: RateFunction, neurons: number): Float64Array {
  return Float64Array.from({ length: neurons }, (_, k) => (rate === 'sigmoid' ? 10 ** (0.2 + (0.8 * k) / Math.max(1, neurons - 1)) : 1));
}

function rateOf(rate: RateFunction, a: number): number {
  if (rate === 'exp') return exponential(a);
  if (rate === 'sigmoid') return 2 / (1 + exponential(-a));
  // ln(1 + e^a) without overflow, and without losing what is below the rounding of 1
  const small = exponential(-Math.abs(a));
  return Math.max(a, 0) + (small < 1e-8 ? small : naturalLog(1 + small));
}

type CountDraw = (rate: number, key: RandomKey, step: number) => number;

/**
 * Counts with mean `rate` and variance D · rate. Below 1: binomial with p = 1 − D of rate / p chances, rounded up or down at random so that the mean is exact;
 * where they are not whole, the variance is p² f (1 − f) larger, f being the fraction.
 */
function countOf(dispersion: number): CountDraw {
  if (dispersion === 1) return (rate, key, step) => poissonCount(rate, openUniformAt(key, step, 0));
  if (dispersion > 1) return (rate, key, step) => negativeBinomialCount(rate, dispersion, openUniformAt(key, step, 0));
  const p = 1 - dispersion;
  return (rate, key, step) => {
    const chances = rate / p;
    const whole = Math.floor(chances);
    const rounded = whole + (openUniformAt(key, step, 1) < chances - whole ? 1 : 0);
    return binomialCount(rounded, p, openUniformAt(key, step, 0));
  };
}

/** Steps `first` to `end` − 1 of every trial; a view where that is all of them. */
function trimSteps(array: TrialArray, { first, end }: { readonly first: number; readonly end: number }): TrialArray {
  const { trials, steps, width, values, lengths } = array;
  if (first === 0 && end === steps) return array;
  const size = (end - first) * width;
  const kept = values instanceof Float64Array ? new Float64Array(trials * size) : new Float32Array(trials * size);
  for (let trial = 0; trial < trials; trial++) kept.set(values.subarray((trial * steps + first) * width, (trial * steps + end) * width), trial * size);
  return { trials, steps: end - first, width, values: kept, lengths: lengths && lengths.map((length) => Math.max(0, Math.min(length, end) - first)) };
}

/** Steps counted from the first one kept, in the columns `events`; those that were cut off, and those that were none, are −1. */
function shiftEvents(extra: TrialArray, events: readonly number[], { first, end }: { readonly first: number; readonly end: number }): TrialArray {
  const values = extra.values.slice();
  for (let trial = 0; trial < extra.trials; trial++) {
    for (const column of events) {
      const at = trial * extra.width + column;
      const step = values[at] as number;
      values[at] = step >= first && step < end ? step - first : -1;
    }
  }
  return { ...extra, values };
}
