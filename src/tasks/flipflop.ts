// The n-bit flip-flop: a ±1 pulse on input k sets or clears output k, which must hold its value until the next opposite pulse.
// Sussillo & Barak 2013, doi:10.1162/NECO_a_00409; parameters and statistics in docs/tasks.md. Bits are {0, 1}, not ±1.
import { deriveKey, fillNormal, fillUniform, type RandomKey, uniformAt } from '../random.js';
import { flipflopIdeal } from './flipflop-observer.js';
import type { FlipflopOptions } from './options.js';
import type { Task, TrialSet } from './task.js';

/** Steps without pulses at the start of a trial. */
const quietSteps = 3;
/** Steps at the start of a trial that the loss leaves out, whatever the target does. */
const startBlind = 5;
/** An output above this counts as bit 1. */
const threshold = 0.5;

type Values = Float32Array | Float64Array | Int32Array;

/**
 * Targets [S, T, n] of noiseless inputs [S, T, n]: exactly +1 sets the bit in the same step, exactly −1 clears it, anything else leaves it; bits start
 * at 0. Under the stimulus a pulse is 1 + m, hence not recognised: that is the variant's definition.
 */
export function flipflopTargets(trueInputs: Values, trials: number, steps: number, bits: number): Float32Array {
  const targets = new Float32Array(trials * steps * bits);
  for (let trial = 0; trial < trials; trial++) {
    for (let bit = 0; bit < bits; bit++) {
      let state = 0;
      for (let step = 0; step < steps; step++) {
        const at = (trial * steps + step) * bits + bit;
        if (trueInputs[at] === 1) state = 1;
        else if (trueInputs[at] === -1) state = 0;
        targets[at] = state;
      }
    }
  }
  return targets;
}

/**
 * Mask [S, T, n] of the loss: 0 on the first five steps and on the `transitionBlind` steps after a change of the target, else 1. The step of the change
 * itself counts.
 */
export function flipflopMask(targets: Values, trials: number, steps: number, bits: number, transitionBlind: number): Float32Array {
  const mask = new Float32Array(trials * steps * bits);
  for (let trial = 0; trial < trials; trial++) {
    for (let bit = 0; bit < bits; bit++) {
      let blindUntil = startBlind - 1;
      for (let step = 0; step < steps; step++) {
        const at = (trial * steps + step) * bits + bit;
        mask[at] = step <= blindUntil ? 0 : 1;
        if (step > 0 && targets[at] !== targets[at - bits]) blindUntil = Math.max(blindUntil, step + transitionBlind);
      }
    }
  }
  return mask;
}

/** Pulses of one trial [T, n] into `pulses`: +1 where the uniform draw exceeds 1 − p, −1 below p; none in the first three steps. */
function drawPulses(pulses: Float32Array, options: FlipflopOptions, key: RandomKey, trial: number): void {
  const { bits, steps, switchProbability, stimulated } = options;
  fillUniform(pulses, deriveKey(key, 'pulses'), trial);
  for (let i = 0; i < pulses.length; i++) {
    const draw = pulses[i] as number;
    if (i < quietSteps * bits) pulses[i] = 0;
    else pulses[i] = draw > 1 - switchProbability ? 1 : draw < switchProbability ? -1 : 0;
  }
  if (!stimulated) return;
  const stimulus = deriveKey(key, 'stimulus');
  const bit = Math.floor(uniformAt(stimulus, trial, 0) * bits);
  const magnitude = 0.5 + uniformAt(stimulus, trial, 1);
  for (let step = Math.floor(steps / 4); step < Math.floor((3 * steps) / 4); step++)
    pulses[step * bits + bit] = (pulses[step * bits + bit] as number) + magnitude;
}

function generate(options: FlipflopOptions, key: RandomKey, first: number, count: number): TrialSet {
  const { bits, steps, noise } = options;
  const size = steps * bits;
  const trueInputs = new Float32Array(count * size);
  const inputs = new Float32Array(count * size);
  const noiseKey = deriveKey(key, 'noise');
  for (let trial = 0; trial < count; trial++) {
    const pulses = trueInputs.subarray(trial * size, (trial + 1) * size);
    drawPulses(pulses, options, key, first + trial);
    const noisy = inputs.subarray(trial * size, (trial + 1) * size);
    if (noise > 0) fillNormal(noisy, noiseKey, first + trial);
    for (let i = 0; i < size; i++) noisy[i] = (pulses[i] as number) + noise * (noisy[i] as number);
  }
  const targets = flipflopTargets(trueInputs, count, steps, bits);
  return { trials: count, steps, inputs, trueInputs, targets, conditions: new Int32Array(count), extra: new Float32Array(0) };
}

/**
 * Scores of outputs [S, T, n] on unmasked elements: `bitAccuracy`, the share on the right side of 0.5, and `trialAccuracy`, the share of trials without a
 * single element on the wrong side. An output that is not a number is wrong.
 */
function score(outputs: Float32Array, set: TrialSet, bits: number, transitionBlind: number): Record<string, number> {
  const { trials, steps, targets } = set;
  const mask = flipflopMask(targets, trials, steps, bits, transitionBlind);
  const size = steps * bits;
  let counted = 0;
  let right = 0;
  let perfect = 0;
  for (let trial = 0; trial < trials; trial++) {
    let wrong = 0;
    for (let at = trial * size; at < (trial + 1) * size; at++) {
      if (mask[at] === 0) continue;
      counted++;
      const output = outputs[at] as number;
      if (targets[at] === 1 ? output > threshold : output <= threshold) right++;
      else wrong++;
    }
    if (wrong === 0) perfect++;
  }
  return { bitAccuracy: counted === 0 ? 1 : right / counted, trialAccuracy: trials === 0 ? 1 : perfect / trials };
}

/** The flip-flop as a task; inputs and outputs [S, T, n]; loss: masked squared error, mean over all elements, masked ones counting as zeros. */
export function createFlipflop(options: FlipflopOptions): Task {
  const { bits, steps, transitionBlind } = options;
  const { name, ...parameters } = options;
  const numbers = Array.from({ length: bits }, (_, i) => i);
  return {
    name,
    parameters,
    steps,
    stepDuration: null,
    inputSize: bits,
    outputSize: bits,
    inputLabels: numbers.map((i) => `Input ${i}`),
    outputLabels: numbers.map((i) => `Output ${i}`),
    loss: {
      kind: 'squared error',
      scale: 1 / (steps * bits),
      weights: (set) => flipflopMask(set.targets, set.trials, set.steps, bits, transitionBlind),
    },
    generate: (key, first, count) => generate(options, key, first, count),
    metrics: (outputs, set) => score(outputs, set, bits, transitionBlind),
    // pulses of the stimulated variant have no known size
    ideal: ({ inputs, trials }) =>
      options.stimulated ? null : options.noise === 0 ? flipflopTargets(inputs, trials, steps, bits) : flipflopIdeal(inputs, options, quietSteps),
  };
}
