// copy_strided: y[y_offset + i · y_stride] = x[x_offset + i · x_stride], plus what y held before when accumulate: transpose, slice, concat, pad.
import type { ReferenceCall } from './kernel.js';
import { at, forEachIndex, sizesOf, stridesOf } from './views.js';

export function copy_strided({ args: { x, y }, params }: ReferenceCall): void {
  const xStrides = stridesOf(params, 'x_stride');
  const yStrides = stridesOf(params, 'y_stride');
  forEachIndex(sizesOf(params), (i0, i1, i2, i3) => {
    const source = params.x_offset + at(xStrides, i0, i1, i2, i3);
    const target = params.y_offset + at(yStrides, i0, i1, i2, i3);
    y[target] = (params.accumulate ? y[target] : 0) + x[source];
  });
}
