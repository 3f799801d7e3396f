// squared_error_loss: weighted squared error of every trial, and its gradient
// Math      trial_loss[b] += scale Σ_{t < steps, o} w (prediction − target)²; d_prediction += 2 scale w (prediction − target)
// In        prediction [B, T, O]  target [B, T, O] (absent = 0)  weight [B, T, W] (absent = 1; W is O, or 1 for all outputs)
// Out       trial_loss [B], updated  d_prediction [B, T, O] (optional), updated
// Mapping   one unit = one trial b
// Memory    reads up to 4 B T O floats once
// Limits    T O < 2^31
// Numerics  squares in f32, their sum in f64; the gradient has three roundings
// Twins     src/backends/reference/squared_error_loss.ts
import { at, loadPartial, madd, storePartial } from './inline/math';

/** Four (or, at the end of a run, `count`) elements. */
// @ts-ignore: decorator
@inline
function loadUpTo(address: usize, count: i32): v128 {
  return count >= 4 ? v128.load(address) : loadPartial(address, count);
}

/** Σ w e² over `count` elements whose weight is an array, or one number for all; adds the gradient. */
function run(prediction: usize, target: usize, weight: usize, single: f32, d: usize, count: i32, factor: f32): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  const doubled = f32x4.splat(factor);
  for (let i: i32 = 0; i < count; i += 4) {
    const left = count - i;
    let error = loadUpTo(at(prediction, i), left);
    if (target) error = f32x4.sub(error, loadUpTo(at(target, i), left));
    const weighted = f32x4.mul(weight ? loadUpTo(at(weight, i), left) : f32x4.splat(single), error);
    const squares = f32x4.mul(weighted, error);
    low = f64x2.add(low, f64x2.promote_low_f32x4(squares));
    high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<f32>(squares, squares, 2, 3, 2, 3)));
    if (d) {
      const gradient = madd(doubled, weighted, loadUpTo(at(d, i), left));
      if (left >= 4) v128.store(at(d, i), gradient);
      else storePartial(at(d, i), gradient, left);
    }
  }
  const sum = f64x2.add(low, high);
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
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
