// matmul: products of G pairs of matrices, each transposed where asked
// Math      y[g, m, n] = Σ_k a[g, m, k] b[g, k, n], with a[g, k, m] when transpose_a and b[g, n, k] when transpose_b
// In        a [G, A0, A1]  b [G, B0, B1]
// Out       y [G, M, N]
// Mapping   one unit = 8 rows m of one g
// Memory    tiles of 4 rows × 8 columns in registers (4 × 4 for a transposed b, turned 4 × 4 at a time, and for the last columns)
// Limits    every matrix < 2^31 elements; K is not packed: for long sums of wide matrices b should fit the cache
// Numerics  f32 sums, k ascending: max relative error of the sum of magnitudes about K · 6e-8
// Twins     src/backends/reference/matmul.ts
import { at, loadUpTo, madd, storeUpTo } from './inline/math';

const block: i32 = 8;

/** Four rows by eight columns; b walks along its rows. Rows from `rows` on repeat the last one and are not stored. */
function tile4x8(a: usize, aRow: i32, aStep: i32, b: usize, bStep: i32, y: usize, columns: i32, rows: i32, depth: i32): void {
  const offset1: usize = (<usize>(aRow * min(1, rows - 1))) << 2;
  const offset2: usize = (<usize>(aRow * min(2, rows - 1))) << 2;
  const offset3: usize = (<usize>(aRow * min(3, rows - 1))) << 2;
  const aBytes: usize = (<usize>aStep) << 2;
  const bBytes: usize = (<usize>bStep) << 2;
  const zero = f32x4.splat(0);
  let y00 = zero;
  let y01 = zero;
  let y10 = zero;
  let y11 = zero;
  let y20 = zero;
  let y21 = zero;
  let y30 = zero;
  let y31 = zero;
  for (let k: i32 = 0; k < depth; k++) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const a0 = v128.load32_splat(a);
    y00 = madd(a0, b0, y00);
    y01 = madd(a0, b1, y01);
    const a1 = v128.load32_splat(a + offset1);
    y10 = madd(a1, b0, y10);
    y11 = madd(a1, b1, y11);
    const a2 = v128.load32_splat(a + offset2);
    y20 = madd(a2, b0, y20);
    y21 = madd(a2, b1, y21);
    const a3 = v128.load32_splat(a + offset3);
    y30 = madd(a3, b0, y30);
    y31 = madd(a3, b1, y31);
    a += aBytes;
    b += bBytes;
  }
  v128.store(y, y00);
  v128.store(y, y01, 16);
  if (rows > 1) {
    v128.store(at(y, columns), y10);
    v128.store(at(y, columns), y11, 16);
  }
  if (rows > 2) {
    v128.store(at(y, 2 * columns), y20);
    v128.store(at(y, 2 * columns), y21, 16);
  }
  if (rows > 3) {
    v128.store(at(y, 3 * columns), y30);
    v128.store(at(y, 3 * columns), y31, 16);
  }
}

/** The elements b[k, n … n + count) as one vector; `bColumn` is the distance between columns. */
// @ts-ignore: decorator
@inline
function loadColumns(b: usize, bColumn: i32, count: i32): v128 {
  if (bColumn == 1) return loadUpTo(b, count);
  let x = v128.load32_zero(b);
  if (count > 1) x = v128.load_lane<f32>(at(b, bColumn), x, 1);
  if (count > 2) x = v128.load_lane<f32>(at(b, 2 * bColumn), x, 2);
  if (count > 3) x = v128.load_lane<f32>(at(b, 3 * bColumn), x, 3);
  return x;
}

/** Four rows by up to four columns, b in either orientation. */
function tile4x4(a: usize, aRow: i32, aStep: i32, b: usize, bStep: i32, bColumn: i32, y: usize, columns: i32, rows: i32, depth: i32, count: i32): void {
  const offset1: usize = (<usize>(aRow * min(1, rows - 1))) << 2;
  const offset2: usize = (<usize>(aRow * min(2, rows - 1))) << 2;
  const offset3: usize = (<usize>(aRow * min(3, rows - 1))) << 2;
  const aBytes: usize = (<usize>aStep) << 2;
  const bBytes: usize = (<usize>bStep) << 2;
  let y0 = f32x4.splat(0);
  let y1 = y0;
  let y2 = y0;
  let y3 = y0;
  let k: i32 = 0;
  if (bColumn != 1 && bStep == 1 && count >= 4) {
    for (; k + 4 <= depth; k += 4) {
      // Four columns of four steps each, turned so that each vector holds one step.
      const c0 = v128.load(b);
      const c1 = v128.load(at(b, bColumn));
      const c2 = v128.load(at(b, 2 * bColumn));
      const c3 = v128.load(at(b, 3 * bColumn));
      const low01 = v128.shuffle<f32>(c0, c1, 0, 4, 1, 5);
      const low23 = v128.shuffle<f32>(c2, c3, 0, 4, 1, 5);
      const high01 = v128.shuffle<f32>(c0, c1, 2, 6, 3, 7);
      const high23 = v128.shuffle<f32>(c2, c3, 2, 6, 3, 7);
      for (let step: i32 = 0; step < 4; step++) {
        const low = step < 2 ? low01 : high01;
        const high = step < 2 ? low23 : high23;
        const value = step & 1 ? v128.shuffle<f64>(low, high, 1, 3) : v128.shuffle<f64>(low, high, 0, 2);
        y0 = madd(v128.load32_splat(a), value, y0);
        y1 = madd(v128.load32_splat(a + offset1), value, y1);
        y2 = madd(v128.load32_splat(a + offset2), value, y2);
        y3 = madd(v128.load32_splat(a + offset3), value, y3);
        a += aBytes;
      }
      b += 16;
    }
  }
  for (; k < depth; k++) {
    const value = loadColumns(b, bColumn, count);
    y0 = madd(v128.load32_splat(a), value, y0);
    y1 = madd(v128.load32_splat(a + offset1), value, y1);
    y2 = madd(v128.load32_splat(a + offset2), value, y2);
    y3 = madd(v128.load32_splat(a + offset3), value, y3);
    a += aBytes;
    b += bBytes;
  }
  storeUpTo(y, y0, count);
  if (rows > 1) storeUpTo(at(y, columns), y1, count);
  if (rows > 2) storeUpTo(at(y, 2 * columns), y2, count);
  if (rows > 3) storeUpTo(at(y, 3 * columns), y3, count);
}

// prettier-ignore
export function matmul(
  _variant: i32, a: usize, b: usize, y: usize, _g: i32, a0: i32, a1: i32, b0: i32, b1: i32, m: i32, n: i32,
  transposeA: i32, transposeB: i32, start: i32, end: i32, _thread: i32,
): void {
  const depth = transposeA ? a0 : a1;
  const aRow: i32 = transposeA ? 1 : a1;
  const aStep: i32 = transposeA ? a1 : 1;
  const bStep: i32 = transposeB ? 1 : b1;
  const bColumn: i32 = transposeB ? b1 : 1;
  const blocks = (m + block - 1) / block;
  for (let unit = start; unit < end; unit++) {
    const g = unit / blocks;
    const first = (unit - g * blocks) * block;
    const last: i32 = min(first + block, m);
    const left = at(a, g * a0 * a1);
    const right = at(b, g * b0 * b1);
    for (let row = first; row < last; row += 4) {
      const rows: i32 = min(4, last - row);
      const source = at(left, row * aRow);
      const target = at(y, (g * m + row) * n);
      let column: i32 = 0;
      if (bColumn == 1) for (; column + 8 <= n; column += 8) tile4x8(source, aRow, aStep, at(right, column), bStep, at(target, column), n, rows, depth);
      for (; column < n; column += 4) tile4x4(source, aRow, aStep, at(right, column * bColumn), bStep, bColumn, at(target, column), n, rows, depth, min(4, n - column));
    }
  }
}
