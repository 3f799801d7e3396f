// scatter_add: y[index[k], c] += x[k, c], k ascending; rows whose index lies outside 0 … R − 1 are skipped.
import type { ReferenceCall } from './kernel.js';

export function scatter_add({ args: { x, index, y }, dims: { K, C, R } }: ReferenceCall): void {
  for (let k = 0; k < K; k++) {
    const row = index[k];
    if (row < 0 || row >= R) continue;
    for (let c = 0; c < C; c++) y[row * C + c] += x[k * C + c];
  }
}
