// reduce: y[l, c] = scale · (Σ_r x[l, r, c], or max_r x[l, r, c]), r ascending; the maximum is NaN if any element is.
import { type GpujsCall, places } from './kernel.js';

export function reduce({ variant, args: { x, y }, dims: { L, R, C }, params: { scale }, launcher }: GpujsCall): void {
  const body = `${places(['l', 'c'], [C])}
    let result = start;
    for (let r = 0; r < ${R}; r++) {
      const value = x[(l * ${R} + r) * ${C} + c];
      ${variant === 'sum' ? 'result += value;' : 'if (value > result || value != value) { result = value; }'}
    }
    return scale * result;`;
  y.setDevice(launcher.run(body, L * C, { x: x.value }, { floats: { scale, start: variant === 'sum' ? 0 : Number.NEGATIVE_INFINITY } }));
}
