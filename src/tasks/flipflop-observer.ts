// The ideal observer of the flip-flop: what can be known of each bit from its noisy input so far. Its loss is the floor for every network.
import type { FlipflopOptions } from './options.js';

/**
 * The answer [S, T, n] with the least expected loss among all that follow from the inputs [S, T, n] so far: the probability that a bit is 1, given that the step counts in
 * the loss, by the forward recursion of a hidden Markov model (Rabiner 1989, eq. 19–20). Its states are the bit and how many steps the loss still leaves out after a
 * change; a step after the first `quietSteps` sets the bit with probability p, clears it with p, and shows the pulse with Gaussian noise, which must be above 0.
 */
export function flipflopIdeal(inputs: ArrayLike<number>, options: FlipflopOptions, quietSteps: number): Float32Array {
  const { bits, steps } = options;
  const answers = new Float32Array(inputs.length);
  for (let trial = 0; trial < inputs.length; trial += steps * bits)
    for (let bit = 0; bit < bits; bit++) observe(inputs, answers, trial + bit, options, quietSteps);
  return answers;
}

/** One bit of one trial, whose first element is `first`. */
function observe(
  inputs: ArrayLike<number>,
  answers: Float32Array,
  first: number,
  { bits, steps, noise, switchProbability, transitionBlind }: FlipflopOptions,
  quietSteps: number,
): void {
  // [bit][steps that the loss still leaves out]; bits start at 0, long after any change
  const ages = transitionBlind + 1;
  let belief = new Float64Array(2 * ages);
  belief[0] = 1;
  for (let step = 0; step < steps; step++) {
    const at = first + step * bits;
    const x = inputs[at] as number;
    const p = step < quietSteps ? 0 : switchProbability;
    // likelihood of x under a pulse of +1, −1 and none, all over that of none
    const set = p * Math.exp((x - 0.5) / noise ** 2);
    const clear = p * Math.exp((-x - 0.5) / noise ** 2);
    const stay = 1 - 2 * p;
    const next = new Float64Array(2 * ages);
    let counted = 0;
    let countedOnes = 0;
    for (let bit = 0; bit < 2; bit++) {
      const kept = stay + (bit === 1 ? set : clear);
      const changed = bit === 1 ? clear : set;
      for (let age = 0; age < ages; age++) {
        const mass = belief[bit * ages + age] as number;
        const same = bit * ages + Math.max(0, age - 1);
        const other = (1 - bit) * ages + transitionBlind;
        next[same] = (next[same] as number) + mass * kept;
        next[other] = (next[other] as number) + mass * changed;
        if (age > 0) continue;
        counted += mass * (kept + changed);
        countedOnes += mass * (bit === 1 ? kept : changed);
      }
    }
    const total = next.reduce((sum, mass) => sum + mass, 0);
    belief = next.map((mass) => mass / total);
    answers[at] = counted > 0 ? countedOnes / counted : belief.subarray(ages).reduce((sum, mass) => sum + mass, 0);
  }
}
