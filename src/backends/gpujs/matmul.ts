// matmul: y[g] = op(a[g]) · op(b[g]) for G matrices, op transposing where asked.
import { type GpujsCall, places } from './kernel.js';

export function matmul({ args: { a, b, y }, dims: { G, A0, A1, B0, B1, M, N }, params: { transpose_a, transpose_b }, launcher }: GpujsCall): void {
  const K = transpose_a ? A0 : A1;
  const left = transpose_a ? `k * ${A1} + m` : `m * ${A1} + k`;
  const right = transpose_b ? `n * ${B1} + k` : `k * ${B1} + n`;
  const body = `${places(['g', 'm', 'n'], [M, N])}
    let sum = 0.0;
    for (let k = 0; k < ${K}; k++) { sum += a[g * ${A0 * A1} + ${left}] * b[g * ${B0 * B1} + ${right}]; }
    return sum;`;
  y.setDevice(launcher.run(body, G * M * N, { a: a.value, b: b.value }));
}
