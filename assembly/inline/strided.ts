// Strided views of up to four axes: how the kernels that broadcast walk over them, row by row, from any element on.
import { at } from './math';

/** Position in a view, given the flat row number (over axes 0, 1, 2) and the element on axis 3. */
// @ts-ignore: decorator
@inline
export function rowOffset(row: i32, n1: i32, n2: i32, stride0: i32, stride1: i32, stride2: i32): i32 {
  const plane = row / n2;
  return (plane / n1) * stride0 + (plane % n1) * stride1 + (row % n2) * stride2;
}

/** Four elements `stride` apart. */
// @ts-ignore: decorator
@inline
export function loadStrided(base: usize, offset: i32, stride: i32): v128 {
  if (stride == 1) return v128.load(at(base, offset));
  let x = v128.load32_splat(at(base, offset));
  if (stride == 0) return x;
  x = v128.load_lane<f32>(at(base, offset + stride), x, 1);
  x = v128.load_lane<f32>(at(base, offset + 2 * stride), x, 2);
  return v128.load_lane<f32>(at(base, offset + 3 * stride), x, 3);
}
