// How a trained network moves its body, for the report: movements of the shown trials, pushes, latents around the go cue, hand paths over training.
import { cartesianOf } from '../arm/kinematics.js';
import type { Plant } from '../arm/plant.js';
import type { Backend } from '../backends/backend.js';
import type { Model } from '../models/model.js';
import { evaluate } from '../rollout/evaluate.js';
import { selectTrials, type TrialData } from '../tasks/data.js';
import { endPointErrors, goCueOf, pushOf } from '../tasks/reach-metrics.js';
import type { Task, TrialSet } from '../tasks/task.js';
import { bumpResponses, type Course } from './bump-response.js';
import { type ResolvedNoise, withNoise } from './noise-choice.js';
import { addSamples, columnMeans, createMoments } from './moments.js';
import { principalComponents, project } from './pca.js';
import { reachDirection, reachTrial } from './reach-trials.js';
import { roundAll } from './scores.js';
import type { FigureArray, GoAlignedLatents, ReachRun } from './summary-data.js';

/** What is known of a network before its movements are looked at. */
export interface ReachInput extends Course {
  readonly backend: Backend;
  readonly task: Task;
  readonly plant: Plant;
  readonly data: TrialData;
  /** The validation trials, in the order of `data.validationIndices`. */
  readonly validation: TrialSet;
  readonly model: Model;
  readonly parameters: Float32Array;
  readonly seed: number;
  readonly inputNoise: number;
  readonly noise: ResolvedNoise;
  /** Whether the network is drawn: if not, only numbers are taken. */
  readonly shown: boolean;
  readonly shownTrials: number;
  /** Parameters and median end-point error at epochs that were kept, ascending; the analysed checkpoint comes behind them. */
  readonly kept: readonly { readonly epoch: number; readonly error: number | null; readonly parameters: Float32Array }[];
  readonly epoch: number;
  readonly error: number | null;
  /** The first of the shown trials of [S, T, width], as figures have them. */
  readonly figure: (values: Float32Array | Float64Array, width: number) => FigureArray;
}

/** Trials that are rolled out again, for pushes and for latents around the go cue, at most. */
const mostTrials = 256;
/** Steps before and after the go cue, and trials that are drawn. */
const goWindow = 20;
const mostGoTrials = 48;

/** Measures it all; `input.outputs` and `input.movement` are those of the validation trials. */
export async function summariseReach(input: ReachInput): Promise<ReachRun> {
  const { plant, validation, outputs, movement, shown, figure } = input;
  const numbers = { endPointErrors: roundAll(endPointErrors(outputs, validation)) };
  if (!shown) return { ...numbers, joint: null, activation: null, force: null, motion: null, bumps: [], epochs: [], goAligned: null };
  const { body } = plant;
  const rows = body.muscleRows.length;
  const after = (row: number) => figure(statesAfterSteps(input, movement.muscle, rows * body.muscles, row * body.muscles, body.muscles), body.muscles);
  return {
    ...numbers,
    joint: figure(statesAfterSteps(input, movement.joint, 4, 0, 2), 2),
    activation: after(0),
    force: after(rows - 1),
    motion: figure(motionOf(input), 2),
    bumps: await pushes(input),
    epochs: [...(await pathsAtEpochs(input)), { epoch: input.epoch, error: input.error, hand: figure(outputs, 2) }],
    goAligned: await goAligned(input),
  };
}

/** Of the shown trials, the states after each step: columns `first` … `first + width − 1` of [K, T + 1, size] as [K, T, width]. */
function statesAfterSteps({ data, shownTrials }: ReachInput, values: Float32Array, size: number, first: number, width: number): Float32Array {
  const { steps } = data.set;
  const result = new Float32Array(shownTrials * steps * width);
  for (let trial = 0; trial < shownTrials; trial++) {
    for (let step = 0; step < steps; step++) {
      const at = (trial * (steps + 1) + step + 1) * size + first;
      result.set(values.subarray(at, at + width), (trial * steps + step) * width);
    }
  }
  return result;
}

/** Speed of the end point and its distance from where it should be [K, T, 2]. */
function motionOf(input: ReachInput): Float32Array {
  const { plant, movement, outputs, shownTrials } = input;
  const { targets, steps } = input.validation;
  const cartesian = cartesianOf(plant.body, statesAfterSteps(input, movement.joint, 4, 0, 4), shownTrials * steps);
  return Float32Array.from({ length: 2 * shownTrials * steps }, (_, i) => {
    const at = i >> 1;
    if (i % 2 === 0) return length(cartesian[4 * at + 2] as number, cartesian[4 * at + 3] as number);
    return length((outputs[2 * at] as number) - (targets[2 * at] as number), (outputs[2 * at + 1] as number) - (targets[2 * at + 1] as number));
  });
}

const length = (x: number, y: number) => Math.sqrt(x * x + y * y);

/** Rolls the network out over trials of the data set, with the noise that was asked for. */
async function rollOut(input: ReachInput, parameters: Float32Array, set: TrialSet, trialIndices: Int32Array, states: boolean) {
  const { backend, model, seed, inputNoise, plant } = input;
  const given = withNoise(set, input.noise, { seed, trialIndices, trainingNoise: inputNoise });
  return evaluate(backend, model, parameters, given.set, { seed, plant, trialIndices, states, noise: given.noise });
}

/** Validation trials that `wanted` picks, the first 256: their places in the validation set and in the data set. */
function pick({ data }: ReachInput, wanted: (trial: number) => boolean): { places: number[]; indices: Int32Array } {
  const places = Array.from(data.validationIndices.keys()).filter(wanted).slice(0, mostTrials);
  return { places, indices: Int32Array.from(places, (place) => data.validationIndices[place] as number) };
}

async function pushes(input: ReachInput): Promise<ReachRun['bumps']> {
  const { data, validation, plant, parameters, outputs, movement } = input;
  const { places, indices } = pick(input, (trial) => pushOf(validation, trial) !== null);
  if (places.length === 0) return [];
  const set = selectTrials(data.set, indices);
  const { endpointLoads: _loads, ...without } = set;
  const free = await rollOut(input, parameters, without, indices, false);
  const rows = (values: Float32Array) => {
    const size = values.length / validation.trials;
    const chosen = new Float32Array(places.length * size);
    places.forEach((place, i) => chosen.set(values.subarray(place * size, (place + 1) * size), i * size));
    return chosen;
  };
  const pushed: Course = {
    outputs: rows(outputs),
    movement: { actions: rows(movement.actions), joint: rows(movement.joint), muscle: rows(movement.muscle) },
  };
  return bumpResponses(pushed, { outputs: free.outputs, movement: free.movement as Course['movement'] }, set, plant.body);
}

async function pathsAtEpochs(input: ReachInput): Promise<ReachRun['epochs'][number][]> {
  const indices = input.data.validationIndices.slice(0, input.shownTrials);
  const set = selectTrials(input.data.set, indices);
  const result: ReachRun['epochs'][number][] = [];
  for (const { epoch, error, parameters } of input.kept) {
    const { outputs } = await rollOut(input, parameters, set, indices, false);
    result.push({ epoch, error, hand: input.figure(outputs, 2) });
  }
  return result;
}

async function goAligned(input: ReachInput): Promise<GoAlignedLatents | null> {
  const { data, validation, task, plant, model, parameters } = input;
  const { steps } = validation;
  const fits = (go: number | null) => go !== null && go >= goWindow && go + goWindow < steps;
  const { places, indices } = pick(input, (trial) => fits(goCueOf(validation, trial)));
  if (places.length < 2) return null;
  const states = (await rollOut(input, parameters, selectTrials(data.set, indices), indices, true)).states as Float32Array;
  const { hiddenSize, stateSize } = model;
  const samples = 2 * goWindow + 1;
  const rows = new Float32Array(places.length * samples * hiddenSize);
  places.forEach((place, i) => {
    const first = (goCueOf(validation, place) as number) - goWindow;
    for (let sample = 0; sample < samples; sample++) {
      const at = (i * steps + first + sample) * stateSize;
      rows.set(states.subarray(at, at + hiddenSize), (i * samples + sample) * hiddenSize);
    }
  });
  const moments = createMoments(hiddenSize, columnMeans(rows, hiddenSize));
  await addSamples(moments, rows, input.backend);
  const pca = principalComponents(moments);
  const drawn = Math.min(mostGoTrials, places.length);
  const scores = project(pca, rows.subarray(0, drawn * samples * hiddenSize), 3);
  return {
    window: goWindow,
    values: { shape: [drawn, samples, 3], values: roundAll(scores) },
    directions: places.slice(0, drawn).map((place) => reachDirection(reachTrial(task, plant.body, validation, place))),
    ratios: roundAll(pca.ratios.subarray(0, 3)),
    trials: places.length,
  };
}
