// select: takes a where the condition holds and b elsewhere, with broadcasting by strides
// Math      y = condition ≠ 0 ? a : b; a NaN condition holds
// In        condition [C]  a [A]  b [B], read as n0 × n1 × n2 × n3 through strides (0 where broadcast)
// Out       y [N], N = n0 n1 n2 n3
// Mapping   one unit = 1024 elements of y
// Memory    writes N floats; operands with unit or zero stride on the last axis load whole vectors
// Limits    N < 2^31
// Numerics  exact
// Twins     src/backends/reference/select.ts
import { at } from './inline/math';
import { loadStrided, rowOffset } from './inline/strided';

const block: i32 = 1024;

// @ts-ignore: decorator
@inline
function choose(condition: v128, a: v128, b: v128): v128 {
  return v128.bitselect(a, b, f32x4.ne(condition, f32x4.splat(0)));
}

// prettier-ignore
export function select(
  _variant: i32, condition: usize, a: usize, b: usize, y: usize, _cLength: i32, _aLength: i32, _bLength: i32, n: i32,
  _n0: i32, n1: i32, n2: i32, n3: i32, c0: i32, c1: i32, c2: i32, c3: i32, a0: i32, a1: i32, a2: i32, a3: i32,
  b0: i32, b1: i32, b2: i32, b3: i32, start: i32, end: i32, _thread: i32,
): void {
  const stop: i32 = min(end * block, n);
  for (let i: i32 = start * block; i < stop; ) {
    const row = i / n3;
    const j = i - row * n3;
    const count: i32 = min(n3 - j, stop - i);
    const cOffset = rowOffset(row, n1, n2, c0, c1, c2) + j * c3;
    const aOffset = rowOffset(row, n1, n2, a0, a1, a2) + j * a3;
    const bOffset = rowOffset(row, n1, n2, b0, b1, b2) + j * b3;
    const target = at(y, i);
    let k: i32 = 0;
    for (; k + 4 <= count; k += 4) {
      const chosen = choose(loadStrided(condition, cOffset + k * c3, c3), loadStrided(a, aOffset + k * a3, a3), loadStrided(b, bOffset + k * b3, b3));
      v128.store(at(target, k), chosen);
    }
    for (; k < count; k++) {
      const chosen = choose(v128.load32_splat(at(condition, cOffset + k * c3)), v128.load32_splat(at(a, aOffset + k * a3)), v128.load32_splat(at(b, bOffset + k * b3)));
      v128.store_lane<f32>(at(target, k), chosen, 0);
    }
    i += count;
  }
}
