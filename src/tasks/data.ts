// Data of a run: seeded trials, the training and validation split, and the check of what a third party's task hands over.
import { ConfigError, ShapeError } from '../errors.js';
import { permutation, randomKey } from '../random.js';
import { validationCount } from './options.js';
import type { Task, TrialInterventions, TrialSet } from './task.js';

/** All trials of a run and which of them train. Indices point into `set` and keep the order of the split's permutation. */
export interface TrialData {
  readonly set: TrialSet;
  readonly trainingIndices: Int32Array;
  readonly validationIndices: Int32Array;
  /**
   * With fresh trials: the set of an epoch (0-based), in which the training trials are new ones and the validation trials stay; sizes and indices are
   * those of `set`, which is the set of epoch 0. Absent: every epoch has `set`. Each call makes the trials anew.
   */
  readonly epochSet?: (epoch: number) => TrialSet;
}

export interface TrialDataOptions {
  readonly trials: number;
  readonly validationFraction: number;
  readonly seed: number;
  /** New training trials in every epoch. Default false. */
  readonly fresh?: boolean;
}

/** The arrays of a trial set, each with one row a trial. */
const trialArrays = ['inputs', 'trueInputs', 'targets', 'conditions', 'extra', 'lengths', 'joints', 'endpointLoads', 'jointLoads'] as const;
type TrialArrays = Pick<TrialSet, (typeof trialArrays)[number]>;

/** The longest typed array that every engine grants, elements; and what one process may sensibly hold of one data set, bytes. */
const largestArray = 2 ** 32 - 1;
const largestDataBytes = 8 * 2 ** 30;

/** Memory of `trials` trials, bytes: inputs, noiseless inputs, targets, loss weights, and for a body the forces on it. */
export function estimateDataBytes(task: Pick<Task, 'steps' | 'inputSize' | 'outputSize' | 'plant'>, trials: number): number {
  return 4 * trials * task.steps * (2 * task.inputSize + 2 * task.outputSize + (task.plant ? 2 : 0));
}

/**
 * Generates `trials` trials and splits them: of a permutation keyed by the seed, the first ⌈fraction · trials⌉ validate, the others train. Trial k depends
 * on the task, the seed and k alone. Throws ConfigError when the data would not fit into memory or a split would be empty, ShapeError when a task
 * breaks its contract.
 */
export function generateData(task: Task, options: TrialDataOptions): TrialData {
  const { trials, validationFraction, seed, fresh = false } = options;
  const validation = validationCount(trials, validationFraction);
  if (validation < 1 || validation >= trials) {
    throw new ConfigError('data', [
      `validationFraction: expected at least one trial on either side, got ${validation} for validation and ${trials - validation} for training; change data.trials or data.validationFraction`,
    ]);
  }
  checkDataMemory(task, trials);
  const set = generateTrials(task, seed, 0, trials);
  checkWeights(task, set);
  const data = { set, ...splitTrials(options) };
  const { trainingIndices } = data;
  if (!fresh) return data;
  const training = trainingIndices.length;
  // The stream goes on behind the first set: epoch e ≥ 1 takes trials `trials + (e − 1) · training` and the following ones.
  const epochSet = (epoch: number): TrialSet =>
    epoch === 0 ? set : replaceTrials(set, trainingIndices, generateTrials(task, seed, trials + (epoch - 1) * training, training));
  return { ...data, epochSet };
}

/** Which trials train and which validate; none of them need exist yet. */
export function splitTrials({ trials, validationFraction, seed }: TrialDataOptions): Pick<TrialData, 'trainingIndices' | 'validationIndices'> {
  const validation = validationCount(trials, validationFraction);
  const order = permutation(trials, randomKey(seed, 'split'));
  return { trainingIndices: order.slice(validation), validationIndices: order.slice(0, validation) };
}

/** A copy of `set` whose trials `indices` are those of `by`, in order. */
function replaceTrials(set: TrialSet, indices: Int32Array, by: TrialSet): TrialSet {
  const mixed = mapTrialArrays(set, (values, name) => {
    const target = values.slice();
    const source = by[name] as typeof values;
    const size = values.length / set.trials;
    for (const [i, trial] of indices.entries()) target.set(source.subarray(i * size, (i + 1) * size), trial * size);
    return target;
  });
  const phases = set.phases?.slice();
  if (phases) for (const [i, trial] of indices.entries()) phases[trial] = by.phases?.[i] ?? [];
  return { trials: set.trials, steps: set.steps, ...mixed, ...(phases ? { phases } : {}) };
}

/** The arrays of a set, each changed by `change`; absent ones stay absent. */
function mapTrialArrays(set: TrialSet, change: (values: Float32Array | Int32Array, name: keyof TrialArrays) => Float32Array | Int32Array): TrialArrays {
  const changed: Partial<Record<keyof TrialArrays, Float32Array | Int32Array>> = {};
  for (const name of trialArrays) {
    const values = set[name];
    if (values !== undefined) changed[name] = change(values, name);
  }
  return changed as TrialArrays;
}

/** Throws ConfigError with the estimate when `trials` trials of a task are more than a process should hold. */
export function checkDataMemory(task: Task, trials: number): void {
  const bytes = estimateDataBytes(task, trials);
  const longest = trials * task.steps * Math.max(task.inputSize, task.outputSize);
  if (bytes <= largestDataBytes && longest <= largestArray) return;
  throw new ConfigError('data', [
    `trials: expected data of at most ${formatGiB(largestDataBytes)}, got ${trials} trials of ${task.steps} steps, ${formatGiB(bytes)}; use fewer or shorter trials`,
  ]);
}

/** Trials `first` … `first + count − 1` of a task's stream for this seed, checked. */
export function generateTrials(task: Task, seed: number, first: number, count: number): TrialSet {
  const set = task.generate(randomKey(seed, 'data'), first, count);
  checkTrialSet(task, set, count);
  return set;
}

/** The chosen trials of a set, in the order of `indices`, as a set of its own. */
export function selectTrials(set: TrialSet, indices: ArrayLike<number>): TrialSet {
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i] as number;
    if (!(Number.isInteger(index) && index >= 0 && index < set.trials))
      throw new ShapeError(`selectTrials: expected indices below ${set.trials}, got ${index}`);
  }
  const chosen = mapTrialArrays(set, (values) => {
    const size = set.trials === 0 ? 0 : values.length / set.trials;
    const length = indices.length * size;
    const rows = values instanceof Float32Array ? new Float32Array(length) : new Int32Array(length);
    for (let i = 0; i < indices.length; i++) rows.set(values.subarray((indices[i] as number) * size, ((indices[i] as number) + 1) * size), i * size);
    return rows;
  });
  const phases = set.phases && Array.from(indices, (index) => set.phases?.[index] ?? []);
  const interventions = set.interventions && selectInterventions(set.interventions, set.trials, indices);
  return { trials: indices.length, steps: set.steps, ...chosen, ...(phases ? { phases } : {}), ...(interventions ? { interventions } : {}) };
}

/** The rows of the chosen trials; the tables stay whole. */
function selectInterventions(all: TrialInterventions, trials: number, indices: ArrayLike<number>): TrialInterventions {
  const chosen = <R extends { readonly rows: Int32Array }>(tables: R): R => {
    const size = trials === 0 ? 0 : tables.rows.length / trials;
    const rows = new Int32Array(indices.length * size);
    for (let i = 0; i < indices.length; i++) rows.set(tables.rows.subarray((indices[i] as number) * size, ((indices[i] as number) + 1) * size), i * size);
    return { ...tables, rows };
  };
  const { units, fields, strengths } = all;
  return { ...(units ? { units: chosen(units) } : {}), ...(fields ? { fields: chosen(fields) } : {}), ...(strengths ? { strengths: chosen(strengths) } : {}) };
}

/** Throws ShapeError when a set does not have the shapes that its task states, or holds a number that is not finite. */
export function checkTrialSet(task: Task, set: TrialSet, count: number): void {
  const where = `task ${task.name}: generate`;
  if (set === null || typeof set !== 'object') throw new ShapeError(`${where}: expected a trial set, got ${String(set)}`);
  if (set.trials !== count || set.steps !== task.steps) {
    throw new ShapeError(`${where}: expected ${count} trials of ${task.steps} steps, got ${set.trials} trials of ${set.steps}`);
  }
  checkArray(where, 'inputs', set.inputs, [count, task.steps, task.inputSize]);
  checkArray(where, 'trueInputs', set.trueInputs, [count, task.steps, task.inputSize]);
  checkArray(where, 'targets', set.targets, [count, task.steps, task.outputSize]);
  if (!(set.conditions instanceof Int32Array) || set.conditions.length !== count) {
    throw new ShapeError(`${where}: expected conditions as an Int32Array of length ${count}, got ${describeArray(set.conditions)}`);
  }
  const columns = count === 0 || !(set.extra instanceof Float32Array) ? 0 : set.extra.length / count;
  if (!Number.isInteger(columns)) throw new ShapeError(`${where}: expected extra of a length divisible by ${count}, got ${describeArray(set.extra)}`);
  checkArray(where, 'extra', set.extra, [count, columns]);
  checkLengths(where, set);
  if (!task.plant) return;
  checkArray(where, 'joints', set.joints, [count, 4]);
  for (const name of ['endpointLoads', 'jointLoads'] as const) if (set[name] !== undefined) checkArray(where, name, set[name], [count, task.steps, 2]);
}

/** Throws ShapeError when lengths or phases do not fit the trials. */
function checkLengths(where: string, { trials, steps, lengths, phases }: TrialSet): void {
  if (lengths !== undefined) {
    if (!(lengths instanceof Int32Array) || lengths.length !== trials)
      throw new ShapeError(`${where}: expected lengths as an Int32Array of length ${trials}, got ${describeArray(lengths)}`);
    const bad = lengths.findIndex((length) => length < 1 || length > steps);
    if (bad >= 0) throw new ShapeError(`${where}: expected lengths from 1 to ${steps}, got ${lengths[bad]} in trial ${bad}`);
  }
  if (phases === undefined) return;
  if (!Array.isArray(phases) || phases.length !== trials)
    throw new ShapeError(`${where}: expected phases as an array of length ${trials}, got ${describeArray(phases)}`);
  for (const [trial, own] of (phases as NonNullable<TrialSet['phases']>).entries()) {
    const bad = own.find(({ start, end }) => !(start >= 0 && start <= end && end <= steps));
    if (bad) throw new ShapeError(`${where}: expected phases within 0 and ${steps}, got ${bad.name} from ${bad.start} to ${bad.end} in trial ${trial}`);
  }
}

/** Throws ShapeError when the weights of the loss do not fit the set. */
function checkWeights({ name, loss, outputSize }: Task, set: TrialSet): void {
  const weights = loss.weights(set);
  if (weights === null) return;
  checkArray(`task ${name}: loss.weights`, 'weights', weights, loss.kind === 'squared error' ? [set.trials, set.steps, outputSize] : [set.trials, set.steps]);
}

function checkArray(where: string, name: string, values: unknown, shape: readonly number[]): void {
  const length = shape.reduce((product, size) => product * size, 1);
  if (!(values instanceof Float32Array) || values.length !== length) {
    throw new ShapeError(`${where}: expected ${name} as a Float32Array of shape [${shape.join(', ')}], got ${describeArray(values)}`);
  }
  for (let i = 0; i < length; i++) {
    if (Number.isFinite(values[i])) continue;
    const at: number[] = [];
    for (let axis = shape.length - 1, rest = i; axis >= 0; axis--) {
      at.unshift(rest % (shape[axis] as number));
      rest = Math.floor(rest / (shape[axis] as number));
    }
    throw new ShapeError(`${where}: expected finite ${name}, got ${values[i]} at [${at.join(', ')}]`);
  }
}

function describeArray(values: unknown): string {
  if (ArrayBuffer.isView(values) && 'length' in values) return `${values.constructor.name} of length ${String(values.length)}`;
  return Array.isArray(values) ? `an array of length ${values.length}` : String(values);
}

function formatGiB(bytes: number): string {
  return `${(bytes / 2 ** 30).toPrecision(3)} GiB`;
}
