// The contract of a task: everything a third party implements, in one file, to train, evaluate and draw a task of their own.
import type { Plant } from '../arm/plant.js';
import { observationSize } from '../arm/plant.js';
import type { RandomKey } from '../random.js';

/** A stretch of one trial: steps `start` … `end − 1`. */
export interface TrialPhase {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** Trials as plain arrays, row-major; S trials, T steps, I inputs, O outputs. */
export interface TrialSet {
  readonly trials: number;
  readonly steps: number;
  /** What the network sees, noise included [S, T, I]. */
  readonly inputs: Float32Array;
  /** The same without noise [S, T, I]. */
  readonly trueInputs: Float32Array;
  /** Desired outputs [S, T, O]. */
  readonly targets: Float32Array;
  /** Condition of each trial [S]; the grouped sampler and figures use it. */
  readonly conditions: Int32Array;
  /** Numbers that loss or analysis need, E a trial [S, E]; E may be 0. Reaching: the steps [target on, go cue] (E = 2), go cue −1 in catch trials. */
  readonly extra: Float32Array;
  /** Steps of each trial that count [S]; behind them inputs and the weights of the loss are 0. Absent: all steps of every trial. */
  readonly lengths?: Int32Array;
  /** What each trial consists of, in order of time [S]; absent: nothing known. */
  readonly phases?: readonly (readonly TrialPhase[])[];
  /** Closed loop: initial joint state, positions and velocities [S, 4]. */
  readonly joints?: Float32Array;
  /** Closed loop: force on the end point, N [S, T, 2]; absent: none. */
  readonly endpointLoads?: Float32Array;
  /** Closed loop: torque on the joints, N·m [S, T, 2]; absent: none. */
  readonly jointLoads?: Float32Array;
  /** What is done to single trials at single steps; absent: nothing. */
  readonly interventions?: TrialInterventions;
}

/** What is done to single trials at single steps, chosen by row from tables whose row 0 is nothing and whose rows have `width` numbers (src/interventions makes them); N = T + 1. */
export interface TrialInterventions {
  /** h becomes gain ∘ h + shift: rows [S, N], entry 0 for the initial state, t + 1 for the state after step t; gains and shifts [W, H]. */
  readonly units?: { readonly rows: Int32Array; readonly gains: Float32Array; readonly shifts: Float32Array; readonly width: number };
  /** Closed loop: force on the end point f + A (p − c) + B v, rows [S, T] of values [X, 12]: f, c, A, B. */
  readonly fields?: { readonly rows: Int32Array; readonly values: Float32Array; readonly width: number };
  /** Closed loop: factors of the muscles' forces, rows [S, T] of values [Y, M]. */
  readonly strengths?: { readonly rows: Int32Array; readonly values: Float32Array; readonly width: number };
}

/** What a closed-loop rollout recorded besides the end point; N = T + 1 states, the initial one first. */
export interface Movement {
  /** Raw network outputs, before noise and clamping [S, T, M]. */
  readonly actions: Float32Array;
  /** [S, N, 4]. */
  readonly joint: Float32Array;
  /** Muscle states [S, N, R, M]; row names in `plant.body.muscleRows`. */
  readonly muscle: Float32Array;
}

/**
 * How a reach is scored: positionWeight · mean over trials, the first steps and axes of the squared distance to the target (`absolute`: mean over
 * trials and steps of |dx| + |dy|), plus actionWeight · mean over trials, steps and muscles of the squared action.
 */
export interface ReachLoss {
  readonly kind: 'reach';
  readonly position: 'squared' | 'absolute';
  readonly positionWeight: number;
  readonly actionWeight: number;
  /** Epochs over which the position term grows to the whole trial: ⌈T · min(1, epoch / rampEpochs)⌉ steps, epoch from 0; 0: all steps from the start. */
  readonly rampEpochs: number;
  /** `ctdb`: the loss of epoch 0 is NaN, as the original's; else its position term is 0. */
  readonly compat: 'none' | 'ctdb';
  /** Weights of the position term [S, T], or null for ones. */
  weights(set: TrialSet): Float32Array | null;
}

/** How the outputs are scored. `weights` returns [S, T, O] (or null for all ones) for `squared error` and [S, T] for `cross entropy`. */
export interface TaskLoss {
  readonly kind: 'squared error' | 'cross entropy';
  /** What one trial's sum of weighted errors is multiplied by before the mean over trials, e.g. 1 / (T·O). */
  readonly scale: number;
  weights(set: TrialSet): Float32Array | null;
  /** Squared error only: adds to a trial's loss `weight` times the sum over time of its mean squared state (LSTM: h and c), weighted; `weights` returns [S, T]. */
  readonly latents?: { readonly weight: number; weights(set: TrialSet): Float32Array };
}

/** A task with its parameters fixed. `generate` must be a pure function of its arguments. */
export interface Task {
  readonly name: string;
  /** Every parameter that shapes the trials: hashed into caches and recorded with the run. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly steps: number;
  /** Seconds per step, or null where the task has no unit of time. */
  readonly stepDuration: number | null;
  /** Channels of `inputs`. In a closed loop the network also sees the observation: `networkSize` gives its whole input. */
  readonly inputSize: number;
  /** Channels of `targets`: the network's outputs, or in a closed loop the two coordinates of the end point. */
  readonly outputSize: number;
  readonly inputLabels: readonly string[];
  readonly outputLabels: readonly string[];
  /** Names of the first columns of `extra` that are steps of the trial, −1 where there is none: `target on`, `go cue`. Absent: no column is. */
  readonly eventLabels?: readonly string[];
  /** Names of the conditions 0, 1, …, where they have any. */
  readonly conditionLabels?: readonly string[];
  readonly loss: TaskLoss | ReachLoss;
  /** The body that the network moves; absent: the network's outputs are the task's. Goes with a loss of kind `reach`. */
  readonly plant?: Plant;
  /** Makes trials `first` … `first + count − 1` of the stream `key`: trial k is the same whatever `first` and `count` are. */
  generate(key: RandomKey, first: number, count: number): TrialSet;
  /** Scores on given trials, e.g. `bitAccuracy`; outputs [S, T, O], in a closed loop the end point's positions, with everything else that moved. */
  metrics?(outputs: Float32Array, set: TrialSet, movement?: Movement): Record<string, number>;
  /** The answer [S, T, O] with the least expected loss that follows from the inputs so far, where it is known: a floor for every network. Null for trials that it does not hold for. */
  ideal?(set: TrialSet): Float32Array | null;
}

/** Inputs and outputs of a network for a task. */
export function networkSize({ inputSize, outputSize, plant }: Pick<Task, 'inputSize' | 'outputSize' | 'plant'>): [number, number] {
  return plant ? [inputSize + observationSize(plant), plant.body.muscles] : [inputSize, outputSize];
}
