// select: y = condition ≠ 0 ? a : b over n0 × n1 × n2 × n3 elements, all three read through strides (0 where broadcast).
import type { ReferenceCall } from './kernel.js';
import { at, forEachIndex, sizesOf, stridesOf } from './views.js';

export function select({ args: { condition, a, b, y }, params }: ReferenceCall): void {
  const cStrides = stridesOf(params, 'c_stride');
  const aStrides = stridesOf(params, 'a_stride');
  const bStrides = stridesOf(params, 'b_stride');
  let i = 0;
  forEachIndex(sizesOf(params), (i0, i1, i2, i3) => {
    const chosen = condition[at(cStrides, i0, i1, i2, i3)] !== 0;
    y[i++] = chosen ? a[at(aStrides, i0, i1, i2, i3)] : b[at(bStrides, i0, i1, i2, i3)];
  });
}
