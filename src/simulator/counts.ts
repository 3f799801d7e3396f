// Random counts by inversion: Poisson, negative binomial and binomial, one uniform a draw, exact to rounding for small and large means.
// All three have p(k + 1) / p(k) = (α + β·k) / (k + 1) (Panjer 1981, doi:10.1017/S0515036100006796), so that one search serves them: the uniform is spent on
// p(0), p(1), … or, for large means, on the mode and its neighbours outwards (Kemp 1986). The mode's probability is by Loader's (2000) saddle-point expansion,
// which does not cancel however large the mean.
import { exponential, naturalLog } from '../math.js';

/** Modes below this are reached by counting from 0, whose probability needs no expansion. */
const smallMode = 16;
/** What is left of the uniform's unit below this is rounding: draws of 52 bits do not reach there. */
const negligible = 2 ** -64;

/** A Poisson count of mean `rate` ≥ 0 from a uniform on (0, 1). */
export function poissonCount(rate: number, uniform: number): number {
  if (rate < smallMode) return invert(uniform, 0, exponential(-rate), rate, 0);
  const mode = Math.floor(rate);
  return invert(uniform, mode, exponential(-stirlingError(mode) - deviance(mode, rate)) / Math.sqrt(2 * Math.PI * mode), rate, 0);
}

/** A negative binomial count of mean `rate` ≥ 0 and variance `dispersion` · `rate`, dispersion > 1: r = rate / (D − 1), p = 1 / D. */
export function negativeBinomialCount(rate: number, dispersion: number, uniform: number): number {
  const shape = rate / (dispersion - 1);
  const p = 1 / dispersion;
  const q = (dispersion - 1) / dispersion;
  const mode = Math.floor((shape - 1) * (dispersion - 1));
  if (mode < smallMode) return invert(uniform, 0, exponential(-shape * naturalLog(dispersion)), q * shape, q);
  const total = shape + mode;
  return invert(uniform, mode, (shape / total) * binomialMass(shape, total, p, q), q * shape, q);
}

/** A binomial count of `trials` ≥ 0 chances of probability `p` in (0, 1). */
export function binomialCount(trials: number, p: number, uniform: number): number {
  if (p > 0.5) return trials - binomialCount(trials, 1 - p, uniform);
  const odds = p / (1 - p);
  const mode = Math.floor((trials + 1) * p);
  if (mode < smallMode) return invert(uniform, 0, exponential(trials * naturalLog(1 - p)), trials * odds, -odds);
  return invert(uniform, mode, binomialMass(mode, trials, p, 1 - p), trials * odds, -odds);
}

/** The count that `uniform` falls to, when counts claim their probabilities in the order mode, mode + 1, mode − 1, mode + 2, …. */
function invert(uniform: number, mode: number, atMode: number, alpha: number, beta: number): number {
  let left = uniform - atMode;
  if (left < 0) return mode;
  let [above, below] = [mode, mode];
  let [up, down] = [atMode, mode > 0 ? atMode : 0];
  while (up > negligible || down > negligible) {
    up *= (alpha + beta * above) / (above + 1);
    above++;
    left -= up;
    if (left < 0) return above;
    if (below === 0) {
      down = 0;
      continue;
    }
    below--;
    down *= (below + 1) / (alpha + beta * below);
    left -= down;
    if (left < 0) return below;
  }
  return mode;
}

/** Probability mass at real `x` of `n`, 0 < x < n (Loader 2000, eq. 2.9). */
function binomialMass(x: number, n: number, p: number, q: number): number {
  const log = stirlingError(n) - stirlingError(x) - stirlingError(n - x) - deviance(x, n * p) - deviance(n - x, n * q);
  return exponential(log) * Math.sqrt(n / (2 * Math.PI * x * (n - x)));
}

/** ln Γ(x + 1) − ln(√(2πx) (x/e)^x) for x > 0; absolute error below 1e-14. */
function stirlingError(x: number): number {
  let sum = 0;
  let z = x;
  for (; z < 16; z++) sum += (z + 0.5) * naturalLog((z + 1) / z) - 1;
  const square = 1 / (z * z);
  return sum + (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188)))) / z;
}

/** x ln(x / m) + m − x for x, m > 0, without cancellation where they are close. */
function deviance(x: number, m: number): number {
  const difference = x - m;
  const v = difference / (x + m);
  if (Math.abs(v) >= 0.1) return x * naturalLog(x / m) + m - x;
  let sum = difference * v;
  let term = 2 * x * v;
  for (let k = 1; k < 1000; k++) {
    term *= v * v;
    const next = sum + term / (2 * k + 1);
    if (next === sum) break;
    sum = next;
  }
  return sum;
}
