// scatter_add: y[index[k], c] += x[k, c], k ascending; rows whose index lies outside 0 … R − 1 are skipped.
import { type GpujsCall, places } from './kernel.js';

export function scatter_add({ args: { x, index, y }, dims: { K, C, R }, launcher }: GpujsCall): void {
  const body = `${places(['r', 'c'], [C])}
    let sum = y[i];
    for (let k = 0; k < ${K}; k++) {
      if (Math.abs(index[k] - r) < 0.5) { sum += x[k * ${C} + c]; }
    }
    return sum;`;
  y.setDevice(launcher.run(body, R * C, { x: x.value, index: index.value, y: y.value }));
}
