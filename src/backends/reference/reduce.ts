// reduce: y[l, c] = scale · (Σ_r x[l, r, c], or max_r x[l, r, c]), r ascending; the maximum is NaN if any element is.
import type { ReferenceCall } from './kernel.js';

export function reduce({ variant, args: { x, y }, dims: { L, R, C }, params: { scale } }: ReferenceCall): void {
  for (let l = 0; l < L; l++) {
    for (let c = 0; c < C; c++) {
      let result = variant === 'sum' ? 0 : Number.NEGATIVE_INFINITY;
      for (let r = 0; r < R; r++) {
        const value = x[(l * R + r) * C + c];
        result = variant === 'sum' ? result + value : Math.max(result, value);
      }
      y[l * C + c] = scale * result;
    }
  }
}
