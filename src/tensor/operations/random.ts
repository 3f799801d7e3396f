// Random tensors, counter-based: the same seed gives the same numbers on every backend (f32 ones up to rounding), in any order of calls.
import type { Backend } from '../../backends/backend.js';
import { ShapeError } from '../../errors.js';
import { randomKey } from '../../random.js';
import { type Shape, show, sizeOf } from '../shape.js';
import { shaped, Tensor, tensor, zeros } from '../tensor.js';

export interface RandomOptions {
  /** A whole number from 0 to 2^53 − 1. */
  readonly seed: number;
  /** Names the consumer, so that one consumer's draws never shift another's. Default `tensor`. */
  readonly purpose?: string;
  /** A further counter, e.g. the epoch. Default 0. */
  readonly epoch?: number;
  /** Which trial each entry of the first axis is: its draws depend on this number, not on its place. Default 0, 1, 2, … */
  readonly trials?: Tensor | readonly number[] | Int32Array;
}

/** Normal numbers [shape] with the given mean (default 0) and standard deviation (default 1); |draw| < 5.5 standard deviations. The first axis counts trials. */
export function randomNormal(backend: Backend, shape: Shape, options: RandomOptions & { readonly mean?: number; readonly standardDeviation?: number }): Tensor {
  return draw('randomNormal', 'normal', backend, shape, options, options.standardDeviation ?? 1, options.mean ?? 0);
}

/** Uniform numbers [shape] on [low, high), default [0, 1). The first axis counts trials. */
export function randomUniform(backend: Backend, shape: Shape, options: RandomOptions & { readonly low?: number; readonly high?: number }): Tensor {
  const low = options.low ?? 0;
  return draw('randomUniform', 'uniform', backend, shape, options, (options.high ?? 1) - low, low);
}

function draw(name: string, variant: string, backend: Backend, shape: Shape, options: RandomOptions, scale: number, offset: number): Tensor {
  const { seed, purpose = 'tensor', epoch = 0 } = options;
  if (!Number.isSafeInteger(seed) || seed < 0) throw new ShapeError(`${name}: expected a seed between 0 and 2^53 − 1, got ${seed}`);
  const B = shape.length === 0 ? 1 : shape[0];
  const own = options.trials instanceof Tensor ? null : tensor(backend, Int32Array.from(options.trials ?? Array.from({ length: B }, (_, b) => b)));
  const trial = own ?? (options.trials as Tensor);
  if (trial.dtype !== 'i32' || trial.size !== B)
    throw new ShapeError(`${name}: expected ${B} trials of dtype i32 for shape ${show(shape)}, got ${trial.dtype} ${show(trial.shape)}`);
  const y = zeros(backend, shape);
  const [key0, key1] = randomKey(seed, purpose, epoch);
  if (y.size > 0) {
    backend.run('random', { variant, args: { trial: shaped(trial, [B]), y: shaped(y, [B, sizeOf(shape.slice(1))]) }, params: { key0, key1, scale, offset } });
  }
  own?.dispose();
  return y;
}
