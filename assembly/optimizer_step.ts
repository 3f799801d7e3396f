// optimizer_step: one update of all parameters from their gradient; where mask is 0, a parameter and its moments stay
// Math      g ← g · min(1, clip / (norm + 1e-6)) when clip > 0 (PyTorch clip_grad_norm_); sgd, adam: g ← g + λ θ; adamw: θ ← θ − lr λ θ
//           sgd: m ← momentum · m + g, θ ← θ − lr m; adam, adamw: m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g²,
//           θ ← θ − (lr / c₁) m / (√v / √c₂ + ε)    (Kingma & Ba 2015, arXiv:1412.6980; Loshchilov & Hutter 2019, arXiv:1711.05101)
// In        gradient [P]  norm [E] (optional: no clipping)  mask [P] (optional)
// Out       parameters [P]  moment1 [P] (optional for sgd)  moment2 [P] (adam, adamw), all updated
// Mapping   one unit = 4096 parameters
// Memory    reads up to 5 P, writes up to 3 P floats once
// Limits    P < 2^31
// Numerics  f32; coefficients such as 1 − β₂ are formed in f64; |g|, |m| < 1e-30 count as 0, as does v < 1e-35: WASM cannot flush denormals by itself,
//           and they are a hundred times slower
// Twins     src/backends/reference/optimizer_step.ts
import { at, constant, loadUpTo, madd, nmadd, storeUpTo } from './inline/math';

const block: i32 = 4096;

/** Below these count as 0: gradients and first moments; gradients in the second moment; the second moment. */
const limitTable = memory.data<f32>([1e-30, 1e-17, 1e-35]);

// @ts-ignore: decorator
@inline
function limit(i: usize): v128 {
  return constant(limitTable, i);
}

/** x, or 0 where |x| < least; NaN passes. */
// @ts-ignore: decorator
@inline
function flush(x: v128, least: v128): v128 {
  return v128.andnot(x, f32x4.lt(f32x4.abs(x), least));
}

/** Up to four parameters from p on. */
// prettier-ignore
// @ts-ignore: decorator
@inline
function updateFour(
  variant: i32, gradient: usize, mask: usize, parameters: usize, moment1: usize, moment2: usize, p: i32, count: i32,
  shrink: v128, decay: v128, keep: v128, rate: v128, beta1: v128, gain1: v128, beta2: v128, gain2: v128, scale2: v128, epsilon: v128,
): void {
  const old = loadUpTo(at(parameters, p), count);
  const frozen = mask ? f32x4.eq(loadUpTo(at(mask, p), count), f32x4.splat(0)) : i32x4.splat(0);
  let theta = old;
  let g = f32x4.mul(flush(loadUpTo(at(gradient, p), count), limit(0)), shrink);
  if (variant == 2) theta = f32x4.mul(theta, keep);
  else g = madd(decay, theta, g);
  if (variant == 0) {
    if (moment1) {
      const before = loadUpTo(at(moment1, p), count);
      g = flush(madd(beta1, before, g), limit(0));
      storeUpTo(at(moment1, p), v128.bitselect(before, g, frozen), count);
    }
    theta = nmadd(rate, g, theta);
  } else {
    const m0 = loadUpTo(at(moment1, p), count);
    const v0 = loadUpTo(at(moment2, p), count);
    const m = flush(madd(beta1, m0, f32x4.mul(gain1, g)), limit(0));
    const visible = flush(g, limit(1));
    const v = flush(madd(beta2, v0, f32x4.mul(f32x4.mul(gain2, visible), visible)), limit(2));
    storeUpTo(at(moment1, p), v128.bitselect(m0, m, frozen), count);
    storeUpTo(at(moment2, p), v128.bitselect(v0, v, frozen), count);
    theta = f32x4.sub(theta, f32x4.div(f32x4.mul(rate, m), madd(f32x4.sqrt(v), scale2, epsilon)));
  }
  storeUpTo(at(parameters, p), v128.bitselect(old, theta, frozen), count);
}

// prettier-ignore
// @ts-ignore: decorator
@inline
function update(
  variant: i32, gradient: usize, mask: usize, parameters: usize, moment1: usize, moment2: usize, from: i32, to: i32,
  shrink: f32, decay: f32, keep: f32, rate: f32, beta1: f32, gain1: f32, beta2: f32, gain2: f32, scale2: f32, epsilon: f32,
): void {
  const shrink4 = f32x4.splat(shrink);
  const decay4 = f32x4.splat(decay);
  const keep4 = f32x4.splat(keep);
  const rate4 = f32x4.splat(rate);
  const beta14 = f32x4.splat(beta1);
  const gain14 = f32x4.splat(gain1);
  const beta24 = f32x4.splat(beta2);
  const gain24 = f32x4.splat(gain2);
  const scale24 = f32x4.splat(scale2);
  const epsilon4 = f32x4.splat(epsilon);
  let p = from;
  for (; p + 4 <= to; p += 4) updateFour(variant, gradient, mask, parameters, moment1, moment2, p, 4, shrink4, decay4, keep4, rate4, beta14, gain14, beta24, gain24, scale24, epsilon4);
  if (p < to) updateFour(variant, gradient, mask, parameters, moment1, moment2, p, to - p, shrink4, decay4, keep4, rate4, beta14, gain14, beta24, gain24, scale24, epsilon4);
}

// prettier-ignore
export function optimizer_step(
  variant: i32, gradient: usize, norm: usize, mask: usize, parameters: usize, moment1: usize, moment2: usize, count: i32, _e: i32,
  learningRate: f64, weightDecay: f64, clip: f64, beta1: f64, beta2: f64, epsilon: f64, correction1: f64, correction2: f64, momentum: f64,
  start: i32, end: i32, _thread: i32,
): void {
  const from: i32 = start * block;
  const to: i32 = min(end * block, count);
  // NaN norms make NaN of every gradient, as they do in PyTorch.
  const ratio: f64 = clip > 0 && norm != 0 ? clip / (<f64>load<f32>(norm) + 1e-6) : 1;
  const shrink = <f32>(ratio > 1 ? 1 : ratio);
  const decay = <f32>weightDecay;
  const keep = <f32>(1 - learningRate * weightDecay);
  if (variant == 0) update(0, gradient, mask, parameters, moment1, moment2, from, to, shrink, decay, keep, <f32>learningRate, <f32>momentum, 0, 0, 0, 0, 0);
  else {
    const rate = <f32>(learningRate / correction1);
    const gain1 = <f32>(1 - beta1);
    const gain2 = <f32>(1 - beta2);
    const scale2 = <f32>(1 / sqrt<f64>(correction2));
    if (variant == 1) update(1, gradient, mask, parameters, moment1, moment2, from, to, shrink, decay, keep, rate, <f32>beta1, gain1, <f32>beta2, gain2, scale2, <f32>epsilon);
    else update(2, gradient, mask, parameters, moment1, moment2, from, to, shrink, decay, keep, rate, <f32>beta1, gain1, <f32>beta2, gain2, scale2, <f32>epsilon);
  }
}
