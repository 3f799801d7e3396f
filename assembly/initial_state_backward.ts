// initial_state_backward: gradient of a trainable initial state
// Math      gradient[offset + s] += Σ_b d_initial_state[b, s], b ascending; the noise is additive and adds no term
// In        d_initial_state [B, S]
// Out       gradient [P], updated on [offset, offset + S)
// Mapping   one unit = up to 4 neighbouring entries s, through all trials
// Memory    reads B S floats, stride S
// Limits    offset ≥ 0, offset + S ≤ P
// Numerics  sums of 32 trials in f64, each rounded once and added in order: the same bits however a batch is cut into micro-batches of whole 32
// Twins     src/backends/reference/initial_state_backward.ts
import { at, demote, loadUpTo, promoteHigh, storeUpTo } from './inline/math';

/** Trials that are summed before they are rounded. */
const ROUND: i32 = 32;

/** Up to four neighbouring entries through all trials. */
// @ts-ignore: decorator
@inline
function addColumns(d: usize, gradient: usize, trials: i32, size: i32, count: i32): void {
  let total = loadUpTo(gradient, count);
  for (let first: i32 = 0; first < trials; first += ROUND) {
    let low = f64x2.splat(0);
    let high = f64x2.splat(0);
    for (let b = first; b < min(trials, first + ROUND); b++) {
      const value = loadUpTo(at(d, b * size), count);
      low = f64x2.add(low, f64x2.promote_low_f32x4(value));
      high = f64x2.add(high, promoteHigh(value));
    }
    total = f32x4.add(total, demote(low, high));
  }
  storeUpTo(gradient, total, count);
}

export function initial_state_backward(_variant: i32, d: usize, gradient: usize, trials: i32, size: i32, _p: i32, offset: i32, start: i32, end: i32, _thread: i32): void {
  for (let unit = start; unit < end; unit++) {
    const s = unit << 2;
    if (size - s >= 4) addColumns(at(d, s), at(gradient, offset + s), trials, size, 4);
    else addColumns(at(d, s), at(gradient, offset + s), trials, size, size - s);
  }
}
