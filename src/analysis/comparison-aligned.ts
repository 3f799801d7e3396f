// One space for all analyses: principal components 1 to 3 of the reference's latents. The trials that figures show, mapped there.
import type { TrialArray } from './analysis.js';
import { round } from './scores.js';
import { type Alignment, align } from './similarity/align.js';
import type { FigureArray } from './summary-data.js';

const axes = 3;

/** States [N, S] in the shared space [N, 3]; the first H of S numbers count (of an LSTM h, without c). Axes that the reference lacks are zero. */
export function alignStates(alignment: Alignment, states: Float32Array | Float64Array, stateSize = alignment.dimension): Float64Array {
  const { dimension, components } = alignment;
  const count = states.length / stateSize;
  const hidden = stateSize === dimension ? states : new Float64Array(count * dimension);
  if (hidden !== states)
    for (let sample = 0; sample < count; sample++) hidden.set(states.subarray(sample * stateSize, sample * stateSize + dimension), sample * dimension);
  const scores = align(alignment, hidden);
  if (components === axes) return scores;
  const padded = new Float64Array(count * axes);
  for (let sample = 0; sample < count; sample++) padded.set(scores.subarray(sample * components, (sample + 1) * components), sample * axes);
  return padded;
}

/** The first `trials` trials with every `stride`-th step, through a function from samples [n, W] to [n, width]; behind its end a trial stays where it was. */
export function shownTrials(
  array: TrialArray,
  trials: number,
  stride: number,
  width: number,
  through: (rows: Float32Array | Float64Array) => ArrayLike<number> = (rows) => rows,
): FigureArray {
  const size = array.steps * array.width;
  const values: number[] = [];
  for (let trial = 0; trial < trials; trial++) {
    const last = (array.lengths?.[trial] ?? array.steps) - 1;
    const scores = through(array.values.subarray(trial * size, trial * size + (last + 1) * array.width));
    for (let step = 0; step < array.steps; step += stride)
      for (let i = 0; i < width; i++) values.push(round(scores[Math.min(step, last) * width + i] as number));
  }
  return { shape: [trials, Math.ceil(array.steps / stride), width], values };
}
