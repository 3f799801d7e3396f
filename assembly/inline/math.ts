// Vector helpers that every kernel may use: multiply-add by build, clamps that let NaN pass, tails, horizontal sums.

/** a · b + c: fused in the relaxed binaries, multiply then add in the strict ones. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** c − a · b. */
// @ts-ignore: decorator
@inline
export function nmadd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_nmadd(a, b, c);
  return f32x4.sub(c, f32x4.mul(a, b));
}

/** x limited to [low, high] with one instruction a side; NaN passes. */
// @ts-ignore: decorator
@inline
export function clamp(x: v128, low: v128, high: v128): v128 {
  return f32x4.pmax(f32x4.pmin(x, high), low);
}

/** Address of element i of an f32 (or i32) array. */
// @ts-ignore: decorator
@inline
export function at(base: usize, i: i32): usize {
  return base + ((<usize>i) << 2);
}

/** A constant of a table, in all four lanes: a load is cheaper than a vector literal in V8. */
// @ts-ignore: decorator
@inline
export function constant(table: usize, i: usize): v128 {
  return v128.load32_splat(table + (i << 2));
}

/** Lanes 0 + 1 + 2 + 3, in the order (0 + 2) + (1 + 3). */
// @ts-ignore: decorator
@inline
export function horizontalSum(x: v128): f32 {
  const pairs = f32x4.add(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** The first `count` (1 to 3) elements at `address`, zeros behind; reads nothing else. */
// @ts-ignore: decorator
@inline
export function loadPartial(address: usize, count: i32): v128 {
  let x = v128.load32_zero(address);
  if (count > 1) x = v128.load_lane<f32>(address, x, 1, 4);
  if (count > 2) x = v128.load_lane<f32>(address, x, 2, 8);
  return x;
}

/** Stores the first `count` (1 to 3) lanes. */
// @ts-ignore: decorator
@inline
export function storePartial(address: usize, x: v128, count: i32): void {
  v128.store_lane<f32>(address, x, 0);
  if (count > 1) v128.store_lane<f32>(address, x, 1, 4);
  if (count > 2) v128.store_lane<f32>(address, x, 2, 8);
}

/** Four elements, or the first `count` of them with zeros behind: give a literal 4 in the body of a loop, what is left in its tail. */
// @ts-ignore: decorator
@inline
export function loadUpTo(address: usize, count: i32): v128 {
  return count >= 4 ? v128.load(address) : loadPartial(address, count);
}

/** Stores four lanes, or the first `count`. */
// @ts-ignore: decorator
@inline
export function storeUpTo(address: usize, x: v128, count: i32): void {
  if (count >= 4) v128.store(address, x);
  else storePartial(address, x, count);
}

/** The upper two lanes in f64; `f64x2.promote_low_f32x4` gives the lower two. */
// @ts-ignore: decorator
@inline
export function promoteHigh(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 2, 3));
}

/** Two pairs of f64 as four f32. */
// @ts-ignore: decorator
@inline
export function demote(low: v128, high: v128): v128 {
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
}

/** Lane 0 + lane 1 of f64 pairs added first. */
// @ts-ignore: decorator
@inline
export function horizontalSum64(low: v128, high: v128): f64 {
  const sum = f64x2.add(low, high);
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** 0 where |x| < 1e-25, else x (NaN passes): products of what stays cannot become denormal, and denormal operands are a hundred times slower. */
// @ts-ignore: decorator
@inline
export function flushTiny(x: v128): v128 {
  return v128.andnot(x, f32x4.lt(f32x4.abs(x), f32x4.splat(1e-25)));
}
