// cross_entropy_loss: cross entropy of softmax outputs with target probabilities for every trial, and its gradient
// Math      trial_loss[b] −= scale Σ_t w Σ_o y log softmax(p)_o; d_prediction += scale w (softmax(p)_o Σ_o' y_o' − y_o)
// In        prediction [B, T, O]  target [B, T, O] (probabilities)  weight [B, T, W] (absent = 1; W = 1)
// Out       trial_loss [B], updated  d_prediction [B, T, O] (optional), updated
// Mapping   one unit = one trial b
// Memory    each row of O is read twice, from cache the second time
// Limits    T O < 2^31
// Numerics  exponentials by inline/activation.ts after the maximum is subtracted; sums over a row in f32, over time in f64
// Twins     src/backends/reference/cross_entropy_loss.ts
import { exp4, log4 } from './inline/activation';
import { at, horizontalSum, loadPartial, loadUpTo, storeUpTo } from './inline/math';

/** The maximum of a row. */
function highestOf(row: usize, count: i32): f32 {
  let highest = f32(-Infinity);
  for (let o: i32 = 0; o < count; o++) highest = max(highest, load<f32>(at(row, o)));
  return highest;
}

/** Four elements, or fewer with `rest` in the lanes behind. */
// @ts-ignore: decorator
@inline
function loadOr(address: usize, count: i32, rest: f32): v128 {
  if (count >= 4) return v128.load(address);
  const valid = i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count));
  return v128.bitselect(loadPartial(address, count), f32x4.splat(rest), valid);
}

/** −Σ_o y log softmax(p)_o of one row; adds `factor` times its gradient to d. */
function rowLoss(p: usize, y: usize, d: usize, outputs: i32, factor: f32): f32 {
  const highest = highestOf(p, outputs);
  let exponentials = f32x4.splat(0);
  let mass = f32x4.splat(0);
  for (let o: i32 = 0; o < outputs; o += 4) {
    const left = outputs - o;
    exponentials = f32x4.add(exponentials, exp4(f32x4.sub(loadOr(at(p, o), left, -Infinity), f32x4.splat(highest))));
    mass = f32x4.add(mass, loadOr(at(y, o), left, 0));
  }
  const total = f32x4.splat(horizontalSum(exponentials));
  const logarithm = log4(total);
  const massSum = f32x4.splat(horizontalSum(mass));
  let loss = f32x4.splat(0);
  for (let o: i32 = 0; o < outputs; o += 4) {
    const left = outputs - o;
    const target = loadOr(at(y, o), left, 0);
    const logProbability = f32x4.sub(f32x4.sub(loadOr(at(p, o), left, highest), f32x4.splat(highest)), logarithm);
    loss = f32x4.sub(loss, f32x4.mul(target, logProbability));
    if (d) {
      const gradient = f32x4.mul(f32x4.splat(factor), f32x4.sub(f32x4.mul(exp4(logProbability), massSum), target));
      storeUpTo(at(d, o), f32x4.add(loadUpTo(at(d, o), left), gradient), left);
    }
  }
  return horizontalSum(loss);
}

// prettier-ignore
export function cross_entropy_loss(
  _variant: i32, prediction: usize, target: usize, weight: usize, trialLoss: usize, dPrediction: usize,
  _b: i32, steps: i32, outputs: i32, _w: i32, scale: f64, start: i32, end: i32, _thread: i32,
): void {
  for (let b = start; b < end; b++) {
    let sum: f64 = 0;
    for (let t: i32 = 0; t < steps; t++) {
      const row = (b * steps + t) * outputs;
      const w: f64 = weight ? <f64>load<f32>(at(weight, b * steps + t)) : 1;
      sum += w * <f64>rowLoss(at(prediction, row), at(target, row), dPrediction ? at(dPrediction, row) : 0, outputs, <f32>(scale * w));
    }
    store<f32>(at(trialLoss, b), load<f32>(at(trialLoss, b)) + <f32>(scale * sum));
  }
}
