// Cases of initial_state_forward: trainable or zero, with and without noise on all entries or the first few (h of h, c).
import { lengthsAround } from '../support/case-sizes.js';
import type { KernelCase } from '../support/cases.js';
import { normals } from '../support/values.js';

const make = (name: string, B: number, S: number, offset: number, N: number): KernelCase => ({
  kernel: 'initial_state_forward',
  name,
  args: {
    parameters: { shape: [S + 11], data: normals(S + 11, 1, 'cases') },
    noise: N > 0 ? { shape: [B, N], data: normals(B * N, 2, 'cases') } : null,
    initial_state: { shape: [B, S] },
  },
  params: { offset, noise_scale: N > 0 ? 0.05 : 0 },
  seed: 1,
  tolerance: { atol: 1e-8, rtol: 2e-7, reason: 'a product and a sum in f32' },
});

export const cases: readonly KernelCase[] = [
  ...lengthsAround(16).flatMap(({ length, name }) => [
    make(`${name}, no noise`, 3, length, 11, 0),
    make(`${name}, noise`, 3, length, 5, length),
    make(`${name}, zeros and noise`, 2, length, -1, length),
  ]),
  make('one trial', 1, 6, 0, 6),
  make('zeros', 4, 6, -1, 0),
  make('noise on the first half', 5, 14, 2, 7),
  make('more than one thread’s share', 200, 131, 3, 131),
];
