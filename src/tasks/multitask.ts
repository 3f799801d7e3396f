// The multitask battery: fifteen cognitive tasks for one network, told apart by a rule input. Draws, noise and loss; a trial's layout is multitask-trial.ts.
// Driscoll, Shenoy & Sussillo 2024, doi:10.1038/s41593-024-01668-6; parameters and statistics as in CtDB (docs/multitask.md).
import { ConfigError } from '../errors.js';
import { deriveKey, fillNormal, type RandomKey, uniformAt } from '../random.js';
import { multitaskMetrics } from './multitask-metrics.js';
import type { MultitaskName, MultitaskOptions } from './multitask-options.js';
import {
  familyOf,
  fillTrial,
  type MultitaskDraws,
  multitaskInputLabels,
  multitaskInputs,
  multitaskOutputLabels,
  multitaskOutputs,
  phaseDurations,
  type PhaseName,
  phaseNames,
  planTrial,
} from './multitask-trial.js';
import type { Task, TrialPhase, TrialSet } from './task.js';

/** Trials of every family fit into this, ms: the longest durations of a decision task add up to it. */
const longestTrial = 6400;
/** Differences in amplitude of the two stimuli of a decision are twice one of these. */
export const coherences = [0.08, 0.16, 0.32] as const;
/** Steps at the start of a trial and of the response that the loss leaves out. */
const blindSteps = 5;
const responseWeight = 5;

/** Steps of a phase: any of first, first + 1, …, last. */
function stepRange([from, to]: readonly [number, number], binSize: number): [number, number] {
  const first = Math.trunc(from / binSize);
  return [first, Math.max(first, Math.trunc(to / binSize) - 1)];
}

/** Phases of a task with the fewest and most steps that each may take, in order of time. */
export function phaseSteps(task: MultitaskName, binSize: number): [PhaseName, number, number][] {
  const durations = phaseDurations[familyOf(task)];
  return phaseNames.flatMap((name): [PhaseName, number, number][] => {
    const duration = durations[name];
    return duration ? [[name, ...stepRange(duration, binSize)]] : [];
  });
}

/** Places of the draws of a trial in its stream. Phases take 0 to 5, in the order of `phaseNames`. */
const draw = { angle: 6, other: 7, flag: 8, meanA: 9, meanB: 10, signA: 11, signB: 12, coherenceA: 13, coherenceB: 14, modality: 15 } as const;

/** Draws of trial number `trial` of a task's stream. */
function drawTrial(task: MultitaskName, options: MultitaskOptions, key: RandomKey, trial: number): MultitaskDraws {
  const { targets, binSize } = options;
  const uniform = (place: number): number => uniformAt(key, trial, place);
  const whole = (place: number, first: number, last: number): number => first + Math.floor(uniform(place) * (last - first + 1));
  const direction = (place: number): number => -Math.PI + (2 * Math.PI * whole(place, 0, targets - 1)) / targets;
  const turn = (angle: number): number => ((angle % (2 * Math.PI)) + 2 * Math.PI) % (2 * Math.PI);
  const lengths = Object.fromEntries(
    phaseSteps(task, binSize).map(([name, first, last]) => [name, whole(phaseNames.indexOf(name), first, last)]),
  ) as MultitaskDraws['lengths'];
  const first = direction(draw.angle);
  const modality = options.modality === 'random' ? (whole(draw.modality, 0, 1) as 0 | 1) : 0;
  const flag = uniform(draw.flag) < 0.5;
  const common = { task, lengths, modality };
  switch (task) {
    case 'Match2Sample':
      return { ...common, angles: [first, flag ? first : turn(first + radians(whole(draw.other, 10, 349)))], responds: flag };
    case 'NonMatch2Sample': {
      const other = radians(whole(draw.other, 10, 349));
      if (options.nonMatch === 'different') return { ...common, angles: [first, flag ? turn(first + other) : first], responds: flag };
      return { ...common, angles: [first, turn(first + Math.PI + (flag ? 0 : other))], responds: flag };
    }
    case 'MatchCatPro':
    case 'MatchCatAnti':
      return { ...common, angles: [first, direction(draw.other)] };
    default: {
      if (familyOf(task) !== 'decision') return { ...common, angles: [first, first] };
      const pair = (mean: number, sign: number, coherence: number): [number, number] => {
        const centre = 0.8 + 0.4 * uniform(mean);
        const half = (uniform(sign) < 0.5 ? -1 : 1) * (coherences[whole(coherence, 0, 2)] as number);
        return [centre + half, centre - half];
      };
      const angles = [first, turn(first + radians(90 + 180 * uniform(draw.other)))] as const;
      return { ...common, angles, amplitudes: [pair(draw.meanA, draw.signA, draw.coherenceA), pair(draw.meanB, draw.signB, draw.coherenceB)] };
    }
  }
}

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Steps of every trial, padding included. */
function stepsOf({ steps, binSize }: MultitaskOptions): number {
  return steps ?? Math.ceil(longestTrial / binSize);
}

/** Most steps that a trial of this task may take. */
function mostSteps(task: MultitaskName, binSize: number): number {
  return phaseSteps(task, binSize).reduce((sum, [, , last]) => sum + last, 0);
}

/** Draws of trial `trial` of the stream `key`: the j-th trial of a task is the same whatever other tasks there are. */
export function multitaskDraws(options: MultitaskOptions, key: RandomKey, trial: number): MultitaskDraws {
  const { tasks } = options;
  const task = tasks[trial % tasks.length] as MultitaskName;
  return drawTrial(task, options, deriveKey(key, task), Math.floor(trial / tasks.length));
}

function generate(options: MultitaskOptions, key: RandomKey, first: number, count: number): TrialSet {
  const { tasks, noise } = options;
  const steps = stepsOf(options);
  const [inputRow, targetRow] = [steps * multitaskInputs, steps * multitaskOutputs];
  const trueInputs = new Float32Array(count * inputRow);
  const targets = new Float32Array(count * targetRow);
  const lengths = new Int32Array(count);
  const conditions = new Int32Array(count);
  const extra = new Float32Array(2 * count);
  const phases: (readonly TrialPhase[])[] = [];
  const noiseKeys = tasks.map((task) => deriveKey(deriveKey(key, task), 'noise'));
  const inputs = new Float32Array(count * inputRow);
  for (let i = 0; i < count; i++) {
    const trial = first + i;
    const condition = trial % tasks.length;
    const plan = planTrial(multitaskDraws(options, key, trial), options);
    const clean = trueInputs.subarray(i * inputRow, (i + 1) * inputRow);
    fillTrial(plan, clean, targets.subarray(i * targetRow, (i + 1) * targetRow));
    const seen = inputs.subarray(i * inputRow, i * inputRow + plan.length * multitaskInputs);
    if (noise > 0) fillNormal(seen, noiseKeys[condition] as RandomKey, Math.floor(trial / tasks.length));
    for (let at = 0; at < seen.length; at++) seen[at] = (clean[at] as number) + noise * (seen[at] as number);
    conditions[i] = condition;
    lengths[i] = plan.length;
    extra.set(plan.response, 2 * i);
    phases.push(plan.phases);
  }
  return { trials: count, steps, inputs, trueInputs, targets, conditions, extra, lengths, phases };
}

/**
 * Weights of the loss over time: `outputs` [S, T] and `latents` [S, T]. `extra` [S, 2] holds start and end of the response. Outputs: 1; first five steps 0;
 * response 5, its own first five steps 0; nothing after it. Latents: 1 until the response ends.
 */
export function multitaskWeights(extra: ArrayLike<number>, trials: number, steps: number): { outputs: Float32Array; latents: Float32Array } {
  const outputs = new Float32Array(trials * steps).fill(1);
  const latents = new Float32Array(trials * steps).fill(1);
  for (let trial = 0; trial < trials; trial++) {
    const start = extra[2 * trial] as number;
    const end = extra[2 * trial + 1] as number;
    const set = (weights: Float32Array, from: number, to: number, value: number) =>
      weights.fill(value, trial * steps + Math.min(steps, Math.max(0, from)), trial * steps + Math.min(steps, Math.max(0, to)));
    // In this order: a later line overrides an earlier one.
    set(outputs, 0, blindSteps, 0);
    set(outputs, start, end, responseWeight);
    set(outputs, start, start + blindSteps, 0);
    set(outputs, end, steps, 0);
    set(latents, end, steps, 0);
  }
  return { outputs, latents };
}

/** The weights of outputs, for every channel [S, T, 3]. */
function outputWeights({ extra, trials, steps }: TrialSet): Float32Array {
  const { outputs } = multitaskWeights(extra, trials, steps);
  const weights = new Float32Array(outputs.length * multitaskOutputs);
  for (let i = 0; i < outputs.length; i++) weights.fill(outputs[i] as number, i * multitaskOutputs, (i + 1) * multitaskOutputs);
  return weights;
}

/**
 * The battery as a task; inputs [S, T, 20], outputs [S, T, 3], conditions: places in `tasks`, extra: start and end of the response. Loss: weighted squared
 * error summed over time, mean over trials and channels; with `latentWeight` also squared latents, mean over units. Throws ConfigError when a trial
 * may take more than `steps`.
 */
export function createMultitask(options: MultitaskOptions): Task {
  const { name, ...parameters } = options;
  const { tasks, binSize, latentWeight } = options;
  const steps = stepsOf(options);
  const needed = Math.max(...tasks.map((task) => mostSteps(task, binSize)));
  if (steps < needed) {
    throw new ConfigError('task', [`steps: expected room for trials of ${needed} steps of ${binSize} ms, got ${steps}; use ${needed} or more`]);
  }
  return {
    name,
    parameters,
    steps,
    stepDuration: binSize / 1000,
    inputSize: multitaskInputs,
    outputSize: multitaskOutputs,
    inputLabels: multitaskInputLabels,
    outputLabels: multitaskOutputLabels,
    conditionLabels: tasks,
    eventLabels: ['response start'],
    loss: {
      kind: 'squared error',
      scale: 1 / multitaskOutputs,
      weights: outputWeights,
      ...(latentWeight > 0
        ? { latents: { weight: latentWeight, weights: ({ extra, trials, steps: all }: TrialSet) => multitaskWeights(extra, trials, all).latents } }
        : {}),
    },
    generate: (key, first, count) => generate(options, key, first, count),
    metrics: (outputs, set) => multitaskMetrics(outputs, set, tasks),
  };
}
