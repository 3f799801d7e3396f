// Cases of cross_entropy_loss: probabilities that do and do not sum to 1, large logits.
import { lengthsAround } from '../support/case-sizes.js';
import type { KernelCase } from '../support/cases.js';
import { normals, uniforms } from '../support/values.js';

interface Options {
  readonly weight?: boolean;
  readonly gradient?: boolean;
  readonly size?: number;
  readonly oneHot?: boolean;
}

function make(name: string, B: number, T: number, O: number, { weight = true, gradient = true, size = 2, oneHot = false }: Options = {}): KernelCase {
  const shape = [B, T, O];
  const n = B * T * O;
  const target = oneHot ? Float32Array.from({ length: n }, (_, i) => (i % O === Math.floor(i / O) % O ? 1 : 0)) : uniforms(n, 2, 'cases');
  return {
    kernel: 'cross_entropy_loss',
    name,
    args: {
      prediction: { shape, data: normals(n, 1, 'cases', size) },
      target: { shape, data: target },
      weight: weight ? { shape: [B, T, 1], data: uniforms(B * T, 3, 'cases') } : null,
      trial_loss: { shape: [B], data: normals(B, 4, 'cases') },
      d_prediction: gradient ? { shape, data: normals(n, 5, 'cases') } : null,
    },
    params: { scale: 0.3 },
    seed: 1,
    tolerance: { atol: 1e-6 + 2e-7 * O, rtol: 2e-6, reason: 'sums of O terms in f32, exponentials of relative error 2e-7' },
  };
}

export const cases: readonly KernelCase[] = [
  ...lengthsAround(16).map(({ length, name }) => make(`${name} of outputs`, 3, 4, length)),
  make('one-hot targets', 4, 9, 17, { oneHot: true }),
  make('one trial, no weight', 1, 9, 5, { weight: false }),
  make('no gradient', 4, 9, 3, { gradient: false }),
  make('large logits', 3, 5, 6, { size: 1000, oneHot: true }),
  make('equal logits', 2, 3, 6, { size: 0 }),
  make('more than one thread’s share', 40, 30, 20),
];
