// How far points lie from the states that a network visits, measured by how far these lie from each other.
import { permutation, randomKey } from '../../random.js';
import type { TrialArray } from '../analysis.js';

/** Samples that distances of points are measured to. */
const mostSamples = 32_768;
/** Samples, the first of these, whose distances to each other say what is far: 2048 × 2047 pairs of 128 units take a third of a second. */
const spacedSamples = 2048;
/** Share of the samples whose nearest neighbour is nearer than what counts as far. */
const nearShare = 0.99;

export interface Spacing {
  /** Distance of each point to the nearest sample [K]. */
  readonly distances: Float64Array;
  /** 99th percentile of the distances of samples to their nearest neighbours: points beyond it are far. */
  readonly limit: number;
}

/** Up to 32 768 distinct (trial, step) of trajectories [S, T, W], drawn without replacement, as rows. */
function samplesOf({ trials, steps, width, values, lengths }: TrialArray, seed: number): Float64Array {
  const bins: number[] = [];
  for (let trial = 0; trial < trials; trial++) for (let step = 0; step < Math.min(steps, lengths?.[trial] ?? steps); step++) bins.push(trial * steps + step);
  const chosen =
    bins.length <= mostSamples
      ? bins
      : Array.from(permutation(bins.length, randomKey(seed, 'latent spacing')).subarray(0, mostSamples), (i) => bins[i] as number);
  const rows = new Float64Array(chosen.length * width);
  chosen.forEach((bin, k) => rows.set(values.subarray(bin * width, (bin + 1) * width), k * width));
  return rows;
}

/** Distances of points [K, W] to latents, and what is far; the limit is infinite with fewer than two samples. Saddles lie where few samples are, hence the two densities. */
export function latentSpacing(points: Float64Array, latents: TrialArray, seed = 0): Spacing {
  const { width } = latents;
  const samples = samplesOf(latents, seed);
  const count = samples.length / width;
  const spaced = Math.min(count, spacedSamples);
  const nearestTo = (of: Float64Array, row: number, among: number, except: number): number => {
    let least = Number.POSITIVE_INFINITY;
    for (let k = 0; k < among; k++) {
      if (k === except) continue;
      let sum = 0;
      for (let i = 0; i < width && sum < least; i++) {
        const difference = (samples[k * width + i] as number) - (of[row * width + i] as number);
        sum += difference * difference;
      }
      if (sum < least) least = sum;
    }
    return Math.sqrt(least);
  };
  const between = Float64Array.from({ length: spaced }, (_, k) => nearestTo(samples, k, spaced, k)).sort();
  return {
    distances: Float64Array.from({ length: points.length / width }, (_, k) => nearestTo(points, k, count, -1)),
    limit: between[Math.min(spaced - 1, Math.floor(nearShare * spaced))] ?? Number.POSITIVE_INFINITY,
  };
}
