// elementwise_binary: y = f(a, b) with broadcasting by strides
// Math      add, subtract, multiply, divide, power, maximum, minimum, equal, not_equal, less, less_equal; comparisons give 1 or 0
// In        a [A]  b [B], read as n0 × n1 × n2 × n3 through strides (0 where broadcast)
// Out       y [N], N = n0 n1 n2 n3; may be a or b where that one is not broadcast
// Mapping   one unit = 1024 elements of y
// Memory    writes N floats; operands with unit or zero stride on the last axis load whole vectors
// Limits    N < 2^31
// Numerics  IEEE single operations; maximum and minimum give NaN when either side is NaN; power per lane in f64, correctly rounded but for ties
// Twins     src/backends/reference/elementwise_binary.ts
import { at } from './inline/math';
import { power } from './inline/power';
import { loadStrided, rowOffset } from './inline/strided';

const block: i32 = 1024;

function power4(a: v128, b: v128): v128 {
  let y = f32x4.splat(power(f32x4.extract_lane(a, 0), f32x4.extract_lane(b, 0)));
  y = f32x4.replace_lane(y, 1, power(f32x4.extract_lane(a, 1), f32x4.extract_lane(b, 1)));
  y = f32x4.replace_lane(y, 2, power(f32x4.extract_lane(a, 2), f32x4.extract_lane(b, 2)));
  return f32x4.replace_lane(y, 3, power(f32x4.extract_lane(a, 3), f32x4.extract_lane(b, 3)));
}

// @ts-ignore: decorator
@inline
function apply(variant: i32, a: v128, b: v128): v128 {
  if (variant == 0) return f32x4.add(a, b);
  if (variant == 1) return f32x4.sub(a, b);
  if (variant == 2) return f32x4.mul(a, b);
  if (variant == 3) return f32x4.div(a, b);
  if (variant == 4) return power4(a, b);
  if (variant == 5) return f32x4.max(a, b);
  if (variant == 6) return f32x4.min(a, b);
  const one = f32x4.splat(1);
  if (variant == 7) return v128.and(one, f32x4.eq(a, b));
  if (variant == 8) return v128.and(one, f32x4.ne(a, b));
  if (variant == 9) return v128.and(one, f32x4.lt(a, b));
  return v128.and(one, f32x4.le(a, b));
}

/** `count` elements of one row, from the operands' offsets on. */
// @ts-ignore: decorator
@inline
function segment(variant: i32, a: usize, aOffset: i32, aStride: i32, b: usize, bOffset: i32, bStride: i32, y: usize, count: i32): void {
  let i: i32 = 0;
  for (; i + 4 <= count; i += 4) v128.store(at(y, i), apply(variant, loadStrided(a, aOffset + i * aStride, aStride), loadStrided(b, bOffset + i * bStride, bStride)));
  for (; i < count; i++) v128.store_lane<f32>(at(y, i), apply(variant, v128.load32_splat(at(a, aOffset + i * aStride)), v128.load32_splat(at(b, bOffset + i * bStride))), 0);
}

// prettier-ignore
export function elementwise_binary(
  variant: i32, a: usize, b: usize, y: usize, _aLength: i32, _bLength: i32, n: i32, n0: i32, n1: i32, n2: i32, n3: i32,
  a0: i32, a1: i32, a2: i32, a3: i32, b0: i32, b1: i32, b2: i32, b3: i32, start: i32, end: i32, _thread: i32,
): void {
  // Axes that both operands walk through without a gap become one, so that equal shapes are one long row.
  for (let axis: i32 = 0; axis < 3; axis++) {
    if (n3 == 1) {
      a3 = a2;
      b3 = b2;
    } else if (n2 != 1 && (a2 != a3 * n3 || b2 != b3 * n3)) break;
    n3 *= n2;
    n2 = n1;
    a2 = a1;
    b2 = b1;
    n1 = n0;
    a1 = a0;
    b1 = b0;
    n0 = 1;
  }
  const stop: i32 = min(end * block, n);
  for (let i: i32 = start * block; i < stop; ) {
    const row = i / n3;
    const j = i - row * n3;
    const count: i32 = min(n3 - j, stop - i);
    const aOffset = rowOffset(row, n1, n2, a0, a1, a2) + j * a3;
    const bOffset = rowOffset(row, n1, n2, b0, b1, b2) + j * b3;
    const target = at(y, i);
    if (variant == 0) segment(0, a, aOffset, a3, b, bOffset, b3, target, count);
    else if (variant == 1) segment(1, a, aOffset, a3, b, bOffset, b3, target, count);
    else if (variant == 2) segment(2, a, aOffset, a3, b, bOffset, b3, target, count);
    else if (variant == 3) segment(3, a, aOffset, a3, b, bOffset, b3, target, count);
    else if (variant == 4) segment(4, a, aOffset, a3, b, bOffset, b3, target, count);
    else if (variant == 5) segment(5, a, aOffset, a3, b, bOffset, b3, target, count);
    else if (variant == 6) segment(6, a, aOffset, a3, b, bOffset, b3, target, count);
    else if (variant == 7) segment(7, a, aOffset, a3, b, bOffset, b3, target, count);
    else if (variant == 8) segment(8, a, aOffset, a3, b, bOffset, b3, target, count);
    else if (variant == 9) segment(9, a, aOffset, a3, b, bOffset, b3, target, count);
    else segment(10, a, aOffset, a3, b, bOffset, b3, target, count);
    i += count;
  }
}
