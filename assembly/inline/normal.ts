// The standard normal's inverse CDF in f64, operation for operation that of src/random.ts, so that the draws agree to the last bit of f32.
// P. J. Acklam's rational approximation (2003), relative error below 1.2e-9.

const tail: f64 = 0.02425;

/** ln x for normal positive x: range reduction to [√½, √2) and the atanh series. */
function naturalLog(x: f64): f64 {
  let exponent: f64 = 0;
  let m = x;
  while (m < 0.7071067811865476) {
    m *= 2;
    exponent -= 1;
  }
  while (m >= 1.4142135623730951) {
    m *= 0.5;
    exponent += 1;
  }
  const s = (m - 1) / (m + 1);
  const s2 = s * s;
  let series: f64 = 0;
  for (let k: f64 = 21; k >= 1; k -= 2) series = series * s2 + 1 / k;
  return 2 * s * series + exponent * 0.6931471805599453;
}

/** The inverse CDF outside [0.02425, 0.97575], where one draw in twenty falls. */
function inverseTail(p: f64): f64 {
  const q = Math.sqrt(-2 * naturalLog(p < tail ? p : 1 - p));
  const numerator = ((((-7.784894002430293e-3 * q + -3.223964580411365e-1) * q + -2.400758277161838) * q + -2.549732539343734) * q + 4.374664141464968) * q + 2.938163982698783;
  const denominator = (((7.784695709041462e-3 * q + 3.224671290700398e-1) * q + 2.445134137142996) * q + 3.754408661907416) * q + 1;
  return p < tail ? numerator / denominator : -(numerator / denominator);
}

/** Numerator and denominator of the central part from the highest power down; then ½, 1, and the ends of that part. */
const centralTable = memory.data<f64>([
  -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1, 2.506628277459239,
  -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1, 1, 0.5, 0.02425, 0.97575,
]);

/** A constant of the table in both lanes: a load is cheaper than a vector literal in V8. */
// @ts-ignore: decorator
@inline
function central(i: usize): v128 {
  return v128.load64_splat(centralTable + (i << 3));
}

// @ts-ignore: decorator
@inline
function step(sum: v128, r: v128, i: usize): v128 {
  return f64x2.add(f64x2.mul(sum, r), central(i));
}

/** Two standard normals from two probabilities in (0, 1). */
// @ts-ignore: decorator
@inline
export function inverseNormal2(p: v128): v128 {
  const q = f64x2.sub(p, central(12));
  const r = f64x2.mul(q, q);
  const numerator = f64x2.mul(step(step(step(step(step(central(0), r, 1), r, 2), r, 3), r, 4), r, 5), q);
  const denominator = step(step(step(step(step(central(6), r, 7), r, 8), r, 9), r, 10), r, 11);
  let value = f64x2.div(numerator, denominator);
  if (v128.any_true(v128.or(f64x2.lt(p, central(13)), f64x2.gt(p, central(14))))) {
    const low = f64x2.extract_lane(p, 0);
    const high = f64x2.extract_lane(p, 1);
    if (low < tail || low > 1 - tail) value = f64x2.replace_lane(value, 0, inverseTail(low));
    if (high < tail || high > 1 - tail) value = f64x2.replace_lane(value, 1, inverseTail(high));
  }
  return value;
}
