// fill: y = value.
import type { GpujsCall } from './kernel.js';

export function fill({ args: { y }, dims: { N }, params: { value }, launcher }: GpujsCall): void {
  if (value === 0 && y.length === N) y.clear();
  else y.setDevice(launcher.run('return value;', N, {}, { floats: { value } }));
}
