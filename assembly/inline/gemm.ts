// One register-blocked product for everything a rollout multiplies: forward, backward through time, weight gradients.
// Math      c[r][s] (+)= Σ_k a[k][r] · b[k][s]
// Layout    a in panels of 8 rows, [k][8] each (a last panel of 4 rows, [k][4], where the number of rows asks for it); b in blocks of 8 or 4 columns
//           likewise, [k][8] or [k][4]; c in blocks [rows of the panel][columns of the block], panel after panel, block after block.
// Mapping   8 × 8: 16 accumulators; each weight is splat from memory and meets two vectors of trials (or of hidden units, for weight gradients).
//           Two steps of k an iteration, an odd one first: a second loop for what is left over costs V8 a third of the speed (docs/performance.md).
import { madd } from './math';
import { clearRows } from './tile';

/** 8 rows × 8 columns. */
function product8x8(a: usize, b: usize, c: usize, k: i32): void {
  let w: v128;
  let x0: v128, x1: v128;
  let c00 = v128.load(c, 0);
  let c01 = v128.load(c, 16);
  let c10 = v128.load(c, 32);
  let c11 = v128.load(c, 48);
  let c20 = v128.load(c, 64);
  let c21 = v128.load(c, 80);
  let c30 = v128.load(c, 96);
  let c31 = v128.load(c, 112);
  let c40 = v128.load(c, 128);
  let c41 = v128.load(c, 144);
  let c50 = v128.load(c, 160);
  let c51 = v128.load(c, 176);
  let c60 = v128.load(c, 192);
  let c61 = v128.load(c, 208);
  let c70 = v128.load(c, 224);
  let c71 = v128.load(c, 240);
  if (k & 1) {
    x0 = v128.load(b, 0);
    x1 = v128.load(b, 16);
    w = v128.load32_splat(a, 0);
    c00 = madd(x0, w, c00);
    c01 = madd(x1, w, c01);
    w = v128.load32_splat(a, 4);
    c10 = madd(x0, w, c10);
    c11 = madd(x1, w, c11);
    w = v128.load32_splat(a, 8);
    c20 = madd(x0, w, c20);
    c21 = madd(x1, w, c21);
    w = v128.load32_splat(a, 12);
    c30 = madd(x0, w, c30);
    c31 = madd(x1, w, c31);
    w = v128.load32_splat(a, 16);
    c40 = madd(x0, w, c40);
    c41 = madd(x1, w, c41);
    w = v128.load32_splat(a, 20);
    c50 = madd(x0, w, c50);
    c51 = madd(x1, w, c51);
    w = v128.load32_splat(a, 24);
    c60 = madd(x0, w, c60);
    c61 = madd(x1, w, c61);
    w = v128.load32_splat(a, 28);
    c70 = madd(x0, w, c70);
    c71 = madd(x1, w, c71);
    a += 32;
    b += 32;
  }
  const end = a + usize(k >> 1) * 64;
  while (a < end) {
    x0 = v128.load(b, 0);
    x1 = v128.load(b, 16);
    w = v128.load32_splat(a, 0);
    c00 = madd(x0, w, c00);
    c01 = madd(x1, w, c01);
    w = v128.load32_splat(a, 4);
    c10 = madd(x0, w, c10);
    c11 = madd(x1, w, c11);
    w = v128.load32_splat(a, 8);
    c20 = madd(x0, w, c20);
    c21 = madd(x1, w, c21);
    w = v128.load32_splat(a, 12);
    c30 = madd(x0, w, c30);
    c31 = madd(x1, w, c31);
    w = v128.load32_splat(a, 16);
    c40 = madd(x0, w, c40);
    c41 = madd(x1, w, c41);
    w = v128.load32_splat(a, 20);
    c50 = madd(x0, w, c50);
    c51 = madd(x1, w, c51);
    w = v128.load32_splat(a, 24);
    c60 = madd(x0, w, c60);
    c61 = madd(x1, w, c61);
    w = v128.load32_splat(a, 28);
    c70 = madd(x0, w, c70);
    c71 = madd(x1, w, c71);
    x0 = v128.load(b, 32);
    x1 = v128.load(b, 48);
    w = v128.load32_splat(a, 32);
    c00 = madd(x0, w, c00);
    c01 = madd(x1, w, c01);
    w = v128.load32_splat(a, 36);
    c10 = madd(x0, w, c10);
    c11 = madd(x1, w, c11);
    w = v128.load32_splat(a, 40);
    c20 = madd(x0, w, c20);
    c21 = madd(x1, w, c21);
    w = v128.load32_splat(a, 44);
    c30 = madd(x0, w, c30);
    c31 = madd(x1, w, c31);
    w = v128.load32_splat(a, 48);
    c40 = madd(x0, w, c40);
    c41 = madd(x1, w, c41);
    w = v128.load32_splat(a, 52);
    c50 = madd(x0, w, c50);
    c51 = madd(x1, w, c51);
    w = v128.load32_splat(a, 56);
    c60 = madd(x0, w, c60);
    c61 = madd(x1, w, c61);
    w = v128.load32_splat(a, 60);
    c70 = madd(x0, w, c70);
    c71 = madd(x1, w, c71);
    a += 64;
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

/** 8 rows × 4 columns. */
function product8x4(a: usize, b: usize, c: usize, k: i32): void {
  let w: v128;
  let x0: v128;
  let c00 = v128.load(c, 0);
  let c10 = v128.load(c, 16);
  let c20 = v128.load(c, 32);
  let c30 = v128.load(c, 48);
  let c40 = v128.load(c, 64);
  let c50 = v128.load(c, 80);
  let c60 = v128.load(c, 96);
  let c70 = v128.load(c, 112);
  if (k & 1) {
    x0 = v128.load(b, 0);
    w = v128.load32_splat(a, 0);
    c00 = madd(x0, w, c00);
    w = v128.load32_splat(a, 4);
    c10 = madd(x0, w, c10);
    w = v128.load32_splat(a, 8);
    c20 = madd(x0, w, c20);
    w = v128.load32_splat(a, 12);
    c30 = madd(x0, w, c30);
    w = v128.load32_splat(a, 16);
    c40 = madd(x0, w, c40);
    w = v128.load32_splat(a, 20);
    c50 = madd(x0, w, c50);
    w = v128.load32_splat(a, 24);
    c60 = madd(x0, w, c60);
    w = v128.load32_splat(a, 28);
    c70 = madd(x0, w, c70);
    a += 32;
    b += 16;
  }
  const end = a + usize(k >> 1) * 64;
  while (a < end) {
    x0 = v128.load(b, 0);
    w = v128.load32_splat(a, 0);
    c00 = madd(x0, w, c00);
    w = v128.load32_splat(a, 4);
    c10 = madd(x0, w, c10);
    w = v128.load32_splat(a, 8);
    c20 = madd(x0, w, c20);
    w = v128.load32_splat(a, 12);
    c30 = madd(x0, w, c30);
    w = v128.load32_splat(a, 16);
    c40 = madd(x0, w, c40);
    w = v128.load32_splat(a, 20);
    c50 = madd(x0, w, c50);
    w = v128.load32_splat(a, 24);
    c60 = madd(x0, w, c60);
    w = v128.load32_splat(a, 28);
    c70 = madd(x0, w, c70);
    x0 = v128.load(b, 16);
    w = v128.load32_splat(a, 32);
    c00 = madd(x0, w, c00);
    w = v128.load32_splat(a, 36);
    c10 = madd(x0, w, c10);
    w = v128.load32_splat(a, 40);
    c20 = madd(x0, w, c20);
    w = v128.load32_splat(a, 44);
    c30 = madd(x0, w, c30);
    w = v128.load32_splat(a, 48);
    c40 = madd(x0, w, c40);
    w = v128.load32_splat(a, 52);
    c50 = madd(x0, w, c50);
    w = v128.load32_splat(a, 56);
    c60 = madd(x0, w, c60);
    w = v128.load32_splat(a, 60);
    c70 = madd(x0, w, c70);
    a += 64;
    b += 32;
  }
  v128.store(c, c00, 0);
  v128.store(c, c10, 16);
  v128.store(c, c20, 32);
  v128.store(c, c30, 48);
  v128.store(c, c40, 64);
  v128.store(c, c50, 80);
  v128.store(c, c60, 96);
  v128.store(c, c70, 112);
}

/** 4 rows × 8 columns. */
function product4x8(a: usize, b: usize, c: usize, k: i32): void {
  let w: v128;
  let x0: v128, x1: v128;
  let c00 = v128.load(c, 0);
  let c01 = v128.load(c, 16);
  let c10 = v128.load(c, 32);
  let c11 = v128.load(c, 48);
  let c20 = v128.load(c, 64);
  let c21 = v128.load(c, 80);
  let c30 = v128.load(c, 96);
  let c31 = v128.load(c, 112);
  if (k & 1) {
    x0 = v128.load(b, 0);
    x1 = v128.load(b, 16);
    w = v128.load32_splat(a, 0);
    c00 = madd(x0, w, c00);
    c01 = madd(x1, w, c01);
    w = v128.load32_splat(a, 4);
    c10 = madd(x0, w, c10);
    c11 = madd(x1, w, c11);
    w = v128.load32_splat(a, 8);
    c20 = madd(x0, w, c20);
    c21 = madd(x1, w, c21);
    w = v128.load32_splat(a, 12);
    c30 = madd(x0, w, c30);
    c31 = madd(x1, w, c31);
    a += 16;
    b += 32;
  }
  const end = a + usize(k >> 1) * 32;
  while (a < end) {
    x0 = v128.load(b, 0);
    x1 = v128.load(b, 16);
    w = v128.load32_splat(a, 0);
    c00 = madd(x0, w, c00);
    c01 = madd(x1, w, c01);
    w = v128.load32_splat(a, 4);
    c10 = madd(x0, w, c10);
    c11 = madd(x1, w, c11);
    w = v128.load32_splat(a, 8);
    c20 = madd(x0, w, c20);
    c21 = madd(x1, w, c21);
    w = v128.load32_splat(a, 12);
    c30 = madd(x0, w, c30);
    c31 = madd(x1, w, c31);
    x0 = v128.load(b, 32);
    x1 = v128.load(b, 48);
    w = v128.load32_splat(a, 16);
    c00 = madd(x0, w, c00);
    c01 = madd(x1, w, c01);
    w = v128.load32_splat(a, 20);
    c10 = madd(x0, w, c10);
    c11 = madd(x1, w, c11);
    w = v128.load32_splat(a, 24);
    c20 = madd(x0, w, c20);
    c21 = madd(x1, w, c21);
    w = v128.load32_splat(a, 28);
    c30 = madd(x0, w, c30);
    c31 = madd(x1, w, c31);
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

/** 4 rows × 4 columns. */
function product4x4(a: usize, b: usize, c: usize, k: i32): void {
  let w: v128;
  let x0: v128;
  let c00 = v128.load(c, 0);
  let c10 = v128.load(c, 16);
  let c20 = v128.load(c, 32);
  let c30 = v128.load(c, 48);
  if (k & 1) {
    x0 = v128.load(b, 0);
    w = v128.load32_splat(a, 0);
    c00 = madd(x0, w, c00);
    w = v128.load32_splat(a, 4);
    c10 = madd(x0, w, c10);
    w = v128.load32_splat(a, 8);
    c20 = madd(x0, w, c20);
    w = v128.load32_splat(a, 12);
    c30 = madd(x0, w, c30);
    a += 16;
    b += 16;
  }
  const end = a + usize(k >> 1) * 32;
  while (a < end) {
    x0 = v128.load(b, 0);
    w = v128.load32_splat(a, 0);
    c00 = madd(x0, w, c00);
    w = v128.load32_splat(a, 4);
    c10 = madd(x0, w, c10);
    w = v128.load32_splat(a, 8);
    c20 = madd(x0, w, c20);
    w = v128.load32_splat(a, 12);
    c30 = madd(x0, w, c30);
    x0 = v128.load(b, 16);
    w = v128.load32_splat(a, 16);
    c00 = madd(x0, w, c00);
    w = v128.load32_splat(a, 20);
    c10 = madd(x0, w, c10);
    w = v128.load32_splat(a, 24);
    c20 = madd(x0, w, c20);
    w = v128.load32_splat(a, 28);
    c30 = madd(x0, w, c30);
    a += 32;
    b += 32;
  }
  v128.store(c, c00, 0);
  v128.store(c, c10, 16);
  v128.store(c, c20, 32);
  v128.store(c, c30, 48);
}

/** c[rows][8] (+)= Σ_{k < depth} a[k][rows] · b[k][8]; rows is a multiple of 4, panels of a hold `depth` steps of k. `fresh` starts from zero instead of from c. */
export function productTile(a: usize, rows: i32, b: usize, depth: i32, c: usize, fresh: bool): void {
  if (fresh) clearRows(c, rows);
  const panel = usize(depth) << 5;
  let row = 0;
  for (; row + 8 <= rows; row += 8) {
    product8x8(a, b, c, depth);
    a += panel;
    c += 256;
  }
  if (row < rows) product4x8(a, b, c, depth);
}

/**
 * c[rows][columns] += Σ_{k < depth} a[k][rows] · b[k][columns]; rows and columns are multiples of 4.
 * Panels of a lie strideA steps of k apart, blocks of b strideB; the first `skip` steps of b are left out.
 */
export function productPanels(a: usize, strideA: i32, rows: i32, b: usize, strideB: i32, skip: i32, columns: i32, depth: i32, c: usize): void {
  for (let row = 0; row < rows; row += 8) {
    const whole = row + 8 <= rows;
    let block = b;
    for (let column = 0; column < columns; column += 8) {
      if (column + 8 <= columns) {
        const operand = block + (usize(skip) << 5);
        if (whole) product8x8(a, operand, c, depth);
        else product4x8(a, operand, c, depth);
        c += whole ? 256 : 128;
      } else {
        const operand = block + (usize(skip) << 4);
        if (whole) product8x4(a, operand, c, depth);
        else product4x4(a, operand, c, depth);
        c += whole ? 128 : 64;
      }
      block += usize(strideB) << 5;
    }
    a += usize(strideA) << 5;
  }
}
