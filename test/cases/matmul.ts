// Cases of matmul: every transposition over sizes around its tiles of 4 rows and 8 columns.
import type { KernelCase } from '../support/cases.js';
import { normals } from '../support/values.js';

const sizes: readonly (readonly [string, number, number, number, number])[] = [
  ['size 1', 1, 1, 1, 1],
  ['one below a tile', 1, 3, 7, 3],
  ['a tile', 1, 4, 8, 4],
  ['one above a tile', 1, 5, 9, 5],
  ['a vector times a matrix', 1, 1, 10, 6],
  ['a matrix times a vector', 1, 17, 1, 13],
  ['two tiles and a remainder, three matrices', 3, 19, 21, 18],
  ['no inner elements', 2, 3, 4, 0],
  ['more than one thread’s share', 2, 65, 67, 70],
];

function make(name: string, G: number, M: number, N: number, K: number, ta: number, tb: number): KernelCase {
  const a = ta ? [G, K, M] : [G, M, K];
  const b = tb ? [G, N, K] : [G, K, N];
  return {
    kernel: 'matmul',
    name: `${name}${ta ? ', a transposed' : ''}${tb ? ', b transposed' : ''}`,
    args: { a: { shape: a, data: normals(G * M * K, 1, 'cases') }, b: { shape: b, data: normals(G * K * N, 2, 'cases') }, y: { shape: [G, M, N] } },
    params: { transpose_a: ta, transpose_b: tb },
    seed: 1,
    tolerance: { atol: 6e-8 * K * 4, rtol: 6e-8, reason: 'K roundings of sums of products, each factor within ± 4' },
  };
}

export const cases: readonly KernelCase[] = sizes.flatMap(([name, G, M, N, K]) => [0, 1].flatMap((ta) => [0, 1].map((tb) => make(name, G, M, N, K, ta, tb))));
