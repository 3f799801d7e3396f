// squared_error_loss: weighted squared error of every trial, and its gradient
// Math      trial_loss[b] += scale Σ_{t < steps, o} w (prediction − target)²; d_prediction += 2 scale w (prediction − target)
// In        prediction [B, T, O]  target [B, T, O] (absent = 0)  weight [B, T, W] (absent = 1; W is O, or 1 for all outputs)
// Out       trial_loss [B], updated  d_prediction [B, T, O] (optional), updated
// Mapping   one unit = one trial b
// Memory    reads up to 4 B T O floats once
// Limits    T O < 2^31
// Numerics  squares in f32, their sum in f64; the gradient has three roundings
// Twins     src/backends/reference/squared_error_loss.ts
import { at, horizontalSum64, loadUpTo, madd, promoteHigh, storeUpTo } from './inline/math';

/** w e² of up to four elements, whose weight is an array, or one number for all; adds the gradient. */
// @ts-ignore: decorator
@inline
function squaresOf(prediction: usize, target: usize, weight: usize, single: f32, d: usize, i: i32, count: i32, factor: f32): v128 {
  let error = loadUpTo(at(prediction, i), count);
  if (target) error = f32x4.sub(error, loadUpTo(at(target, i), count));
  const weighted = f32x4.mul(weight ? loadUpTo(at(weight, i), count) : f32x4.splat(single), error);
  if (d) storeUpTo(at(d, i), madd(f32x4.splat(factor), weighted, loadUpTo(at(d, i), count)), count);
  return f32x4.mul(weighted, error);
}

/** Σ w e² over `count` elements. */
function run(prediction: usize, target: usize, weight: usize, single: f32, d: usize, count: i32, factor: f32): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  let i: i32 = 0;
  for (; i + 4 <= count; i += 4) {
    const squares = squaresOf(prediction, target, weight, single, d, i, 4, factor);
    low = f64x2.add(low, f64x2.promote_low_f32x4(squares));
    high = f64x2.add(high, promoteHigh(squares));
  }
  if (i < count) {
    const squares = squaresOf(prediction, target, weight, single, d, i, count - i, factor);
    low = f64x2.add(low, f64x2.promote_low_f32x4(squares));
    high = f64x2.add(high, promoteHigh(squares));
  }
  return horizontalSum64(low, high);
}

// prettier-ignore
export function squared_error_loss(
  _variant: i32, prediction: usize, target: usize, weight: usize, trialLoss: usize, dPrediction: usize,
  _b: i32, steps: i32, outputs: i32, channels: i32, scale: f64, limit: i32, start: i32, end: i32, _thread: i32,
): void {
  const counted: i32 = max(0, min(steps, limit));
  const factor = <f32>(2 * scale);
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
