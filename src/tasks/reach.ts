// What the reaching tasks share: a body with its senses, trials as rows to fill in, context noise, the loss and the scores.
import type { Body } from '../arm/body.js';
import { fingertipOf } from '../arm/kinematics.js';
import type { Plant } from '../arm/plant.js';
import { deriveKey, fillNormal, fillUniform, type RandomKey } from '../random.js';
import { reachMetrics } from './reach-metrics.js';
import type { JointRange, Place } from './reach-checks.js';
import type { ReachTaskOptions } from './reach-options.js';
import { reachTerms } from './reach-terms.js';
import type { Movement, ReachLoss, Task, TrialSet } from './task.js';

/** Level of the go signal: CtDB's. */
export const goLevel = 0.15;

/** One trial to fill in, zeros at first; T steps, I inputs. */
export interface ReachTrial {
  /** Start: positions and velocities [4]. */
  readonly joints: Float32Array;
  /** Noiseless inputs [T, I]. */
  readonly inputs: Float32Array;
  /** Where the end point should be [T, 2]. */
  readonly targets: Float32Array;
  /** Force on the end point, N [T, 2]. */
  readonly loads: Float32Array;
  /** Steps [target on, go cue]; go cue −1: catch trial. */
  readonly timing: Float32Array;
}

/** What tells one reaching task from another. */
export interface ReachDesign {
  readonly inputLabels: readonly string[];
  /** Uniform draws that a trial takes. */
  readonly draws: number;
  /** Whether there are pushes. */
  readonly loads: boolean;
  /** Whether the target moves after the go cue. */
  readonly moving: boolean;
  /** Standard deviation of the noise on all inputs. */
  readonly contextNoise: number;
  /** Fills in trial `number` from its uniform draws and returns its condition. */
  fill(trial: ReachTrial, draws: Float64Array, number: number): number;
  /** Weights of the position term [S, T], or null for ones. */
  weights(set: TrialSet): Float32Array | null;
}

/** Inputs that say where to reach and when. */
export const contextLabels: readonly string[] = ['Target x', 'Target y', 'Go cue'];

/** A task from its options, its body and its design. */
export function reachTask(options: ReachTaskOptions, plant: Plant, design: ReachDesign): Task {
  const { name, ...parameters } = options;
  const { steps } = options;
  const { timeStep } = plant.body;
  const loss: ReachLoss = {
    kind: 'reach',
    position: options.position,
    positionWeight: options.positionWeight,
    actionWeight: options.actionWeight,
    rampEpochs: options.rampEpochs,
    compat: options.name === 'random-target' ? options.compat : 'none',
    weights: (set) => design.weights(set),
  };
  return {
    name,
    parameters,
    steps,
    stepDuration: timeStep,
    inputSize: design.inputLabels.length,
    outputSize: 2,
    inputLabels: design.inputLabels,
    outputLabels: ['Hand x', 'Hand y'],
    eventLabels: ['target on', 'go cue'],
    loss,
    plant,
    generate: (key, first, count) => generate(steps, design, key, first, count),
    metrics: (outputs, set, movement) => ({
      ...reachMetrics(outputs, set, movement ?? null, { body: plant.body, moving: design.moving }),
      ...(movement ? lossMetrics(loss, outputs, set, movement) : {}),
    }),
  };
}

/** The terms of the loss over whole trials, whatever its ramp leaves out at present. */
function lossMetrics(loss: ReachLoss, outputs: Float32Array, set: TrialSet, movement: Movement): Record<string, number> {
  const { position, action } = reachTerms(loss, outputs, set, movement);
  return { positionLoss: position, actionLoss: action };
}

function generate(steps: number, design: ReachDesign, key: RandomKey, first: number, count: number): TrialSet {
  const inputs = design.inputLabels.length;
  const trueInputs = new Float32Array(count * steps * inputs);
  const targets = new Float32Array(count * steps * 2);
  const endpointLoads = new Float32Array(count * steps * 2);
  const joints = new Float32Array(count * 4);
  const extra = new Float32Array(count * 2);
  const conditions = new Int32Array(count);
  const draws = new Float64Array(design.draws);
  const drawKey = deriveKey(key, 'trials');
  const row = (values: Float32Array, trial: number): Float32Array => values.subarray((trial * values.length) / count, ((trial + 1) * values.length) / count);
  for (let i = 0; i < count; i++) {
    fillUniform(draws, drawKey, first + i);
    const trial = {
      joints: row(joints, i),
      inputs: row(trueInputs, i),
      targets: row(targets, i),
      loads: row(endpointLoads, i),
      timing: row(extra, i),
    };
    conditions[i] = design.fill(trial, draws, first + i);
  }
  const set = { trials: count, steps, inputs: withNoise(trueInputs, design.contextNoise, deriveKey(key, 'context noise'), first, count), trueInputs };
  return { ...set, targets, conditions, extra, joints, ...(design.loads ? { endpointLoads } : {}) };
}

function withNoise(trueInputs: Float32Array, deviation: number, key: RandomKey, first: number, count: number): Float32Array {
  const inputs = trueInputs.slice();
  if (deviation === 0) return inputs;
  const size = trueInputs.length / count;
  const noise = new Float64Array(size);
  for (let trial = 0; trial < count; trial++) {
    fillNormal(noise, key, first + trial);
    for (let i = 0, at = trial * size; i < size; i++, at++) inputs[at] = (trueInputs[at] as number) + deviation * (noise[i] as number);
  }
  return inputs;
}

/** The end point of a posture at rest [2]. */
export function positionOf(body: Body, posture: Place): Place {
  const [x, y] = fingertipOf(body, Float32Array.of(posture[0], posture[1], 0, 0), 1);
  return [x as number, y as number];
}

/** A whole number from `low` to `high` − 1, by one uniform draw. */
export function wholeBetween(low: number, high: number, draw: number): number {
  return low + Math.floor(draw * (high - low));
}

export function between(low: number, high: number, draw: number): number {
  return low + (high - low) * draw;
}

/** A posture uniform in a range, by the draws `first` and `first + 1`. */
export function drawPosture(range: JointRange, draws: Float64Array, first: number): Place {
  return [between(...range[0], draws[first] as number), between(...range[1], draws[first + 1] as number)];
}

/** Noiseless inputs [T, 3] and targets [T, 2] of a trial of CtDB's: the target is shown until the go cue. Go cue −1: catch trial. */
export function fillContext(trial: Pick<ReachTrial, 'inputs' | 'targets'>, steps: number, start: Place, goal: Place, targetOn: number, goCue: number): void {
  setPlace(trial.targets, 2, 0, steps, start);
  if (goCue < 0) {
    // In a catch trial the target stays visible, but not on the last step.
    setPlace(trial.inputs, 3, targetOn, steps - 1, goal);
    return;
  }
  setPlace(trial.targets, 2, goCue, steps, goal);
  setPlace(trial.inputs, 3, targetOn, goCue, goal);
  setSteps(trial.inputs, 3, 2, goCue, steps, goLevel);
}

/** Sets a channel of [T, C] to a value on the steps `from` to `to` − 1. */
export function setSteps(values: Float32Array, channels: number, channel: number, from: number, to: number, value: number): void {
  for (let at = Math.max(0, from) * channels + channel; at < Math.min(to * channels, values.length); at += channels) values[at] = value;
}

/** Sets both coordinates of [T, 2 or more] to a place on the steps `from` to `to` − 1. */
export function setPlace(values: Float32Array, channels: number, from: number, to: number, place: Place): void {
  setSteps(values, channels, 0, from, to, place[0]);
  setSteps(values, channels, 1, from, to, place[1]);
}
