// Hill muscle after Kistemaker with a rigid tendon. Rows: activation, fibre length, velocity, passive curve, active force-length curve, normalised active force, force.
// Math  l = max(L − l_se, 0), v = V/v_max; F = (fa + k_pe max((l − l_pe)/l_ce, 0)²) F_max
//       v < 0: fa = (v a a_rel + f b_rel)/(b_rel − v), f = a ce, a_rel = 0.41 ce for n > 1, else 0.41 (Q6)
//       v ≥ 0: the hyperbola through the same point with asymptote 1.5 f, its slope set by K = a (ce + a_rel)/b_rel; fa is not negative
import { hillCurves, passive } from './hill-curves.js';
import { type MuscleParameters, rigidTendon } from './muscle.js';

function terms(p: MuscleParameters, a: number, length: number, velocity: number) {
  const { slackLength, stiffness } = passive(p);
  const l = Math.max(length - p.tendonLength, 0);
  const strain = Math.max((l - slackLength) / p.optimalLength, 0);
  const n = l / p.optimalLength;
  const v = velocity / p.maximumVelocity;
  const { br, dBr, ce, dCe } = hillCurves(a, n);
  const ar = n > 1 ? 0.41 * ce : 0.41;
  const K = (a * (ce + ar)) / br;
  const f = ce * a;
  const t = f * 0.5;
  const D = 0.001 - K * 2;
  const p1 = -t / D;
  const p2 = (t * t) / D;
  const p3 = -1.5 * f;
  const numerator = v < 0 ? v * a * ar + f * br : -p1 * p3 + p1 * 0.001 * v + p2 - p3 * v + 0.001 * (v * v);
  const denominator = v < 0 ? br - v : p1 + v;
  // 0/0 at rest without activation, which a minimum activation of 0 allows: no force there, and no gradient.
  const defined = denominator !== 0;
  return { br, dBr, ce, dCe, l, strain, stiffness, n, v, ar, K, f, t, D, p1, p2, p3, defined, denominator, g: defined ? numerator / denominator : 0 };
}

export const rigidHill = rigidTendon({
  evaluate(p, activation, length, velocity, rows) {
    const { l, strain, stiffness, ce, g } = terms(p, activation, length, velocity);
    const pe = stiffness * (strain * strain);
    const fa = Math.max(g, 0);
    rows[0] = activation;
    rows[1] = l;
    rows[2] = velocity;
    rows[3] = pe;
    rows[4] = ce;
    rows[5] = fa;
    rows[6] = (fa + pe) * p.maximumForce;
  },

  evaluateBackward(p, a, length, velocity, dRows) {
    const { br, dBr, ce, dCe, strain, stiffness, n, v, ar, K, f, t, D, p1, p2, p3, defined, denominator, g } = terms(p, a, length, velocity);
    const dForce = dRows[6] * p.maximumForce;
    const dG = g >= 0 ? dForce + dRows[5] : 0;
    const dPe = dForce + dRows[3];
    const dNumerator = defined ? dG / denominator : 0;
    const dDenominator = defined ? (-dG * g) / denominator : 0;
    let dV = 0;
    let dAr = 0;
    let dBrel = 0;
    let dF = 0;
    let dCurve = dRows[4];
    let dA = dRows[0];
    if (v < 0) {
      dV = dNumerator * a * ar - dDenominator;
      dAr = dNumerator * v * a;
      dBrel = dNumerator * f + dDenominator;
      dF = dNumerator * br;
      dA += dNumerator * v * ar;
    } else {
      const dP1 = dNumerator * (0.001 * v - p3) + dDenominator;
      const dP2 = dNumerator;
      const dP3 = dNumerator * (-p1 - v);
      const dT = (2 * t * dP2 - dP1) / D;
      const dD = -(dP1 * p1 + dP2 * p2) / D;
      const dK = -2 * dD;
      dV = dNumerator * (p1 * 0.001 - p3 + 0.002 * v) + dDenominator;
      dAr = (dK * a) / br;
      dBrel = (-dK * K) / br;
      dF = -1.5 * dP3 + 0.5 * dT;
      dCurve += (dK * a) / br;
      dA += (dK * (ce + ar)) / br;
    }
    dCurve += dF * a + (n > 1 ? 0.41 * dAr : 0);
    dA += dF * ce + dBrel * dBr;
    const dL = (dPe * stiffness * 2 * strain) / p.optimalLength + (dCurve * dCe) / p.optimalLength + dRows[1];
    return { activation: dA, length: length - p.tendonLength >= 0 ? dL : 0, velocity: dV / p.maximumVelocity + dRows[2] };
  },
});
