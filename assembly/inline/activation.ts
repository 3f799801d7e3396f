// Transcendental functions on four f32 lanes: the only place where tanh, σ, softplus, exp, log, sin and cos are computed on this backend.
// Coefficients are minimax fits made for this file (Lawson's weighted least squares; tanh's were then tuned for their rounding in f32).
// The stated errors are held by test/kernels/activation.test.ts, strict and relaxed. NaN passes everywhere.
// Functions that end in a division also come in parts (clamped argument, numerator, denominator), so that a caller
// can share one division among quotients: a/b and c/d are ad/(bd) and cb/(bd). See sigmoid4.
import { clamp, constant, madd, nmadd } from './math';

/** tanh c = c P(c²) / Q(c²) on [−7.85, 7.85]: the range, then P and Q from the highest power down. */
const tanhTable = memory.data<f32>([-7.85, 7.85, 1.83963245e-8, 2.63122529e-5, 0.0042824056, 0.161064669, 1.19772327, 1.02634647e-6, 0.000409383705, 0.0313546695, 0.560305655, 1.19772327]);
/** σ(x) − ½ = ½ tanh(x / 2): the same coefficients times powers of two; ½ at the end. */
const sigmoidTable = memory.data<f32>([
  -15.7, 15.7, 1.79651606e-11, 1.02782238e-7, 6.69125875e-5, 0.0100665418, 0.299430817, 4.00916589e-9, 6.39662039e-6, 0.00195966684, 0.140076414, 1.19772327, 0.5,
]);

// @ts-ignore: decorator
@inline
function numerator(table: usize, c: v128, u: v128): v128 {
  return f32x4.mul(c, madd(madd(madd(madd(constant(table, 2), u, constant(table, 3)), u, constant(table, 4)), u, constant(table, 5)), u, constant(table, 6)));
}

// @ts-ignore: decorator
@inline
function denominator(table: usize, u: v128): v128 {
  return madd(madd(madd(madd(constant(table, 7), u, constant(table, 8)), u, constant(table, 9)), u, constant(table, 10)), u, constant(table, 11));
}

/** The argument of tanh limited to where the fit holds. */
// @ts-ignore: decorator
@inline
export function tanhClamped4(x: v128): v128 {
  return clamp(x, constant(tanhTable, 0), constant(tanhTable, 1));
}

/** c P(c²), with u = c². */
// @ts-ignore: decorator
@inline
export function tanhNumerator4(c: v128, u: v128): v128 {
  return numerator(tanhTable, c, u);
}

/** Q(u), between 1.1 and 270. */
// @ts-ignore: decorator
@inline
export function tanhDenominator4(u: v128): v128 {
  return denominator(tanhTable, u);
}

/** tanh: max |error| 3.4e-7 (strict) or 3e-7 (relaxed) over all f32 numbers, nearly all of it rounding; ±1 within that from |x| = 7.85 on. */
// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  const c = tanhClamped4(x);
  const u = f32x4.mul(c, c);
  return f32x4.div(tanhNumerator4(c, u), tanhDenominator4(u));
}

/** The argument of σ limited to where the fit holds. */
// @ts-ignore: decorator
@inline
export function sigmoidClamped4(x: v128): v128 {
  return clamp(x, constant(sigmoidTable, 0), constant(sigmoidTable, 1));
}

/** The numerator of σ − ½, with u = c². */
// @ts-ignore: decorator
@inline
export function sigmoidNumerator4(c: v128, u: v128): v128 {
  return numerator(sigmoidTable, c, u);
}

/** The denominator of σ − ½, between 1.1 and 270. */
// @ts-ignore: decorator
@inline
export function sigmoidDenominator4(u: v128): v128 {
  return denominator(sigmoidTable, u);
}

/** ½ in every lane, to be added to the quotient of sigmoidNumerator4 and sigmoidDenominator4. */
// @ts-ignore: decorator
@inline
export function half4(): v128 {
  return constant(sigmoidTable, 12);
}

/**
 * σ(x) = 1 / (1 + e⁻ˣ) for gates: max |error| 2e-7; the limits 0 and 1 are met within that, from either side. Two of them by one division:
 * i = 1 / (bx · by), σ(x) = madd(ax · by, i, ½), σ(y) = madd(ay · bx, i, ½), a and b being numerators and denominators.
 */
// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  const c = sigmoidClamped4(x);
  const u = f32x4.mul(c, c);
  return f32x4.add(f32x4.div(sigmoidNumerator4(c, u), sigmoidDenominator4(u)), half4());
}

/** The four values at `a` and those at `b` become their σ, by one division. Both numerators stand before the first store, so that constants are loaded once. */
// @ts-ignore: decorator
@inline
export function sigmoidPair(a: usize, b: usize): void {
  const ca = sigmoidClamped4(v128.load(a));
  const cb = sigmoidClamped4(v128.load(b));
  const ua = f32x4.mul(ca, ca);
  const ub = f32x4.mul(cb, cb);
  const qa = sigmoidDenominator4(ua);
  const qb = sigmoidDenominator4(ub);
  const inverse = f32x4.div(f32x4.splat(1), f32x4.mul(qa, qb));
  const pa = f32x4.mul(sigmoidNumerator4(ca, ua), qb);
  const pb = f32x4.mul(sigmoidNumerator4(cb, ub), qa);
  v128.store(a, madd(pa, inverse, half4()));
  v128.store(b, madd(pb, inverse, half4()));
}

/** The four values at `a` become their σ and those at `b` their tanh, by one division. */
// @ts-ignore: decorator
@inline
export function sigmoidTanhPair(a: usize, b: usize): void {
  const ca = sigmoidClamped4(v128.load(a));
  const cb = tanhClamped4(v128.load(b));
  const ua = f32x4.mul(ca, ca);
  const ub = f32x4.mul(cb, cb);
  const qa = sigmoidDenominator4(ua);
  const qb = tanhDenominator4(ub);
  const inverse = f32x4.div(f32x4.splat(1), f32x4.mul(qa, qb));
  const pa = f32x4.mul(sigmoidNumerator4(ca, ua), qb);
  const pb = f32x4.mul(tanhNumerator4(cb, ub), qa);
  v128.store(a, madd(pa, inverse, half4()));
  v128.store(b, f32x4.mul(pb, inverse));
}

/** e^r = 1 + r + r² P(r) on [−½ ln 2, ½ ln 2]; log2 e, ln 2 in two parts, the range of exp4 and the lower end of expNegative4 behind P. */
const expTable = memory.data<f32>([0.00139505867, 0.00836894674, 0.0416662045, 0.166665184, 0.50000001, 1, 1.44269504, 0.693359375, -2.12194440e-4, -104, 89, -80]);

/** The mantissa part of e^x, given n = nearest(x log2 e). */
// @ts-ignore: decorator
@inline
function expReduced(x: v128, n: v128): v128 {
  const r = nmadd(n, constant(expTable, 8), nmadd(n, constant(expTable, 7), x));
  const p = madd(madd(madd(madd(constant(expTable, 0), r, constant(expTable, 1)), r, constant(expTable, 2)), r, constant(expTable, 3)), r, constant(expTable, 4));
  return madd(madd(p, r, constant(expTable, 5)), r, constant(expTable, 5));
}

/** 2^n for integers n in [−126, 127]. */
// @ts-ignore: decorator
@inline
function power2(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}

/** e^x: max relative error 2e-7 where e^x is a normal number; denormal, 0 and ∞ beyond, as in exact arithmetic. */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  const c = clamp(x, constant(expTable, 9), constant(expTable, 10));
  const n = f32x4.nearest(f32x4.mul(c, constant(expTable, 6)));
  const k = i32x4.trunc_sat_f32x4_s(n);
  const first = i32x4.shr_s(k, 1);
  return f32x4.mul(f32x4.mul(expReduced(c, n), power2(first)), power2(i32x4.sub(k, first)));
}

/** e^x for x ≤ 0, cheaper: max relative error 2e-7 down to −80, below which it stays at e⁻⁸⁰ = 1.8e-35, so that no denormal arises, in a polynomial of it neither. */
// @ts-ignore: decorator
@inline
export function expNegative4(x: v128): v128 {
  const c = f32x4.pmax(x, constant(expTable, 11));
  const n = f32x4.nearest(f32x4.mul(c, constant(expTable, 6)));
  return f32x4.mul(expReduced(c, n), power2(i32x4.trunc_sat_f32x4_s(n)));
}

/** ln(1 + u) = u P(u) on [0, 1]. */
const log1pTable = memory.data<f32>([-0.00270128798, 0.0172833905, -0.051851, 0.100492134, -0.149493247, 0.195384631, -0.249233426, 0.333263203, -0.499997192, 0.999999975]);

/** ln(1 + u) for u in [0, 1]: max |error| 1.5e-7. */
// @ts-ignore: decorator
@inline
export function log1pUnit4(u: v128): v128 {
  const high = madd(madd(madd(madd(constant(log1pTable, 0), u, constant(log1pTable, 1)), u, constant(log1pTable, 2)), u, constant(log1pTable, 3)), u, constant(log1pTable, 4));
  const p = madd(madd(madd(madd(madd(high, u, constant(log1pTable, 5)), u, constant(log1pTable, 6)), u, constant(log1pTable, 7)), u, constant(log1pTable, 8)), u, constant(log1pTable, 9));
  return f32x4.mul(u, p);
}

/** softplus(x) = ln(1 + e^x) = max(x, 0) + ln(1 + e^−|x|): max |error| 2e-7 plus half an ulp of x. */
// @ts-ignore: decorator
@inline
export function softplus4(x: v128): v128 {
  const u = expNegative4(f32x4.neg(f32x4.abs(x)));
  return f32x4.add(f32x4.pmax(x, f32x4.splat(0)), log1pUnit4(u));
}

/** ln(1 + f) = f − f²/2 + f³ P(f) on [√½ − 1, √2 − 1]; then ½, ln 2 in two parts, the smallest normal number, 2²³, 23. */
const logTable = memory.data<f32>([
  0.0691509102, -0.117895562, 0.118729637, -0.123843924, 0.142186667, -0.166692484, 0.20002226, -0.249999866, 0.333333105, 0.5, 0.693359375, -2.12194440e-4, 1.17549435e-38, 8388608, 23,
]);

/** ln x: max relative error 2e-7 (absolute 1e-7 next to 1), denormals included; ln 0 = −∞, NaN below. */
// @ts-ignore: decorator
@inline
export function log4(x: v128): v128 {
  const tiny = f32x4.lt(x, constant(logTable, 12));
  const scaled = v128.bitselect(f32x4.mul(x, constant(logTable, 13)), x, tiny);
  const exponent = i32x4.shr_s(i32x4.sub(scaled, i32x4.splat(0x3f3504f3)), 23);
  const n = f32x4.sub(f32x4.convert_i32x4_s(exponent), v128.and(tiny, constant(logTable, 14)));
  const f = f32x4.sub(i32x4.sub(scaled, i32x4.shl(exponent, 23)), f32x4.splat(1));
  const f2 = f32x4.mul(f, f);
  const high = madd(madd(madd(madd(constant(logTable, 0), f, constant(logTable, 1)), f, constant(logTable, 2)), f, constant(logTable, 3)), f, constant(logTable, 4));
  const p = madd(madd(madd(madd(high, f, constant(logTable, 5)), f, constant(logTable, 6)), f, constant(logTable, 7)), f, constant(logTable, 8));
  const low = madd(n, constant(logTable, 11), f32x4.mul(f32x4.mul(f, f2), p));
  const value = madd(n, constant(logTable, 10), f32x4.add(nmadd(constant(logTable, 9), f2, low), f));
  // Outside (0, ∞): x − x is 0 for finite x, NaN for ∞ and NaN, so special values replace what the bits above made of them.
  const infinite = f32x4.eq(x, f32x4.splat(Infinity));
  const positive = v128.bitselect(x, value, v128.or(infinite, f32x4.ne(x, x)));
  const negative = v128.bitselect(f32x4.splat(-Infinity), f32x4.splat(NaN), f32x4.eq(x, f32x4.splat(0)));
  return v128.bitselect(negative, positive, f32x4.le(x, f32x4.splat(0)));
}

/** sin r = r + r³ P(r²) and cos r = 1 − r²/2 + r⁴ P(r²) on [−π/4, π/4]. */
const sineTable = memory.data<f32>([-0.000194955683, 0.00833197813, -0.166666507, 2.44383804e-5, -0.00138873669, 0.0416666469]);
const halfPiHigh: f64 = 1.57079632673412561417; // π/2, its first 33 bits (fdlibm's split): n times it is exact for n < 2²⁰
const halfPiLow: f64 = 6.07710050650619224932e-11;

/** sin(x + shift · π/2): the argument is reduced in f64, each half of the lanes by itself. */
// @ts-ignore: decorator
@inline
function sineShifted(x: v128, shift: i32): v128 {
  const x0 = f64x2.promote_low_f32x4(x);
  const x1 = f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 2, 3));
  const perQuarter = f64x2.splat(0.63661977236758134308); // 2 / π
  const n0 = f64x2.nearest(f64x2.mul(x0, perQuarter));
  const n1 = f64x2.nearest(f64x2.mul(x1, perQuarter));
  const r0 = f64x2.sub(f64x2.sub(x0, f64x2.mul(n0, f64x2.splat(halfPiHigh))), f64x2.mul(n0, f64x2.splat(halfPiLow)));
  const r1 = f64x2.sub(f64x2.sub(x1, f64x2.mul(n1, f64x2.splat(halfPiHigh))), f64x2.mul(n1, f64x2.splat(halfPiLow)));
  const r = v128.shuffle<f32>(f32x4.demote_f64x2_zero(r0), f32x4.demote_f64x2_zero(r1), 0, 1, 4, 5);
  const quarters = v128.shuffle<i32>(i32x4.trunc_sat_f64x2_s_zero(n0), i32x4.trunc_sat_f64x2_s_zero(n1), 0, 1, 4, 5);
  const turn = i32x4.add(quarters, i32x4.splat(shift));
  const u = f32x4.mul(r, r);
  const sine = madd(f32x4.mul(r, u), madd(madd(constant(sineTable, 0), u, constant(sineTable, 1)), u, constant(sineTable, 2)), r);
  const quartic = madd(madd(constant(sineTable, 3), u, constant(sineTable, 4)), u, constant(sineTable, 5));
  const cosine = madd(f32x4.mul(u, u), quartic, nmadd(half4(), u, f32x4.splat(1)));
  const odd = i32x4.ne(v128.and(turn, i32x4.splat(1)), i32x4.splat(0));
  const sign = i32x4.shl(v128.and(turn, i32x4.splat(2)), 30);
  return v128.xor(v128.bitselect(cosine, sine, odd), sign);
}

/** sin x: max |error| 1.5e-7 for |x| ≤ 1e6, 1e-6 up to 1e9, meaningless beyond; NaN at ±∞. */
// @ts-ignore: decorator
@inline
export function sine4(x: v128): v128 {
  return sineShifted(x, 0);
}

/** cos x: as sine4. */
// @ts-ignore: decorator
@inline
export function cosine4(x: v128): v128 {
  return sineShifted(x, 1);
}

/** 2 / π, then π/2 in two parts: the first has so few bits that n times it is exact for n < 2¹⁶. */
const quarterTable = memory.data<f32>([0.636619772, 1.5703125, 4.83826794897e-4]);

/** Stores sin x and cos x, for joint angles: max |error| 1.5e-7 for |x| ≤ 1000, 2e-6 up to 50 000, meaningless beyond; the argument is reduced in f32, a third of the work of sine4 and cosine4. */
// @ts-ignore: decorator
@inline
export function storeSineCosine4(x: v128, sine: usize, cosine: usize): void {
  const n = f32x4.nearest(f32x4.mul(x, constant(quarterTable, 0)));
  const r = nmadd(n, constant(quarterTable, 2), nmadd(n, constant(quarterTable, 1), x));
  const turn = i32x4.trunc_sat_f32x4_s(n);
  const u = f32x4.mul(r, r);
  const s = madd(f32x4.mul(r, u), madd(madd(constant(sineTable, 0), u, constant(sineTable, 1)), u, constant(sineTable, 2)), r);
  const quartic = madd(madd(constant(sineTable, 3), u, constant(sineTable, 4)), u, constant(sineTable, 5));
  const c = madd(f32x4.mul(u, u), quartic, nmadd(half4(), u, f32x4.splat(1)));
  const odd = i32x4.shr_s(i32x4.shl(turn, 31), 31);
  const two = i32x4.splat(2);
  v128.store(sine, v128.xor(v128.bitselect(c, s, odd), i32x4.shl(v128.and(turn, two), 30)));
  v128.store(cosine, v128.xor(v128.bitselect(s, c, odd), i32x4.shl(v128.and(i32x4.add(turn, i32x4.splat(1)), two), 30)));
}
