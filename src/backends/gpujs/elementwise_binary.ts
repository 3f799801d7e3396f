// elementwise_binary: y = f(a, b) over n0 × n1 × n2 × n3 elements, operands read through strides (0 where broadcast).
import type { GpujsCall } from './kernel.js';
import { indexOfView, placeIn, viewNumbers } from './views.js';

const functions: Readonly<Record<string, string>> = {
  add: 'u + v',
  subtract: 'u - v',
  multiply: 'u * v',
  divide: 'u / v',
  power: 'power(u, v)',
  maximum: '(u >= v || u != u) ? u : v',
  minimum: '(u <= v || u != u) ? u : v',
  equal: 'u == v ? 1.0 : 0.0',
  not_equal: 'u == v ? 0.0 : 1.0',
  less: 'u < v ? 1.0 : 0.0',
  less_equal: 'u <= v ? 1.0 : 0.0',
};

export function elementwise_binary({ variant, args: { a, b, y }, dims: { N }, params, launcher }: GpujsCall): void {
  const body = `${indexOfView} const u = a[${placeIn('a_stride')}]; const v = b[${placeIn('b_stride')}]; return ${functions[variant]};`;
  y.setDevice(launcher.run(body, N, { a: a.value, b: b.value }, { ints: viewNumbers(params, ['a_stride', 'b_stride']) }));
}
