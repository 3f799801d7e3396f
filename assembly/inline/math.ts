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

/** 0 where |x| < 1e-25, else x (NaN passes): products of what stays cannot become denormal, and denormal operands are a hundred times slower. */
// @ts-ignore: decorator
@inline
export function flushTiny(x: v128): v128 {
  return v128.andnot(x, f32x4.lt(f32x4.abs(x), f32x4.splat(1e-25)));
}
