// The inner loops of gemm.ts: a block of the result in registers, one step of k an iteration.
// Math      c[r][s] = from[r][s] + Σ_{k < depth} a[k][r] · b[k][s], k in order, depth at least 1
// Mapping   6 × 8: twelve sums, two vectors of b and one spread weight fill the 15 registers that V8 allocates on x86, and a step of k takes 24 instructions for 12 multiply-adds: no more than a
//           processor with two multipliers issues in the time that these take. Two things about V8 make it so. Addresses grow before they are used, so that no move extends them to
//           64 bits. And the first step stands before the loop: `load32_splat` adds its offset to the memory's base in an instruction of its own, which leaves the loop if its result is
//           needed outside as well. What was tried besides: docs/performance.md.
import { madd } from './math';

/** 6 rows × 8 columns. */
export function product6x8(a: usize, b: usize, from: usize, c: usize, depth: i32): void {
  const end = a + usize(depth - 1) * 24;
  const y0 = v128.load(b);
  const y1 = v128.load(b, 16);
  const v0 = v128.load32_splat(a);
  let c00 = madd(y0, v0, v128.load(from));
  let c01 = madd(y1, v0, v128.load(from, 16));
  const v1 = v128.load32_splat(a, 4);
  let c10 = madd(y0, v1, v128.load(from, 32));
  let c11 = madd(y1, v1, v128.load(from, 48));
  const v2 = v128.load32_splat(a, 8);
  let c20 = madd(y0, v2, v128.load(from, 64));
  let c21 = madd(y1, v2, v128.load(from, 80));
  const v3 = v128.load32_splat(a, 12);
  let c30 = madd(y0, v3, v128.load(from, 96));
  let c31 = madd(y1, v3, v128.load(from, 112));
  const v4 = v128.load32_splat(a, 16);
  let c40 = madd(y0, v4, v128.load(from, 128));
  let c41 = madd(y1, v4, v128.load(from, 144));
  const v5 = v128.load32_splat(a, 20);
  let c50 = madd(y0, v5, v128.load(from, 160));
  let c51 = madd(y1, v5, v128.load(from, 176));
  while (a < end) {
    a += 24;
    b += 32;
    const x0 = v128.load(b);
    const x1 = v128.load(b, 16);
    const w0 = v128.load32_splat(a);
    c00 = madd(x0, w0, c00);
    c01 = madd(x1, w0, c01);
    const w1 = v128.load32_splat(a, 4);
    c10 = madd(x0, w1, c10);
    c11 = madd(x1, w1, c11);
    const w2 = v128.load32_splat(a, 8);
    c20 = madd(x0, w2, c20);
    c21 = madd(x1, w2, c21);
    const w3 = v128.load32_splat(a, 12);
    c30 = madd(x0, w3, c30);
    c31 = madd(x1, w3, c31);
    const w4 = v128.load32_splat(a, 16);
    c40 = madd(x0, w4, c40);
    c41 = madd(x1, w4, c41);
    const w5 = v128.load32_splat(a, 20);
    c50 = madd(x0, w5, c50);
    c51 = madd(x1, w5, c51);
  }
  v128.store(c, c00);
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
}

/** 12 rows (panels at `a` and `below`) × 8 columns, for engines that make one instruction of 256 bits of two of 128: six sums would leave their multipliers waiting. */
export function product12x8(a: usize, below: usize, b: usize, from: usize, c: usize, depth: i32): void {
  const end = a + usize(depth - 1) * 24;
  const y0 = v128.load(b);
  const y1 = v128.load(b, 16);
  const v0 = v128.load32_splat(a);
  let c00 = madd(y0, v0, v128.load(from));
  let c01 = madd(y1, v0, v128.load(from, 16));
  const v1 = v128.load32_splat(a, 4);
  let c10 = madd(y0, v1, v128.load(from, 32));
  let c11 = madd(y1, v1, v128.load(from, 48));
  const v2 = v128.load32_splat(a, 8);
  let c20 = madd(y0, v2, v128.load(from, 64));
  let c21 = madd(y1, v2, v128.load(from, 80));
  const v3 = v128.load32_splat(a, 12);
  let c30 = madd(y0, v3, v128.load(from, 96));
  let c31 = madd(y1, v3, v128.load(from, 112));
  const v4 = v128.load32_splat(a, 16);
  let c40 = madd(y0, v4, v128.load(from, 128));
  let c41 = madd(y1, v4, v128.load(from, 144));
  const v5 = v128.load32_splat(a, 20);
  let c50 = madd(y0, v5, v128.load(from, 160));
  let c51 = madd(y1, v5, v128.load(from, 176));
  const v6 = v128.load32_splat(below);
  let c60 = madd(y0, v6, v128.load(from, 192));
  let c61 = madd(y1, v6, v128.load(from, 208));
  const v7 = v128.load32_splat(below, 4);
  let c70 = madd(y0, v7, v128.load(from, 224));
  let c71 = madd(y1, v7, v128.load(from, 240));
  const v8 = v128.load32_splat(below, 8);
  let c80 = madd(y0, v8, v128.load(from, 256));
  let c81 = madd(y1, v8, v128.load(from, 272));
  const v9 = v128.load32_splat(below, 12);
  let c90 = madd(y0, v9, v128.load(from, 288));
  let c91 = madd(y1, v9, v128.load(from, 304));
  const va = v128.load32_splat(below, 16);
  let ca0 = madd(y0, va, v128.load(from, 320));
  let ca1 = madd(y1, va, v128.load(from, 336));
  const vb = v128.load32_splat(below, 20);
  let cb0 = madd(y0, vb, v128.load(from, 352));
  let cb1 = madd(y1, vb, v128.load(from, 368));
  while (a < end) {
    a += 24;
    below += 24;
    b += 32;
    const x0 = v128.load(b);
    const x1 = v128.load(b, 16);
    const w0 = v128.load32_splat(a);
    c00 = madd(x0, w0, c00);
    c01 = madd(x1, w0, c01);
    const w1 = v128.load32_splat(a, 4);
    c10 = madd(x0, w1, c10);
    c11 = madd(x1, w1, c11);
    const w2 = v128.load32_splat(a, 8);
    c20 = madd(x0, w2, c20);
    c21 = madd(x1, w2, c21);
    const w3 = v128.load32_splat(a, 12);
    c30 = madd(x0, w3, c30);
    c31 = madd(x1, w3, c31);
    const w4 = v128.load32_splat(a, 16);
    c40 = madd(x0, w4, c40);
    c41 = madd(x1, w4, c41);
    const w5 = v128.load32_splat(a, 20);
    c50 = madd(x0, w5, c50);
    c51 = madd(x1, w5, c51);
    const w6 = v128.load32_splat(below);
    c60 = madd(x0, w6, c60);
    c61 = madd(x1, w6, c61);
    const w7 = v128.load32_splat(below, 4);
    c70 = madd(x0, w7, c70);
    c71 = madd(x1, w7, c71);
    const w8 = v128.load32_splat(below, 8);
    c80 = madd(x0, w8, c80);
    c81 = madd(x1, w8, c81);
    const w9 = v128.load32_splat(below, 12);
    c90 = madd(x0, w9, c90);
    c91 = madd(x1, w9, c91);
    const wa = v128.load32_splat(below, 16);
    ca0 = madd(x0, wa, ca0);
    ca1 = madd(x1, wa, ca1);
    const wb = v128.load32_splat(below, 20);
    cb0 = madd(x0, wb, cb0);
    cb1 = madd(x1, wb, cb1);
  }
  v128.store(c, c00);
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
  v128.store(c, c80, 256);
  v128.store(c, c81, 272);
  v128.store(c, c90, 288);
  v128.store(c, c91, 304);
  v128.store(c, ca0, 320);
  v128.store(c, ca1, 336);
  v128.store(c, cb0, 352);
  v128.store(c, cb1, 368);
}

/** 4 rows × 8 columns. */
export function product4x8(a: usize, b: usize, from: usize, c: usize, depth: i32): void {
  const end = a + usize(depth - 1) * 16;
  const y0 = v128.load(b);
  const y1 = v128.load(b, 16);
  const v0 = v128.load32_splat(a);
  let c00 = madd(y0, v0, v128.load(from));
  let c01 = madd(y1, v0, v128.load(from, 16));
  const v1 = v128.load32_splat(a, 4);
  let c10 = madd(y0, v1, v128.load(from, 32));
  let c11 = madd(y1, v1, v128.load(from, 48));
  const v2 = v128.load32_splat(a, 8);
  let c20 = madd(y0, v2, v128.load(from, 64));
  let c21 = madd(y1, v2, v128.load(from, 80));
  const v3 = v128.load32_splat(a, 12);
  let c30 = madd(y0, v3, v128.load(from, 96));
  let c31 = madd(y1, v3, v128.load(from, 112));
  while (a < end) {
    a += 16;
    b += 32;
    const x0 = v128.load(b);
    const x1 = v128.load(b, 16);
    const w0 = v128.load32_splat(a);
    c00 = madd(x0, w0, c00);
    c01 = madd(x1, w0, c01);
    const w1 = v128.load32_splat(a, 4);
    c10 = madd(x0, w1, c10);
    c11 = madd(x1, w1, c11);
    const w2 = v128.load32_splat(a, 8);
    c20 = madd(x0, w2, c20);
    c21 = madd(x1, w2, c21);
    const w3 = v128.load32_splat(a, 12);
    c30 = madd(x0, w3, c30);
    c31 = madd(x1, w3, c31);
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(c, c10, 32);
  v128.store(c, c11, 48);
  v128.store(c, c20, 64);
  v128.store(c, c21, 80);
  v128.store(c, c30, 96);
  v128.store(c, c31, 112);
}

/** 6 rows × 4 columns. */
export function product6x4(a: usize, b: usize, from: usize, c: usize, depth: i32): void {
  const end = a + usize(depth - 1) * 24;
  const y0 = v128.load(b);
  const v0 = v128.load32_splat(a);
  let c00 = madd(y0, v0, v128.load(from));
  const v1 = v128.load32_splat(a, 4);
  let c10 = madd(y0, v1, v128.load(from, 16));
  const v2 = v128.load32_splat(a, 8);
  let c20 = madd(y0, v2, v128.load(from, 32));
  const v3 = v128.load32_splat(a, 12);
  let c30 = madd(y0, v3, v128.load(from, 48));
  const v4 = v128.load32_splat(a, 16);
  let c40 = madd(y0, v4, v128.load(from, 64));
  const v5 = v128.load32_splat(a, 20);
  let c50 = madd(y0, v5, v128.load(from, 80));
  while (a < end) {
    a += 24;
    b += 16;
    const x0 = v128.load(b);
    const w0 = v128.load32_splat(a);
    c00 = madd(x0, w0, c00);
    const w1 = v128.load32_splat(a, 4);
    c10 = madd(x0, w1, c10);
    const w2 = v128.load32_splat(a, 8);
    c20 = madd(x0, w2, c20);
    const w3 = v128.load32_splat(a, 12);
    c30 = madd(x0, w3, c30);
    const w4 = v128.load32_splat(a, 16);
    c40 = madd(x0, w4, c40);
    const w5 = v128.load32_splat(a, 20);
    c50 = madd(x0, w5, c50);
  }
  v128.store(c, c00);
  v128.store(c, c10, 16);
  v128.store(c, c20, 32);
  v128.store(c, c30, 48);
  v128.store(c, c40, 64);
  v128.store(c, c50, 80);
}

/** 4 rows × 4 columns. */
export function product4x4(a: usize, b: usize, from: usize, c: usize, depth: i32): void {
  const end = a + usize(depth - 1) * 16;
  const y0 = v128.load(b);
  const v0 = v128.load32_splat(a);
  let c00 = madd(y0, v0, v128.load(from));
  const v1 = v128.load32_splat(a, 4);
  let c10 = madd(y0, v1, v128.load(from, 16));
  const v2 = v128.load32_splat(a, 8);
  let c20 = madd(y0, v2, v128.load(from, 32));
  const v3 = v128.load32_splat(a, 12);
  let c30 = madd(y0, v3, v128.load(from, 48));
  while (a < end) {
    a += 16;
    b += 16;
    const x0 = v128.load(b);
    const w0 = v128.load32_splat(a);
    c00 = madd(x0, w0, c00);
    const w1 = v128.load32_splat(a, 4);
    c10 = madd(x0, w1, c10);
    const w2 = v128.load32_splat(a, 8);
    c20 = madd(x0, w2, c20);
    const w3 = v128.load32_splat(a, 12);
    c30 = madd(x0, w3, c30);
  }
  v128.store(c, c00);
  v128.store(c, c10, 16);
  v128.store(c, c20, 32);
  v128.store(c, c30, 48);
}
