// Hill muscle after Kistemaker with an elastic tendon, on a tile. Rows: activation, fibre length l, fibre velocity, passive curve, tendon force (normalised), active force, force.
// Math  tendon se = min(625 max((L − l − l_se)/l_se, 0)², 1), passive pe = k_pe max(n − l_pe/l_ce, 0)², n = l/l_ce, active fa = max(se − pe, 0), F = se F_max
//       velocity vn(a, n, fa) of the fibre: ce, br as in body_hill.ts, f = a ce, ar = 0.41 (ce for n < 1, else 1), K = (f + a ar)/br, E = 2 K − 0.001
//       fa < f: vn = br (fa − f)/(fa + a ar); else the larger root of 2e-6 vn² + 2e-3 s vn = 1e-3 w, s = 1.5 f − fa + 0.0005 f/E, w = f (fa − f)/E
//       l advances by vn l_ce a second; the velocity row is vn v_max
//       at rest: l from L where tendon and passive force are equal, then one explicit step of plan.resetStep
// Numerics  MotorNet takes that root as (s − √(s² + 0.002 w))/(−0.002), in which f32 loses three digits where s > 0; here it is w/(s + √…) then: same value, no cancellation
import { activationFactor, parabola, PASSIVE_STIFFNESS, SLACK } from './body_hill';
import {
  BodyPlan,
  INVERSE_LENGTH,
  MAXIMUM_FORCE,
  MAXIMUM_VELOCITY,
  MINIMUM_ACTIVATION,
  MUSCLE_BYTES,
  OPTIMAL_LENGTH,
  OWN,
  TENDON_LENGTH,
} from './body_layout';
import { accumulate } from './body_skeleton';
import { madd, nmadd } from './math';

// OWN and OWN + 16: slack and stiffness of the passive curve, as in body_hill.ts.
const INVERSE_TENDON: usize = OWN + 32; // 1 / l_se
const REST_LENGTH: usize = OWN + 48; // l_pe
const REST_SUM: usize = OWN + 64; // l_se + l_pe
const REST_SLOPE: usize = OWN + 80; // ∂l/∂L of the equilibrium beyond
const SHORTEST: usize = OWN + 96; // 0.001 l_ce

const TENDON_STIFFNESS: f32 = 625; // force 1 at a strain of 4 %

/** The vectors of one muscle, behind those of planHill. */
export function planCompliant(to: usize, slack: f64, length: f64, tendon: f64): void {
  const stiffness = 1 / ((1.66 - slack) * (1.66 - slack));
  const c2 = length * length;
  const slope = (length * tendon * sqrt(stiffness * 625) - 625 * c2) / (stiffness * tendon * tendon - 625 * c2);
  v128.store(to, f32x4.splat(f32(1 / tendon)), INVERSE_TENDON);
  v128.store(to, f32x4.splat(f32(slack * length)), REST_LENGTH);
  v128.store(to, f32x4.splat(f32(tendon + slack * length)), REST_SUM);
  v128.store(to, f32x4.splat(f32(slope)), REST_SLOPE);
  v128.store(to, f32x4.splat(f32(0.001 * length)), SHORTEST);
}

/** 0.41 ce for n < 1, 0.41 beyond. */
// @ts-ignore: decorator
@inline
function relativeA(n: v128, ce: v128): v128 {
  return v128.bitselect(f32x4.mul(f32x4.splat(0.41), ce), f32x4.splat(0.41), f32x4.lt(n, f32x4.splat(1)));
}

/** Normalised fibre velocity from activation, normalised length and active force. */
// @ts-ignore: decorator
@inline
function velocityOf(a: v128, n: v128, fa: v128): v128 {
  const zero = f32x4.splat(0);
  const factor = activationFactor(a);
  const br = f32x4.mul(f32x4.splat(5.2), f32x4.mul(factor, factor));
  const ce = f32x4.pmax(parabola(n), f32x4.splat(0.01));
  const ar = relativeA(n, ce);
  const f = f32x4.mul(ce, a);
  const aar = f32x4.mul(a, ar);
  const inverseE = f32x4.div(br, nmadd(f32x4.splat(0.001), br, f32x4.mul(f32x4.splat(2), f32x4.add(f, aar))));
  const excess = f32x4.sub(fa, f);
  const fE = f32x4.mul(f, inverseE);
  const w = f32x4.mul(fE, excess);
  const s = madd(f32x4.splat(0.0005), fE, nmadd(f32x4.splat(-1.5), f, f32x4.neg(fa)));
  const x = madd(f32x4.splat(0.002), w, f32x4.mul(s, s));
  const root = f32x4.sqrt(f32x4.pmax(x, zero));
  const stable = v128.and(f32x4.gt(s, zero), f32x4.gt(x, zero));
  const shortening = f32x4.lt(fa, f);
  const numerator = v128.bitselect(f32x4.mul(br, excess), v128.bitselect(w, f32x4.sub(root, s), stable), shortening);
  const denominator = v128.bitselect(f32x4.add(fa, aar), v128.bitselect(f32x4.add(s, root), f32x4.splat(0.002), stable), shortening);
  return f32x4.div(numerator, denominator);
}

/** Rows [M] of normalised fibre velocities of stored muscle rows. */
export function fibreVelocities(plan: BodyPlan, muscle: usize, to: usize): void {
  const size = usize(plan.muscles) << 5;
  for (let o: usize = 0; o < 32; o += 16) {
    let c = plan.muscleConstants;
    for (let i = o; i < size; i += 32, c += MUSCLE_BYTES) {
      const n = f32x4.mul(v128.load(muscle + size + i), v128.load(c, INVERSE_LENGTH));
      v128.store(to + i, velocityOf(v128.load(muscle + i), n, v128.load(muscle + 5 * size + i)));
    }
  }
}

/** Adds the gradient of `fibreVelocities` to rows [M] of activations, fibre lengths and active forces; `muscle` as there, in three addresses. */
// @ts-ignore: decorator
@inline
function velocityBackward(c: usize, a: v128, l: v128, fa: v128, dVelocity: v128, dActivation: usize, dLength: usize, dActive: usize): void {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const inverseLength = v128.load(c, INVERSE_LENGTH);
  const n = f32x4.mul(l, inverseLength);
  const factor = activationFactor(a);
  const br = f32x4.mul(f32x4.splat(5.2), f32x4.mul(factor, factor));
  const dbr = v128.and(f32x4.mul(f32x4.splat(9.36 / 0.295), factor), f32x4.lt(a, f32x4.splat(0.3)));
  const q = parabola(n);
  const ce = f32x4.pmax(q, f32x4.splat(0.01));
  const dce = v128.and(f32x4.mul(f32x4.splat(2 / 0.4356), f32x4.sub(one, n)), f32x4.ge(q, f32x4.splat(0.01)));
  const ar = relativeA(n, ce);
  const f = f32x4.mul(ce, a);
  const aar = f32x4.mul(a, ar);
  const sum = f32x4.add(f, aar);
  const inverseE = f32x4.div(br, nmadd(f32x4.splat(0.001), br, f32x4.mul(f32x4.splat(2), sum)));
  const excess = f32x4.sub(fa, f);
  const fE = f32x4.mul(f, inverseE);
  const w = f32x4.mul(fE, excess);
  const s = madd(f32x4.splat(0.0005), fE, nmadd(f32x4.splat(-1.5), f, f32x4.neg(fa)));
  const x = madd(f32x4.splat(0.002), w, f32x4.mul(s, s));
  const root = f32x4.sqrt(f32x4.pmax(x, zero));
  const real = f32x4.gt(x, zero);
  const stable = v128.and(f32x4.gt(s, zero), real);
  // Lengthening: dvn = (dw/2 − vn ds)/root by the quadratic; −500 ds where there is no root.
  const lengthening = f32x4.div(v128.bitselect(w, f32x4.sub(root, s), stable), v128.bitselect(f32x4.add(s, root), f32x4.splat(0.002), stable));
  const perRoot = f32x4.div(dVelocity, root);
  const dw = v128.and(f32x4.mul(f32x4.splat(0.5), perRoot), real);
  const ds = v128.bitselect(f32x4.neg(f32x4.mul(lengthening, perRoot)), f32x4.mul(f32x4.splat(-500), dVelocity), real);
  const p1 = f32x4.mul(f32x4.splat(0.5), fE);
  const dp1 = f32x4.mul(f32x4.splat(0.001), ds);
  const inverseBr = f32x4.div(one, br);
  const dK = f32x4.mul(f32x4.splat(-2), f32x4.mul(madd(dp1, p1, f32x4.mul(dw, w)), inverseE));
  const perBr = f32x4.mul(dK, inverseBr);
  const dfLong = madd(
    f32x4.splat(1.5),
    ds,
    madd(inverseE, madd(f32x4.splat(0.5), dp1, f32x4.mul(dw, f32x4.sub(excess, f))), perBr),
  );
  const dfaLong = f32x4.sub(f32x4.mul(dw, fE), ds);
  const dbrLong = f32x4.neg(f32x4.mul(perBr, f32x4.mul(sum, inverseBr)));
  // Shortening.
  const shortening = f32x4.lt(fa, f);
  const inverse = f32x4.div(one, f32x4.add(fa, aar));
  const dNumerator = f32x4.mul(dVelocity, inverse);
  const dDenominator = f32x4.neg(f32x4.mul(dNumerator, f32x4.mul(f32x4.mul(br, excess), inverse)));
  const dNumeratorBr = f32x4.mul(dNumerator, br);
  const df = v128.bitselect(f32x4.neg(dNumeratorBr), dfLong, shortening);
  const dSum = v128.bitselect(dDenominator, perBr, shortening); // of a ar
  const dBr = v128.bitselect(f32x4.mul(dNumerator, excess), dbrLong, shortening);
  const dfa = v128.bitselect(f32x4.add(dNumeratorBr, dDenominator), dfaLong, shortening);
  const dCurve = madd(df, a, v128.and(f32x4.mul(f32x4.splat(0.41), f32x4.mul(dSum, a)), f32x4.lt(n, one)));
  accumulate(dActivation, madd(dSum, ar, madd(df, ce, f32x4.mul(dBr, dbr))));
  accumulate(dLength, f32x4.mul(f32x4.mul(dCurve, dce), inverseLength));
  accumulate(dActive, dfa);
}

/** The reverse of `fibreVelocities`: adds to the activation, fibre length and active force rows of `dMuscle`. */
export function fibreVelocitiesBackward(plan: BodyPlan, muscle: usize, dVelocities: usize, dMuscle: usize): void {
  const size = usize(plan.muscles) << 5;
  for (let o: usize = 0; o < 32; o += 16) {
    let c = plan.muscleConstants;
    for (let i = o; i < size; i += 32, c += MUSCLE_BYTES) {
      const rows = muscle + i;
      const to = dMuscle + i;
      velocityBackward(c, v128.load(rows), v128.load(rows + size), v128.load(rows + 5 * size), v128.load(dVelocities + i), to, to + size, to + 5 * size);
    }
  }
}

/** Strain of the tendon, at least 0. */
// @ts-ignore: decorator
@inline
function tendonStrain(c: usize, L: v128, l: v128): v128 {
  const stretch = f32x4.sub(f32x4.sub(L, l), v128.load(c, TENDON_LENGTH));
  return f32x4.pmax(f32x4.mul(stretch, v128.load(c, INVERSE_TENDON)), f32x4.splat(0));
}

/** Strain of the passive element, at least 0. */
// @ts-ignore: decorator
@inline
function passiveStrain(c: usize, l: v128): v128 {
  return f32x4.pmax(f32x4.sub(f32x4.mul(l, v128.load(c, INVERSE_LENGTH)), v128.load(c, SLACK)), f32x4.splat(0));
}

/** Rows 3 … 6 of `muscle` from fibre lengths and musculotendon lengths (rows [M]). */
export function tendonForces(plan: BodyPlan, geometry: usize, lengths: usize, muscle: usize): void {
  const size = usize(plan.muscles) << 5;
  for (let o: usize = 0; o < 32; o += 16) {
    let c = plan.muscleConstants;
    for (let i = o; i < size; i += 32, c += MUSCLE_BYTES) {
      const l = v128.load(lengths + i);
      const ts = tendonStrain(c, v128.load(geometry + i), l);
      const e = passiveStrain(c, l);
      const se = f32x4.pmin(f32x4.mul(f32x4.splat(TENDON_STIFFNESS), f32x4.mul(ts, ts)), f32x4.splat(1));
      const pe = f32x4.mul(v128.load(c, PASSIVE_STIFFNESS), f32x4.mul(e, e));
      let row = muscle + i + 3 * size;
      v128.store(row, pe);
      row += size;
      v128.store(row, se);
      row += size;
      v128.store(row, f32x4.pmax(f32x4.sub(se, pe), f32x4.splat(0)));
      v128.store(row + size, f32x4.mul(se, v128.load(c, MAXIMUM_FORCE)));
    }
  }
}

/** The reverse of `tendonForces`: adds rows 3 … 6 of `dMuscle` to `dLengths` and to the length rows of `dGeometry`. */
export function tendonForcesBackward(plan: BodyPlan, geometry: usize, lengths: usize, dMuscle: usize, dLengths: usize, dGeometry: usize): void {
  const size = usize(plan.muscles) << 5;
  for (let o: usize = 0; o < 32; o += 16) {
    let c = plan.muscleConstants;
    for (let i = o; i < size; i += 32, c += MUSCLE_BYTES) {
      const row5 = dMuscle + i + 5 * size;
      const dForce = f32x4.mul(v128.load(row5 + size), v128.load(c, MAXIMUM_FORCE));
      tensionBackward(c, v128.load(geometry + i), v128.load(lengths + i), f32x4.add(v128.load(row5 - size), dForce), v128.load(row5 - 2 * size), v128.load(row5), false, dLengths + i, dGeometry + i);
    }
  }
}

/** Adds to fibre and musculotendon length the gradient of se, pe and fa = max(se − pe, 0), pe capped at 1 (at rest) or not. */
// @ts-ignore: decorator
@inline
function tensionBackward(c: usize, L: v128, l: v128, dSe: v128, dPe: v128, dActive: v128, capped: bool, dLength: usize, dL: usize): void {
  const one = f32x4.splat(1);
  const ts = tendonStrain(c, L, l);
  const e = passiveStrain(c, l);
  const pull = f32x4.mul(f32x4.splat(TENDON_STIFFNESS), f32x4.mul(ts, ts));
  const stiffness = v128.load(c, PASSIVE_STIFFNESS);
  const pe = f32x4.mul(stiffness, f32x4.mul(e, e));
  const difference = f32x4.sub(f32x4.pmin(pull, one), capped ? f32x4.pmin(pe, one) : pe);
  const d = v128.and(dActive, f32x4.ge(difference, f32x4.splat(0)));
  const dPull = v128.and(f32x4.add(dSe, d), f32x4.le(pull, one));
  const dTendon = f32x4.mul(f32x4.mul(dPull, f32x4.mul(f32x4.splat(2 * TENDON_STIFFNESS), ts)), v128.load(c, INVERSE_TENDON));
  let dPassive = f32x4.mul(f32x4.sub(dPe, d), f32x4.mul(f32x4.mul(f32x4.splat(2), stiffness), f32x4.mul(e, v128.load(c, INVERSE_LENGTH))));
  if (capped) dPassive = v128.and(dPassive, f32x4.le(pe, one));
  accumulate(dLength, f32x4.sub(dPassive, dTendon));
  accumulate(dL, dTendon);
}

/** Rows 1 and 2 of `next` from fibre lengths (rows [M]) and normalised velocities after h seconds. */
export function fibreStep(plan: BodyPlan, lengths: usize, velocities: usize, h: f32, next: usize): void {
  const size = usize(plan.muscles) << 5;
  const step = f32x4.splat(h);
  for (let o: usize = 0; o < 32; o += 16) {
    let c = plan.muscleConstants;
    for (let i = o; i < size; i += 32, c += MUSCLE_BYTES) {
      const velocity = v128.load(velocities + i);
      v128.store(next + size + i, madd(f32x4.mul(step, velocity), v128.load(c, OPTIMAL_LENGTH), v128.load(lengths + i)));
      v128.store(next + 2 * size + i, f32x4.mul(velocity, v128.load(c, MAXIMUM_VELOCITY)));
    }
  }
}

/** The reverse of `fibreStep`: adds rows 1 and 2 of `dNext` to `dLengths` and `dVelocities`. */
export function fibreStepBackward(plan: BodyPlan, h: f32, dNext: usize, dLengths: usize, dVelocities: usize): void {
  const size = usize(plan.muscles) << 5;
  const step = f32x4.splat(h);
  for (let o: usize = 0; o < 32; o += 16) {
    let c = plan.muscleConstants;
    for (let i = o; i < size; i += 32, c += MUSCLE_BYTES) {
      const dLength = v128.load(dNext + size + i);
      accumulate(dLengths + i, dLength);
      const fromVelocity = f32x4.mul(v128.load(dNext + 2 * size + i), v128.load(c, MAXIMUM_VELOCITY));
      accumulate(dVelocities + i, madd(f32x4.mul(dLength, v128.load(c, OPTIMAL_LENGTH)), step, fromVelocity));
    }
  }
}

/** Fibre length where tendon and passive force are equal; −1 for a negative musculotendon length. */
// @ts-ignore: decorator
@inline
function restLength(c: usize, L: v128): v128 {
  const tendon = v128.load(c, TENDON_LENGTH);
  const sum = v128.load(c, REST_SUM);
  const beyond = madd(f32x4.sub(L, sum), v128.load(c, REST_SLOPE), v128.load(c, REST_LENGTH));
  const taut = v128.bitselect(f32x4.sub(L, tendon), beyond, f32x4.lt(L, sum));
  const short = v128.bitselect(v128.load(c, SHORTEST), taut, f32x4.lt(L, tendon));
  return v128.bitselect(f32x4.splat(-1), short, f32x4.lt(L, f32x4.splat(0)));
}

/** Active force at rest, both curves capped at 1. */
// @ts-ignore: decorator
@inline
function restActive(c: usize, L: v128, l: v128): v128 {
  const one = f32x4.splat(1);
  const ts = tendonStrain(c, L, l);
  const e = passiveStrain(c, l);
  const se = f32x4.pmin(f32x4.mul(f32x4.splat(TENDON_STIFFNESS), f32x4.mul(ts, ts)), one);
  const pe = f32x4.pmin(f32x4.mul(v128.load(c, PASSIVE_STIFFNESS), f32x4.mul(e, e)), one);
  return f32x4.pmax(f32x4.sub(se, pe), f32x4.splat(0));
}

/** Fibre lengths at rest and their velocities, rows [M] each, from musculotendon lengths. */
export function restFibres(plan: BodyPlan, geometry: usize, lengths: usize, velocities: usize): void {
  const size = usize(plan.muscles) << 5;
  for (let o: usize = 0; o < 32; o += 16) {
    let c = plan.muscleConstants;
    for (let i = o; i < size; i += 32, c += MUSCLE_BYTES) {
      const L = v128.load(geometry + i);
      const l = restLength(c, L);
      v128.store(lengths + i, l);
      v128.store(velocities + i, velocityOf(v128.load(c, MINIMUM_ACTIVATION), f32x4.mul(l, v128.load(c, INVERSE_LENGTH)), restActive(c, L, l)));
    }
  }
}

/** The reverse of `restFibres`: adds to the length rows of `dGeometry`; `lengths` is what it gave, `dLengths` is overwritten, `spare` holds two rows. */
export function restFibresBackward(plan: BodyPlan, geometry: usize, lengths: usize, dLengths: usize, dVelocities: usize, dGeometry: usize, spare: usize): void {
  const size = usize(plan.muscles) << 5;
  const zero = f32x4.splat(0);
  for (let o: usize = 0; o < 32; o += 16) {
    let c = plan.muscleConstants;
    for (let i = o; i < size; i += 32, c += MUSCLE_BYTES) {
      const L = v128.load(geometry + i);
      const l = v128.load(lengths + i);
      v128.store(spare, zero); // of the minimum activation, a constant
      v128.store(spare, zero, 32);
      velocityBackward(c, v128.load(c, MINIMUM_ACTIVATION), l, restActive(c, L, l), v128.load(dVelocities + i), spare, dLengths + i, spare + 32);
      tensionBackward(c, L, l, zero, zero, v128.load(spare, 32), true, dLengths + i, dGeometry + i);
      const tendon = v128.load(c, TENDON_LENGTH);
      const slope = v128.bitselect(f32x4.splat(1), v128.load(c, REST_SLOPE), f32x4.lt(L, v128.load(c, REST_SUM)));
      accumulate(dGeometry + i, v128.and(f32x4.mul(v128.load(dLengths + i), slope), f32x4.ge(L, tendon)));
    }
  }
}
