// NODE, element by element (Chen et al. 2018; one explicit Euler step a bin): ReLU layers, h' = h + stepSize · v.
import { flushTiny, madd } from './math';

/** x = max(x, 0); NaN passes. */
export function relu(x: usize, bytes: usize): void {
  for (const end = x + bytes; x < end; x += 32) {
    v128.store(x, f32x4.pmax(v128.load(x), f32x4.splat(0)));
    v128.store(x, f32x4.pmax(v128.load(x, 16), f32x4.splat(0)), 16);
  }
}

/** Keeps a delta where the activation was above 0. */
export function reluBackward(activation: usize, delta: usize, bytes: usize): void {
  for (const end = delta + bytes; delta < end; delta += 32) {
    v128.store(delta, flushTiny(v128.and(v128.load(delta), f32x4.gt(v128.load(activation), f32x4.splat(0)))));
    v128.store(delta, flushTiny(v128.and(v128.load(delta, 16), f32x4.gt(v128.load(activation, 16), f32x4.splat(0)))), 16);
    activation += 32;
  }
}

export function eulerStep(h: usize, velocity: usize, stepSize: f32, hNext: usize, bytes: usize): void {
  const step = f32x4.splat(stepSize);
  for (let i: usize = 0; i < bytes; i += 16) v128.store(hNext + i, flushTiny(madd(step, v128.load(velocity + i), v128.load(h + i))));
}

/** delta = stepSize · ∂h'; `dh` keeps ∂h' for the identity part. */
export function eulerBackward(dh: usize, stepSize: f32, delta: usize, bytes: usize): void {
  const step = f32x4.splat(stepSize);
  for (let i: usize = 0; i < bytes; i += 16) {
    const d = flushTiny(v128.load(dh + i));
    v128.store(dh + i, d);
    v128.store(delta + i, flushTiny(f32x4.mul(step, d)));
  }
}
