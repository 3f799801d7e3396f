// LSTM, element by element (Hochreiter & Schmidhuber 1997; Gers et al. 2000 for the forget gate; PyTorch's gate order i, f, g, o).
//   i = σ(a_i), f = σ(a_f), g = tanh(a_g), o = σ(a_o), c' = f c + i g, h' = o tanh(c')
import { sigmoidPair, sigmoidTanhPair, tanhClamped4, tanhDenominator4, tanhNumerator4 } from './activation';
import { flushTiny, madd } from './math';

/**
 * Turns pre-activations at `gates` (`bytes` each) into i, f, g, o, writes tanh(c') behind them, then c' and h'. Three loops: in one, a vector's chain of
 * operations is longer than what a processor looks ahead over, and it waits. Two activations are taken by one division.
 */
export function lstmForward(gates: usize, c: usize, cNext: usize, hNext: usize, bytes: usize): void {
  for (let gate = gates; gate < gates + bytes; gate += 16) sigmoidPair(gate, gate + bytes);
  for (let gate = gates + 2 * bytes; gate < gates + 3 * bytes; gate += 16) sigmoidTanhPair(gate + bytes, gate);
  for (let i: usize = 0; i < bytes; i += 64) {
    cells(gates + i, c + i, cNext + i, hNext + i, bytes);
    cells(gates + i + 16, c + i + 16, cNext + i + 16, hNext + i + 16, bytes);
  }
}

/** c', tanh(c') and h' of two units, 4 trials each: what is not finite in one trial stays there. */
// @ts-ignore: decorator
@inline
function cells(gate: usize, c: usize, cNext: usize, hNext: usize, bytes: usize): void {
  const c0 = nextCell(gate, c, bytes);
  const c1 = nextCell(gate + 32, c + 32, bytes);
  const x0 = tanhClamped4(c0);
  const x1 = tanhClamped4(c1);
  const u0 = f32x4.mul(x0, x0);
  const u1 = f32x4.mul(x1, x1);
  const q0 = tanhDenominator4(u0);
  const q1 = tanhDenominator4(u1);
  const inverse = f32x4.div(f32x4.splat(1), f32x4.mul(q0, q1));
  const t0 = f32x4.mul(f32x4.mul(tanhNumerator4(x0, u0), q1), inverse);
  const t1 = f32x4.mul(f32x4.mul(tanhNumerator4(x1, u1), q0), inverse);
  const h0 = flushTiny(f32x4.mul(v128.load(gate + 3 * bytes), t0));
  const h1 = flushTiny(f32x4.mul(v128.load(gate + 3 * bytes, 32), t1));
  v128.store(gate + 4 * bytes, t0);
  v128.store(gate + 4 * bytes, t1, 32);
  v128.store(cNext, c0);
  v128.store(cNext, c1, 32);
  v128.store(hNext, h0);
  v128.store(hNext, h1, 32);
}

/** c' = f c + i g. */
// @ts-ignore: decorator
@inline
function nextCell(gate: usize, c: usize, bytes: usize): v128 {
  return flushTiny(madd(v128.load(gate + bytes), v128.load(c), f32x4.mul(v128.load(gate), v128.load(gate + 2 * bytes))));
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
