// Options of the neural data simulator, their defaults and their checks.
import { ConfigError } from '../errors.js';

/** How a standardised activity a becomes a rate, spikes a bin: e^a; g·2 / (1 + e^−a) of a scaled by the neuron's gain; ln(1 + e^a). */
export const rateFunctions = ['exp', 'sigmoid', 'softplus'] as const;
export type RateFunction = (typeof rateFunctions)[number];

/** What callers may say; everything has a default. */
export interface SimulatorInput {
  /** Simulated neurons N. Default 60. */
  readonly neurons?: number;
  /** Of these, the last ones, kept out of `encod_data`. Default 10, or as many as leave one neuron. */
  readonly heldOut?: number;
  /** Default `exp`. */
  readonly rate?: RateFunction;
  /** Activity is divided by its standard deviation times this: the larger, the less rates vary. Default 2. */
  readonly scaling?: number;
  /** Variance of a count over its mean: 1 Poisson, above 1 negative binomial, below 1 binomial. Default 1. */
  readonly dispersion?: number;
  /** Steps kept, as CtDB counts them: [a, b] keeps a − 1 … b − 1, numbered from 0; b below 0 counts from the end, so that [5, −1] drops four and the last. Default: all. */
  readonly trim?: readonly [number, number] | null;
  /** Of the assignment of units and of the spikes. Default 0. */
  readonly seed?: number;
}

export type SimulatorOptions = Required<SimulatorInput>;

/** Neurons at most: a thousand trials of 500 steps are 2 GB of counts then. */
const mostNeurons = 10_000;

/** Fills in defaults. Throws ConfigError that lists every option that cannot be. */
export function resolveSimulator(input: SimulatorInput = {}): SimulatorOptions {
  const { neurons = 60, rate = 'exp', scaling = 2, dispersion = 1, trim = null, seed = 0 } = input;
  const { heldOut = Math.min(10, Math.max(0, neurons - 1)) } = input;
  const problems: string[] = [];
  const whole = (name: string, value: number, least: number, most: number) => {
    if (!(Number.isSafeInteger(value) && value >= least && value <= most))
      problems.push(`${name}: expected a whole number from ${least} to ${most}, got ${value}`);
  };
  const positive = (name: string, value: number) => {
    if (!(Number.isFinite(value) && value > 0)) problems.push(`${name}: expected a positive number, got ${value}`);
  };
  whole('neurons', neurons, 1, mostNeurons);
  whole('heldOut', heldOut, 0, Math.max(0, neurons - 1));
  whole('seed', seed, 0, Number.MAX_SAFE_INTEGER);
  positive('scaling', scaling);
  positive('dispersion', dispersion);
  if (!rateFunctions.includes(rate)) problems.push(`rate: expected ${rateFunctions.join(', ')}, got ${JSON.stringify(rate)}`);
  if (trim !== null && !(trim.length === 2 && trim.every(Number.isInteger) && trim[0] >= 1))
    problems.push(`trim: expected two whole numbers, the first at least 1 (the first step), got ${JSON.stringify(trim)}`);
  if (problems.length > 0) throw new ConfigError('simulate', problems);
  return { neurons, heldOut, rate, scaling, dispersion, trim, seed };
}

/** The steps that a trim keeps of `steps`: `first` to `end` − 1. Throws ConfigError when none are left. */
export function keptSteps(trim: readonly [number, number] | null, steps: number): { readonly first: number; readonly end: number } {
  if (trim === null) return { first: 0, end: steps };
  const [a, b] = trim;
  const [first, end] = [a - 1, b < 0 ? steps + b : b];
  if (end > steps || first >= end) throw new ConfigError('simulate', [`trim: expected some of ${steps} steps, got ${a},${b}`]);
  return { first, end };
}
