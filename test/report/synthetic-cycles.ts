// Made-up cycles for tests of the geometry page: stacked ellipses at several speeds, embedded in many units by a fixed random map.
import type { TrialArray } from '../../src/analysis/analysis.js';
import { normalAt, randomKey } from '../../src/random.js';

/** Conditions [C, T, D], one whole cycle each: x(t; s) = a cos ωt e₁ + b sin ωt e₂ + (s − mean) e₃, and a second harmonic of size `crossing`, which tangles. */
export function syntheticCycles(speeds: readonly number[], width: number, crossing = 0, samples = 40): TrialArray {
  const key = randomKey(5, `cycles ${width}`);
  const middle = speeds.reduce((sum, speed) => sum + speed, 0) / speeds.length;
  const values = new Float64Array(speeds.length * samples * width);
  speeds.forEach((speed, c) => {
    for (let t = 0; t < samples; t++) {
      const angle = (2 * Math.PI * t) / samples;
      const hidden = [2 * Math.cos(angle), 1.4 * Math.sin(angle) + crossing * Math.sin(2 * angle), speed - middle];
      for (let unit = 0; unit < width; unit++)
        values[(c * samples + t) * width + unit] = hidden.reduce((sum, value, k) => sum + value * normalAt(key, k, unit), 0);
    }
  });
  return { trials: speeds.length, steps: samples, width, values, lengths: null };
}
