// Cases of gradient_norm.
import { lengthsAround } from '../support/case-sizes.js';
import type { KernelCase } from '../support/cases.js';
import { normals } from '../support/values.js';

const make = (name: string, P: number, masked: boolean, scale = 1, data?: ArrayLike<number>): KernelCase => ({
  kernel: 'gradient_norm',
  name: `${name}${masked ? ', masked' : ''}`,
  args: {
    gradient: { shape: [P], data: data ?? normals(P, 1, 'cases', scale) },
    mask: masked ? { shape: [P], data: normals(P, 2, 'cases').map((x) => (x > 0 ? 1 : 0)) } : null,
    norm: { shape: [1] },
  },
  seed: 1,
  tolerance: { atol: 0, rtol: 2e-7, reason: 'squares summed in f64, masked products rounded' },
  single: { atol: 0, rtol: 1e-6, reason: 'squares and sums in f32, a root within 3 ulp' },
});

export const cases: readonly KernelCase[] = [
  ...[false, true].flatMap((masked) => lengthsAround(4096).map(({ length, name }) => make(name, length, masked))),
  make('large, squares overflow f32', 9, false, 1e25),
  make('tiny, squares vanish in f32', 9, false, 1e-25),
  make('zeros', 9, false, 0),
  make('a NaN', 9, false, 1, Float32Array.of(1, 2, 3, 4, 5, 6, Number.NaN, 8, 9)),
  make('an infinity', 5, false, 1, Float32Array.of(1, 2, 3, 4, Number.POSITIVE_INFINITY)),
];
