// Cases of absolute_error_loss: with and without target, weight (one channel or all) and gradient; fewer steps than there are; errors of 0, where the gradient is 0.
import type { KernelCase } from '../support/cases.js';
import { normals, uniforms } from '../support/values.js';

interface Options {
  readonly target?: boolean;
  readonly weight?: 'none' | 'one' | 'all';
  readonly gradient?: boolean;
  readonly steps?: number;
  readonly scale?: number;
  readonly size?: number;
  /** Every how manyth prediction is its target. */
  readonly equal?: number;
}

function make(
  name: string,
  B: number,
  T: number,
  O: number,
  { target = true, weight = 'none', gradient = true, steps = T, scale = 0.3, size = 1, equal = 0 }: Options = {},
): KernelCase {
  const W = weight === 'one' ? 1 : O;
  const shape = [B, T, O];
  const n = B * T * O;
  const wanted = normals(n, 2, 'cases', size);
  const prediction = normals(n, 1, 'cases', size).map((value, i) => (equal > 0 && i % equal === 0 ? wanted[i] : value));
  return {
    kernel: 'absolute_error_loss',
    name,
    args: {
      prediction: { shape, data: prediction },
      target: target ? { shape, data: wanted } : null,
      weight: weight === 'none' ? null : { shape: [B, T, W], data: uniforms(B * T * W, 3, 'cases') },
      trial_loss: { shape: [B], data: normals(B, 4, 'cases') },
      d_prediction: gradient ? { shape, data: normals(n, 5, 'cases') } : null,
    },
    params: { scale, steps },
    seed: 1,
    tolerance: { atol: 1e-6 * Math.max(1, size), rtol: 5e-7, reason: 'a few roundings a term; terms of either sign meet what was there before' },
  };
}

export const cases: readonly KernelCase[] = [
  make('size 1', 1, 1, 1),
  make('one below a vector', 2, 1, 3),
  make('a vector', 2, 2, 2),
  make('one above a vector', 3, 5, 1),
  make('one trial', 1, 20, 3, { weight: 'all' }),
  make('one weight a step', 4, 9, 3, { weight: 'one' }),
  make('one weight a step, one output', 4, 9, 1, { weight: 'one' }),
  make('one weight a step, many outputs', 3, 7, 9, { weight: 'one' }),
  make('weights for all', 4, 9, 3, { weight: 'all' }),
  make('no target', 4, 9, 3, { target: false, weight: 'all' }),
  make('no gradient', 4, 9, 3, { gradient: false }),
  make('only the first steps', 4, 9, 3, { steps: 5, weight: 'one' }),
  make('no steps', 2, 4, 3, { steps: 0 }),
  make('more steps than there are', 2, 4, 3, { steps: 100 }),
  make('some predictions equal to their targets', 3, 5, 3, { weight: 'all', equal: 4 }),
  make('large errors', 2, 4, 3, { size: 1e15 }),
  make('tiny errors', 2, 4, 3, { size: 1e-18 }),
  make('more than one thread’s share', 70, 100, 3, { weight: 'all' }),
];
