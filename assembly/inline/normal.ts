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

// @ts-ignore: decorator
@inline
function step(sum: v128, r: v128, coefficient: f64): v128 {
  return f64x2.add(f64x2.mul(sum, r), f64x2.splat(coefficient));
}

/** Two standard normals from two probabilities in (0, 1). */
export function inverseNormal2(p: v128): v128 {
  const q = f64x2.sub(p, f64x2.splat(0.5));
  const r = f64x2.mul(q, q);
  let numerator = step(f64x2.splat(-3.969683028665376e1), r, 2.209460984245205e2);
  numerator = step(numerator, r, -2.759285104469687e2);
  numerator = step(numerator, r, 1.38357751867269e2);
  numerator = step(numerator, r, -3.066479806614716e1);
  numerator = f64x2.mul(step(numerator, r, 2.506628277459239), q);
  let denominator = step(f64x2.splat(-5.447609879822406e1), r, 1.615858368580409e2);
  denominator = step(denominator, r, -1.556989798598866e2);
  denominator = step(denominator, r, 6.680131188771972e1);
  denominator = step(denominator, r, -1.328068155288572e1);
  denominator = step(denominator, r, 1);
  let value = f64x2.div(numerator, denominator);
  const low = f64x2.extract_lane(p, 0);
  const high = f64x2.extract_lane(p, 1);
  if (low < tail || low > 1 - tail) value = f64x2.replace_lane(value, 0, inverseTail(low));
  if (high < tail || high > 1 - tail) value = f64x2.replace_lane(value, 1, inverseTail(high));
  return value;
}
