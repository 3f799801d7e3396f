// norm_loss: penalty on the norm of every trial's states, and its gradient
// Math      trial_loss[b] += scale n, n = ‖states[b, :, 0 … size)‖₂; d_states += scale states / n, nothing where n = 0
// In        states [B, T, S]
// Out       trial_loss [B], updated  d_states [B, T, S] (optional), updated
// Mapping   one unit = one trial b
// Memory    reads T · size floats twice
// Limits    size ≤ S; T S < 2^31
// Numerics  squares and their sum in f64
// Twins     src/backends/reference/norm_loss.ts
import { at, horizontalSum64, loadPartial, loadUpTo, madd, promoteHigh, storePartial } from './inline/math';

/** Σ x² of a run. */
function squares(x: usize, count: i32): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (let i: i32 = 0; i < count; i += 4) {
    const value = loadUpTo(at(x, i), count - i);
    const first = f64x2.promote_low_f32x4(value);
    const next = promoteHigh(value);
    low = f64x2.add(low, f64x2.mul(first, first));
    high = f64x2.add(high, f64x2.mul(next, next));
  }
  return horizontalSum64(low, high);
}

/** d += factor · x over a run. */
function addScaled(x: usize, d: usize, count: i32, factor: f32): void {
  const scale = f32x4.splat(factor);
  let i: i32 = 0;
  for (; i + 4 <= count; i += 4) v128.store(at(d, i), madd(scale, v128.load(at(x, i)), v128.load(at(d, i))));
  if (i < count) storePartial(at(d, i), madd(scale, loadPartial(at(x, i), count - i), loadPartial(at(d, i), count - i)), count - i);
}

// prettier-ignore
export function norm_loss(
  _variant: i32, states: usize, trialLoss: usize, dStates: usize, _b: i32, steps: i32, stateSize: i32, scale: f64, size: i32, start: i32, end: i32, _thread: i32,
): void {
  // Whole states are one run; a part of each is one run a time step.
  const runs: i32 = size == stateSize ? 1 : steps;
  const length: i32 = size == stateSize ? steps * size : size;
  for (let b = start; b < end; b++) {
    const first = b * steps * stateSize;
    let sum: f64 = 0;
    for (let r: i32 = 0; r < runs; r++) sum += squares(at(states, first + r * stateSize), length);
    const norm = sqrt<f64>(sum);
    store<f32>(at(trialLoss, b), load<f32>(at(trialLoss, b)) + <f32>(scale * norm));
    if (!dStates || norm == 0) continue;
    for (let r: i32 = 0; r < runs; r++) addScaled(at(states, first + r * stateSize), at(dStates, first + r * stateSize), length, <f32>(scale / norm));
  }
}
