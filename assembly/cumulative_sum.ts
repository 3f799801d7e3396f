// cumulative_sum: running sum along the middle axis
// Math      y[l, r, c] = Σ_{s ≤ r} x[l, s, c], or Σ_{s ≥ r} when reverse
// In        x [L, R, C]
// Out       y [L, R, C]; may be x itself
// Mapping   one unit = up to 4 neighbouring columns c of one l, through all r
// Memory    stride C between steps
// Limits    L R C < 2^31
// Numerics  sums in f64, rounded once an element
// Twins     src/backends/reference/cumulative_sum.ts
import { at, loadPartial, storePartial } from './inline/math';

export function cumulative_sum(_variant: i32, x: usize, y: usize, _l: i32, steps: i32, columns: i32, reverse: i32, start: i32, end: i32, _thread: i32): void {
  const groups = (columns + 3) >> 2;
  const stride: i32 = reverse ? -columns : columns;
  for (let unit = start; unit < end; unit++) {
    const l = unit / groups;
    const c = (unit - l * groups) << 2;
    const count = columns - c;
    let i = (l * steps + (reverse ? steps - 1 : 0)) * columns + c;
    let low = f64x2.splat(0);
    let high = f64x2.splat(0);
    for (let r: i32 = 0; r < steps; r++) {
      const value = count >= 4 ? v128.load(at(x, i)) : loadPartial(at(x, i), count);
      low = f64x2.add(low, f64x2.promote_low_f32x4(value));
      high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<f32>(value, value, 2, 3, 2, 3)));
      const sum = v128.shuffle<f32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
      if (count >= 4) v128.store(at(y, i), sum);
      else storePartial(at(y, i), sum, count);
      i += stride;
    }
  }
}
