// ceiling: y[n] = 4 Σ_{i < 12} a_i after `iterations` steps a_i ← ½ a_i + 1 from a_i = i.
import type { GpujsCall } from './kernel.js';

const places = Array.from({ length: 12 }, (_, k) => `a${k}`);

export function ceiling({ args: { y }, dims: { N }, params: { iterations }, launcher }: GpujsCall): void {
  const body = `
    ${places.map((a, k) => `let ${a} = ${k}.0;`).join(' ')}
    for (let k = 0; k < ${iterations}; k++) { ${places.map((a) => `${a} = 0.5 * ${a} + 1.0;`).join(' ')} }
    return 4.0 * (${places.join(' + ')});`;
  y.setDevice(launcher.run(body, N, {}));
}
