// Cases of cumulative_sum.
import { lengthsAround } from '../support/case-sizes.js';
import type { KernelCase } from '../support/cases.js';
import { normals } from '../support/values.js';

const tolerance = { atol: 1e-7, rtol: 1.2e-7, reason: 'summed in f64, every element rounded once' };

const make = (name: string, L: number, R: number, C: number, reverse: number): KernelCase => ({
  kernel: 'cumulative_sum',
  name: `${name}${reverse ? ', reversed' : ''}`,
  args: { x: { shape: [L, R, C], data: normals(L * R * C, 1, 'cases') }, y: { shape: [L, R, C] } },
  params: { reverse },
  seed: 1,
  tolerance,
  single: { atol: 3e-7 * Math.sqrt(R), rtol: 1.2e-7, reason: 'summed in f32; a compiler may undo that rounding errors are carried along' },
});

export const cases: readonly KernelCase[] = [0, 1].flatMap((reverse) => [
  ...lengthsAround(4).map(({ length, name }) => make(`${name} of rows, one column`, 2, length, 1, reverse)),
  ...lengthsAround(4).map(({ length, name }) => make(`${name} of columns`, 2, 5, length, reverse)),
  make('more than one thread’s share', 6, 500, 13, reverse),
]);
