// MuJoCo-style Hill muscle with a rigid tendon. Rows: activation, fibre length, velocity, passive curve, active force-length curve, force-velocity curve, force.
// Math  n = max(L − l_se, 0.001)/l_ce, v = V/v_max (not per optimal length, Q7); F = (a ce(n) fv(v) + k_p pe(n)) F_max
//       pe = p (n − 1)³/c³ up to n = (1 + l_max)/2, linear beyond; ce = bump(n, 1, l_max) + 0.15 bump(n, (l_min + 0.95)/2, 0.95); fv quadratic, 0 … fv_max
import { type MuscleParameters, rigidTendon } from './muscle.js';

/** Shortest fibre, m. */
const floor = 0.001;

/** Quadratic-spline hump from `low` over `middle` to `top`: value and slope; 0 at and beyond both ends. */
function bump(n: number, low: number, middle: number, top: number): { value: number; slope: number } {
  if (n <= low || n >= top) return { value: 0, slope: 0 };
  const left = 0.5 * (low + middle);
  const right = 0.5 * (middle + top);
  const rise = (x: number) => 0.5 * x * x;
  if (n < left) {
    const x = (n - low) / (left - low);
    return { value: rise(x), slope: x / (left - low) };
  }
  if (n < middle) {
    const x = (middle - n) / (middle - left);
    return { value: 1 - rise(x), slope: x / (middle - left) };
  }
  if (n < right) {
    const x = (n - middle) / (right - middle);
    return { value: 1 - rise(x), slope: -x / (right - middle) };
  }
  const x = (top - n) / (top - right);
  return { value: rise(x), slope: -x / (top - right) };
}

/** Normalised length and velocity and the three curves with their slopes. */
function curves(p: MuscleParameters, length: number, velocity: number) {
  const { minimumLength: lmin, maximumLength: lmax, maximumForceVelocity: fvmax } = p;
  const n = Math.max(length - p.tendonLength, floor) / p.optimalLength;
  const v = velocity / p.maximumVelocity;
  const b = 0.5 * (1 + lmax);
  const p1 = b - 1;
  const p2 = 0.25 * p.slack;
  const x = n <= 1 ? 0 : n <= b ? (n - 1) / p1 : (n - b) / p1;
  const pe = n <= 1 ? 0 : n <= b ? p2 * (x * x * x) : p2 * (1 + 3 * x);
  const dPe = n <= 1 ? 0 : n <= b ? (p2 * 3 * x * x) / p1 : (p2 * 3) / p1;
  const main = bump(n, lmin, 1, lmax);
  const side = bump(n, lmin, 0.5 * (lmin + 0.95), 0.95);
  const c = fvmax - 1;
  const fv = v <= -1 ? 0 : v <= 0 ? (v + 1) * (v + 1) : v <= c ? fvmax - ((c - v) * (c - v)) / c : fvmax;
  const dFv = v <= -1 ? 0 : v <= 0 ? 2 * (v + 1) : v <= c ? (2 * (c - v)) / c : 0;
  return { n, v, pe, dPe, ce: main.value + 0.15 * side.value, dCe: main.slope + 0.15 * side.slope, fv, dFv };
}

export const mujocoHill = rigidTendon({
  evaluate(p, activation, length, velocity, rows) {
    const { n, v, pe, ce, fv } = curves(p, length, velocity);
    rows[0] = activation;
    rows[1] = n * p.optimalLength;
    rows[2] = v * p.maximumVelocity;
    rows[3] = pe;
    rows[4] = ce;
    rows[5] = fv;
    rows[6] = (activation * ce * fv + p.passiveForces * pe) * p.maximumForce;
  },

  evaluateBackward(p, activation, length, velocity, dRows) {
    const { dPe, ce, dCe, fv, dFv } = curves(p, length, velocity);
    const dForce = dRows[6] * p.maximumForce;
    const dPassive = dForce * p.passiveForces + dRows[3];
    const dActive = dForce * activation * fv + dRows[4];
    const dSpeed = dForce * activation * ce + dRows[5];
    const dN = dPassive * dPe + dActive * dCe + dRows[1] * p.optimalLength;
    const dV = dSpeed * dFv + dRows[2] * p.maximumVelocity;
    return {
      activation: dForce * ce * fv + dRows[0],
      length: length - p.tendonLength >= floor ? dN / p.optimalLength : 0,
      velocity: dV / p.maximumVelocity,
    };
  },
});
