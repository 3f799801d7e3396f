// Seeded test data, representable in f32 so that every backend and precision starts from the same numbers.
import { fillNormal, fillUniform, randomKey } from '../../src/random.js';

/** `count` normals of standard deviation `scale`, from stream (seed, purpose). */
export function normals(count: number, seed: number, purpose = 'test', scale = 1): Float32Array {
  const values = new Float32Array(count);
  fillNormal(values, randomKey(seed, purpose), 0);
  for (let i = 0; i < count; i++) values[i] = (values[i] as number) * scale;
  return values;
}

/** `count` uniforms on [low, high), from stream (seed, purpose). */
export function uniforms(count: number, seed: number, purpose = 'test', low = 0, high = 1): Float32Array {
  const values = new Float32Array(count);
  fillUniform(values, randomKey(seed, purpose), 0);
  for (let i = 0; i < count; i++) values[i] = low + (high - low) * (values[i] as number);
  return values;
}

/** Number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
