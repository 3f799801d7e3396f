// gradient_norm: Euclidean norm of the gradient, for clipping
// Math      norm[0] = √Σ_p (mask[p] gradient[p])²
// In        gradient [P]  mask [P] (absent = 1)
// Out       norm [E], its first element
// Mapping   one unit: a single pass of about 20 µs for 50 000 parameters, less than splitting it would save
// Memory    reads P (with a mask 2 P) floats once
// Limits    P < 2^31
// Numerics  squares and their sum in f64, in 4 interleaved partial sums; overflows only where f32 does
// Twins     src/backends/reference/gradient_norm.ts
import { at, horizontalSum64, loadUpTo, promoteHigh } from './inline/math';

/** Up to four elements of mask ∘ gradient. */
// @ts-ignore: decorator
@inline
function masked(gradient: usize, mask: usize, p: i32, count: i32): v128 {
  const g = loadUpTo(at(gradient, p), count);
  return mask ? f32x4.mul(g, loadUpTo(at(mask, p), count)) : g;
}

/** sum + x² of the lower two lanes. */
// @ts-ignore: decorator
@inline
function addSquares(sum: v128, x: v128): v128 {
  return f64x2.add(sum, f64x2.mul(x, x));
}

export function gradient_norm(_variant: i32, gradient: usize, mask: usize, norm: usize, count: i32, _e: i32, _start: i32, _end: i32, _thread: i32): void {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  let p: i32 = 0;
  for (; p + 4 <= count; p += 4) {
    const g = masked(gradient, mask, p, 4);
    low = addSquares(low, f64x2.promote_low_f32x4(g));
    high = addSquares(high, promoteHigh(g));
  }
  if (p < count) {
    const g = masked(gradient, mask, p, count - p);
    low = addSquares(low, f64x2.promote_low_f32x4(g));
    high = addSquares(high, promoteHigh(g));
  }
  store<f32>(norm, <f32>sqrt<f64>(horizontalSum64(low, high)));
}
