// gather: y[k, c] = x[index[k], c]; a row whose index lies outside 0 … R − 1 becomes NaN.
import { type GpujsCall, places } from './kernel.js';

export function gather({ args: { x, index, y }, dims: { R, C, K }, launcher }: GpujsCall): void {
  // NaN comes as an argument, since the language has no literal for it.
  const body = `${places(['k', 'c'], [C])}
    const row = Math.floor(index[k] + 0.5);
    if (row < 0.0 || row >= ${R}.0) { return missing; }
    return x[row * ${C} + c];`;
  y.setDevice(launcher.run(body, K * C, { x: x.value, index: index.value }, { floats: { missing: Number.NaN } }));
}
