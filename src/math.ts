// exp and log of f64 from additions, multiplications and divisions alone: Math.exp and Math.log differ between engines in the last bit, and draws that compare
// a random number with them must not.

/** ln x for normal positive x, by range reduction to [√½, √2) and the atanh series; relative error below 4e-16, absolute below 1e-16 next to 1. */
export function naturalLog(x: number): number {
  let exponent = 0;
  let m = x;
  while (m < Math.SQRT1_2) {
    m *= 2;
    exponent--;
  }
  while (m >= Math.SQRT2) {
    m /= 2;
    exponent++;
  }
  const s = (m - 1) / (m + 1);
  const s2 = s * s;
  let series = 0;
  for (let k = 21; k >= 1; k -= 2) series = series * s2 + 1 / k;
  return 2 * s * series + exponent * Math.LN2;
}

// ln 2 in two parts, the first with 21 zero bits at its end, so that small whole multiples of it are exact
const ln2High = 0.6931471803691238;
const ln2Low = 1.9082149292705877e-10;
/** e^x is 0 or infinite beyond these. */
const lowest = -745.2;
const highest = 709.79;
const leastPower = -1075;

/** 2^n for n from −1075 (0) to 1023, by doubling and halving, which are exact. */
const powers = /* @__PURE__ */ (() => {
  const table = new Float64Array(1024 - leastPower);
  for (let n = 0, value = 1; n <= 1023; n++, value *= 2) table[n - leastPower] = value;
  for (let n = 0, value = 1; n >= leastPower; n--, value /= 2) table[n - leastPower] = value;
  return table;
})();

/** e^x by range reduction to |r| ≤ ln 2 / 2 and the Taylor series to r¹³; relative error below 5e-16 where the result is normal. */
export function exponential(x: number): number {
  if (x < lowest) return 0;
  if (x > highest) return Number.POSITIVE_INFINITY;
  const n = Math.round(x / Math.LN2);
  const r = x - n * ln2High - n * ln2Low;
  // written out, so that multiplications and additions of constants are all that is left
  const high = 1 / 40320 + r * (1 / 362880 + r * (1 / 3628800 + r * (1 / 39916800 + r * (1 / 479001600 + r / 6227020800))));
  const series = 1 + r * (1 + r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r * (1 / 720 + r * (1 / 5040 + r * high)))))));
  // in two steps: 2^1024 is no number, and 2^−1075 is none that is not zero
  const half = n >> 1;
  return series * (powers[half - leastPower] as number) * (powers[n - half - leastPower] as number);
}
