// gather: y[k, c] = x[index[k], c]; a row whose index lies outside 0 … R − 1 becomes NaN.
import type { ReferenceCall } from './kernel.js';

export function gather({ args: { x, index, y }, dims: { R, C, K } }: ReferenceCall): void {
  for (let k = 0; k < K; k++) {
    const row = index[k];
    const valid = row >= 0 && row < R;
    for (let c = 0; c < C; c++) y[k * C + c] = valid ? x[row * C + c] : Number.NaN;
  }
}
