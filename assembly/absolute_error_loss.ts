// absolute_error_loss: weighted absolute error of every trial, and its gradient
// Math      trial_loss[b] += scale Σ_{t < steps, o} w |prediction − target|; d_prediction += scale w sign(prediction − target), 0 where they are equal
// In        prediction [B, T, O]  target [B, T, O] (absent = 0)  weight [B, T, W] (absent = 1; W is O, or 1 for all outputs)
// Out       trial_loss [B], updated  d_prediction [B, T, O] (optional), updated
// Mapping   one unit = one trial b
// Memory    reads up to 4 B T O floats once
// Limits    T O < 2^31
// Numerics  terms in f32, their sum in f64; the gradient has two roundings
// Twins     src/backends/reference/absolute_error_loss.ts
import { at, horizontalSum64, loadUpTo, madd, promoteHigh, storeUpTo } from './inline/math';

/** −1, 0 or 1; NaN passes. */
// @ts-ignore: decorator
@inline
function sign(x: v128): v128 {
  const magnitude = v128.bitselect(x, f32x4.splat(1), v128.or(f32x4.eq(x, f32x4.splat(0)), f32x4.ne(x, x)));
  return v128.or(magnitude, v128.and(x, f32x4.splat(-0.0)));
}

/** w |e| of up to four elements, whose weight is an array, or one number for all; adds the gradient. */
// @ts-ignore: decorator
@inline
function termsOf(prediction: usize, target: usize, weight: usize, single: f32, d: usize, i: i32, count: i32, factor: f32): v128 {
  let error = loadUpTo(at(prediction, i), count);
  if (target) error = f32x4.sub(error, loadUpTo(at(target, i), count));
  const w = weight ? loadUpTo(at(weight, i), count) : f32x4.splat(single);
  if (d) storeUpTo(at(d, i), madd(f32x4.splat(factor), f32x4.mul(w, sign(error)), loadUpTo(at(d, i), count)), count);
  return f32x4.mul(w, f32x4.abs(error));
}

/** Σ w |e| over `count` elements. */
function run(prediction: usize, target: usize, weight: usize, single: f32, d: usize, count: i32, factor: f32): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  let i: i32 = 0;
  for (; i + 4 <= count; i += 4) {
    const terms = termsOf(prediction, target, weight, single, d, i, 4, factor);
    low = f64x2.add(low, f64x2.promote_low_f32x4(terms));
    high = f64x2.add(high, promoteHigh(terms));
  }
  if (i < count) {
    const terms = termsOf(prediction, target, weight, single, d, i, count - i, factor);
    low = f64x2.add(low, f64x2.promote_low_f32x4(terms));
    high = f64x2.add(high, promoteHigh(terms));
  }
  return horizontalSum64(low, high);
}

// prettier-ignore
export function absolute_error_loss(
  _variant: i32, prediction: usize, target: usize, weight: usize, trialLoss: usize, dPrediction: usize,
  _b: i32, steps: i32, outputs: i32, channels: i32, scale: f64, limit: i32, start: i32, end: i32, _thread: i32,
): void {
  const counted: i32 = max(0, min(steps, limit));
  const factor = <f32>scale;
  for (let b = start; b < end; b++) {
    const first = b * steps * outputs;
    const p = at(prediction, first);
    const y: usize = target ? at(target, first) : 0;
    const d: usize = dPrediction ? at(dPrediction, first) : 0;
    let sum: f64 = 0;
    if (!weight) sum = run(p, y, 0, 1, d, counted * outputs, factor);
    else if (channels == outputs) sum = run(p, y, at(weight, first), 1, d, counted * outputs, factor);
    else {
      for (let t: i32 = 0; t < counted; t++) {
        const row = t * outputs;
        const w = load<f32>(at(weight, b * steps + t));
        sum += run(at(p, row), y ? at(y, row) : 0, 0, w, d ? at(d, row) : 0, outputs, factor);
      }
    }
    store<f32>(at(trialLoss, b), load<f32>(at(trialLoss, b)) + <f32>(scale * sum));
  }
}
