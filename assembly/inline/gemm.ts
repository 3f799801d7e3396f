// One register-blocked product for everything a rollout multiplies: forward, backward through time, weight gradients.
// Math      c[r][s] += Σ_k a[k][r] · b[k][s]
// Layout    a in panels of 4 rows, two steps of k and two rows a vector: [k / 2][row / 2][row % 2][k % 2]; b in blocks of 8 columns, [k][8] each (a last
//           block of 4, [k][4], where the number of columns asks for it); c block after block, [rows][columns of the block]. The depth is even.
// Mapping   4 × 8 (8 × 4 for four columns): eight accumulators, four vectors of b and one of a at a time, from which each weight is spread by a shuffle. These fit the 15 registers
//           that V8 allocates on x86; 8 × 8 with weights splat from memory spills some of them and computes an address for each splat
//           (70% instead of 80% of the ceiling with fused multiply-add, 93% instead of 96% without: docs/performance.md).
//           Where the engine joins pairs of vectors to 256 bits (`wide`), four chains of sums would leave its multipliers waiting and a shuffle costs what a load does:
//           there 8 × 8, with weights spread by loads. The sums are the same to the bit.
import { madd } from './math';

/** Not 0: this engine makes one instruction of 256 bits of two of 128 (src/platform/host.ts, wideVectors). */
// @ts-ignore: decorator
@external("env", "wide")
declare const wide: i32;

/** 4 rows × 8 columns, added to what lies at `from`. */
function product4x8(a: usize, b: usize, from: usize, c: usize, depth: i32): void {
  let c00 = v128.load(from, 0);
  let c01 = v128.load(from, 16);
  let c10 = v128.load(from, 32);
  let c11 = v128.load(from, 48);
  let c20 = v128.load(from, 64);
  let c21 = v128.load(from, 80);
  let c30 = v128.load(from, 96);
  let c31 = v128.load(from, 112);
  const end = a + (usize(depth) << 4);
  while (a < end) {
    const x00 = v128.load(b, 0);
    const x01 = v128.load(b, 16);
    const x10 = v128.load(b, 32);
    const x11 = v128.load(b, 48);
    const pair0 = v128.load(a, 0);
    const w00 = v128.shuffle<f32>(pair0, pair0, 0, 0, 0, 0);
    c00 = madd(x00, w00, c00);
    c01 = madd(x01, w00, c01);
    const w01 = v128.shuffle<f32>(pair0, pair0, 1, 1, 1, 1);
    c00 = madd(x10, w01, c00);
    c01 = madd(x11, w01, c01);
    const w10 = v128.shuffle<f32>(pair0, pair0, 2, 2, 2, 2);
    c10 = madd(x00, w10, c10);
    c11 = madd(x01, w10, c11);
    const w11 = v128.shuffle<f32>(pair0, pair0, 3, 3, 3, 3);
    c10 = madd(x10, w11, c10);
    c11 = madd(x11, w11, c11);
    const pair1 = v128.load(a, 16);
    const w20 = v128.shuffle<f32>(pair1, pair1, 0, 0, 0, 0);
    c20 = madd(x00, w20, c20);
    c21 = madd(x01, w20, c21);
    const w21 = v128.shuffle<f32>(pair1, pair1, 1, 1, 1, 1);
    c20 = madd(x10, w21, c20);
    c21 = madd(x11, w21, c21);
    const w30 = v128.shuffle<f32>(pair1, pair1, 2, 2, 2, 2);
    c30 = madd(x00, w30, c30);
    c31 = madd(x01, w30, c31);
    const w31 = v128.shuffle<f32>(pair1, pair1, 3, 3, 3, 3);
    c30 = madd(x10, w31, c30);
    c31 = madd(x11, w31, c31);
    a += 32;
    b += 64;
  }
  v128.store(c, c00, 0);
  v128.store(c, c01, 16);
  v128.store(c, c10, 32);
  v128.store(c, c11, 48);
  v128.store(c, c20, 64);
  v128.store(c, c21, 80);
  v128.store(c, c30, 96);
  v128.store(c, c31, 112);
}

/** 8 rows (panels at `a` and `below`) × 8 columns, for engines that make one instruction of 256 bits of two of 128: weights are spread by loads. */
function product8x8(a: usize, below: usize, b: usize, from: usize, c: usize, depth: i32): void {
  let c00 = v128.load(from, 0);
  let c01 = v128.load(from, 16);
  let c10 = v128.load(from, 32);
  let c11 = v128.load(from, 48);
  let c20 = v128.load(from, 64);
  let c21 = v128.load(from, 80);
  let c30 = v128.load(from, 96);
  let c31 = v128.load(from, 112);
  let c40 = v128.load(from, 128);
  let c41 = v128.load(from, 144);
  let c50 = v128.load(from, 160);
  let c51 = v128.load(from, 176);
  let c60 = v128.load(from, 192);
  let c61 = v128.load(from, 208);
  let c70 = v128.load(from, 224);
  let c71 = v128.load(from, 240);
  const end = a + (usize(depth) << 4);
  while (a < end) {
    const x00 = v128.load(b, 0);
    const x01 = v128.load(b, 16);
    const w00 = v128.load32_splat(a, 0);
    c00 = madd(x00, w00, c00);
    c01 = madd(x01, w00, c01);
    const w01 = v128.load32_splat(a, 8);
    c10 = madd(x00, w01, c10);
    c11 = madd(x01, w01, c11);
    const w02 = v128.load32_splat(a, 16);
    c20 = madd(x00, w02, c20);
    c21 = madd(x01, w02, c21);
    const w03 = v128.load32_splat(a, 24);
    c30 = madd(x00, w03, c30);
    c31 = madd(x01, w03, c31);
    const w04 = v128.load32_splat(below, 0);
    c40 = madd(x00, w04, c40);
    c41 = madd(x01, w04, c41);
    const w05 = v128.load32_splat(below, 8);
    c50 = madd(x00, w05, c50);
    c51 = madd(x01, w05, c51);
    const w06 = v128.load32_splat(below, 16);
    c60 = madd(x00, w06, c60);
    c61 = madd(x01, w06, c61);
    const w07 = v128.load32_splat(below, 24);
    c70 = madd(x00, w07, c70);
    c71 = madd(x01, w07, c71);
    const x10 = v128.load(b, 32);
    const x11 = v128.load(b, 48);
    const w10 = v128.load32_splat(a, 4);
    c00 = madd(x10, w10, c00);
    c01 = madd(x11, w10, c01);
    const w11 = v128.load32_splat(a, 12);
    c10 = madd(x10, w11, c10);
    c11 = madd(x11, w11, c11);
    const w12 = v128.load32_splat(a, 20);
    c20 = madd(x10, w12, c20);
    c21 = madd(x11, w12, c21);
    const w13 = v128.load32_splat(a, 28);
    c30 = madd(x10, w13, c30);
    c31 = madd(x11, w13, c31);
    const w14 = v128.load32_splat(below, 4);
    c40 = madd(x10, w14, c40);
    c41 = madd(x11, w14, c41);
    const w15 = v128.load32_splat(below, 12);
    c50 = madd(x10, w15, c50);
    c51 = madd(x11, w15, c51);
    const w16 = v128.load32_splat(below, 20);
    c60 = madd(x10, w16, c60);
    c61 = madd(x11, w16, c61);
    const w17 = v128.load32_splat(below, 28);
    c70 = madd(x10, w17, c70);
    c71 = madd(x11, w17, c71);
    a += 32;
    below += 32;
    b += 64;
  }
  v128.store(c, c00, 0);
  v128.store(c, c01, 16);
  v128.store(c, c10, 32);
  v128.store(c, c11, 48);
  v128.store(c, c20, 64);
  v128.store(c, c21, 80);
  v128.store(c, c30, 96);
  v128.store(c, c31, 112);
  v128.store(c, c40, 128);
  v128.store(c, c41, 144);
  v128.store(c, c50, 160);
  v128.store(c, c51, 176);
  v128.store(c, c60, 192);
  v128.store(c, c61, 208);
  v128.store(c, c70, 224);
  v128.store(c, c71, 240);
}

/** 4 rows × 4 columns. */
function product4x4(a: usize, b: usize, c: usize, depth: i32): void {
  let c00 = v128.load(c, 0);
  let c10 = v128.load(c, 16);
  let c20 = v128.load(c, 32);
  let c30 = v128.load(c, 48);
  const end = a + (usize(depth) << 4);
  while (a < end) {
    const x00 = v128.load(b, 0);
    const x10 = v128.load(b, 16);
    const pair0 = v128.load(a, 0);
    const w00 = v128.shuffle<f32>(pair0, pair0, 0, 0, 0, 0);
    c00 = madd(x00, w00, c00);
    const w01 = v128.shuffle<f32>(pair0, pair0, 1, 1, 1, 1);
    c00 = madd(x10, w01, c00);
    const w10 = v128.shuffle<f32>(pair0, pair0, 2, 2, 2, 2);
    c10 = madd(x00, w10, c10);
    const w11 = v128.shuffle<f32>(pair0, pair0, 3, 3, 3, 3);
    c10 = madd(x10, w11, c10);
    const pair1 = v128.load(a, 16);
    const w20 = v128.shuffle<f32>(pair1, pair1, 0, 0, 0, 0);
    c20 = madd(x00, w20, c20);
    const w21 = v128.shuffle<f32>(pair1, pair1, 1, 1, 1, 1);
    c20 = madd(x10, w21, c20);
    const w30 = v128.shuffle<f32>(pair1, pair1, 2, 2, 2, 2);
    c30 = madd(x00, w30, c30);
    const w31 = v128.shuffle<f32>(pair1, pair1, 3, 3, 3, 3);
    c30 = madd(x10, w31, c30);
    a += 32;
    b += 32;
  }
  v128.store(c, c00, 0);
  v128.store(c, c10, 16);
  v128.store(c, c20, 32);
  v128.store(c, c30, 48);
}

/** 4 columns and 8 rows, which begin at `a` and `below`: with 4 rows alone the chains of sums are too few to keep the multipliers busy. */
function product8x4(a: usize, below: usize, b: usize, c: usize, depth: i32): void {
  let c0 = v128.load(c, 0);
  let c1 = v128.load(c, 16);
  let c2 = v128.load(c, 32);
  let c3 = v128.load(c, 48);
  let c4 = v128.load(c, 64);
  let c5 = v128.load(c, 80);
  let c6 = v128.load(c, 96);
  let c7 = v128.load(c, 112);
  const end = a + (usize(depth) << 4);
  while (a < end) {
    const x0 = v128.load(b, 0);
    const x1 = v128.load(b, 16);
    const pair0 = v128.load(a, 0);
    c0 = madd(x0, v128.shuffle<f32>(pair0, pair0, 0, 0, 0, 0), c0);
    c0 = madd(x1, v128.shuffle<f32>(pair0, pair0, 1, 1, 1, 1), c0);
    c1 = madd(x0, v128.shuffle<f32>(pair0, pair0, 2, 2, 2, 2), c1);
    c1 = madd(x1, v128.shuffle<f32>(pair0, pair0, 3, 3, 3, 3), c1);
    const pair1 = v128.load(a, 16);
    c2 = madd(x0, v128.shuffle<f32>(pair1, pair1, 0, 0, 0, 0), c2);
    c2 = madd(x1, v128.shuffle<f32>(pair1, pair1, 1, 1, 1, 1), c2);
    c3 = madd(x0, v128.shuffle<f32>(pair1, pair1, 2, 2, 2, 2), c3);
    c3 = madd(x1, v128.shuffle<f32>(pair1, pair1, 3, 3, 3, 3), c3);
    const pair2 = v128.load(below, 0);
    c4 = madd(x0, v128.shuffle<f32>(pair2, pair2, 0, 0, 0, 0), c4);
    c4 = madd(x1, v128.shuffle<f32>(pair2, pair2, 1, 1, 1, 1), c4);
    c5 = madd(x0, v128.shuffle<f32>(pair2, pair2, 2, 2, 2, 2), c5);
    c5 = madd(x1, v128.shuffle<f32>(pair2, pair2, 3, 3, 3, 3), c5);
    const pair3 = v128.load(below, 16);
    c6 = madd(x0, v128.shuffle<f32>(pair3, pair3, 0, 0, 0, 0), c6);
    c6 = madd(x1, v128.shuffle<f32>(pair3, pair3, 1, 1, 1, 1), c6);
    c7 = madd(x0, v128.shuffle<f32>(pair3, pair3, 2, 2, 2, 2), c7);
    c7 = madd(x1, v128.shuffle<f32>(pair3, pair3, 3, 3, 3, 3), c7);
    a += 32;
    below += 32;
    b += 32;
  }
  v128.store(c, c0, 0);
  v128.store(c, c1, 16);
  v128.store(c, c2, 32);
  v128.store(c, c3, 48);
  v128.store(c, c4, 64);
  v128.store(c, c5, 80);
  v128.store(c, c6, 96);
  v128.store(c, c7, 112);
}

/** A block of zeros that products may start from. */
const zeros = memory.data(256, 16);

/** c[rows][8] = from + Σ_{k < depth} a[k][rows] · b[k][8]; `from` [rows][8] may be 0 for zeros. Rows is a multiple of 4, panels of a hold `depth` (even) steps of k. */
export function productTileFrom(a: usize, rows: i32, b: usize, depth: i32, from: usize, c: usize): void {
  const panel = usize(depth) << 4;
  const step: usize = from != 0 ? 128 : 0;
  if (from == 0) from = zeros;
  let row = 0;
  for (; wide != 0 && row + 8 <= rows; row += 8) {
    product8x8(a, a + panel, b, from, c, depth);
    a += 2 * panel;
    from += 2 * step;
    c += 256;
  }
  for (; row < rows; row += 4) {
    product4x8(a, b, from, c, depth);
    a += panel;
    from += step;
    c += 128;
  }
}

/** c[rows][8] += Σ_{k < depth} a[k][rows] · b[k][8]. */
// @ts-ignore: decorator
@inline
export function productTile(a: usize, rows: i32, b: usize, depth: i32, c: usize): void {
  productTileFrom(a, rows, b, depth, c, c);
}

/**
 * c[rows][columns] += Σ_{k < depth} a[k][rows] · b[k][columns]; rows and columns are multiples of 4, the depth is even.
 * Panels of a lie strideA steps of k apart, blocks of b strideB; the first `skip` steps of b are left out.
 */
export function productPanels(a: usize, strideA: i32, rows: i32, b: usize, strideB: i32, skip: i32, columns: i32, depth: i32, c: usize): void {
  for (let column = 0; column < columns; column += 8) {
    const whole = column + 8 <= columns;
    const block = b + (usize(skip) << (whole ? 5 : 4));
    const step = usize(strideA) << 4;
    let panel = a;
    let row = 0;
    if (!whole) {
      for (; row + 8 <= rows; row += 8) {
        product8x4(panel, panel + step, block, c, depth);
        panel += 2 * step;
        c += 128;
      }
    }
    if (whole && wide != 0) {
      for (; row + 8 <= rows; row += 8) {
        product8x8(panel, panel + step, block, c, c, depth);
        panel += 2 * step;
        c += 256;
      }
    }
    for (; row < rows; row += 4) {
      if (whole) product4x8(panel, block, c, c, depth);
      else product4x4(panel, block, c, depth);
      panel += step;
      c += whole ? 128 : 64;
    }
    b += usize(strideB) << 5;
  }
}
