// elementwise_unary: y = f(x), element by element
// Math      negate, absolute, sign, square, square_root, reciprocal, exponential, logarithm, tanh, sigmoid, softplus, relu, sine, cosine, floor
// In        x [N]
// Out       y [N]; may be x itself
// Mapping   one unit = 1024 elements
// Memory    reads and writes N floats once
// Limits    N < 2^31; sine and cosine for |x| ≤ 1e9
// Numerics  transcendentals by inline/activation.ts (errors stated there); sigmoid = 1 / (1 + e⁻ˣ), max relative error 4e-7; relu, sign pass NaN
// Twins     src/backends/reference/elementwise_unary.ts
import { cosine4, exp4, log4, sine4, softplus4, tanh4 } from './inline/activation';
import { at, loadPartial, storePartial } from './inline/math';

const block: i32 = 1024;

// @ts-ignore: decorator
@inline
function apply(variant: i32, x: v128): v128 {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  if (variant == 0) return f32x4.neg(x);
  if (variant == 1) return f32x4.abs(x);
  if (variant == 2) {
    const magnitude = v128.bitselect(x, one, v128.or(f32x4.eq(x, zero), f32x4.ne(x, x)));
    return v128.or(magnitude, v128.and(x, f32x4.splat(-0.0)));
  }
  if (variant == 3) return f32x4.mul(x, x);
  if (variant == 4) return f32x4.sqrt(x);
  if (variant == 5) return f32x4.div(one, x);
  if (variant == 6) return exp4(x);
  if (variant == 7) return log4(x);
  if (variant == 8) return tanh4(x);
  if (variant == 9) return f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x))));
  if (variant == 10) return softplus4(x);
  if (variant == 11) return f32x4.pmax(x, zero);
  if (variant == 12) return sine4(x);
  if (variant == 13) return cosine4(x);
  return f32x4.floor(x);
}

// @ts-ignore: decorator
@inline
function loop(variant: i32, x: usize, y: usize, from: i32, to: i32): void {
  let i = from;
  for (; i + 4 <= to; i += 4) v128.store(at(y, i), apply(variant, v128.load(at(x, i))));
  if (i < to) storePartial(at(y, i), apply(variant, loadPartial(at(x, i), to - i)), to - i);
}

export function elementwise_unary(variant: i32, x: usize, y: usize, n: i32, start: i32, end: i32, _thread: i32): void {
  const from: i32 = start * block;
  const to: i32 = min(end * block, n);
  if (variant == 0) loop(0, x, y, from, to);
  else if (variant == 1) loop(1, x, y, from, to);
  else if (variant == 2) loop(2, x, y, from, to);
  else if (variant == 3) loop(3, x, y, from, to);
  else if (variant == 4) loop(4, x, y, from, to);
  else if (variant == 5) loop(5, x, y, from, to);
  else if (variant == 6) loop(6, x, y, from, to);
  else if (variant == 7) loop(7, x, y, from, to);
  else if (variant == 8) loop(8, x, y, from, to);
  else if (variant == 9) loop(9, x, y, from, to);
  else if (variant == 10) loop(10, x, y, from, to);
  else if (variant == 11) loop(11, x, y, from, to);
  else if (variant == 12) loop(12, x, y, from, to);
  else if (variant == 13) loop(13, x, y, from, to);
  else loop(14, x, y, from, to);
}
