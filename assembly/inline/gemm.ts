// One product for everything a rollout multiplies: forward, backward through time, weight gradients.
// Math      c[r][s] = from[r][s] + Σ_k a[k][r] · b[k][s], k in order
// Layout    a in panels of 6 rows, [k][6], the last one or two of 4 rows where their number asks for it (`panelHeight`); b in blocks of 8 columns, [k][8]
//           each (a last block of 4, [k][4]); c block after block, [rows][columns of the block]
// Mapping   blocks of the result in registers, gemm_block.ts; where the engine joins pairs of vectors to 256 bits (`wide`), two panels at a time. The sums are the same to the bit.
import { product12x8, product4x4, product4x8, product6x4, product6x8 } from './gemm_block';

/** Not 0: this engine makes one instruction of 256 bits of two of 128 (src/platform/host.ts, wideVectors). */
// @ts-ignore: decorator
@external("env", "wide")
declare const wide: i32;

/** Rows of `rows` (a multiple of 4) that lie in panels of 6, a multiple of 12; the others are in panels of 4. */
// @ts-ignore: decorator
@inline
export function rowsInSixes(rows: i32): i32 {
  const left = rows % 6; // 0, 2 or 4
  return rows - (left == 2 ? 8 : left);
}

/** Height of the panel that begins with row `row` of `rows`: 6 or 4. */
// @ts-ignore: decorator
@inline
export function panelHeight(rows: i32, row: i32): i32 {
  return row < rowsInSixes(rows) ? 6 : 4;
}

/** Panels that `rows` rows (a multiple of 4) are cut into. */
// @ts-ignore: decorator
@inline
export function panelsOf(rows: i32): i32 {
  const sixes = rowsInSixes(rows);
  return sixes / 6 + ((rows - sixes) >> 2);
}

/** The first row of panel `panel`. */
// @ts-ignore: decorator
@inline
export function panelStart(rows: i32, panel: i32): i32 {
  const sixes = rowsInSixes(rows);
  return min(6 * panel, sixes) + 4 * max(0, panel - sixes / 6);
}

/** A block of zeros that products may start from. */
const zeros = memory.data(384, 16);

/**
 * c[rows][8] = from + Σ_{k < depth} a[k][rows] · b[k][8]; `from` [rows][8] may be 0 for zeros. Rows is a multiple of 4, the depth at least 1.
 * Rows from `until` on are left out, or some of them.
 */
export function productTileFrom(a: usize, rows: i32, until: i32, b: usize, depth: i32, from: usize, c: usize): void {
  const line: usize = from != 0 ? 32 : 0;
  if (from == 0) from = zeros;
  const panel = usize(depth) * 24;
  const sixes = min(rowsInSixes(rows), until);
  let row = 0;
  for (; wide != 0 && row < sixes; row += 12) {
    product12x8(a, a + panel, b, from, c, depth);
    a += 2 * panel;
    from += 12 * line;
    c += 384;
  }
  for (; row < sixes; row += 6) {
    product6x8(a, b, from, c, depth);
    a += panel;
    from += 6 * line;
    c += 192;
  }
  for (; row < until; row += 4) {
    product4x8(a, b, from, c, depth);
    a += usize(depth) << 4;
    from += 4 * line;
    c += 128;
  }
}

/** c[rows][8] += Σ_{k < depth} a[k][rows] · b[k][8]. */
// @ts-ignore: decorator
@inline
export function productTile(a: usize, rows: i32, b: usize, depth: i32, c: usize): void {
  productTileFrom(a, rows, rows, b, depth, c, c);
}

/**
 * c[rows][columns] += Σ_{k < depth} a[k][rows] · b[k][columns]; rows and columns are multiples of 4, the depth is at least 1.
 * Panels of a have room for strideA steps of k, blocks of b for strideB; the first `skip` steps of b are left out.
 */
export function productPanels(a: usize, strideA: i32, rows: i32, b: usize, strideB: i32, skip: i32, columns: i32, depth: i32, c: usize): void {
  for (let column = 0; column < columns; column += 8) {
    const whole = column + 8 <= columns;
    productBlock(a, strideA, rows, b + (usize(skip) << (whole ? 5 : 4)), whole, depth, c);
    b += usize(strideB) << 5;
    c += usize(rows) << 5;
  }
}

/** All rows and one block of columns of `productPanels`. */
function productBlock(a: usize, strideA: i32, rows: i32, b: usize, whole: bool, depth: i32, c: usize): void {
  const sixes = rowsInSixes(rows);
  const panel = usize(strideA) * 24;
  const line: usize = whole ? 32 : 16;
  // By reference: a block that is called in one place only would be inlined here, where V8 spills its sums.
  const six = whole ? product6x8 : product6x4;
  const four = whole ? product4x8 : product4x4;
  let row = 0;
  for (; wide != 0 && whole && row < sixes; row += 12) {
    product12x8(a, a + panel, b, c, c, depth);
    a += 2 * panel;
    c += 384;
  }
  for (; row < sixes; row += 6) {
    six(a, b, c, c, depth);
    a += panel;
    c += 6 * line;
  }
  for (; row < rows; row += 4) {
    four(a, b, c, c, depth);
    a += usize(strideA) << 4;
    c += 4 * line;
  }
}
