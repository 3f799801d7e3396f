// gradient_norm: norm[0] = √Σ_p (mask[p] gradient[p])²; mask absent means 1. Relative to the largest entry, so that no square vanishes or overflows.
import type { GpujsArray } from './array.js';
import type { GpujsValue } from '../../platform/gpujs.js';
import type { GpujsCall } from './kernel.js';
import type { Launcher } from './launcher.js';

/** Terms of a first sum; then sums of sums, in a fixed order. */
const group = 64;

export function gradient_norm({ args, dims: { P }, launcher }: GpujsCall): void {
  const { gradient, norm } = args;
  const mask: GpujsArray | undefined = args.mask;
  const given = { gradient: gradient.value, ...(mask ? { mask: mask.value } : {}) };
  const entry = `const value = Math.abs(gradient[p]${mask ? ' * mask[p]' : ''});`;
  const larger = 'if (value > sum || value != value) { sum = value; }';
  const largest = reduced(launcher, P, given, `${entry} ${larger}`, `const value = parts[p]; ${larger}`);
  const share = `${entry} const share = largest[0] > 0.0 ? value / largest[0] : value; sum += share * share;`;
  const squares = reduced(launcher, P, { ...given, largest }, share, 'sum += parts[p];');
  const body = 'const scale = largest[0]; if (scale > 0.0) { return scale * Math.sqrt(squares[0]); } return scale;';
  norm.setDevice(launcher.run(body, 1, { squares, largest }));
  launcher.release(squares, largest);
}

/** One element: `sum` after `term` of every p, and after `part` of what groups of them gave. */
function reduced(launcher: Launcher, count: number, given: Readonly<Record<string, GpujsValue>>, term: string, part: string): GpujsValue {
  const body = (length: number, each: string) => `let sum = 0.0;
    for (let k = 0; k < ${group}; k++) {
      const p = i * ${group} + k;
      if (p < ${length}) { ${each} }
    }
    return sum;`;
  let length = Math.max(1, Math.ceil(count / group));
  let result = launcher.run(body(count, term), length, given);
  while (length > 1) {
    const parts = result;
    const before = length;
    length = Math.ceil(length / group);
    result = launcher.run(body(before, part), length, { parts });
    launcher.release(parts);
  }
  return result;
}
