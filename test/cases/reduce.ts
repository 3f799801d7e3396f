// Cases of reduce.
import { extremes, lengthsAround } from '../support/case-sizes.js';
import type { KernelCase } from '../support/cases.js';
import { normals } from '../support/values.js';

function make(variant: string, name: string, L: number, R: number, C: number, data?: ArrayLike<number>, scale = 0.37): KernelCase {
  return {
    kernel: 'reduce',
    variant,
    name,
    args: { x: { shape: [L, R, C], data: data ?? normals(L * R * C, 1, 'cases') }, y: { shape: [L, C] } },
    params: { scale },
    seed: 1,
    tolerance: { atol: 1e-12 * R, rtol: 1.2e-7, reason: 'summed in f64, rounded once' },
    single: { atol: 4e-7 * Math.sqrt(R), rtol: 1.2e-7, reason: 'summed in f32: partial sums of R normals are some √R large' },
  };
}

export const cases: readonly KernelCase[] = ['sum', 'max'].flatMap((variant) => [
  ...lengthsAround(4).map(({ length, name }) => make(variant, `${name} of rows, one column`, 2, length, 1)),
  ...lengthsAround(4).map(({ length, name }) => make(variant, `${name} of columns`, 2, 3, length)),
  make(variant, 'nothing to reduce', 2, 0, 3),
  make(variant, 'more than one thread’s share', 5, 700, 9),
  make(variant, 'a long run', 1, 100_003, 1),
  make(variant, 'extreme values', 1, extremes.length, 1, Float32Array.from(extremes), 1),
  ...extremes
    .filter((x) => !Number.isFinite(x))
    .map((x) =>
      make(
        variant,
        `${x} in one column`,
        1,
        3,
        5,
        Float32Array.from({ length: 15 }, (_, i) => (i === 7 ? x : i)),
        1,
      ),
    ),
]);
