// matmul: y[g] = op(a[g]) · op(b[g]) for G matrices, op transposing where asked.
// Math  y[g, m, n] = Σ_k a[g, m, k] b[g, k, n], with a[g, k, m] when transpose_a and b[g, n, k] when transpose_b; k ascending
import type { ReferenceCall } from './kernel.js';

export function matmul({ args: { a, b, y }, dims: { G, A0, A1, B0, B1, M, N }, params: { transpose_a, transpose_b } }: ReferenceCall): void {
  const K = transpose_a ? A0 : A1;
  for (let g = 0; g < G; g++) {
    for (let m = 0; m < M; m++) {
      for (let n = 0; n < N; n++) {
        let sum = 0;
        for (let k = 0; k < K; k++) {
          const left = a[g * A0 * A1 + (transpose_a ? k * A1 + m : m * A1 + k)];
          const right = b[g * B0 * B1 + (transpose_b ? n * B1 + k : k * B1 + n)];
          sum += left * right;
        }
        y[(g * M + m) * N + n] = sum;
      }
    }
  }
}
