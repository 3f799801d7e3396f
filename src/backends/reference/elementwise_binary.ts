// elementwise_binary: y = f(a, b) over n0 × n1 × n2 × n3 elements, operands read through strides (0 where broadcast).
// Math  maximum and minimum give NaN when either side is NaN; comparisons give 1 or 0, and 0 with NaN except for not_equal.
import type { ReferenceCall } from './kernel.js';
import { at, forEachIndex, sizesOf, stridesOf } from './views.js';

const functions: Readonly<Record<string, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  power: (a, b) => a ** b,
  maximum: Math.max,
  minimum: Math.min,
  equal: (a, b) => (a === b ? 1 : 0),
  not_equal: (a, b) => (a !== b ? 1 : 0),
  less: (a, b) => (a < b ? 1 : 0),
  less_equal: (a, b) => (a <= b ? 1 : 0),
};

export function elementwise_binary({ variant, args: { a, b, y }, params }: ReferenceCall): void {
  const f = functions[variant];
  const aStrides = stridesOf(params, 'a_stride');
  const bStrides = stridesOf(params, 'b_stride');
  let i = 0;
  forEachIndex(sizesOf(params), (i0, i1, i2, i3) => {
    y[i++] = f(a[at(aStrides, i0, i1, i2, i3)], b[at(bStrides, i0, i1, i2, i3)]);
  });
}
