// Moves between row-major tensors of trials and the layouts of a tile: feature-major [feature][8 trials] and panels [k][8 or 4] for products over time.
import { rowsInSixes } from './gemm';

/** Trials in a tile. Tiles of 16 or 32 are slower: the operands no longer stay in the first-level cache. */
export const TILE: i32 = 8;

/** Rounds a number of features up to whole vectors of 4. */
// @ts-ignore: decorator
@inline
export function pad4(n: i32): i32 {
  return (n + 3) & ~3;
}

// @ts-ignore: decorator
@inline
function lowPairs(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 0, 4, 1, 5);
}

// @ts-ignore: decorator
@inline
function highPairs(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 2, 6, 3, 7);
}

// @ts-ignore: decorator
@inline
function lowHalves(a: v128, b: v128): v128 {
  return v128.shuffle<i64>(a, b, 0, 2);
}

// @ts-ignore: decorator
@inline
function highHalves(a: v128, b: v128): v128 {
  return v128.shuffle<i64>(a, b, 1, 3);
}

/** Transposes 4 × 4: rows `fromStride` bytes apart become rows `toStride` bytes apart. */
// @ts-ignore: decorator
@inline
function transpose4x4(from: usize, fromStride: usize, to: usize, toStride: usize): void {
  const r0 = v128.load(from);
  const r1 = v128.load(from + fromStride);
  const r2 = v128.load(from + 2 * fromStride);
  const r3 = v128.load(from + 3 * fromStride);
  const a = lowPairs(r0, r1);
  const b = highPairs(r0, r1);
  const c = lowPairs(r2, r3);
  const d = highPairs(r2, r3);
  v128.store(to, lowHalves(a, c));
  v128.store(to + toStride, highHalves(a, c));
  v128.store(to + 2 * toStride, lowHalves(b, d));
  v128.store(to + 3 * toStride, highHalves(b, d));
}

/** Transposes 2 × 4: two rows 32 bytes apart become four pairs `toStride` bytes apart. */
// @ts-ignore: decorator
@inline
function transpose2x4(from: usize, to: usize, toStride: usize): void {
  const r0 = v128.load(from);
  const r1 = v128.load(from, 32);
  const a = lowPairs(r0, r1);
  const b = highPairs(r0, r1);
  v128.store64_lane(to, a, 0);
  v128.store64_lane(to + toStride, a, 1);
  v128.store64_lane(to + 2 * toStride, b, 0);
  v128.store64_lane(to + 3 * toStride, b, 1);
}

/** to[feature][8] = from[trial][feature] for `count` features of `trials` ≤ 8 trials, `stride` floats apart; missing trials become 0. */
export function gatherTile(to: usize, from: usize, stride: i32, count: i32, trials: i32): void {
  const bytes = usize(stride) << 2;
  let feature = 0;
  if (trials == TILE) {
    for (; feature + 4 <= count; feature += 4) {
      const source = from + (usize(feature) << 2);
      const target = to + (usize(feature) << 5);
      transpose4x4(source, bytes, target, 32);
      transpose4x4(source + 4 * bytes, bytes, target + 16, 32);
    }
    if (feature < count && count > 4) {
      // What is left over, with some features once more: a fraction of the time of single elements.
      const source = from + (usize(count - 4) << 2);
      const target = to + (usize(count - 4) << 5);
      transpose4x4(source, bytes, target, 32);
      transpose4x4(source + 4 * bytes, bytes, target + 16, 32);
      return;
    }
  }
  for (; feature < count; feature++) {
    let source = from + (usize(feature) << 2);
    const target = to + (usize(feature) << 5);
    for (let trial = 0; trial < TILE; trial++) {
      f32.store(target + (trial << 2), trial < trials ? f32.load(source) : 0);
      if (trial + 1 < trials) source += bytes;
    }
  }
}

/** to[trial][feature] = from[feature][8], the reverse of `gatherTile`; missing trials are left out. */
export function scatterTile(to: usize, from: usize, stride: i32, count: i32, trials: i32): void {
  const bytes = usize(stride) << 2;
  let feature = 0;
  if (trials == TILE) {
    for (; feature + 4 <= count; feature += 4) {
      const target = to + (usize(feature) << 2);
      const source = from + (usize(feature) << 5);
      transpose4x4(source, 32, target, bytes);
      transpose4x4(source + 16, 32, target + 4 * bytes, bytes);
    }
    if (feature < count && count > 4) {
      const target = to + (usize(count - 4) << 2);
      const source = from + (usize(count - 4) << 5);
      transpose4x4(source, 32, target, bytes);
      transpose4x4(source + 16, 32, target + 4 * bytes, bytes);
      return;
    }
  }
  for (; feature < count; feature++) {
    let target = to + (usize(feature) << 2);
    const source = from + (usize(feature) << 5);
    for (let trial = 0; trial < trials; trial++) {
      f32.store(target, f32.load(source + (trial << 2)));
      target += bytes;
    }
  }
}

/**
 * Writes `rows` features (a multiple of 4) of one time step, [row][8 trials], as eight steps of k into panels [k][8] (the last one [k][4] if need be);
 * `slot` is the time step within panels that hold `slots` of them.
 */
export function panelTile(to: usize, slots: i32, slot: i32, from: usize, rows: i32): void {
  let row = 0;
  to += usize(slot) << 8;
  for (; row + 8 <= rows; row += 8) {
    transpose4x4(from, 32, to, 32);
    transpose4x4(from + 16, 32, to + 128, 32);
    transpose4x4(from + 128, 32, to + 16, 32);
    transpose4x4(from + 144, 32, to + 144, 32);
    from += 256;
    to += usize(slots) << 8;
  }
  if (row < rows) {
    to -= usize(slot) << 7;
    transpose4x4(from, 32, to, 16);
    transpose4x4(from + 16, 32, to + 64, 16);
  }
}

/**
 * Writes `rows` features (a multiple of 4) of one time step, [row][8 trials], as eight steps of k into panels of 6 or 4 rows, [k][height], for the left side of
 * a product; `slot` is the time step within panels that hold `slots` of them.
 */
export function leftTile(to: usize, slots: i32, slot: i32, from: usize, rows: i32): void {
  const sixes = rowsInSixes(rows);
  let row = 0;
  let target = to + usize(slot) * 192;
  for (; row < sixes; row += 6) {
    transpose4x4(from, 32, target, 24);
    transpose4x4(from + 16, 32, target + 96, 24);
    transpose2x4(from + 128, target + 16, 24);
    transpose2x4(from + 144, target + 112, 24);
    from += 192;
    target += usize(slots) * 192;
  }
  target = to + ((usize(sixes) * slots) << 5) + (usize(slot) << 7);
  for (; row < rows; row += 4) {
    transpose4x4(from, 32, target, 16);
    transpose4x4(from + 16, 32, target + 64, 16);
    from += 128;
    target += usize(slots) << 7;
  }
}

/** Sets `rows` rows [8] to zero. */
export function clearRows(to: usize, rows: i32): void {
  const end = to + (usize(rows) << 5);
  for (; to < end; to += 16) v128.store(to, f32x4.splat(0));
}

/** Copies `rows` rows [8]. */
export function copyRows(to: usize, from: usize, rows: i32): void {
  const bytes = usize(rows) << 5;
  for (let i: usize = 0; i < bytes; i += 16) v128.store(to + i, v128.load(from + i));
}

/** to += from, `rows` rows [8]. */
export function addRows(to: usize, from: usize, rows: i32): void {
  const bytes = usize(rows) << 5;
  for (let i: usize = 0; i < bytes; i += 16) v128.store(to + i, f32x4.add(v128.load(to + i), v128.load(from + i)));
}

/** A row [8] of one value. */
// @ts-ignore: decorator
@inline
export function fillRow(to: usize, value: f32): void {
  v128.store(to, f32x4.splat(value));
  v128.store(to, f32x4.splat(value), 16);
}

/** A row of ones, the operand of biases. */
// @ts-ignore: decorator
@inline
export function onesRow(to: usize): void {
  fillRow(to, 1);
}

/** Address of row `row` of rows [8]. */
// @ts-ignore: decorator
@inline
export function rowAt(base: usize, row: i32): usize {
  return base + (usize(row) << 5);
}
