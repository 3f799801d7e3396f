// cumulative_sum: running sum along the middle axis
// Math      y[l, r, c] = Σ_{s ≤ r} x[l, s, c], or Σ_{s ≥ r} when reverse
// In        x [L, R, C]
// Out       y [L, R, C]; may be x itself
// Mapping   one unit = up to 4 neighbouring columns c of one l, through all r
// Memory    stride C between steps
// Limits    L R C < 2^31
// Numerics  sums in f64, rounded once an element
// Twins     src/backends/reference/cumulative_sum.ts
import { at, demote, loadUpTo, promoteHigh, storeUpTo } from './inline/math';

/** Up to four neighbouring columns, from their first step on. */
// @ts-ignore: decorator
@inline
function runColumns(x: usize, y: usize, steps: i32, stride: i32, count: i32): void {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  let i: i32 = 0;
  for (let r: i32 = 0; r < steps; r++) {
    const value = loadUpTo(at(x, i), count);
    low = f64x2.add(low, f64x2.promote_low_f32x4(value));
    high = f64x2.add(high, promoteHigh(value));
    storeUpTo(at(y, i), demote(low, high), count);
    i += stride;
  }
}

export function cumulative_sum(_variant: i32, x: usize, y: usize, _l: i32, steps: i32, columns: i32, reverse: i32, start: i32, end: i32, _thread: i32): void {
  const groups = (columns + 3) >> 2;
  const stride: i32 = reverse ? -columns : columns;
  for (let unit = start; unit < end; unit++) {
    const l = unit / groups;
    const c = (unit - l * groups) << 2;
    const first = (l * steps + (reverse ? steps - 1 : 0)) * columns + c;
    if (columns - c >= 4) runColumns(at(x, first), at(y, first), steps, stride, 4);
    else runColumns(at(x, first), at(y, first), steps, stride, columns - c);
  }
}
