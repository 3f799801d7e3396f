// What may be asked of a search for fixed points, the defaults with their reasons, and what they come to for one map: starts with their inputs.
import { ConfigError, NumericsError, ShapeError } from '../../errors.js';
import type { TrialArray } from '../analysis.js';
import type { GolubOptions } from './adam-methods.js';
import type { SearchWatch } from './ends.js';
import { inputsAt, type SampleOptions, sampleStates } from './sample.js';
import type { StateMap } from './state-map.js';

export type FixedPointMethod = 'levenberg-marquardt' | 'ctdb' | 'golub-sussillo';

export interface FixedPointOptions extends SearchWatch {
  /** Trajectories of states [S, T, stateSize] that starts are drawn from; of an LSTM they hold [h, c]. */
  readonly trajectories?: TrialArray;
  /** Starts in place of samples [K, stateSize]. */
  readonly starts?: ArrayLike<number>;
  /**
   * Inputs that are held constant: one for all [I]; trials, of which each sample takes that of its trial and step; or, with `starts`, one for each [K, I].
   * Default: zeros.
   */
  readonly inputs?: TrialArray | ArrayLike<number> | null;
  /** Samples to draw. Default 1024. */
  readonly count?: number;
  /**
   * Standard deviation of the noise on samples. Default 0: far from what a network visits a root finder ends at points that play no part in what it does;
   * at most a tenth of the latents' standard deviation is of use.
   */
  readonly noise?: number;
  /** Which (trial, step) may be drawn [S, T]. Default: all. */
  readonly mask?: SampleOptions['mask'];
  /** Labels: one for each trial, or with `starts` one for each start. Points carry that of the start that found them. */
  readonly conditions?: ArrayLike<number> | null;
  /** Default 0. */
  readonly seed?: number;
  /** Default `levenberg-marquardt`: it alone reaches speeds near rounding in tens of iterations. */
  readonly method?: FixedPointMethod;
  /** Speed below which an end is a fixed point. Default 1e-20 (1e-11 for maps in f32) for Levenberg-Marquardt, 1e-5 for CtDB's method, 1e-12 for Golub & Sussillo's. */
  readonly tolerance?: number;
  /** Default 500 damped steps, or 10 000 (CtDB) or 5000 (Golub & Sussillo) iterations of Adam. */
  readonly maxIterations?: number;
  /** Of the methods with Adam. Default 1e-3 (CtDB), 1 and adaptive (Golub & Sussillo). */
  readonly learningRate?: number;
  /** Golub & Sussillo's method only. */
  readonly golub?: Pick<GolubOptions, 'mode' | 'changeTolerance' | 'epsilon' | 'clip'>;
  /** `ctdb`, with that method: the speed belongs to the state before the last update and no end is merged with another, as CtDB has it. Default `none`. */
  readonly compat?: 'none' | 'ctdb';
  /** Distance [x, u] within which ends are one point. Default 1e-3 (Golub & Sussillo). */
  readonly uniqueTolerance?: number;
  /** Ends at least so many mean radii of the starts from their centroid are dropped. Default 10 (Golub & Sussillo); Infinity: none. */
  readonly outlierDistance?: number;
  /** Ends with more than ten times the median speed are searched again, one at a time. Default false, as in Golub & Sussillo's program. */
  readonly rerunOutliers?: boolean;
  /** Searches from the midpoints between stable points under one input too, which finds saddles. Default: with Levenberg-Marquardt. */
  readonly seedSaddles?: boolean;
  /** Goes on with Levenberg-Marquardt from every fixed point. Default: with Levenberg-Marquardt. */
  readonly polish?: boolean;
  /** At most so many fixed points are kept, drawn at random. Default: all. */
  readonly maxUnique?: number;
  /** At most so many slow points are kept, the slowest. Default 32: eigenvalues of hundreds take longer than the search. */
  readonly maxSlow?: number;
  /** Jacobians and eigenvalues of the points that are kept, hence their stability. Default true. */
  readonly jacobians?: boolean;
  /** ∂F/∂u as well. Default false. */
  readonly inputJacobians?: boolean;
}

/** Options with every default filled in. */
export interface ResolvedSearch {
  readonly method: FixedPointMethod;
  readonly tolerance: number;
  readonly maxIterations: number;
  readonly learningRate: number;
  readonly seed: number;
  readonly golub: Pick<GolubOptions, 'mode' | 'changeTolerance' | 'epsilon' | 'clip'>;
  readonly compat: boolean;
  readonly uniqueTolerance: number;
  readonly outlierDistance: number;
  readonly rerunOutliers: boolean;
  readonly seedSaddles: boolean;
  readonly polish: boolean;
  readonly maxUnique: number;
  readonly maxSlow: number;
  readonly jacobians: boolean;
  readonly inputJacobians: boolean;
}

const methodDefaults = {
  'levenberg-marquardt': { tolerance: 1e-20, maxIterations: 500, learningRate: 0 },
  ctdb: { tolerance: 1e-5, maxIterations: 10_000, learningRate: 1e-3 },
  'golub-sussillo': { tolerance: 1e-12, maxIterations: 5000, learningRate: 1 },
} as const;

/** Rounding of a map in f32 leaves a speed of about S · 1e-15; this is above it for thousands of units. */
const f32Tolerance = 1e-11;

/** Checks and completes the options. Throws ConfigError that lists every problem. */
export function resolveSearch(map: StateMap, options: FixedPointOptions): ResolvedSearch {
  const method = options.method ?? 'levenberg-marquardt';
  const problems: string[] = [];
  if (!Object.hasOwn(methodDefaults, method)) {
    throw new ConfigError('findFixedPoints', [`method: expected ${Object.keys(methodDefaults).join(', ')}, got ${JSON.stringify(method)}`]);
  }
  const defaults = methodDefaults[method];
  const newton = method === 'levenberg-marquardt';
  const positive = (name: 'tolerance' | 'learningRate' | 'uniqueTolerance' | 'outlierDistance', fallback: number): number => {
    const value = options[name] ?? fallback;
    if (!(value > 0) && !(name === 'learningRate' && newton)) problems.push(`${name}: expected a number above 0, got ${value}`);
    return value;
  };
  const whole = (name: 'maxIterations' | 'maxUnique' | 'maxSlow' | 'seed', fallback: number, least: number): number => {
    const value = options[name] ?? fallback;
    if (value !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(value) && value >= least))
      problems.push(`${name}: expected a whole number of at least ${least}, got ${value}`);
    return value;
  };
  const compat = options.compat === 'ctdb';
  if (compat && method !== 'ctdb') problems.push(`compat: expected method ctdb with it, got ${method}`);
  if (!options.trajectories === !options.starts) problems.push('starts: expected either trajectories to draw from or starts, got both or none');
  const resolved: ResolvedSearch = {
    method,
    tolerance: positive('tolerance', newton && map.precision === 'f32' ? f32Tolerance : defaults.tolerance),
    maxIterations: whole('maxIterations', defaults.maxIterations, 1),
    learningRate: positive('learningRate', defaults.learningRate),
    seed: whole('seed', 0, 0),
    golub: options.golub ?? {},
    compat,
    uniqueTolerance: positive('uniqueTolerance', 1e-3),
    outlierDistance: positive('outlierDistance', 10),
    rerunOutliers: options.rerunOutliers ?? false,
    seedSaddles: options.seedSaddles ?? newton,
    polish: options.polish ?? newton,
    maxUnique: whole('maxUnique', Number.POSITIVE_INFINITY, 1),
    maxSlow: whole('maxSlow', 32, 0),
    jacobians: options.jacobians ?? true,
    inputJacobians: options.inputJacobians ?? false,
  };
  if (resolved.seedSaddles && !resolved.jacobians) problems.push('seedSaddles: expected jacobians with it, which tell stable points');
  if (problems.length > 0) throw new ConfigError('findFixedPoints', problems);
  return resolved;
}

/** Where a search starts. */
export interface SearchStarts {
  /** [K, S]. */
  readonly states: Float64Array;
  /** [K, I]. */
  readonly inputs: Float64Array;
  readonly conditions: Int32Array | null;
  /** The inputs in words: `zeros`, `paired inputs of the samples`, or the numbers. */
  readonly input: string;
}

/** Draws or takes the starts. Throws ShapeError when sizes do not fit the map, NumericsError for a number that is not finite. */
export function startsOf(map: StateMap, options: FixedPointOptions): SearchStarts {
  const { stateSize, inputSize } = map;
  const { trajectories, starts, inputs = null, conditions = null } = options;
  if (trajectories) {
    if (trajectories.width !== stateSize) {
      throw new ShapeError(
        `findFixedPoints: expected trajectories of ${stateSize} numbers a state for ${map.description}, got ${trajectories.width}; the state of an LSTM is [h, c]`,
      );
    }
    const sample = sampleStates(trajectories, { count: options.count ?? 1024, seed: options.seed, noise: options.noise, mask: options.mask });
    const labels = conditions && Int32Array.from(sample.trials, (trial) => label(conditions, trial, trajectories.trials));
    if (inputs !== null && 'trials' in inputs) {
      if (inputs.width !== inputSize) throw new ShapeError(`findFixedPoints: expected inputs of width ${inputSize}, got ${inputs.width}`);
      return { states: sample.states, inputs: inputsAt(inputs, sample), conditions: labels, input: 'paired inputs of the samples' };
    }
    return { states: sample.states, conditions: labels, ...heldInput(inputs, sample.trials.length, inputSize, false) };
  }
  const states = Float64Array.from(starts as ArrayLike<number>);
  const count = states.length / stateSize;
  if (!Number.isInteger(count) || count < 1)
    throw new ShapeError(`findFixedPoints: expected starts of ${stateSize} numbers each, got ${states.length} numbers in all`);
  if (inputs !== null && 'trials' in inputs) throw new ShapeError('findFixedPoints: expected inputs [I] or [K, I] with starts, got trials');
  const labels = conditions && Int32Array.from({ length: count }, (_, k) => label(conditions, k, count));
  return { states, conditions: labels, ...heldInput(inputs, count, inputSize, true) };
}

function label(conditions: ArrayLike<number>, index: number, count: number): number {
  if (conditions.length !== count) throw new ShapeError(`findFixedPoints: expected ${count} conditions, got ${conditions.length}`);
  return conditions[index] as number;
}

/** One input for every start. */
function heldInput(inputs: ArrayLike<number> | null, count: number, inputSize: number, each: boolean): { inputs: Float64Array; input: string } {
  const given = inputs ?? new Float64Array(inputSize);
  const whole = each && count > 1 && given.length === count * inputSize;
  if (!whole && given.length !== inputSize) {
    throw new ShapeError(`findFixedPoints: expected inputs [${inputSize}]${each ? ` or [${count}, ${inputSize}]` : ''}, got ${given.length} numbers`);
  }
  for (let i = 0; i < given.length; i++)
    if (!Number.isFinite(given[i])) throw new NumericsError(`findFixedPoints: expected finite inputs, got ${given[i]} at ${i}`);
  const values = Float64Array.from({ length: count * inputSize }, (_, i) => given[whole ? i : i % inputSize] as number);
  return {
    inputs: values,
    input:
      whole && inputSize > 0
        ? 'one input for each start'
        : values.every((value) => value === 0)
          ? 'zeros'
          : Array.from(values.subarray(0, inputSize)).join(', '),
  };
}
