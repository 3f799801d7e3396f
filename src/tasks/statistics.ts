// What a set of trials looks like in numbers: for every task its channels and loss weights, for the flip-flop its
// pulses beside what theory expects, for reaching its times, distances and pushes.
import { fingertipOf } from '../arm/kinematics.js';
import type { FlipflopOptions } from './options.js';
import { goCueOf, pushOf } from './reach-metrics.js';
import type { Task, TrialSet } from './task.js';

/** One number with its name; `text` says it with its unit and what to compare it with. */
export interface Statistic {
  readonly name: string;
  readonly value: number;
  readonly text: string;
}

const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`;

/** Statistics of a set of trials, S ≥ 1. */
export function trialStatistics(task: Task, set: TrialSet): Statistic[] {
  const weights = task.loss.weights(set);
  const outputs = set.trials * set.steps * task.outputSize;
  const counted = weights === null ? outputs : weights.reduce((sum, weight) => sum + (weight !== 0 ? 1 : 0), 0);
  const noiseless = within(set, set.trueInputs);
  const noise = deviation(within(set, set.inputs).map((value, i) => value - (noiseless[i] as number)));
  const targets = within(set, set.targets);
  const own =
    task.name === 'multitask'
      ? multitaskStatistics(set)
      : task.name === 'flipflop'
        ? flipflopStatistics(task.parameters as unknown as FlipflopOptions, set, weights)
        : task.plant
          ? reachStatistics(task, set)
          : [];
  return [
    ...own,
    statistic('inputNoise', noise, `${noise.toFixed(4)} (standard deviation of input minus noiseless input)`),
    statistic('targetMean', mean(targets), mean(targets).toFixed(4)),
    statistic('targetDeviation', deviation(targets), deviation(targets).toFixed(4)),
    statistic(
      'countedShare',
      counted / (weights === null ? outputs : weights.length),
      `${percent(counted / (weights?.length ?? outputs))} of the elements count in the loss`,
    ),
    ...(task.loss.kind === 'squared error' ? [baseline('lossOfZero', 'an output of always 0', task.loss.scale, set, weights, 0)] : []),
  ];
}

/** Values [S, T, width] of the steps that count, where trials have lengths. */
function within({ trials, steps, lengths }: TrialSet, values: Float32Array): Float32Array {
  if (!lengths) return values;
  const width = values.length / (trials * steps);
  const kept = new Float32Array(width * lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  lengths.forEach((length, trial) => {
    kept.set(values.subarray(trial * steps * width, (trial * steps + length) * width), at);
    at += length * width;
  });
  return kept;
}

/** Lengths and responses of the multitask battery. */
function multitaskStatistics({ trials, steps, lengths, targets, extra }: TrialSet): Statistic[] {
  const mostly = lengths ?? new Int32Array(trials).fill(steps);
  const silent = Array.from({ length: trials }, (_, trial) => {
    const at = (trial * steps + (extra[2 * trial] as number)) * 3;
    return targets[at + 1] === 0 && targets[at + 2] === 0;
  }).filter(Boolean).length;
  const [least, most] = [mostly.reduce((a, b) => Math.min(a, b), steps), mostly.reduce((a, b) => Math.max(a, b), 0)];
  const length = mean(Float32Array.from(mostly));
  return [
    statistic('trialLength', length, `${length.toFixed(1)} steps a trial on average (${least} to ${most}), padded to ${steps}`),
    statistic('silentShare', silent / trials, `${percent(silent / trials)} of the trials ask for no response`),
  ];
}

/** Shares, times, distances and forces of reaching trials. */
function reachStatistics({ plant, stepDuration, loss }: Task, set: TrialSet): Statistic[] {
  const { trials, steps, targets, endpointLoads, joints } = set;
  if (!plant || !joints) return [];
  const all = Array.from({ length: trials }, (_, trial) => trial);
  const seconds = stepDuration ?? 1;
  const hasCues = set.extra.length === 2 * trials;
  const goes = hasCues ? all.flatMap((trial) => goCueOf(set, trial) ?? []) : [];
  const pushes = all.flatMap((trial) => {
    const push = pushOf(set, trial);
    if (!push || !endpointLoads) return [];
    const at = 2 * (trial * steps + push.start);
    return [{ duration: (push.end - push.start) * seconds, force: length(endpointLoads[at] as number, endpointLoads[at + 1] as number) }];
  });
  const starts = fingertipOf(plant.body, joints, trials);
  const gone = all.filter((trial) => !hasCues || goCueOf(set, trial) !== null);
  const distances = gone.map((trial) => {
    const at = 2 * ((trial + 1) * steps - 1);
    return length((targets[at] as number) - (starts[2 * trial] as number), (targets[at + 1] as number) - (starts[2 * trial + 1] as number));
  });
  // Like the squares of the loss: over trials, steps and axes, or over trials and steps of |dx| + |dy|.
  const squared = loss.kind === 'reach' && loss.position === 'squared';
  let error = 0;
  for (let i = 0; i < targets.length; i++) {
    const away = (targets[i] as number) - (starts[2 * Math.floor(i / (2 * steps)) + (i % 2)] as number);
    error += squared ? (away * away) / 2 : Math.abs(away);
  }
  const average = (values: readonly number[]): number => mean(Float32Array.from(values));
  const entry = (name: string, values: readonly number[], text: (value: number) => string): Statistic[] =>
    values.length === 0 ? [] : [statistic(name, average(values), text(average(values)))];
  return [
    ...(hasCues ? [statistic('catchShare', 1 - goes.length / trials, `${percent(1 - goes.length / trials)} of the trials have no go cue`)] : []),
    ...entry(
      'goTime',
      goes.map((step) => step * seconds),
      (value) => `${value.toFixed(3)} s is the mean time of the go cue`,
    ),
    ...entry('reachDistance', distances, (value) => `${value.toFixed(3)} m from start to target on average`),
    ...(endpointLoads ? [statistic('pushShare', pushes.length / trials, `${percent(pushes.length / trials)} of the trials have a push`)] : []),
    ...entry(
      'pushForce',
      pushes.map(({ force }) => force),
      (value) => `${value.toFixed(2)} N is the mean force of a push`,
    ),
    ...entry(
      'pushDuration',
      pushes.map(({ duration }) => duration),
      (value) => `${value.toFixed(3)} s is the mean duration of a push`,
    ),
    statistic('errorOfStaying', error / (trials * steps), `${(error / (trials * steps)).toFixed(4)} is the position error of a hand that stays at its start`),
  ];
}

/** Pulses, changes and baselines of flip-flop trials; a pulse is an input of exactly ±1, so stimulated stretches hold none. */
function flipflopStatistics(options: FlipflopOptions, set: TrialSet, weights: Float32Array | null): Statistic[] {
  const { bits, steps, switchProbability: p } = options;
  const channels = set.trials * bits;
  let up = 0;
  let down = 0;
  let changes = 0;
  for (let at = 0; at < set.trueInputs.length; at++) {
    if (set.trueInputs[at] === 1) up++;
    if (set.trueInputs[at] === -1) down++;
    if (Math.floor(at / bits) % steps > 0 && set.targets[at] !== set.targets[at - bits]) changes++;
  }
  const pulses = (up + down) / channels;
  const drawn = (up + down) / (channels * (steps - 3));
  return [
    statistic('pulseProbability', 2 * p, `${percent(2 * p)} per channel and step (2 × ${p}: ${percent(p)} up, ${percent(p)} down); drawn ${percent(drawn, 2)}`),
    statistic('pulses', pulses, `${pulses.toFixed(2)} per channel and trial (expected ${(2 * p * (steps - 3)).toFixed(2)})`),
    statistic('changes', changes / channels, `${(changes / channels).toFixed(2)} per channel and trial`),
    baseline('lossOfHalf', 'an output of always 0.5', 1 / (steps * bits), set, weights, 0.5),
  ];
}

/** The loss of a constant output. */
function baseline(name: string, what: string, scale: number, set: TrialSet, weights: Float32Array | null, output: number): Statistic {
  let sum = 0;
  for (let i = 0; i < set.targets.length; i++) sum += (weights === null ? 1 : (weights[i] as number)) * (output - (set.targets[i] as number)) ** 2;
  const value = (sum * scale) / set.trials;
  return statistic(name, value, `${value.toFixed(4)} is the loss of ${what}`);
}

function statistic(name: string, value: number, text: string): Statistic {
  return { name, value, text };
}

// Not Math.hypot: a square root is the same in every engine.
function length(x: number, y: number): number {
  return Math.sqrt(x * x + y * y);
}

function mean(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return values.length === 0 ? 0 : sum / values.length;
}

function deviation(values: Float32Array): number {
  const centre = mean(values);
  let sum = 0;
  for (const value of values) sum += (value - centre) ** 2;
  return values.length === 0 ? 0 : Math.sqrt(sum / values.length);
}
