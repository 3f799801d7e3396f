// Which ends of a search are the same point, and which lie too far out. State and input count together: a network has other fixed points under another input.
// Rules after Golub & Sussillo 2018 (FixedPointFinder): duplicates within a distance, the least speed kept; outliers by distance from the starts' centroid.
import { ShapeError } from '../../errors.js';

/** Points as rows, with what decides which of several is kept. */
export interface PointSet {
  /** [K, S]. */
  readonly states: Float64Array;
  /** [K, I]. */
  readonly inputs: Float64Array;
  /** q of each [K]. */
  readonly speed: Float64Array;
}

export interface UniqueSet {
  /** Rows that are kept, ascending. */
  readonly kept: Int32Array;
  /** For every row the position in `kept` of the point it belongs to [K]. */
  readonly owner: Int32Array;
}

/**
 * Keeps of all rows [x, u] within `tolerance` (2-norm) of each other the one of least speed; among equal speeds the first. Taken by rising speed, a row is
 * kept unless a kept one is that near: K rows cost K times the kept ones, so 1024 × 128 take milliseconds. Throws ShapeError when sizes do not fit.
 */
export function uniquePoints({ states, inputs, speed }: PointSet, tolerance: number): UniqueSet {
  const count = speed.length;
  const widths = [states.length / Math.max(1, count), inputs.length / Math.max(1, count)] as const;
  if (count > 0 && !widths.every(Number.isInteger)) {
    throw new ShapeError(`uniquePoints: expected rows for ${count} speeds, got ${states.length} numbers of states and ${inputs.length} of inputs`);
  }
  const order = Array.from({ length: count }, (_, k) => k).sort((a, b) => (speed[a] as number) - (speed[b] as number) || a - b);
  const found: number[] = [];
  const owners = new Int32Array(count);
  for (const k of order) {
    let owner = found.findIndex((other) => near(states, widths[0], k, other, tolerance, inputs, widths[1]));
    if (owner < 0) owner = found.push(k) - 1;
    owners[k] = owner;
  }
  const ranks = found.map((_, i) => i).sort((a, b) => (found[a] as number) - (found[b] as number));
  const position = new Int32Array(found.length);
  ranks.forEach((owner, rank) => {
    position[owner] = rank;
  });
  return { kept: Int32Array.from(ranks, (owner) => found[owner] as number), owner: owners.map((owner) => position[owner] as number) };
}

function near(states: Float64Array, width: number, a: number, b: number, tolerance: number, inputs: Float64Array, inputWidth: number): boolean {
  const limit = tolerance * tolerance;
  let sum = 0;
  for (let i = 0; i < width; i++) {
    const difference = (states[a * width + i] as number) - (states[b * width + i] as number);
    sum += difference * difference;
    if (sum > limit) return false;
  }
  for (let i = 0; i < inputWidth; i++) {
    const difference = (inputs[a * inputWidth + i] as number) - (inputs[b * inputWidth + i] as number);
    sum += difference * difference;
  }
  return sum <= limit;
}

/** Where the starts of a search lie: their mean and their mean distance from it. */
export interface StartCloud {
  readonly centroid: Float64Array;
  readonly radius: number;
}

/** Centroid and mean radius of starts [K, S]. */
export function startCloud(starts: Float64Array, width: number): StartCloud {
  const count = starts.length / width;
  const centroid = new Float64Array(width);
  for (let i = 0; i < starts.length; i++) centroid[i % width] = (centroid[i % width] as number) + (starts[i] as number) / count;
  let radius = 0;
  for (let k = 0; k < count; k++) radius += distance(starts.subarray(k * width, (k + 1) * width), centroid) / count;
  return { centroid, radius };
}

/** Rows of `states` [K, S] at least `scale` (usually 10) mean radii from the centroid of the starts. None when all starts are one point. */
export function distanceOutliers(states: Float64Array, { centroid, radius }: StartCloud, scale: number): boolean[] {
  const width = centroid.length;
  return Array.from(
    { length: states.length / width },
    (_, k) => radius > 0 && distance(states.subarray(k * width, (k + 1) * width), centroid) >= scale * radius,
  );
}

/** Euclidean distance of two vectors of one length. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] as number) - (b[i] as number)) ** 2;
  return Math.sqrt(sum);
}
