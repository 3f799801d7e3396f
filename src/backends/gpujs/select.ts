// select: y = condition ≠ 0 ? a : b over n0 × n1 × n2 × n3 elements, all three read through strides (0 where broadcast).
import type { GpujsCall } from './kernel.js';
import { indexOfView, placeIn, viewNumbers } from './views.js';

export function select({ args: { condition, a, b, y }, dims: { N }, params, launcher }: GpujsCall): void {
  const body = `${indexOfView} if (condition[${placeIn('c_stride')}] == 0.0) { return b[${placeIn('b_stride')}]; } return a[${placeIn('a_stride')}];`;
  const values = { condition: condition.value, a: a.value, b: b.value };
  y.setDevice(launcher.run(body, N, values, { ints: viewNumbers(params, ['c_stride', 'a_stride', 'b_stride']) }));
}
