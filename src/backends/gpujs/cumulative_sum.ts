// cumulative_sum: y[l, r, c] = Σ_{s ≤ r} x[l, s, c], or Σ_{s ≥ r} when reverse; every element adds up its own terms, in the same order.
import { type GpujsCall, places } from './kernel.js';

export function cumulative_sum({ args: { x, y }, dims: { L, R, C }, params: { reverse }, launcher }: GpujsCall): void {
  const body = `${places(['l', 'r', 'c'], [R, C])}
    const terms = ${reverse ? `${R} - r` : 'r + 1'};
    let sum = 0.0;
    for (let s = 0; s < ${R}; s++) {
      if (s < terms) { sum += x[(l * ${R} + ${reverse ? `${R - 1} - s` : 's'}) * ${C} + c]; }
    }
    return sum;`;
  y.setDevice(launcher.run(body, L * R * C, { x: x.value }));
}
