// Synthetic analyses for tests of comparisons: a few latents that turn, oscillate and decay, and what affine maps make of them.
import type { ReportEnvironment } from '../../src/analysis/summary-data.js';
import { createExternalAnalysis, type ExternalAnalysis } from '../../src/analysis/external-analysis.js';
import { normalAt, randomKey } from '../../src/random.js';

export const environment: ReportEnvironment = { version: '0.0.0', commit: null, runtime: 'Node 20', machine: 'a machine', command: null, date: null };

export const trials = 20;
export const steps = 40;

/** Normal numbers of one purpose. */
export function normals(count: number, purpose: number): Float64Array {
  const key = randomKey(5, `test ${purpose}`);
  return Float64Array.from({ length: count }, (_, i) => normalAt(key, i, 0));
}

/** Rotations of random phase and size in `width` dimensions, other ones in each trial [trials, steps, width]. */
export function rotations(width: number, purpose = 1): Float64Array {
  const draws = normals(trials * width * 2, purpose);
  const values = new Float64Array(trials * steps * width);
  for (let trial = 0, at = 0; trial < trials; trial++) {
    for (let step = 0; step < steps; step++) {
      for (let i = 0; i < width; i++, at++) {
        const [size, phase] = [1 + Math.abs(draws[(trial * width + i) * 2] as number), draws[(trial * width + i) * 2 + 1] as number];
        values[at] = (size * Math.sin(phase * 3 + step * 0.1 * (i + 1))) / (i + 1);
      }
    }
  }
  return values;
}

/** rows · matrix + shift, for rows [N, from] and a random matrix [from, to]. */
export function affine(rows: Float64Array, from: number, to: number, purpose = 2): Float64Array {
  const matrix = normals(from * to, purpose);
  const shift = normals(to, purpose + 100);
  const result = new Float64Array((rows.length / from) * to);
  for (let sample = 0; sample * from < rows.length; sample++) {
    for (let j = 0; j < to; j++) {
      let sum = shift[j] as number;
      for (let i = 0; i < from; i++) sum += (rows[sample * from + i] as number) * (matrix[i * to + j] as number);
      result[sample * to + j] = sum;
    }
  }
  return result;
}

/** An analysis of `trials` trials of `steps` steps, 16 of them for training. */
export function synthetic(
  name: string,
  latents: Float64Array,
  more: {
    readonly group?: string;
    readonly rates?: Float64Array;
    readonly inputs?: Float64Array;
    readonly trueInputs?: Float64Array;
    readonly targets?: Float64Array;
  } = {},
): ExternalAnalysis {
  const array = (data: Float64Array) => ({ shape: [trials, steps, data.length / (trials * steps)], data });
  const { group = 'None', ...arrays } = more;
  return createExternalAnalysis({
    name,
    group,
    latents: array(latents),
    ...Object.fromEntries(Object.entries(arrays).map(([kind, data]) => [kind, array(data)])),
  });
}
