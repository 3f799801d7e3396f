// How good outputs are: the task's loss, the best constant answer, right bits, and how outputs sit at the corners of a binary task.
import { reachTerms } from '../tasks/reach-terms.js';
import type { Movement, ReachLoss, Task, TaskLoss, TrialSet } from '../tasks/task.js';
import type { MemoryState } from './summary-data.js';

/**
 * Mean over trials of the task's loss, as training computes it without penalties on states (that of a reach over whole trials: after its ramp); null where it is not finite.
 * `outputs` [S, T, O]; a reach needs its `movement` too.
 */
export function taskLoss(task: Task, outputs: Float32Array, set: TrialSet, movement: Movement | null = null): number | null {
  const { loss } = task;
  const value = loss.kind === 'reach' ? reachLoss(loss, outputs, set, movement) : decoupledLoss(loss, task.outputSize, outputs, set);
  return Number.isFinite(value) ? value : null;
}

function decoupledLoss(loss: TaskLoss, channels: number, outputs: Float32Array, set: TrialSet): number {
  const weights = loss.weights(set);
  const total = loss.kind === 'cross entropy' ? crossEntropy(outputs, set.targets, weights, channels) : squaredError(outputs, set.targets, weights);
  return (loss.scale * total) / set.trials;
}

function reachLoss(loss: ReachLoss, outputs: Float32Array, set: TrialSet, movement: Movement | null): number {
  if (!movement) return Number.NaN;
  const { position, action } = reachTerms(loss, outputs, set, movement);
  return position + action;
}

function squaredError(outputs: Float32Array, targets: Float32Array, weights: Float32Array | null): number {
  let sum = 0;
  for (let i = 0; i < targets.length; i++) sum += (weights ? (weights[i] as number) : 1) * ((outputs[i] as number) - (targets[i] as number)) ** 2;
  return sum;
}

function crossEntropy(outputs: Float32Array, targets: Float32Array, weights: Float32Array | null, classes: number): number {
  let sum = 0;
  for (let start = 0; start < targets.length; start += classes) {
    const weight = weights ? (weights[start / classes] as number) : 1;
    if (weight === 0) continue;
    let most = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < classes; i++) most = Math.max(most, outputs[start + i] as number);
    let exponentials = 0;
    for (let i = 0; i < classes; i++) exponentials += Math.exp((outputs[start + i] as number) - most);
    const logSum = most + Math.log(exponentials);
    for (let i = 0; i < classes; i++) sum += weight * (targets[start + i] as number) * (logSum - (outputs[start + i] as number));
  }
  return sum;
}

/** Loss and scores of the ideal observer on trials, or null where the task knows none. */
export function idealScores(task: Task, set: TrialSet): { loss: number; metrics: Record<string, number> } | null {
  const answers = task.ideal?.(set) ?? null;
  const loss = answers && taskLoss(task, answers, set);
  return answers === null || loss === null ? null : { loss, metrics: task.metrics?.(answers, set) ?? {} };
}

/**
 * Loss of the best answer that ignores the input: each output at the weighted mean of its targets. Null for cross entropy and for reaches, where a
 * body stands between the network and its target.
 * A network above or near it has learned nothing from its input.
 */
export function constantLoss(task: Task, set: TrialSet): number | null {
  if (task.loss.kind !== 'squared error') return null;
  const channels = task.outputSize;
  const weights = task.loss.weights(set);
  const weighted = new Float64Array(channels);
  const mass = new Float64Array(channels);
  for (let i = 0; i < set.targets.length; i++) {
    const weight = weights ? (weights[i] as number) : 1;
    weighted[i % channels] = (weighted[i % channels] as number) + weight * (set.targets[i] as number);
    mass[i % channels] = (mass[i % channels] as number) + weight;
  }
  const best = Float32Array.from(set.targets, (_, i) =>
    (mass[i % channels] as number) > 0 ? (weighted[i % channels] as number) / (mass[i % channels] as number) : 0,
  );
  return taskLoss(task, best, set);
}

/** Whether every target is 0 or 1 and errors are squared: then outputs are bits, and right means the same side of one half. */
export function isBinary(task: Pick<Task, 'loss'>, set: { readonly targets: Float32Array | Float64Array }): boolean {
  return task.loss.kind === 'squared error' && set.targets.every((value) => value === 0 || value === 1);
}

/** Share of samples with weight on the right side of one half, per output; 0 where an output has no such sample. */
export function accuracyPerOutput(task: Task, outputs: Float32Array, set: TrialSet): number[] {
  const channels = task.outputSize;
  const weights = task.loss.weights(set);
  const right = new Float64Array(channels);
  const counted = new Float64Array(channels);
  for (let i = 0; i < set.targets.length; i++) {
    if (weights && weights[i] === 0) continue;
    const channel = i % channels;
    counted[channel] = (counted[channel] as number) + 1;
    if ((outputs[i] as number) > 0.5 === (set.targets[i] as number) > 0.5) right[channel] = (right[channel] as number) + 1;
  }
  return Array.from(right, (count, channel) => ((counted[channel] as number) > 0 ? count / (counted[channel] as number) : 0));
}

/** Bits of a binary task above which its 2^bits states are too many to list. */
export const mostMemoryBits = 6;

/**
 * Outputs sorted by the state that the targets ask for, over samples in which every output counts. States in binary order, the first bit
 * the most significant. `latents` are the first `shownTrials` trials' scores [K, T, 3] (every step), or null.
 */
export function memoryStates(task: Task, outputs: Float32Array, set: TrialSet, latents: Float64Array | null, shownTrials: number): MemoryState[] {
  const bits = task.outputSize;
  const weights = task.loss.weights(set);
  const states = Array.from({ length: 2 ** bits }, () => ({
    samples: 0,
    right: 0,
    squares: 0,
    output: new Float64Array(bits),
    seen: 0,
    latent: new Float64Array(3),
  }));
  for (let sample = 0; sample < set.trials * set.steps; sample++) {
    const start = sample * bits;
    let code = 0;
    let counts = true;
    let right = true;
    let squares = 0;
    for (let bit = 0; bit < bits; bit++) {
      const target = set.targets[start + bit] as number;
      const output = outputs[start + bit] as number;
      code = 2 * code + target;
      counts &&= !weights || weights[start + bit] !== 0;
      right &&= output > 0.5 === target > 0.5;
      squares += (output - target) ** 2;
    }
    if (!counts) continue;
    const state = states[code] as (typeof states)[number];
    state.samples++;
    state.right += right ? 1 : 0;
    state.squares += squares;
    for (let bit = 0; bit < bits; bit++) state.output[bit] = (state.output[bit] as number) + (outputs[start + bit] as number);
    if (!latents || sample >= shownTrials * set.steps) continue;
    state.seen++;
    for (let k = 0; k < 3; k++) state.latent[k] = (state.latent[k] as number) + (latents[sample * 3 + k] as number);
  }
  return states.map(({ samples, right, squares, output, seen, latent }, code) => ({
    label: code.toString(2).padStart(bits, '0'),
    samples,
    output: roundAll(output.map((sum) => (samples > 0 ? sum / samples : 0))),
    spread: samples > 0 ? round(Math.sqrt(squares / samples)) : 0,
    accuracy: samples > 0 ? round(right / samples) : 0,
    latent: seen > 0 ? roundAll(latent.map((sum) => sum / seen)) : null,
  }));
}

/** Five significant digits: enough for any figure, and short in files. */
export function round(value: number): number {
  return Number(value.toPrecision(5));
}

/** `round` for arrays. */
export function roundAll(values: ArrayLike<number>): number[] {
  return Array.from(values, round);
}
