// Cases of norm_loss: whole states and parts of them (h of h, c), a zero norm.
import { lengthsAround } from '../support/case-sizes.js';
import type { KernelCase } from '../support/cases.js';
import { normals } from '../support/values.js';

const make = (name: string, B: number, T: number, S: number, size = S, scale = 1, gradient = true): KernelCase => ({
  kernel: 'norm_loss',
  name,
  args: {
    states: { shape: [B, T, S], data: normals(B * T * S, 1, 'cases', scale) },
    trial_loss: { shape: [B], data: normals(B, 2, 'cases') },
    d_states: gradient ? { shape: [B, T, S], data: normals(B * T * S, 3, 'cases') } : null,
  },
  params: { scale: 0.2, size },
  seed: 1,
  tolerance: { atol: 1e-7, rtol: 3e-7, reason: 'the norm in f64, then two roundings' },
  single: { atol: 2e-7, rtol: 1e-6, reason: 'the norm in f32, with a root within 3 ulp and a division within 2.5' },
});

export const cases: readonly KernelCase[] = [
  ...lengthsAround(16).map(({ length, name }) => make(name, 2, 3, length)),
  make('one trial', 1, 7, 5),
  make('the first half of the state', 3, 6, 14, 7),
  make('no gradient', 3, 6, 5, 5, 1, false),
  make('zero states', 3, 6, 5, 5, 0),
  make('large states, whose squares overflow f32', 2, 4, 5, 5, 1e25),
  make('tiny states, whose squares vanish in f32', 2, 4, 5, 5, 1e-25),
  make('more than one thread’s share', 40, 60, 20),
];
