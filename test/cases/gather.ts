// Cases of gather, indices out of range among them.
import { lengthsAround } from '../support/case-sizes.js';
import type { KernelCase } from '../support/cases.js';
import { normals, uniforms } from '../support/values.js';

const tolerance = { atol: 0, rtol: 0, reason: 'moves numbers' };

function make(name: string, R: number, C: number, index: ArrayLike<number>): KernelCase {
  return {
    kernel: 'gather',
    name,
    args: { x: { shape: [R, C], data: normals(R * C, 1, 'cases') }, index: { shape: [index.length], data: index }, y: { shape: [index.length, C] } },
    seed: 1,
    tolerance,
  };
}

const rows = (count: number, R: number) => Int32Array.from(uniforms(count, 2, 'rows', 0, R), Math.floor);

export const cases: readonly KernelCase[] = [
  ...lengthsAround(16).map(({ length, name }) => make(`${name} of columns`, 7, length, rows(9, 7))),
  ...lengthsAround(16).map(({ length, name }) => make(`${name} of rows`, 7, 3, rows(length, 7))),
  make('indices out of range', 4, 5, Int32Array.of(0, -1, 3, 4, 2_000_000_000, -2_000_000_000, 1)),
  make('more than one thread’s share', 300, 65, rows(900, 300)),
];
