// Cases of select.
import { extremes, lengthsAround } from '../support/case-sizes.js';
import type { KernelCase } from '../support/cases.js';
import { normals, sizeOf } from '../support/values.js';
import { viewParams } from './elementwise_binary.js';

const tolerance = { atol: 0, rtol: 0, reason: 'moves numbers' };

function make(
  name: string,
  size: readonly number[],
  c: readonly number[],
  a: readonly number[],
  b: readonly number[],
  condition?: ArrayLike<number>,
): KernelCase {
  const conditions = condition ?? normals(sizeOf(c), 3, 'cases').map((x) => (x > 0 ? 1 : 0));
  return {
    kernel: 'select',
    name,
    args: {
      condition: { shape: [sizeOf(c)], data: conditions },
      a: { shape: [sizeOf(a)], data: normals(sizeOf(a), 1, 'cases') },
      b: { shape: [sizeOf(b)], data: normals(sizeOf(b), 2, 'cases') },
      y: { shape: [sizeOf(size)] },
    },
    params: viewParams(size, { c, a, b }),
    seed: 1,
    tolerance,
  };
}

const row = (n: number) => [1, 1, 1, n];

export const cases: readonly KernelCase[] = [
  ...lengthsAround(1024).map(({ length, name }) => make(name, row(length), row(length), row(length), row(length))),
  make('extreme conditions', row(extremes.length), row(extremes.length), row(extremes.length), row(extremes.length), Float32Array.from(extremes)),
  make('a number where it does not hold', [2, 3, 4, 5], [2, 3, 4, 5], [2, 3, 4, 5], [1, 1, 1, 1]),
  make('all three broadcast', [3, 4, 5, 6], [3, 1, 1, 1], [1, 4, 1, 6], [1, 1, 5, 1]),
  make('more than one thread’s share', [3, 4, 50, 61], [3, 4, 50, 61], [1, 4, 1, 61], [3, 1, 50, 1]),
];
