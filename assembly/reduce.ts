// reduce: sum or maximum over the middle axis
// Math      y[l, c] = scale · Σ_r x[l, r, c], or scale · max_r x[l, r, c]
// In        x [L, R, C]
// Out       y [L, C]
// Mapping   one unit = up to 4 neighbouring columns c of one l; with C = 1 one l, in 8 interleaved partial results
// Memory    reads L R C floats once, stride C between steps
// Limits    L R C < 2^31
// Numerics  sums in f64, rounded once; order fixed by R and C alone; the maximum is NaN if any element is, −∞ · scale over nothing
// Twins     src/backends/reference/reduce.ts
import { at, demote, horizontalSum64, loadUpTo, promoteHigh, storeUpTo } from './inline/math';

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
    b = f64x2.add(b, promoteHigh(first));
    c = f64x2.add(c, f64x2.promote_low_f32x4(next));
    d = f64x2.add(d, promoteHigh(next));
  }
  let sum = horizontalSum64(f64x2.add(a, b), f64x2.add(c, d));
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

/** Up to four neighbouring columns through all steps. */
// @ts-ignore: decorator
@inline
function reduceColumns(variant: i32, x: usize, y: usize, steps: i32, columns: i32, scale: f64, count: i32): void {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  let highest = f32x4.splat(-Infinity);
  for (let r: i32 = 0; r < steps; r++) {
    const value = loadUpTo(at(x, r * columns), count);
    if (variant == 0) {
      low = f64x2.add(low, f64x2.promote_low_f32x4(value));
      high = f64x2.add(high, promoteHigh(value));
    } else highest = f32x4.max(highest, value);
  }
  if (variant != 0) {
    low = f64x2.promote_low_f32x4(highest);
    high = promoteHigh(highest);
  }
  const factor = f64x2.splat(scale);
  storeUpTo(y, demote(f64x2.mul(low, factor), f64x2.mul(high, factor)), count);
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
    const source = at(x, l * steps * columns + c);
    const target = at(y, l * columns + c);
    const count = columns - c;
    if (count < 4) reduceColumns(variant, source, target, steps, columns, scale, count);
    else if (variant == 0) reduceColumns(0, source, target, steps, columns, scale, 4);
    else reduceColumns(1, source, target, steps, columns, scale, 4);
  }
}
