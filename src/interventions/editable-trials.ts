// Trials that interventions write into: every array is copied before its first change, and only the rows of the trials concerned change.
import type { Task, TrialSet } from '../tasks/task.js';
import type { StepWindow } from './moments.js';
import type { InterventionOf } from './options.js';

type Place = readonly [number, number];
type Editable = 'inputs' | 'trueInputs' | 'targets' | 'endpointLoads' | 'jointLoads';

/** Names of the inputs that say where to reach. */
const targetLabels = [
  ['Target x', 'Target y'],
  ['Goal x', 'Goal y'],
] as const;

/** A set of trials of a task, and what is changed in it. */
export class EditableTrials {
  readonly #task: Task;
  readonly #set: TrialSet;
  readonly #copies: Partial<Record<Editable, Float32Array>> = {};

  constructor(task: Task, set: TrialSet) {
    this.#task = task;
    this.#set = set;
  }

  /** The trials with all changes; the set itself where there are none. */
  set(): TrialSet {
    return Object.keys(this.#copies).length > 0 ? { ...this.#set, ...this.#copies } : this.#set;
  }

  /** Adds a force, N, or torques, N·m. */
  load(name: 'endpointLoads' | 'jointLoads', trial: number, { from, until }: StepWindow, [x, y]: Place): void {
    const loads = this.#copy(name);
    for (let step = from; step < until; step++) {
      const at = 2 * (trial * this.#set.steps + step);
      (loads[at] as number) += x;
      (loads[at + 1] as number) += y;
    }
  }

  /** Adds to one input, with and without noise. */
  pulse(trial: number, { from, until }: StepWindow, channel: number, height: number): void {
    for (const name of ['inputs', 'trueInputs'] as const) {
      const values = this.#copy(name);
      for (let step = from; step < until; step++) (values[this.#input(trial, step) + channel] as number) += height;
    }
  }

  /** Adds noise to every input; `draw(i)` is a standard normal number for element i of the trial. */
  addNoise(trial: number, { from, until }: StepWindow, deviation: number, draw: (index: number) => number): void {
    const values = this.#copy('inputs');
    const { inputSize } = this.#task;
    for (let i = from * inputSize; i < until * inputSize; i++) (values[this.#input(trial, 0) + i] as number) += deviation * draw(i);
  }

  /** Where a trial asks the hand to go; of a catch trial the target that is shown. Null where there is neither. */
  goal(trial: number): Place | null {
    const { targets, trueInputs, steps, extra } = this.#set;
    const go = extra[2 * trial + 1] as number;
    if (!(go < 0)) {
      const last = 2 * (trial * steps + (this.#set.lengths?.[trial] ?? steps) - 1);
      return [targets[last] as number, targets[last + 1] as number];
    }
    const channels = targetChannels(this.#task);
    const shown = extra[2 * trial] as number;
    if (!channels || !(shown >= 0)) return null;
    const at = this.#input(trial, shown);
    return [trueInputs[at + channels[0]] as number, trueInputs[at + channels[1]] as number];
  }

  /**
   * Moves the target: where it is shown, what the network sees; from the go cue on, where the hand should be. With `show` it is shown from the jump on.
   * What is seen keeps its noise.
   */
  moveTarget(trial: number, { from, until }: StepWindow, { by, to, show }: InterventionOf<'target-jump'>): void {
    const goal = this.goal(trial);
    const channels = targetChannels(this.#task);
    if (!goal || !channels) return;
    const [targetOn, go] = [this.#set.extra[2 * trial] as number, this.#set.extra[2 * trial + 1] as number];
    const moved = (place: Place): Place => (to ? to : [place[0] + (by as Place)[0], place[1] + (by as Place)[1]]);
    const [inputs, trueInputs, targets] = [this.#copy('inputs'), this.#copy('trueInputs'), this.#copy('targets')];
    for (let step = from; step < until; step++) {
      const at = this.#input(trial, step);
      const [x, y] = [at + channels[0], at + channels[1]];
      const seen: Place = [trueInputs[x] as number, trueInputs[y] as number];
      const visible = seen[0] !== 0 || seen[1] !== 0;
      if (visible || (show && step >= targetOn)) {
        const next = moved(visible ? seen : goal);
        for (const [i, axis] of [x, y].entries()) {
          const noise = (inputs[axis] as number) - (trueInputs[axis] as number);
          trueInputs[axis] = next[i] as number;
          inputs[axis] = (trueInputs[axis] as number) + noise;
        }
      }
      if (go < 0 || step < go) continue;
      const target = 2 * (trial * this.#set.steps + step);
      targets.set(moved([targets[target] as number, targets[target + 1] as number]), target);
    }
  }

  #input(trial: number, step: number): number {
    return (trial * this.#set.steps + step) * this.#task.inputSize;
  }

  #copy(name: Editable): Float32Array {
    const { trials, steps } = this.#set;
    this.#copies[name] ??= this.#set[name]?.slice() ?? new Float32Array(2 * trials * steps);
    return this.#copies[name] as Float32Array;
  }
}

/** Inputs that say where to reach, or null where a task has none. */
export function targetChannels({ inputLabels }: Pick<Task, 'inputLabels'>): Place | null {
  for (const labels of targetLabels) {
    const [x, y] = labels.map((label) => inputLabels.indexOf(label)) as unknown as Place;
    if (x >= 0 && y >= 0) return [x, y];
  }
  return null;
}
