// Cases of initial_state_backward.
import { lengthsAround } from '../support/case-sizes.js';
import type { KernelCase } from '../support/cases.js';
import { normals } from '../support/values.js';

const make = (name: string, B: number, S: number, offset: number): KernelCase => ({
  kernel: 'initial_state_backward',
  name,
  args: { d_initial_state: { shape: [B, S], data: normals(B * S, 1, 'cases') }, gradient: { shape: [S + 11], data: normals(S + 11, 2, 'cases') } },
  params: { offset },
  seed: 1,
  tolerance: {
    atol: Math.max(1e-6, 2e-7 * Math.sqrt(B)),
    rtol: 2e-7,
    reason: 'sums of 32 trials in f64, added up in f32: those of B normals are some √B large',
  },
  single: { atol: 4e-7 * Math.sqrt(B), rtol: 2e-7, reason: 'summed in f32: partial sums of B normals are some √B large' },
});

export const cases: readonly KernelCase[] = [
  ...lengthsAround(16).map(({ length, name }) => make(name, 5, length, 3)),
  make('one trial', 1, 6, 0),
  make('at the end of the parameters', 3, 9, 11),
  make('more than one thread’s share', 1100, 66, 4),
];
