// What a kernel of the gpujs backend receives: its arguments as arrays, the bound dimension letters, the parameters, and what launches gpu.js.
import type { GpujsArray } from './array.js';
import type { Launcher } from './launcher.js';

/** A checked call of at least one element in every dimension. An optional argument that was left out is absent from `args`: annotate it `GpujsArray | undefined`. */
export interface GpujsCall {
  readonly variant: string;
  readonly args: Readonly<Record<string, GpujsArray>>;
  readonly dims: Readonly<Record<string, number>>;
  readonly params: Readonly<Record<string, number>>;
  readonly launcher: Launcher;
}

export type GpujsKernelBody = (call: GpujsCall) => void;

/** Statements that take `index` apart: `names` are the places of the last axes, the first name's takes the rest. E.g. (['b', 't', 'o'], [T, O]). */
export function places(names: readonly string[], sizes: readonly number[], index = 'i'): string {
  const lines: string[] = [];
  let rest = index;
  for (let axis = names.length - 1; axis > 0; axis--) {
    const size = sizes[axis - 1];
    const next = axis === 1 ? names[0] : `${names[axis]}_rest`;
    lines.push(`const ${next} = quotient(${rest}, ${size}); const ${names[axis]} = ${rest} - ${next} * ${size};`);
    rest = next as string;
  }
  return lines.join(' ');
}
