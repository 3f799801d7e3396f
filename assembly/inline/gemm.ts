// One register-blocked product for everything a rollout multiplies: forward, backward through time, weight gradients.
// Math      c[r][s] (+)= Σ_k a[k][r] · b[k][s]
// Layout    a in panels of 8 rows, [k][8] each (a last panel of 4 rows, [k][4], where the number of rows asks for it); b in blocks of 8 or 4 columns
//           likewise, [k][8] or [k][4]; c in blocks [rows of the panel][columns of the block], panel after panel, block after block.
// Mapping   8 × 8: 16 accumulators; each weight is splat from memory and meets two vectors of trials (or of hidden units, for weight gradients).
//           Unrolled four times: once loses up to 40% on Node 20, eight times 10 to 30% (docs/performance.md).
import { madd } from './math';

/** 8 rows × 8 columns. */
function product8x8(a: usize, b: usize, c: usize, k: i32, fresh: bool): void {
  let w: v128, x0: v128, x1: v128;
  let c00 = f32x4.splat(0); let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0); let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0); let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0); let c31 = f32x4.splat(0);
  let c40 = f32x4.splat(0); let c41 = f32x4.splat(0);
  let c50 = f32x4.splat(0); let c51 = f32x4.splat(0);
  let c60 = f32x4.splat(0); let c61 = f32x4.splat(0);
  let c70 = f32x4.splat(0); let c71 = f32x4.splat(0);
  if (!fresh) {
    c00 = v128.load(c, 0);
    c01 = v128.load(c, 16);
    c10 = v128.load(c, 32);
    c11 = v128.load(c, 48);
    c20 = v128.load(c, 64);
    c21 = v128.load(c, 80);
    c30 = v128.load(c, 96);
    c31 = v128.load(c, 112);
    c40 = v128.load(c, 128);
    c41 = v128.load(c, 144);
    c50 = v128.load(c, 160);
    c51 = v128.load(c, 176);
    c60 = v128.load(c, 192);
    c61 = v128.load(c, 208);
    c70 = v128.load(c, 224);
    c71 = v128.load(c, 240);
  }
  for (; k >= 4; k -= 4) {
    x0 = v128.load(b, 0);
    x1 = v128.load(b, 16);
    w = v128.load32_splat(a, 0);
    c00 = madd(w, x0, c00);
    c01 = madd(w, x1, c01);
    w = v128.load32_splat(a, 4);
    c10 = madd(w, x0, c10);
    c11 = madd(w, x1, c11);
    w = v128.load32_splat(a, 8);
    c20 = madd(w, x0, c20);
    c21 = madd(w, x1, c21);
    w = v128.load32_splat(a, 12);
    c30 = madd(w, x0, c30);
    c31 = madd(w, x1, c31);
    w = v128.load32_splat(a, 16);
    c40 = madd(w, x0, c40);
    c41 = madd(w, x1, c41);
    w = v128.load32_splat(a, 20);
    c50 = madd(w, x0, c50);
    c51 = madd(w, x1, c51);
    w = v128.load32_splat(a, 24);
    c60 = madd(w, x0, c60);
    c61 = madd(w, x1, c61);
    w = v128.load32_splat(a, 28);
    c70 = madd(w, x0, c70);
    c71 = madd(w, x1, c71);
    x0 = v128.load(b, 32);
    x1 = v128.load(b, 48);
    w = v128.load32_splat(a, 32);
    c00 = madd(w, x0, c00);
    c01 = madd(w, x1, c01);
    w = v128.load32_splat(a, 36);
    c10 = madd(w, x0, c10);
    c11 = madd(w, x1, c11);
    w = v128.load32_splat(a, 40);
    c20 = madd(w, x0, c20);
    c21 = madd(w, x1, c21);
    w = v128.load32_splat(a, 44);
    c30 = madd(w, x0, c30);
    c31 = madd(w, x1, c31);
    w = v128.load32_splat(a, 48);
    c40 = madd(w, x0, c40);
    c41 = madd(w, x1, c41);
    w = v128.load32_splat(a, 52);
    c50 = madd(w, x0, c50);
    c51 = madd(w, x1, c51);
    w = v128.load32_splat(a, 56);
    c60 = madd(w, x0, c60);
    c61 = madd(w, x1, c61);
    w = v128.load32_splat(a, 60);
    c70 = madd(w, x0, c70);
    c71 = madd(w, x1, c71);
    x0 = v128.load(b, 64);
    x1 = v128.load(b, 80);
    w = v128.load32_splat(a, 64);
    c00 = madd(w, x0, c00);
    c01 = madd(w, x1, c01);
    w = v128.load32_splat(a, 68);
    c10 = madd(w, x0, c10);
    c11 = madd(w, x1, c11);
    w = v128.load32_splat(a, 72);
    c20 = madd(w, x0, c20);
    c21 = madd(w, x1, c21);
    w = v128.load32_splat(a, 76);
    c30 = madd(w, x0, c30);
    c31 = madd(w, x1, c31);
    w = v128.load32_splat(a, 80);
    c40 = madd(w, x0, c40);
    c41 = madd(w, x1, c41);
    w = v128.load32_splat(a, 84);
    c50 = madd(w, x0, c50);
    c51 = madd(w, x1, c51);
    w = v128.load32_splat(a, 88);
    c60 = madd(w, x0, c60);
    c61 = madd(w, x1, c61);
    w = v128.load32_splat(a, 92);
    c70 = madd(w, x0, c70);
    c71 = madd(w, x1, c71);
    x0 = v128.load(b, 96);
    x1 = v128.load(b, 112);
    w = v128.load32_splat(a, 96);
    c00 = madd(w, x0, c00);
    c01 = madd(w, x1, c01);
    w = v128.load32_splat(a, 100);
    c10 = madd(w, x0, c10);
    c11 = madd(w, x1, c11);
    w = v128.load32_splat(a, 104);
    c20 = madd(w, x0, c20);
    c21 = madd(w, x1, c21);
    w = v128.load32_splat(a, 108);
    c30 = madd(w, x0, c30);
    c31 = madd(w, x1, c31);
    w = v128.load32_splat(a, 112);
    c40 = madd(w, x0, c40);
    c41 = madd(w, x1, c41);
    w = v128.load32_splat(a, 116);
    c50 = madd(w, x0, c50);
    c51 = madd(w, x1, c51);
    w = v128.load32_splat(a, 120);
    c60 = madd(w, x0, c60);
    c61 = madd(w, x1, c61);
    w = v128.load32_splat(a, 124);
    c70 = madd(w, x0, c70);
    c71 = madd(w, x1, c71);
    a += 128;
    b += 128;
  }
  for (; k > 0; k--) {
    x0 = v128.load(b, 0);
    x1 = v128.load(b, 16);
    w = v128.load32_splat(a, 0);
    c00 = madd(w, x0, c00);
    c01 = madd(w, x1, c01);
    w = v128.load32_splat(a, 4);
    c10 = madd(w, x0, c10);
    c11 = madd(w, x1, c11);
    w = v128.load32_splat(a, 8);
    c20 = madd(w, x0, c20);
    c21 = madd(w, x1, c21);
    w = v128.load32_splat(a, 12);
    c30 = madd(w, x0, c30);
    c31 = madd(w, x1, c31);
    w = v128.load32_splat(a, 16);
    c40 = madd(w, x0, c40);
    c41 = madd(w, x1, c41);
    w = v128.load32_splat(a, 20);
    c50 = madd(w, x0, c50);
    c51 = madd(w, x1, c51);
    w = v128.load32_splat(a, 24);
    c60 = madd(w, x0, c60);
    c61 = madd(w, x1, c61);
    w = v128.load32_splat(a, 28);
    c70 = madd(w, x0, c70);
    c71 = madd(w, x1, c71);
    a += 32;
    b += 32;
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
  let w: v128, x0: v128;
  let c00 = v128.load(c, 0);
  let c10 = v128.load(c, 16);
  let c20 = v128.load(c, 32);
  let c30 = v128.load(c, 48);
  let c40 = v128.load(c, 64);
  let c50 = v128.load(c, 80);
  let c60 = v128.load(c, 96);
  let c70 = v128.load(c, 112);
  for (; k >= 4; k -= 4) {
    x0 = v128.load(b, 0);
    w = v128.load32_splat(a, 0);
    c00 = madd(w, x0, c00);
    w = v128.load32_splat(a, 4);
    c10 = madd(w, x0, c10);
    w = v128.load32_splat(a, 8);
    c20 = madd(w, x0, c20);
    w = v128.load32_splat(a, 12);
    c30 = madd(w, x0, c30);
    w = v128.load32_splat(a, 16);
    c40 = madd(w, x0, c40);
    w = v128.load32_splat(a, 20);
    c50 = madd(w, x0, c50);
    w = v128.load32_splat(a, 24);
    c60 = madd(w, x0, c60);
    w = v128.load32_splat(a, 28);
    c70 = madd(w, x0, c70);
    x0 = v128.load(b, 16);
    w = v128.load32_splat(a, 32);
    c00 = madd(w, x0, c00);
    w = v128.load32_splat(a, 36);
    c10 = madd(w, x0, c10);
    w = v128.load32_splat(a, 40);
    c20 = madd(w, x0, c20);
    w = v128.load32_splat(a, 44);
    c30 = madd(w, x0, c30);
    w = v128.load32_splat(a, 48);
    c40 = madd(w, x0, c40);
    w = v128.load32_splat(a, 52);
    c50 = madd(w, x0, c50);
    w = v128.load32_splat(a, 56);
    c60 = madd(w, x0, c60);
    w = v128.load32_splat(a, 60);
    c70 = madd(w, x0, c70);
    x0 = v128.load(b, 32);
    w = v128.load32_splat(a, 64);
    c00 = madd(w, x0, c00);
    w = v128.load32_splat(a, 68);
    c10 = madd(w, x0, c10);
    w = v128.load32_splat(a, 72);
    c20 = madd(w, x0, c20);
    w = v128.load32_splat(a, 76);
    c30 = madd(w, x0, c30);
    w = v128.load32_splat(a, 80);
    c40 = madd(w, x0, c40);
    w = v128.load32_splat(a, 84);
    c50 = madd(w, x0, c50);
    w = v128.load32_splat(a, 88);
    c60 = madd(w, x0, c60);
    w = v128.load32_splat(a, 92);
    c70 = madd(w, x0, c70);
    x0 = v128.load(b, 48);
    w = v128.load32_splat(a, 96);
    c00 = madd(w, x0, c00);
    w = v128.load32_splat(a, 100);
    c10 = madd(w, x0, c10);
    w = v128.load32_splat(a, 104);
    c20 = madd(w, x0, c20);
    w = v128.load32_splat(a, 108);
    c30 = madd(w, x0, c30);
    w = v128.load32_splat(a, 112);
    c40 = madd(w, x0, c40);
    w = v128.load32_splat(a, 116);
    c50 = madd(w, x0, c50);
    w = v128.load32_splat(a, 120);
    c60 = madd(w, x0, c60);
    w = v128.load32_splat(a, 124);
    c70 = madd(w, x0, c70);
    a += 128;
    b += 64;
  }
  for (; k > 0; k--) {
    x0 = v128.load(b, 0);
    w = v128.load32_splat(a, 0);
    c00 = madd(w, x0, c00);
    w = v128.load32_splat(a, 4);
    c10 = madd(w, x0, c10);
    w = v128.load32_splat(a, 8);
    c20 = madd(w, x0, c20);
    w = v128.load32_splat(a, 12);
    c30 = madd(w, x0, c30);
    w = v128.load32_splat(a, 16);
    c40 = madd(w, x0, c40);
    w = v128.load32_splat(a, 20);
    c50 = madd(w, x0, c50);
    w = v128.load32_splat(a, 24);
    c60 = madd(w, x0, c60);
    w = v128.load32_splat(a, 28);
    c70 = madd(w, x0, c70);
    a += 32;
    b += 16;
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
function product4x8(a: usize, b: usize, c: usize, k: i32, fresh: bool): void {
  let w: v128, x0: v128, x1: v128;
  let c00 = f32x4.splat(0); let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0); let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0); let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0); let c31 = f32x4.splat(0);
  if (!fresh) {
    c00 = v128.load(c, 0);
    c01 = v128.load(c, 16);
    c10 = v128.load(c, 32);
    c11 = v128.load(c, 48);
    c20 = v128.load(c, 64);
    c21 = v128.load(c, 80);
    c30 = v128.load(c, 96);
    c31 = v128.load(c, 112);
  }
  for (; k >= 4; k -= 4) {
    x0 = v128.load(b, 0);
    x1 = v128.load(b, 16);
    w = v128.load32_splat(a, 0);
    c00 = madd(w, x0, c00);
    c01 = madd(w, x1, c01);
    w = v128.load32_splat(a, 4);
    c10 = madd(w, x0, c10);
    c11 = madd(w, x1, c11);
    w = v128.load32_splat(a, 8);
    c20 = madd(w, x0, c20);
    c21 = madd(w, x1, c21);
    w = v128.load32_splat(a, 12);
    c30 = madd(w, x0, c30);
    c31 = madd(w, x1, c31);
    x0 = v128.load(b, 32);
    x1 = v128.load(b, 48);
    w = v128.load32_splat(a, 16);
    c00 = madd(w, x0, c00);
    c01 = madd(w, x1, c01);
    w = v128.load32_splat(a, 20);
    c10 = madd(w, x0, c10);
    c11 = madd(w, x1, c11);
    w = v128.load32_splat(a, 24);
    c20 = madd(w, x0, c20);
    c21 = madd(w, x1, c21);
    w = v128.load32_splat(a, 28);
    c30 = madd(w, x0, c30);
    c31 = madd(w, x1, c31);
    x0 = v128.load(b, 64);
    x1 = v128.load(b, 80);
    w = v128.load32_splat(a, 32);
    c00 = madd(w, x0, c00);
    c01 = madd(w, x1, c01);
    w = v128.load32_splat(a, 36);
    c10 = madd(w, x0, c10);
    c11 = madd(w, x1, c11);
    w = v128.load32_splat(a, 40);
    c20 = madd(w, x0, c20);
    c21 = madd(w, x1, c21);
    w = v128.load32_splat(a, 44);
    c30 = madd(w, x0, c30);
    c31 = madd(w, x1, c31);
    x0 = v128.load(b, 96);
    x1 = v128.load(b, 112);
    w = v128.load32_splat(a, 48);
    c00 = madd(w, x0, c00);
    c01 = madd(w, x1, c01);
    w = v128.load32_splat(a, 52);
    c10 = madd(w, x0, c10);
    c11 = madd(w, x1, c11);
    w = v128.load32_splat(a, 56);
    c20 = madd(w, x0, c20);
    c21 = madd(w, x1, c21);
    w = v128.load32_splat(a, 60);
    c30 = madd(w, x0, c30);
    c31 = madd(w, x1, c31);
    a += 64;
    b += 128;
  }
  for (; k > 0; k--) {
    x0 = v128.load(b, 0);
    x1 = v128.load(b, 16);
    w = v128.load32_splat(a, 0);
    c00 = madd(w, x0, c00);
    c01 = madd(w, x1, c01);
    w = v128.load32_splat(a, 4);
    c10 = madd(w, x0, c10);
    c11 = madd(w, x1, c11);
    w = v128.load32_splat(a, 8);
    c20 = madd(w, x0, c20);
    c21 = madd(w, x1, c21);
    w = v128.load32_splat(a, 12);
    c30 = madd(w, x0, c30);
    c31 = madd(w, x1, c31);
    a += 16;
    b += 32;
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
  let w: v128, x0: v128;
  let c00 = v128.load(c, 0);
  let c10 = v128.load(c, 16);
  let c20 = v128.load(c, 32);
  let c30 = v128.load(c, 48);
  for (; k >= 4; k -= 4) {
    x0 = v128.load(b, 0);
    w = v128.load32_splat(a, 0);
    c00 = madd(w, x0, c00);
    w = v128.load32_splat(a, 4);
    c10 = madd(w, x0, c10);
    w = v128.load32_splat(a, 8);
    c20 = madd(w, x0, c20);
    w = v128.load32_splat(a, 12);
    c30 = madd(w, x0, c30);
    x0 = v128.load(b, 16);
    w = v128.load32_splat(a, 16);
    c00 = madd(w, x0, c00);
    w = v128.load32_splat(a, 20);
    c10 = madd(w, x0, c10);
    w = v128.load32_splat(a, 24);
    c20 = madd(w, x0, c20);
    w = v128.load32_splat(a, 28);
    c30 = madd(w, x0, c30);
    x0 = v128.load(b, 32);
    w = v128.load32_splat(a, 32);
    c00 = madd(w, x0, c00);
    w = v128.load32_splat(a, 36);
    c10 = madd(w, x0, c10);
    w = v128.load32_splat(a, 40);
    c20 = madd(w, x0, c20);
    w = v128.load32_splat(a, 44);
    c30 = madd(w, x0, c30);
    x0 = v128.load(b, 48);
    w = v128.load32_splat(a, 48);
    c00 = madd(w, x0, c00);
    w = v128.load32_splat(a, 52);
    c10 = madd(w, x0, c10);
    w = v128.load32_splat(a, 56);
    c20 = madd(w, x0, c20);
    w = v128.load32_splat(a, 60);
    c30 = madd(w, x0, c30);
    a += 64;
    b += 64;
  }
  for (; k > 0; k--) {
    x0 = v128.load(b, 0);
    w = v128.load32_splat(a, 0);
    c00 = madd(w, x0, c00);
    w = v128.load32_splat(a, 4);
    c10 = madd(w, x0, c10);
    w = v128.load32_splat(a, 8);
    c20 = madd(w, x0, c20);
    w = v128.load32_splat(a, 12);
    c30 = madd(w, x0, c30);
    a += 16;
    b += 16;
  }
  v128.store(c, c00, 0);
  v128.store(c, c10, 16);
  v128.store(c, c20, 32);
  v128.store(c, c30, 48);
}

/** c[rows][8] (+)= Σ_{k < depth} a[k][rows] · b[k][8]; rows is a multiple of 4, panels of a hold `depth` steps of k. `fresh` starts from zero instead of from c. */
export function productTile(a: usize, rows: i32, b: usize, depth: i32, c: usize, fresh: bool): void {
  const panel = usize(depth) << 5;
  let row = 0;
  for (; row + 8 <= rows; row += 8) {
    product8x8(a, b, c, depth, fresh);
    a += panel;
    c += 256;
  }
  if (row < rows) product4x8(a, b, c, depth, fresh);
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
        if (whole) product8x8(a, operand, c, depth, false);
        else product4x8(a, operand, c, depth, false);
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
