// GRU, element by element: gates from pre-activations, and the gradient of those (Cho et al. 2014, eq. 5–8, with PyTorch's n-gate).
//   r = σ(a_r), z = σ(a_z), n = tanh(a_n + r c), c = W_hn h + b_hn, h' = n + z (h − n)
import { sigmoidPair, tanhClamped4, tanhDenominator4, tanhNumerator4 } from './activation';
import { flushTiny, madd } from './math';

/**
 * Turns a_r, a_z, c, a_n at `gates` (`bytes` each) into r, z, c, n and writes h'. Two loops: in one, a vector's chain of operations is
 * longer than what a processor looks ahead over, and it waits. Both take two activations by one division.
 */
export function gruForward(gates: usize, h: usize, hNext: usize, bytes: usize): void {
  for (let gate = gates; gate < gates + bytes; gate += 16) sigmoidPair(gate, gate + bytes);
  for (let i: usize = 0; i < bytes; i += 64) {
    candidates(gates + i, h + i, hNext + i, bytes);
    candidates(gates + i + 16, h + i + 16, hNext + i + 16, bytes);
  }
}

/** n and h' of two units, 4 trials each: what is not finite in one trial stays there. */
// @ts-ignore: decorator
@inline
function candidates(gate: usize, h: usize, hNext: usize, bytes: usize): void {
  const c0 = tanhClamped4(madd(v128.load(gate), v128.load(gate + 2 * bytes), v128.load(gate + 3 * bytes)));
  const c1 = tanhClamped4(madd(v128.load(gate, 32), v128.load(gate + 2 * bytes, 32), v128.load(gate + 3 * bytes, 32)));
  const u0 = f32x4.mul(c0, c0);
  const u1 = f32x4.mul(c1, c1);
  const q0 = tanhDenominator4(u0);
  const q1 = tanhDenominator4(u1);
  const inverse = f32x4.div(f32x4.splat(1), f32x4.mul(q0, q1));
  const n0 = f32x4.mul(f32x4.mul(tanhNumerator4(c0, u0), q1), inverse);
  const n1 = f32x4.mul(f32x4.mul(tanhNumerator4(c1, u1), q0), inverse);
  v128.store(gate + 3 * bytes, n0);
  v128.store(gate + 3 * bytes, n1, 32);
  v128.store(hNext, flushTiny(madd(v128.load(gate + bytes), f32x4.sub(v128.load(h), n0), n0)));
  v128.store(hNext, flushTiny(madd(v128.load(gate + bytes, 32), f32x4.sub(v128.load(h, 32), n1), n1)), 32);
}

/**
 * From ∂h' at `dh`: deltas of a_n, a_r, a_z, c (`bytes` each, in this order), and at `dh` the part of ∂h that does not pass through weights.
 * A gate is 0 or above 1e-8, so that what was flushed needs no second time after a product with one.
 */
export function gruBackward(gates: usize, h: usize, dh: usize, deltas: usize, bytes: usize): void {
  const one = f32x4.splat(1);
  for (let i: usize = 0; i < bytes; i += 16) {
    const gate = gates + i;
    const r = v128.load(gate);
    const z = v128.load(gate + bytes);
    const c = v128.load(gate + 2 * bytes);
    const n = v128.load(gate + 3 * bytes);
    const d = flushTiny(v128.load(dh + i));
    const dz = f32x4.mul(d, z);
    const dn = flushTiny(f32x4.mul(f32x4.sub(d, dz), f32x4.sub(one, f32x4.mul(n, n))));
    const delta = deltas + i;
    v128.store(delta, dn);
    const dnr = f32x4.mul(dn, r);
    v128.store(delta + bytes, flushTiny(f32x4.mul(f32x4.mul(dnr, c), f32x4.sub(one, r))));
    v128.store(delta + 2 * bytes, flushTiny(f32x4.mul(f32x4.mul(dz, f32x4.sub(one, z)), f32x4.sub(v128.load(h + i), n))));
    v128.store(delta + 3 * bytes, dnr);
    v128.store(dh + i, dz);
  }
}
