// gradient_norm: Euclidean norm of the gradient, for clipping
// Math      norm[0] = √Σ_p (mask[p] gradient[p])²
// In        gradient [P]  mask [P] (absent = 1)
// Out       norm [E], its first element
// Mapping   one unit: a single pass of about 20 µs for 50 000 parameters, less than splitting it would save
// Memory    reads P (with a mask 2 P) floats once
// Limits    P < 2^31
// Numerics  squares and their sum in f64, in 4 interleaved partial sums; overflows only where f32 does
// Twins     src/backends/reference/gradient_norm.ts
import { at, loadPartial } from './inline/math';

export function gradient_norm(_variant: i32, gradient: usize, mask: usize, norm: usize, count: i32, _e: i32, _start: i32, _end: i32, _thread: i32): void {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (let p: i32 = 0; p < count; p += 4) {
    const left = count - p;
    let g = left >= 4 ? v128.load(at(gradient, p)) : loadPartial(at(gradient, p), left);
    if (mask) g = f32x4.mul(g, left >= 4 ? v128.load(at(mask, p)) : loadPartial(at(mask, p), left));
    const first = f64x2.promote_low_f32x4(g);
    const next = f64x2.promote_low_f32x4(v128.shuffle<f32>(g, g, 2, 3, 2, 3));
    low = f64x2.add(low, f64x2.mul(first, first));
    high = f64x2.add(high, f64x2.mul(next, next));
  }
  const sum = f64x2.add(low, high);
  store<f32>(norm, <f32>sqrt<f64>(f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)));
}
