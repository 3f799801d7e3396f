// Vanilla RNN, element by element (Elman 1990): h' = tanh(a).
import { tanh4 } from './activation';
import { flushTiny } from './math';

/** Turns pre-activations at `gate` into h' and writes it to the next state too. */
export function rnnForward(gate: usize, hNext: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    const h = flushTiny(tanh4(v128.load(gate + i)));
    v128.store(gate + i, h);
    v128.store(hNext + i, h);
  }
}

/** From ∂h' at `dh`: the delta of a; `dh` becomes 0. */
export function rnnBackward(gate: usize, dh: usize, delta: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    const h = v128.load(gate + i);
    v128.store(delta + i, flushTiny(f32x4.mul(v128.load(dh + i), f32x4.sub(f32x4.splat(1), f32x4.mul(h, h)))));
    v128.store(dh + i, f32x4.splat(0));
  }
}
