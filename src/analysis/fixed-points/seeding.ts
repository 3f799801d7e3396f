// Starts for saddles: midpoints between stable points. The boundary between two basins passes between them, and the saddle that carries it is often near.
import { distance } from './unique.js';

/** At most so many midpoints: 32 stable points have 496 pairs. */
const mostPairs = 1024;

export interface Midpoints {
  /** [K, S]. */
  readonly states: Float64Array;
  /** [K, I]. */
  readonly inputs: Float64Array;
  /** The two points of each. */
  readonly pairs: readonly (readonly [number, number])[];
}

/**
 * Midpoints of all pairs of points [K, S] whose inputs [K, I] are equal, up to 1024: the nearest pairs first where there are more. `skip` leaves pairs out,
 * e.g. those already tried.
 */
export function midpoints(
  points: { readonly states: Float64Array; readonly inputs: Float64Array; readonly stateSize: number; readonly inputSize: number; readonly length: number },
  skip: (a: number, b: number) => boolean = () => false,
): Midpoints {
  const { stateSize, inputSize } = points;
  const state = (k: number) => points.states.subarray(k * stateSize, (k + 1) * stateSize);
  const input = (k: number) => points.inputs.subarray(k * inputSize, (k + 1) * inputSize);
  const candidates: { readonly pair: readonly [number, number]; readonly apart: number }[] = [];
  for (let a = 0; a < points.length; a++) {
    for (let b = a + 1; b < points.length; b++) {
      if (!skip(a, b) && distance(input(a), input(b)) === 0) candidates.push({ pair: [a, b], apart: distance(state(a), state(b)) });
    }
  }
  const pairs = candidates
    .sort((a, b) => a.apart - b.apart)
    .slice(0, mostPairs)
    .map(({ pair }) => pair);
  const seeds = { states: new Float64Array(pairs.length * stateSize), inputs: new Float64Array(pairs.length * inputSize), pairs };
  pairs.forEach(([a, b], k) => {
    seeds.states.set(
      state(a).map((value, i) => (value + (state(b)[i] as number)) / 2),
      k * stateSize,
    );
    seeds.inputs.set(input(a), k * inputSize);
  });
  return seeds;
}
