// cumulative_sum: y[l, r, c] = Σ_{s ≤ r} x[l, s, c], or Σ_{s ≥ r} when reverse.
import type { ReferenceCall } from './kernel.js';

export function cumulative_sum({ args: { x, y }, dims: { L, R, C }, params: { reverse } }: ReferenceCall): void {
  for (let l = 0; l < L; l++) {
    for (let c = 0; c < C; c++) {
      let sum = 0;
      for (let step = 0; step < R; step++) {
        const r = reverse ? R - 1 - step : step;
        const i = (l * R + r) * C + c;
        sum += x[i];
        y[i] = sum;
      }
    }
  }
}
