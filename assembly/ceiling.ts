// ceiling: a multiply-add loop that stays in registers: the arithmetic speed that benchmarks compare with
// Math      y[n] = 4 Σ_{i < 12} a_i after `iterations` steps a_i ← ½ a_i + 1 from a_i = i
// In        (none)
// Out       y [N]
// Mapping   one unit = one element of y: 12 independent vector accumulators, so that two multiply-adds of 4 to 6 cycles are always under way
// Memory    none
// Limits    iterations < 2^31
// Numerics  exact up to rounding of the last bit; no denormal occurs
// Twins     src/backends/reference/ceiling.ts
import { at, horizontalSum, madd } from './inline/math';

export function ceiling(_variant: i32, y: usize, _n: i32, iterations: i32, start: i32, end: i32, _thread: i32): void {
  for (let n = start; n < end; n++) store<f32>(at(y, n), run(iterations));
}

function run(iterations: i32): f32 {
  const half = f32x4.splat(0.5);
  const one = f32x4.splat(1);
  let a0 = f32x4.splat(0);
  let a1 = f32x4.splat(1);
  let a2 = f32x4.splat(2);
  let a3 = f32x4.splat(3);
  let a4 = f32x4.splat(4);
  let a5 = f32x4.splat(5);
  let a6 = f32x4.splat(6);
  let a7 = f32x4.splat(7);
  let a8 = f32x4.splat(8);
  let a9 = f32x4.splat(9);
  let a10 = f32x4.splat(10);
  let a11 = f32x4.splat(11);
  for (let k = 0; k < iterations; k++) {
    a0 = madd(a0, half, one);
    a1 = madd(a1, half, one);
    a2 = madd(a2, half, one);
    a3 = madd(a3, half, one);
    a4 = madd(a4, half, one);
    a5 = madd(a5, half, one);
    a6 = madd(a6, half, one);
    a7 = madd(a7, half, one);
    a8 = madd(a8, half, one);
    a9 = madd(a9, half, one);
    a10 = madd(a10, half, one);
    a11 = madd(a11, half, one);
  }
  let sum = f32x4.add(a0, a1);
  sum = f32x4.add(sum, a2);
  sum = f32x4.add(sum, a3);
  sum = f32x4.add(sum, a4);
  sum = f32x4.add(sum, a5);
  sum = f32x4.add(sum, a6);
  sum = f32x4.add(sum, a7);
  sum = f32x4.add(sum, a8);
  sum = f32x4.add(sum, a9);
  sum = f32x4.add(sum, a10);
  sum = f32x4.add(sum, a11);
  return horizontalSum(sum);
}
