// LSTM, element by element (Hochreiter & Schmidhuber 1997; Gers et al. 2000 for the forget gate; PyTorch's gate order i, f, g, o).
//   i = σ(a_i), f = σ(a_f), g = tanh(a_g), o = σ(a_o), c' = f c + i g, h' = o tanh(c')
import { sigmoid4, tanh4 } from './activation';
import { flushTiny, madd } from './math';

/** Turns pre-activations at `gates` (`bytes` each) into i, f, g, o, writes tanh(c') behind them, then c' and h'. */
export function lstmForward(gates: usize, c: usize, cNext: usize, hNext: usize, bytes: usize): void {
  for (let k: usize = 0; k < bytes; k += 16) {
    const gate = gates + k;
    const i = sigmoid4(v128.load(gate));
    const f = sigmoid4(v128.load(gate + bytes));
    const g = tanh4(v128.load(gate + 2 * bytes));
    const o = sigmoid4(v128.load(gate + 3 * bytes));
    const next = flushTiny(madd(f, v128.load(c + k), f32x4.mul(i, g)));
    const t = tanh4(next);
    v128.store(gate, i);
    v128.store(gate + bytes, f);
    v128.store(gate + 2 * bytes, g);
    v128.store(gate + 3 * bytes, o);
    v128.store(gate + 4 * bytes, t);
    v128.store(cNext + k, next);
    v128.store(hNext + k, flushTiny(f32x4.mul(o, t)));
  }
}

/** From ∂h' at `dh` and ∂c' at `dc`: deltas of the four gates; `dc` becomes ∂c, `dh` becomes 0 (all of it passes through weights). */
export function lstmBackward(gates: usize, c: usize, dh: usize, dc: usize, deltas: usize, bytes: usize): void {
  const one = f32x4.splat(1);
  for (let k: usize = 0; k < bytes; k += 16) {
    const gate = gates + k;
    const i = v128.load(gate);
    const f = v128.load(gate + bytes);
    const g = v128.load(gate + 2 * bytes);
    const o = v128.load(gate + 3 * bytes);
    const t = v128.load(gate + 4 * bytes);
    const d = flushTiny(v128.load(dh + k));
    const dOut = f32x4.mul(d, o);
    const dCell = flushTiny(madd(dOut, f32x4.sub(one, f32x4.mul(t, t)), v128.load(dc + k)));
    const delta = deltas + k;
    v128.store(delta, flushTiny(f32x4.mul(f32x4.mul(dCell, g), f32x4.mul(i, f32x4.sub(one, i)))));
    const dForget = f32x4.mul(dCell, f);
    v128.store(delta + bytes, flushTiny(f32x4.mul(f32x4.mul(dForget, v128.load(c + k)), f32x4.sub(one, f))));
    v128.store(delta + 2 * bytes, flushTiny(f32x4.mul(f32x4.mul(dCell, i), f32x4.sub(one, f32x4.mul(g, g)))));
    v128.store(delta + 3 * bytes, flushTiny(f32x4.mul(f32x4.mul(dOut, t), f32x4.sub(one, o))));
    v128.store(dc + k, flushTiny(dForget));
    v128.store(dh + k, f32x4.splat(0));
  }
}
