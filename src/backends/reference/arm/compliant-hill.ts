// Hill muscle after Kistemaker with an elastic tendon. Rows: activation, fibre length, fibre velocity, passive curve, tendon force (normalised), normalised active force, force.
// Math  tendon se = min(625 max((L − l − l_se)/l_se, 0)², 1), passive pe = k_pe max((l − l_pe)/l_ce, 0)², active fa = max(se − pe, 0), F = se F_max
//       fibre velocity vn(a, l, fa): the force-velocity relation solved for velocity; concentric where fa < f = a ce: vn = b_rel (fa − f)/(fa + a a_rel);
//       eccentric: the root of a quadratic. a_rel = 0.41 ce for n < 1, else 0.41 (Q6). l advances by vn l_ce a second, the velocity row is vn v_max (v_max = 10 l_ce)
//       at rest: l from L so that tendon and passive force are equal, then one explicit step (Q8)
import { hillCurves, passive } from './hill-curves.js';
import type { Muscle, MuscleParameters, Rows } from './muscle.js';

/** Tendon stiffness: force 1 at a strain of 4 %. */
const tendonStiffness = 625;

function velocityTerms(p: MuscleParameters, a: number, l: number, fa: number) {
  const n = l / p.optimalLength;
  const { br, dBr, ce, dCe } = hillCurves(a, n);
  const ar = n < 1 ? 0.41 * ce : 0.41;
  const f = ce * a;
  const K = (f + a * ar) / br;
  const D = 0.001 - K * 2;
  const p1 = (-f * 0.5) / D;
  const p3 = -1.5 * f;
  const p2 = (4 * (f * 0.5 * (f * 0.5)) * -0.001) / D;
  const X = fa * fa + 2 * fa * p1 * 0.001 + 2 * fa * p3 + p1 * p1 * 1e-6 + 2 * p1 * p3 * 0.001 + p2 + p3 * p3;
  const root = Math.sqrt(Math.max(X, 0));
  const concentric = fa < f;
  const numerator = concentric ? br * (fa - f) : -fa + p1 * 0.001 - p3 - root;
  const denominator = concentric ? fa + a * ar : -0.002;
  return { br, dBr, ce, dCe, n, ar, f, K, D, p1, p2, p3, X, root, concentric, denominator, vn: numerator / denominator };
}

/** Adds the gradient of vn to activation, fibre length and active force. */
function velocityBackward(p: MuscleParameters, a: number, l: number, fa: number, dVn: number): { activation: number; fibreLength: number; active: number } {
  const { br, dBr, ce, dCe, n, ar, f, K, D, p1, p2, p3, X, root, concentric, denominator, vn } = velocityTerms(p, a, l, fa);
  const dNumerator = dVn / denominator;
  const dDenominator = (-dVn * vn) / denominator;
  let dActive: number;
  let dF: number;
  let dAr: number;
  let dBrel: number;
  let dA: number;
  if (concentric) {
    dActive = dNumerator * br + dDenominator;
    dF = -dNumerator * br;
    dAr = dDenominator * a;
    dBrel = dNumerator * (fa - f);
    dA = dDenominator * ar;
  } else {
    const dX = X <= 0 ? 0 : -dNumerator / (2 * root);
    const slope = 2 * fa + 0.002 * p1 + 2 * p3;
    const dP1 = 0.001 * dNumerator + dX * (0.002 * fa + 2e-6 * p1 + 0.002 * p3);
    const dP3 = -dNumerator + dX * slope;
    const dK = (2 * (dP1 * p1 + dX * p2)) / D;
    dActive = -dNumerator + dX * slope;
    dF = (-0.5 * dP1) / D - (0.002 * f * dX) / D - 1.5 * dP3 + dK / br;
    dAr = (dK * a) / br;
    dBrel = (-dK * K) / br;
    dA = (dK * ar) / br;
  }
  const dCurve = dF * a + (n < 1 ? 0.41 * dAr : 0);
  return { activation: dA + dF * ce + dBrel * dBr, fibreLength: (dCurve * dCe) / p.optimalLength, active: dActive };
}

/** Tendon and passive force at fibre length l and musculotendon length L. */
function tension(p: MuscleParameters, l: number, length: number) {
  const { slackLength, stiffness } = passive(p);
  const tendonStrain = Math.max((length - l - p.tendonLength) / p.tendonLength, 0);
  const strain = Math.max((l - slackLength) / p.optimalLength, 0);
  const pull = tendonStiffness * (tendonStrain * tendonStrain);
  const pe = stiffness * (strain * strain);
  const se = Math.min(pull, 1);
  return { tendonStrain, strain, stiffness, pull, se, pe };
}

/** Adds to fibre and musculotendon length the gradient of se, pe and fa = max(se − pe, 0), with pe capped or not. */
function tensionBackward(p: MuscleParameters, l: number, length: number, dSe: number, dPe: number, dActive: number, passiveCap: number) {
  const { tendonStrain, strain, stiffness, pull, se, pe } = tension(p, l, length);
  const dDifference = se - Math.min(pe, passiveCap) >= 0 ? dActive : 0;
  const dTendon = pull <= 1 ? ((dDifference + dSe) * tendonStiffness * 2 * tendonStrain) / p.tendonLength : 0;
  const dStrain = pe <= passiveCap ? ((dPe - dDifference) * stiffness * 2 * strain) / p.optimalLength : 0;
  return { fibreLength: dStrain - dTendon, length: dTendon };
}

/** Fibre length at which tendon and passive force are equal, and its slope by the musculotendon length. */
function restLength(p: MuscleParameters, length: number): { l: number; slope: number } {
  const { slackLength, stiffness } = passive(p);
  const { optimalLength: lce, tendonLength: lse } = p;
  if (length < 0) return { l: -1, slope: 0 };
  if (length < lse) return { l: 0.001 * lce, slope: 0 };
  if (length < lse + slackLength) return { l: length - lse, slope: 1 };
  const c2 = lce * lce;
  const t2 = lse * lse;
  const geometric = lce * lse * Math.sqrt(stiffness * tendonStiffness);
  const denominator = stiffness * t2 - tendonStiffness * c2;
  const numerator = stiffness * slackLength * t2 - tendonStiffness * c2 * length + tendonStiffness * c2 * lse - geometric * (-length + slackLength + lse);
  return { l: numerator / denominator, slope: (geometric - tendonStiffness * c2) / denominator };
}

/** Active force at rest: both curves capped at 1. */
function restActive(p: MuscleParameters, l: number, length: number): number {
  const { se, pe } = tension(p, l, length);
  return Math.max(se - Math.min(pe, 1), 0);
}

function fillTension(p: MuscleParameters, l: number, length: number, rows: Rows): void {
  const { se, pe } = tension(p, l, length);
  rows[3] = pe;
  rows[4] = se;
  rows[5] = Math.max(se - pe, 0);
  rows[6] = se * p.maximumForce;
}

export const compliantHill: Muscle = {
  compliant: true,

  reset(p, length, velocity, step, rows) {
    const { l } = restLength(p, length);
    const fibreVelocity = velocityTerms(p, p.minimumActivation, l, restActive(p, l, length)).vn;
    const rest = new Float64Array(7);
    rest[1] = l;
    this.advance(p, rest, { activation: p.minimumActivation, fibreVelocity, length, velocity }, step, rows);
  },

  resetBackward(p, length, velocity, step, dRows) {
    const { l, slope } = restLength(p, length);
    const active = restActive(p, l, length);
    const fibreVelocity = velocityTerms(p, p.minimumActivation, l, active).vn;
    const rest = new Float64Array(7);
    rest[1] = l;
    const dRest = new Float64Array(7);
    const dDrive = { activation: 0, fibreVelocity: 0, length: 0, velocity: 0 };
    this.advanceBackward(p, rest, { activation: p.minimumActivation, fibreVelocity, length, velocity }, step, dRows, dRest, dDrive);
    const fromVelocity = velocityBackward(p, p.minimumActivation, l, active, dDrive.fibreVelocity);
    const fromActive = tensionBackward(p, l, length, 0, 0, fromVelocity.active, 1);
    const dL = dRest[1] + fromVelocity.fibreLength + fromActive.fibreLength;
    return { length: dDrive.length + fromActive.length + dL * slope, velocity: 0 };
  },

  fibreVelocity: (p, rows) => velocityTerms(p, rows[0], rows[1], rows[5]).vn,

  fibreVelocityBackward(p, rows, dVelocity, dRows) {
    const d = velocityBackward(p, rows[0], rows[1], rows[5], dVelocity);
    dRows[0] += d.activation;
    dRows[1] += d.fibreLength;
    dRows[5] += d.active;
  },

  advance(p, rows, { activation, fibreVelocity, length }, step, next) {
    next[0] = activation;
    next[1] = (rows[1] / p.optimalLength + step * fibreVelocity) * p.optimalLength;
    next[2] = fibreVelocity * p.maximumVelocity;
    fillTension(p, rows[1], length, next); // of the length before the step (Q9)
  },

  advanceBackward(p, rows, { length }, step, dNext, dRows, dDrive) {
    const d = tensionBackward(p, rows[1], length, dNext[4] + dNext[6] * p.maximumForce, dNext[3], dNext[5], Number.POSITIVE_INFINITY);
    dRows[1] += dNext[1] + d.fibreLength;
    dDrive.activation += dNext[0];
    dDrive.fibreVelocity += dNext[1] * p.optimalLength * step + dNext[2] * p.maximumVelocity;
    dDrive.length += d.length;
  },

  observe(p, activation, fibreLength, length, _velocity, rows) {
    rows[0] = activation;
    rows[1] = fibreLength;
    fillTension(p, fibreLength, length, rows);
    rows[2] = velocityTerms(p, activation, fibreLength, rows[5]).vn * p.maximumVelocity;
  },

  observeBackward(p, activation, fibreLength, length, _velocity, dRows) {
    const { se, pe } = tension(p, fibreLength, length);
    const v = velocityBackward(p, activation, fibreLength, Math.max(se - pe, 0), dRows[2] * p.maximumVelocity);
    const d = tensionBackward(p, fibreLength, length, dRows[4] + dRows[6] * p.maximumForce, dRows[3], dRows[5] + v.active, Number.POSITIVE_INFINITY);
    return { activation: dRows[0] + v.activation, fibreLength: dRows[1] + v.fibreLength + d.fibreLength, length: d.length, velocity: 0 };
  },
};
