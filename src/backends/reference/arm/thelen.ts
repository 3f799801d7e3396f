// Hill muscle after Thelen (2003) with a rigid tendon. Rows: activation, fibre length, velocity, passive curve, active force-length curve, force-velocity curve, force.
// Math  l = max(L − l_se, 0.001); pe = max((e^{(5/0.6)(l − l_pe)/l_ce} − 1)/(e⁵ − 1), 0); ce = e^{−(l/l_ce − 1)²/0.45}; F = (a ce fv + pe) F_max
//       v ≤ 0: fv = A_f (3 v_max a + 4 v + v_max)/(3 a A_f v_max + A_f v_max − 4 v); v > 0: a second hyperbola with limit 1.4; fv is not negative; v in m/s
import { type MuscleParameters, rigidTendon } from './muscle.js';

/** Shortest fibre, m. */
const floor = 0.001;
const shape = 0.25; // A_f
const limit = 1.4; // largest fv while lengthening
const width = 0.45; // γ of the active curve
const passiveRate = 5 / 0.6;
const passiveScale = Math.exp(5) - 1;
/** Constants of the lengthening branch, per v_max. */
const k3 = 8 * shape * limit + 8 * limit;
const k5 = 8 * (shape + 1);

function terms(p: MuscleParameters, a: number, length: number, v: number) {
  const vmax = p.maximumVelocity;
  const l = Math.max(length - p.tendonLength, floor);
  const k0 = 3 * vmax;
  const k1 = shape * vmax;
  const k2 = 3 * shape * vmax * limit - 3 * shape * vmax;
  const k4 = shape * limit * vmax - k1;
  const numerator = v <= 0 ? shape * (a * k0 + 4 * v + vmax) : k2 * a + k3 * v + k4;
  const denominator = v <= 0 ? a * 3 * k1 + k1 - 4 * v : k4 * (a * 3) + k5 * v + k4;
  const exponential = Math.exp((passiveRate * (l - p.optimalLength * p.slack)) / p.optimalLength);
  const r = (exponential - 1) / passiveScale;
  const stretch = l / p.optimalLength - 1;
  return { l, k0, k1, k2, k4, denominator, g: numerator / denominator, exponential, r, stretch, ce: Math.exp(-(stretch * stretch) / width) };
}

export const thelen = rigidTendon({
  evaluate(p, activation, length, velocity, rows) {
    const { l, g, r, ce } = terms(p, activation, length, velocity);
    const fv = Math.max(g, 0);
    const pe = Math.max(r, 0);
    rows[0] = activation;
    rows[1] = l;
    rows[2] = velocity;
    rows[3] = pe;
    rows[4] = ce;
    rows[5] = fv;
    rows[6] = (activation * ce * fv + pe) * p.maximumForce;
  },

  evaluateBackward(p, a, length, v, dRows) {
    const { k0, k1, k2, k4, denominator, g, exponential, r, stretch, ce } = terms(p, a, length, v);
    const fv = Math.max(g, 0);
    const dForce = dRows[6] * p.maximumForce;
    const dFv = g >= 0 ? dForce * a * ce + dRows[5] : 0;
    const dCe = dForce * a * fv + dRows[4];
    const dPe = r >= 0 ? dForce + dRows[3] : 0;
    const dNumerator = dFv / denominator;
    const dDenominator = (-dFv * g) / denominator;
    const dL = (dPe * exponential * passiveRate) / (p.optimalLength * passiveScale) - (2 * dCe * ce * stretch) / (width * p.optimalLength) + dRows[1];
    return {
      activation: dForce * ce * fv + (v <= 0 ? dNumerator * shape * k0 + 3 * dDenominator * k1 : dNumerator * k2 + 3 * dDenominator * k4) + dRows[0],
      length: length - p.tendonLength >= floor ? dL : 0,
      velocity: (v <= 0 ? 4 * (dNumerator * shape - dDenominator) : dNumerator * k3 + dDenominator * k5) + dRows[2],
    };
  },
});
