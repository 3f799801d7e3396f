// Cases of optimizer_step: every optimiser with clipping, decay, masks and momentum; gradients so small that denormals threaten.
import { lengthsAround } from '../support/case-sizes.js';
import type { KernelCase } from '../support/cases.js';
import { normals } from '../support/values.js';

interface Options {
  readonly masked?: boolean;
  readonly norm?: number;
  readonly params?: Readonly<Record<string, number>>;
  readonly scale?: number;
  /** Moments start at zero, as in the first step. */
  readonly fresh?: boolean;
}

function make(variant: string, name: string, P: number, { masked = false, norm, params = {}, scale = 0.1, fresh = false }: Options = {}): KernelCase {
  const moments = variant !== 'sgd' || params['momentum'] !== undefined;
  const moment = (seed: number, size: number) => (fresh ? new Float32Array(P) : normals(P, seed, 'cases', size));
  return {
    kernel: 'optimizer_step',
    variant,
    name,
    args: {
      gradient: { shape: [P], data: normals(P, 1, 'cases', scale) },
      norm: norm === undefined ? null : { shape: [1], data: [norm] },
      mask: masked ? { shape: [P], data: normals(P, 2, 'cases').map((x) => (x > 0 ? 1 : 0)) } : null,
      parameters: { shape: [P], data: normals(P, 3, 'cases') },
      moment1: moments ? { shape: [P], data: moment(4, scale) } : null,
      moment2: variant === 'sgd' ? null : { shape: [P], data: moment(5, scale).map((x) => x * x) },
    },
    params: { learning_rate: 1e-3, weight_decay: 1e-2, correction1: 0.1, correction2: 0.001, ...params },
    seed: 1,
    tolerance: { atol: 2e-8, rtol: 1e-6, reason: 'some ten roundings; steps are small beside the parameters' },
    tolerances: {
      moment1: { atol: 1e-7 * scale + 1e-30, rtol: 3e-7, reason: 'three roundings, terms of either sign; flushed below 1e-30' },
      moment2: { atol: 1e-34, rtol: 5e-7, reason: 'four roundings; flushed below 1e-35 and for |g| < 1e-17' },
    },
  };
}

export const cases: readonly KernelCase[] = ['sgd', 'adam', 'adamw'].flatMap((variant) => [
  ...lengthsAround(4096).map(({ length, name }) => make(variant, name, length)),
  make(variant, 'first step', 33, { fresh: true }),
  make(variant, 'momentum', 33, { params: { momentum: 0.9 } }),
  make(variant, 'masked', 33, { masked: true }),
  make(variant, 'masked momentum', 33, { masked: true, params: { momentum: 0.9 } }),
  make(variant, 'clipped', 33, { norm: 7, params: { clip: 1 } }),
  make(variant, 'below the clipping norm', 33, { norm: 0.7, params: { clip: 1 } }),
  make(variant, 'a norm, but no clipping', 33, { norm: 7 }),
  make(variant, 'a norm that is NaN', 5, { norm: Number.NaN, params: { clip: 1 } }),
  make(variant, 'no decay', 33, { params: { weight_decay: 0 } }),
  make(variant, 'other betas', 33, { params: { beta1: 0.5, beta2: 0.9, epsilon: 1e-4, correction1: 0.5, correction2: 0.1 } }),
  make(variant, 'large gradients', 33, { scale: 1e15 }),
  make(variant, 'tiny gradients', 33, { scale: 1e-15 }),
  make(variant, 'gradients and moments near the denormals', 33, { scale: 1e-20, params: { weight_decay: 0 } }),
  make(variant, 'denormal gradients and moments', 33, { scale: 1e-39, params: { weight_decay: 0 } }),
  make(variant, 'more than one thread’s share', 50_003),
]);
