// What a set of trials looks like in numbers: for every task its channels and loss weights, for the flip-flop its pulses beside what theory expects.
import type { FlipflopOptions } from './options.js';
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
  const noise = deviation(set.inputs.map((value, i) => value - (set.trueInputs[i] as number)));
  const own = task.name === 'flipflop' ? flipflopStatistics(task.parameters as unknown as FlipflopOptions, set, weights) : [];
  return [
    ...own,
    statistic('inputNoise', noise, `${noise.toFixed(4)} (standard deviation of input minus noiseless input)`),
    statistic('targetMean', mean(set.targets), mean(set.targets).toFixed(4)),
    statistic('targetDeviation', deviation(set.targets), deviation(set.targets).toFixed(4)),
    statistic(
      'countedShare',
      counted / (weights === null ? outputs : weights.length),
      `${percent(counted / (weights?.length ?? outputs))} of the elements count in the loss`,
    ),
    ...(task.loss.kind === 'squared error' ? [baseline('lossOfZero', 'an output of always 0', task.loss.scale, set, weights, 0)] : []),
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
