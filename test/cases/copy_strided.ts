// Cases of copy_strided: what transposing, slicing, joining, padding, broadcasting and their gradients ask for.
import { lengthsAround } from '../support/case-sizes.js';
import type { KernelCase } from '../support/cases.js';
import { normals } from '../support/values.js';

interface View {
  readonly n: readonly number[];
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly xOffset?: number;
  readonly yOffset?: number;
  readonly accumulate?: number;
}

function make(name: string, xLength: number, yLength: number, { n, x, y, xOffset = 0, yOffset = 0, accumulate = 0 }: View): KernelCase {
  const params: Record<string, number> = { x_offset: xOffset, y_offset: yOffset, accumulate };
  n.forEach((size, axis) => {
    params[`n${axis}`] = size;
    params[`x_stride${axis}`] = x[axis] as number;
    params[`y_stride${axis}`] = y[axis] as number;
  });
  return {
    kernel: 'copy_strided',
    name,
    args: { x: { shape: [xLength], data: normals(xLength, 1, 'cases') }, y: { shape: [yLength], data: normals(yLength, 2, 'cases') } },
    params,
    seed: 1,
    tolerance: accumulate ? { atol: 2e-5, rtol: 1e-6, reason: 'sums in f32, in row-major order' } : { atol: 0, rtol: 0, reason: 'moves numbers' },
  };
}

export const cases: readonly KernelCase[] = [
  ...lengthsAround(16).map(({ length, name }) => make(name, length, length, { n: [1, 1, 1, length], x: [0, 0, 0, 1], y: [0, 0, 0, 1] })),
  make('transpose 5 × 9', 45, 45, { n: [1, 1, 9, 5], x: [0, 0, 1, 9], y: [0, 0, 5, 1] }),
  make('transpose four axes', 120, 120, { n: [5, 4, 3, 2], x: [1, 5, 20, 60], y: [24, 6, 2, 1] }),
  make('slice', 70, 12, { n: [1, 1, 3, 4], x: [0, 0, 20, 2], y: [0, 0, 4, 1], xOffset: 11 }),
  make('into the middle of a larger array', 12, 70, { n: [1, 1, 3, 4], x: [0, 0, 4, 1], y: [0, 0, 10, 1], yOffset: 23 }),
  make('reversed', 9, 9, { n: [1, 1, 1, 9], x: [0, 0, 0, -1], y: [0, 0, 0, 1], xOffset: 8 }),
  make('broadcast a row', 6, 24, { n: [1, 1, 4, 6], x: [0, 0, 0, 1], y: [0, 0, 6, 1] }),
  make('broadcast a number', 1, 24, { n: [1, 1, 4, 6], x: [0, 0, 0, 0], y: [0, 0, 6, 1] }),
  make('added', 30, 30, { n: [1, 1, 5, 6], x: [0, 0, 6, 1], y: [0, 0, 6, 1], accumulate: 1 }),
  make('many rows added into one', 30_000, 6, { n: [1, 1, 5000, 6], x: [0, 0, 6, 1], y: [0, 0, 0, 1], accumulate: 1 }),
  make('all added into one element', 24, 1, { n: [1, 2, 3, 4], x: [0, 12, 4, 1], y: [0, 0, 0, 0], accumulate: 1 }),
  make('more than one thread’s share', 40_000, 40_000, { n: [1, 4, 100, 100], x: [0, 10_000, 1, 100], y: [0, 10_000, 100, 1] }),
];
