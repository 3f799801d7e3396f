// Arrays of trials as analyses take them in: checked, split into phases, and as rows of samples without what lies behind a trial's end.
import type { Backend } from '../backends/backend.js';
import { NumericsError, ShapeError } from '../errors.js';
import type { TrialArray } from './analysis.js';
import { addSamples, columnMeans, createMoments, type FeatureRange, type Moments } from './moments.js';

/** The training and the validation trials of one thing. */
export interface SplitTrials {
  readonly train: TrialArray;
  readonly validation: TrialArray;
}

/** An array of trials from plain numbers, row-major [S, T, W]. Throws ShapeError unless `values` has S·T·W elements. */
export function trialArray(
  values: Float32Array | Float64Array,
  [trials, steps, width]: readonly [number, number, number],
  lengths: Int32Array | null = null,
): TrialArray {
  const array = { trials, steps, width, values, lengths };
  checkTrials(array, 'trialArray', 'values');
  return array;
}

/** Splits trials at `trainTrials`: default the first 80 % for training. Throws ShapeError unless both parts have a trial. */
export function splitTrials(array: TrialArray, trainTrials = Math.floor(0.8 * array.trials)): SplitTrials {
  if (!(Number.isInteger(trainTrials) && trainTrials >= 1 && trainTrials < array.trials)) {
    throw new ShapeError(`splitTrials: expected 1 to ${array.trials - 1} of ${array.trials} trials for training, got ${trainTrials}`);
  }
  return { train: sliceTrials(array, 0, trainTrials), validation: sliceTrials(array, trainTrials, array.trials) };
}

/** Trials `first` to `end` − 1, without a copy. */
export function sliceTrials(array: TrialArray, first: number, end: number): TrialArray {
  const { steps, width, values, lengths } = array;
  const size = steps * width;
  return { trials: end - first, steps, width, values: values.subarray(first * size, end * size), lengths: lengths && lengths.subarray(first, end) };
}

/** The trials of `a`, then those of `b`. Throws ShapeError unless both have as many steps and columns. */
export function concatenateTrials(a: TrialArray, b: TrialArray): TrialArray {
  if (a.steps !== b.steps || a.width !== b.width) {
    throw new ShapeError(`concatenateTrials: expected trials of one shape, got [${a.steps}, ${a.width}] and [${b.steps}, ${b.width}]`);
  }
  const values = new (a.values instanceof Float64Array || b.values instanceof Float64Array ? Float64Array : Float32Array)(a.values.length + b.values.length);
  values.set(a.values);
  values.set(b.values, a.values.length);
  const lengthsOf = ({ trials, steps, lengths }: TrialArray) => lengths ?? new Int32Array(trials).fill(steps);
  const lengths = a.lengths === null && b.lengths === null ? null : Int32Array.from([...lengthsOf(a), ...lengthsOf(b)]);
  return { trials: a.trials + b.trials, steps: a.steps, width: a.width, values, lengths };
}

/** Throws ShapeError unless sizes, values and lengths belong together. */
export function checkTrials({ trials, steps, width, values, lengths }: TrialArray, where: string, name: string): void {
  if (values.length !== trials * steps * width || !(width >= 1)) {
    throw new ShapeError(`${where}: expected ${name} of shape [${trials}, ${steps}, ${width}], got ${values.length} values`);
  }
  if (lengths === null) return;
  const bad = lengths.length === trials ? lengths.findIndex((length) => !(length >= 0 && length <= steps)) : 0;
  if (lengths.length !== trials || bad >= 0) {
    const got = lengths.length === trials ? `${lengths[bad]} of trial ${bad}` : `${lengths.length} lengths`;
    throw new ShapeError(`${where}: expected a length from 0 to ${steps} for each of the ${trials} trials of ${name}, got ${got}`);
  }
}

/**
 * The lengths that arrays over the same trials share (null: all steps). Throws ShapeError when trials, steps or lengths differ; `names` say whose.
 */
export function commonLengths(arrays: readonly TrialArray[], where: string, names: readonly string[]): Int32Array | null {
  const [first] = arrays as [TrialArray];
  let lengths: Int32Array | null = null;
  for (const [i, array] of arrays.entries()) {
    const name = names[i] ?? `array ${i + 1}`;
    checkTrials(array, where, name);
    if (array.trials !== first.trials || array.steps !== first.steps) {
      throw new ShapeError(
        `${where}: expected ${name} over the same trials as ${names[0] ?? 'array 1'}, ${first.trials} of ${first.steps} steps, ` +
          `got ${array.trials} of ${array.steps}; compare analyses of the same trials`,
      );
    }
    if (array.lengths === null) continue;
    const own = array.lengths;
    const differs = lengths?.findIndex((length, trial) => length !== own[trial]) ?? -1;
    if (differs >= 0) {
      throw new ShapeError(
        `${where}: expected trials of equal lengths, got ${own[differs]} steps in trial ${differs} of ${name} and ${lengths?.[differs]} elsewhere`,
      );
    }
    lengths = own;
  }
  return lengths;
}

/** Samples in trials of these lengths. */
export function countSamples({ trials, steps, lengths }: Pick<TrialArray, 'trials' | 'steps' | 'lengths'>): number {
  return lengths === null ? trials * steps : lengths.reduce((sum, length) => sum + length, 0);
}

/**
 * Samples of arrays over the same trials side by side, row-major [N, Σ W], without what lies behind a trial's end.
 * Throws NumericsError for a value that is not finite, naming array, trial, step and column.
 */
export function rowsOf(arrays: readonly TrialArray[], where: string, names: readonly string[]): Float64Array {
  const lengths = commonLengths(arrays, where, names);
  const [{ trials, steps }] = arrays as [TrialArray];
  const width = arrays.reduce((sum, array) => sum + array.width, 0);
  const rows = new Float64Array(countSamples({ trials, steps, lengths }) * width);
  copyRows(arrays, { lengths, first: 0, end: trials }, width, rows, where, names);
  return rows;
}

interface TrialRange {
  readonly lengths: Int32Array | null;
  readonly first: number;
  readonly end: number;
}

/** Fills `rows` with the samples of some trials; returns how many. */
function copyRows(
  arrays: readonly TrialArray[],
  { lengths, first, end }: TrialRange,
  dimension: number,
  rows: Float32Array | Float64Array,
  where: string,
  names: readonly string[],
): number {
  let start = 0;
  let samples = 0;
  for (const [k, { steps, width, values }] of arrays.entries()) {
    samples = 0;
    for (let trial = first; trial < end; trial++) {
      const length = lengths === null ? steps : (lengths[trial] as number);
      let from = trial * steps * width;
      for (let step = 0; step < length; step++, samples++) {
        let to = samples * dimension + start;
        for (let column = 0; column < width; column++) {
          const value = values[from++] as number;
          // differs from 0 for NaN and infinities only
          if (value - value !== 0) {
            throw new NumericsError(
              `${where}: expected finite values, got ${value} in ${names[k] ?? `array ${k + 1}`}, trial ${trial}, step ${step}, column ${column}`,
            );
          }
          rows[to++] = value;
        }
      }
    }
    start += width;
  }
  return samples;
}

export interface MomentOptions {
  /** Multiplies on this backend, in f32 within groups of 512 samples. Default: on the host, in f64. */
  readonly backend?: Backend;
  /** Names the function in messages. */
  readonly where?: string;
  /** Names the arrays in messages. */
  readonly names?: readonly string[];
  /** Subtracted before summing; moments that are merged must share it. Default: the means of the first trials. */
  readonly shift?: Float64Array;
}

/** Numbers that one pass over trials brings together: 4 MiB in f32, which caches hold while they are copied, shifted and multiplied. */
const passLength = 2 ** 20;
/** Samples whose means are subtracted before summing: any value near the means will do. */
const shiftSamples = 1024;

/** Joint moments of arrays over the same trials, and where each array's columns are among the features. Throws as `rowsOf` does. */
export async function momentsOfTrials(arrays: readonly TrialArray[], options: MomentOptions = {}): Promise<{ moments: Moments; ranges: FeatureRange[] }> {
  const { backend, where = 'momentsOfTrials', names = [] } = options;
  const lengths = commonLengths(arrays, where, names);
  const [{ trials, steps }] = arrays as [TrialArray];
  const dimension = arrays.reduce((sum, { width }) => sum + width, 0);
  const perPass = Math.max(1, Math.floor(passLength / (steps * dimension)));
  const size = Math.min(trials, perPass) * steps * dimension;
  const [only] = arrays as [TrialArray];
  // whole trials of one array lie as they are wanted
  const inPlace = arrays.length === 1 && lengths === null && (!backend || only.values instanceof Float32Array);
  const buffer = inPlace ? null : backend ? new Float32Array(size) : new Float64Array(size);
  const copied = (first: number, end: number, into: Float32Array | Float64Array) =>
    into.subarray(0, copyRows(arrays, { lengths, first, end }, dimension, into, where, names) * dimension);
  let moments: Moments | null = null;
  for (let first = 0; first < trials; first += perPass) {
    const end = Math.min(trials, first + perPass);
    const rows = buffer ? copied(first, end, buffer) : only.values.subarray(first * steps * dimension, end * steps * dimension);
    moments ??= createMoments(dimension, options.shift ?? columnMeans(rows.subarray(0, shiftSamples * dimension), dimension));
    try {
      await addSamples(moments, rows, backend);
    } catch (error) {
      // copying names the trial and step of a value that is not finite
      if (!buffer && error instanceof NumericsError) copied(first, end, new Float64Array(rows.length));
      throw error;
    }
  }
  let start = 0;
  const ranges = arrays.map(({ width }) => {
    start += width;
    return { start: start - width, length: width };
  });
  return { moments: moments ?? createMoments(dimension, options.shift), ranges };
}
