// initial_state_backward: gradient of a trainable initial state
// Math      gradient[offset + s] += Σ_b d_initial_state[b, s], b ascending; the noise is additive and adds no term
// In        d_initial_state [B, S]
// Out       gradient [P], updated on [offset, offset + S)
// Mapping   one unit = up to 4 neighbouring entries s, through all trials
// Memory    reads B S floats, stride S
// Limits    offset ≥ 0, offset + S ≤ P
// Numerics  sums in f64, rounded once
// Twins     src/backends/reference/initial_state_backward.ts
import { at, loadPartial, storePartial } from './inline/math';

export function initial_state_backward(_variant: i32, d: usize, gradient: usize, trials: i32, size: i32, _p: i32, offset: i32, start: i32, end: i32, _thread: i32): void {
  for (let unit = start; unit < end; unit++) {
    const s = unit << 2;
    const count = size - s;
    let low = f64x2.splat(0);
    let high = f64x2.splat(0);
    for (let b: i32 = 0; b < trials; b++) {
      const source = at(d, b * size + s);
      const value = count >= 4 ? v128.load(source) : loadPartial(source, count);
      low = f64x2.add(low, f64x2.promote_low_f32x4(value));
      high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<f32>(value, value, 2, 3, 2, 3)));
    }
    const sum = v128.shuffle<f32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
    const target = at(gradient, offset + s);
    if (count >= 4) v128.store(target, f32x4.add(v128.load(target), sum));
    else storePartial(target, f32x4.add(loadPartial(target, count), sum), count);
  }
}
