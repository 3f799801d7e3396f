// reduce: sum or maximum over the middle axis
// Math      y[l, c] = scale · Σ_r x[l, r, c], or scale · max_r x[l, r, c]
// In        x [L, R, C]
// Out       y [L, C]
// Mapping   one unit = up to 4 neighbouring columns c of one l; with C = 1 one l, in 8 interleaved partial results
// Memory    reads L R C floats once, stride C between steps
// Limits    L R C < 2^31
// Numerics  sums in f64, rounded once; order fixed by R and C alone; the maximum is NaN if any element is, −∞ · scale over nothing
// Twins     src/backends/reference/reduce.ts
import { at, loadPartial, storePartial } from './inline/math';

// @ts-ignore: decorator
@inline
function upper(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 2, 3));
}

/** scale · (four f64 sums in two vectors), as f32. */
// @ts-ignore: decorator
@inline
function rounded(low: v128, high: v128, scale: f64): v128 {
  const factor = f64x2.splat(scale);
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(f64x2.mul(low, factor)), f32x4.demote_f64x2_zero(f64x2.mul(high, factor)), 0, 1, 4, 5);
}

/** Σ of a contiguous run. */
function sumRun(x: usize, count: i32): f64 {
  let a = f64x2.splat(0);
  let b = f64x2.splat(0);
  let c = f64x2.splat(0);
  let d = f64x2.splat(0);
  let i: i32 = 0;
  for (; i + 8 <= count; i += 8) {
    const first = v128.load(at(x, i));
    const next = v128.load(at(x, i), 16);
    a = f64x2.add(a, f64x2.promote_low_f32x4(first));
    b = f64x2.add(b, upper(first));
    c = f64x2.add(c, f64x2.promote_low_f32x4(next));
    d = f64x2.add(d, upper(next));
  }
  const total = f64x2.add(f64x2.add(a, b), f64x2.add(c, d));
  let sum = f64x2.extract_lane(total, 0) + f64x2.extract_lane(total, 1);
  for (; i < count; i++) sum += <f64>load<f32>(at(x, i));
  return sum;
}

/** Maximum of a contiguous run. */
function maximumRun(x: usize, count: i32): f32 {
  let highest = f32x4.splat(-Infinity);
  let i: i32 = 0;
  for (; i + 4 <= count; i += 4) highest = f32x4.max(highest, v128.load(at(x, i)));
  const pairs = f32x4.max(highest, v128.shuffle<f32>(highest, highest, 2, 3, 0, 1));
  let result = max(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1));
  for (; i < count; i++) result = max(result, load<f32>(at(x, i)));
  return result;
}

export function reduce(variant: i32, x: usize, y: usize, _l: i32, steps: i32, columns: i32, scale: f64, start: i32, end: i32, _thread: i32): void {
  if (columns == 1) {
    for (let l = start; l < end; l++) {
      const run = at(x, l * steps);
      store<f32>(at(y, l), variant == 0 ? <f32>(scale * sumRun(run, steps)) : <f32>(scale * <f64>maximumRun(run, steps)));
    }
    return;
  }
  const groups = (columns + 3) >> 2;
  for (let unit = start; unit < end; unit++) {
    const l = unit / groups;
    const c = (unit - l * groups) << 2;
    const count = columns - c;
    let low = f64x2.splat(0);
    let high = f64x2.splat(0);
    let highest = f32x4.splat(-Infinity);
    for (let r: i32 = 0; r < steps; r++) {
      const source = at(x, (l * steps + r) * columns + c);
      const value = count >= 4 ? v128.load(source) : loadPartial(source, count);
      if (variant == 0) {
        low = f64x2.add(low, f64x2.promote_low_f32x4(value));
        high = f64x2.add(high, upper(value));
      } else highest = f32x4.max(highest, value);
    }
    const result = variant == 0 ? rounded(low, high, scale) : rounded(f64x2.promote_low_f32x4(highest), upper(highest), scale);
    if (count >= 4) v128.store(at(y, l * columns + c), result);
    else storePartial(at(y, l * columns + c), result, count);
  }
}
