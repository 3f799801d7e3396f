// Cases of scatter_add: repeated rows, indices out of range.
import { lengthsAround } from '../support/case-sizes.js';
import type { KernelCase } from '../support/cases.js';
import { normals, uniforms } from '../support/values.js';

function make(name: string, R: number, C: number, index: ArrayLike<number>): KernelCase {
  return {
    kernel: 'scatter_add',
    name,
    args: {
      x: { shape: [index.length, C], data: normals(index.length * C, 1, 'cases') },
      index: { shape: [index.length], data: index },
      y: { shape: [R, C], data: normals(R * C, 3, 'cases') },
    },
    seed: 1,
    tolerance: { atol: 6e-8 * 8 * Math.sqrt(index.length), rtol: 1e-6, reason: 'sums in f32, in the order of k' },
  };
}

const rows = (count: number, R: number) => Int32Array.from(uniforms(count, 2, 'rows', 0, R), Math.floor);

export const cases: readonly KernelCase[] = [
  ...lengthsAround(64).map(({ length, name }) => make(`${name} of columns`, 3, length, rows(9, 3))),
  ...lengthsAround(16).map(({ length, name }) => make(`${name} of rows`, 7, 3, rows(length, 7))),
  make('every row into one', 2, 5, new Int32Array(40).fill(1)),
  make('indices out of range', 4, 5, Int32Array.of(0, -1, 3, 4, 2_000_000_000, -2_000_000_000, 1)),
  make('more than one thread’s share', 30, 190, rows(900, 30)),
];
