// Transcendental functions on two f64 lanes, to within four units in the last place of their value: fixed points ask for more than
// the f32 fits of activation.ts. All rest on e^r − 1 for |r| ≤ ln 2 / 2, a Taylor series to r^14 (what is cut off is below 1e-19). NaN passes.
// test/kernels/activation-f64.test.ts holds the stated errors.
import { madd64, nmadd64 } from './math_f64';

/** 1/14!, 1/13!, … 1/2!; then log2 e, ln 2 in two parts (the first with 20 trailing zero bits), the largest argument. */
const exponential = memory.data<f64>([
  1.1470745597729725e-11, 1.6059043836821613e-10, 2.08767569878681e-9, 2.505210838544172e-8, 2.755731922398589e-7, 2.7557319223985893e-6, 2.48015873015873e-5,
  1.984126984126984e-4, 1.388888888888889e-3, 8.333333333333333e-3, 4.1666666666666664e-2, 0.16666666666666666, 0.5, 1.4426950408889634, 6.93147180369123816490e-1,
  1.90821492927058770002e-10, 700.0,
]);
/** 1/37, 1/35, … 1/3, 1: of artanh(s)/s in s². */
const artanh = memory.data<f64>([
  0.02702702702702703, 0.02857142857142857, 0.030303030303030304, 0.03225806451612903, 0.034482758620689655, 0.037037037037037035, 0.04, 0.043478260869565216,
  0.047619047619047616, 0.05263157894736842, 0.058823529411764705, 0.06666666666666667, 0.07692307692307693, 0.09090909090909091, 0.1111111111111111, 0.14285714285714285,
  0.2, 0.3333333333333333, 1.0,
]);

// @ts-ignore: decorator
@inline
function constant(table: usize, i: usize): v128 {
  return v128.load64_splat(table + (i << 3));
}

/** x limited to ± limit; NaN passes. */
// @ts-ignore: decorator
@inline
function clamp(x: v128, limit: v128): v128 {
  return f64x2.pmax(f64x2.pmin(x, limit), f64x2.neg(limit));
}

/** The polynomial of `count` coefficients of a table, from the highest power down. */
// @ts-ignore: decorator
@inline
function polynomial(table: usize, count: usize, x: v128): v128 {
  let y = constant(table, 0);
  for (let i: usize = 1; i < count; i++) y = madd64(y, x, constant(table, i));
  return y;
}

/** 2^n for whole n between −1022 and 1023. */
// @ts-ignore: decorator
@inline
function powerOfTwo(n: v128): v128 {
  const whole = i64x2.extend_low_i32x4_s(i32x4.trunc_sat_f64x2_s_zero(n));
  return i64x2.shl(i64x2.add(whole, i64x2.splat(1023)), 52);
}

/** e^x − 1 for |x| ≤ 700 (limited to it): 2^n (e^r − 1) + (2^n − 1). */
export function expm1_2(x: v128): v128 {
  const limited = clamp(x, constant(exponential, 16));
  const n = f64x2.nearest(f64x2.mul(limited, constant(exponential, 13)));
  const r = nmadd64(n, constant(exponential, 15), nmadd64(n, constant(exponential, 14), limited));
  const part = madd64(f64x2.mul(r, r), polynomial(exponential, 13, r), r);
  const power = powerOfTwo(n);
  return madd64(power, part, f64x2.sub(power, f64x2.splat(1)));
}

/** e^x for |x| ≤ 700 (limited to it). */
function exp_2(x: v128): v128 {
  const limited = clamp(x, constant(exponential, 16));
  const n = f64x2.nearest(f64x2.mul(limited, constant(exponential, 13)));
  const r = nmadd64(n, constant(exponential, 15), nmadd64(n, constant(exponential, 14), limited));
  const part = madd64(f64x2.mul(r, r), polynomial(exponential, 13, r), r);
  const power = powerOfTwo(n);
  return madd64(power, part, power);
}

/** tanh x = −t / (t + 2) with t = e^(−2|x|) − 1, and the sign of x. */
export function tanh_2(x: v128): v128 {
  const t = expm1_2(f64x2.mul(f64x2.abs(x), f64x2.splat(-2)));
  const magnitude = f64x2.div(f64x2.neg(t), f64x2.add(t, f64x2.splat(2)));
  return v128.bitselect(x, magnitude, f64x2.splat(-0.0));
}

/** σ(x) = 1 / (1 + e^−x). */
export function sigmoid_2(x: v128): v128 {
  return f64x2.div(f64x2.splat(1), f64x2.add(f64x2.splat(1), exp_2(f64x2.neg(x))));
}

/** ln(1 + e^x) = max(x, 0) + ln(1 + u) with u = e^−|x|; ln(1 + u) = 2 artanh(u / (2 + u)). */
export function softplus_2(x: v128): v128 {
  const u = exp_2(f64x2.neg(f64x2.abs(x)));
  const s = f64x2.div(u, f64x2.add(u, f64x2.splat(2)));
  const log = f64x2.mul(f64x2.add(s, s), polynomial(artanh, 19, f64x2.mul(s, s)));
  return f64x2.add(f64x2.pmax(x, f64x2.splat(0)), log);
}
