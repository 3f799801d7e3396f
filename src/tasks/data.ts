// Data of a run: seeded trials, the training and validation split, and the check of what a third party's task hands over.
import { ConfigError, ShapeError } from '../errors.js';
import { permutation, randomKey } from '../random.js';
import { validationCount } from './options.js';
import type { Task, TrialSet } from './task.js';

/** All trials of a run and which of them train. Indices point into `set` and keep the order of the split's permutation. */
export interface TrialData {
  readonly set: TrialSet;
  readonly trainingIndices: Int32Array;
  readonly validationIndices: Int32Array;
}

export interface TrialDataOptions {
  readonly trials: number;
  readonly validationFraction: number;
  readonly seed: number;
}

/** The longest typed array that every engine grants, elements; and what one process may sensibly hold of one data set, bytes. */
const largestArray = 2 ** 32 - 1;
const largestDataBytes = 8 * 2 ** 30;

/** Memory of `trials` trials, bytes: inputs, noiseless inputs, targets and loss weights. */
export function estimateDataBytes(task: Pick<Task, 'steps' | 'inputSize' | 'outputSize'>, trials: number): number {
  return 4 * trials * task.steps * (2 * task.inputSize + 2 * task.outputSize);
}

/**
 * Generates `trials` trials and splits them: of a permutation keyed by the seed, the first ⌈fraction · trials⌉ validate, the others train. Trial k depends
 * on the task, the seed and k alone. Throws ConfigError when the data would not fit into memory or a split would be empty, ShapeError when a task
 * breaks its contract.
 */
export function generateData(task: Task, options: TrialDataOptions): TrialData {
  const { trials, validationFraction, seed } = options;
  const validation = validationCount(trials, validationFraction);
  if (validation < 1 || validation >= trials) {
    throw new ConfigError('data', [
      `validationFraction: expected at least one trial on either side, got ${validation} for validation and ${trials - validation} for training; change data.trials or data.validationFraction`,
    ]);
  }
  checkDataMemory(task, trials);
  const set = generateTrials(task, seed, 0, trials);
  checkWeights(task, set);
  const order = permutation(trials, randomKey(seed, 'split'));
  return { set, trainingIndices: order.slice(validation), validationIndices: order.slice(0, validation) };
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
  const rows = (source: Float32Array): Float32Array => {
    const size = set.trials === 0 ? 0 : source.length / set.trials;
    const target = new Float32Array(indices.length * size);
    for (let i = 0; i < indices.length; i++) target.set(source.subarray((indices[i] as number) * size, ((indices[i] as number) + 1) * size), i * size);
    return target;
  };
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i] as number;
    if (!(Number.isInteger(index) && index >= 0 && index < set.trials))
      throw new ShapeError(`selectTrials: expected indices below ${set.trials}, got ${index}`);
  }
  return {
    trials: indices.length,
    steps: set.steps,
    inputs: rows(set.inputs),
    trueInputs: rows(set.trueInputs),
    targets: rows(set.targets),
    conditions: Int32Array.from(indices, (index) => set.conditions[index] as number),
    extra: rows(set.extra),
  };
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
}

/** Throws ShapeError when the weights of the loss do not fit the set. */
function checkWeights({ name, loss, outputSize }: Task, set: TrialSet): void {
  const weights = loss.weights(set);
  if (weights === null) return;
  checkArray(`task ${name}: loss.weights`, 'weights', weights, loss.kind === 'cross entropy' ? [set.trials, set.steps] : [set.trials, set.steps, outputSize]);
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
