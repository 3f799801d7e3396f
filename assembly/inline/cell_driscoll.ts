// Leaky RNN of Driscoll et al. 2024, element by element: h' = (1 − γ) h + γ f(a + ν); as CtDB implements it: h' = (1 − γ) recW h + γ f(recW h + b + ν), b the input part.
import { sigmoid4, softplus4, tanh4 } from './activation';
import { flushTiny, madd } from './math';

/** f(a): 0 softplus, 1 tanh, 2 relu, 3 retanh (Driscoll et al. 2024: max(tanh, 0)). */
// @ts-ignore: decorator
@inline
function activate(a: v128, activation: i32): v128 {
  if (activation == 0) return softplus4(a);
  if (activation == 2) return f32x4.pmax(a, f32x4.splat(0));
  const t = tanh4(a);
  return activation == 1 ? t : f32x4.pmax(t, f32x4.splat(0));
}

/** f'(a) from a and f(a). */
// @ts-ignore: decorator
@inline
function slope(a: v128, value: v128, activation: i32): v128 {
  if (activation == 0) return sigmoid4(a);
  const one = f32x4.splat(1);
  const positive = f32x4.gt(a, f32x4.splat(0));
  if (activation == 2) return v128.and(one, positive);
  const squared = f32x4.sub(one, f32x4.mul(value, value));
  return activation == 1 ? squared : v128.and(squared, positive);
}

/** `gate` holds a (`apart` 0) or recW h and then b + input part (`apart` 1), each `bytes`; it becomes f'(a + ν). `noise` may be 0. */
export function driscollForward(gate: usize, h: usize, noise: usize, hNext: usize, gamma: f32, activation: i32, apart: bool, bytes: usize): void {
  const leak = f32x4.splat(gamma);
  const keep = f32x4.splat(1 - gamma);
  for (let i: usize = 0; i < bytes; i += 16) {
    const recurrent = v128.load(gate + i);
    let a = apart ? f32x4.add(recurrent, v128.load(gate + bytes + i)) : recurrent;
    if (noise != 0) a = f32x4.add(a, v128.load(noise + i));
    const kept = apart ? recurrent : v128.load(h + i);
    const value = activate(a, activation);
    v128.store(hNext + i, flushTiny(madd(keep, kept, f32x4.mul(leak, value))));
    v128.store(gate + i, slope(a, value, activation));
  }
}

/** From ∂h' at `dh`: the delta of a, behind it (`apart` 1) that of recW h; `dh` becomes the part of ∂h that does not pass through weights. */
export function driscollBackward(gate: usize, dh: usize, delta: usize, gamma: f32, apart: bool, bytes: usize): void {
  const leak = f32x4.splat(gamma);
  const keep = f32x4.splat(1 - gamma);
  for (let i: usize = 0; i < bytes; i += 16) {
    const d = flushTiny(v128.load(dh + i));
    const da = flushTiny(f32x4.mul(f32x4.mul(leak, d), v128.load(gate + i)));
    const kept = flushTiny(f32x4.mul(keep, d));
    v128.store(delta + i, da);
    if (apart) v128.store(delta + bytes + i, f32x4.add(da, kept));
    v128.store(dh + i, apart ? f32x4.splat(0) : kept);
  }
}
