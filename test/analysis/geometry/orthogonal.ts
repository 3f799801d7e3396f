// Orthonormal vectors to embed synthetic data with.
import { normalAt, randomKey } from '../../../src/random.js';

/** `count` orthonormal vectors of `width` values, row-major [count, width]: normals of a seed, by Gram–Schmidt. */
export function orthogonal(width: number, count: number, seed = 0): Float64Array {
  const key = randomKey(seed, 'orthogonal');
  const vectors = Float64Array.from({ length: count * width }, (_, i) => normalAt(key, 0, i));
  for (let v = 0; v < count; v++) {
    const own = vectors.subarray(v * width, (v + 1) * width);
    for (let pass = 0; pass < 2; pass++) {
      for (let u = 0; u < v; u++) {
        const other = vectors.subarray(u * width, (u + 1) * width);
        const along = own.reduce((sum, value, i) => sum + value * (other[i] as number), 0);
        for (let i = 0; i < width; i++) own[i] = (own[i] as number) - along * (other[i] as number);
      }
    }
    const length = Math.hypot(...own);
    for (let i = 0; i < width; i++) own[i] = (own[i] as number) / length;
  }
  return vectors;
}
