// Hill muscle after Kistemaker with a rigid tendon, on a tile. Rows: activation, fibre length, velocity, passive curve, active force-length curve, active force, force.
// Math  l = max(L − l_se, 0), n = l/l_ce, v = V/v_max; F = (max(g, 0) + k_pe e²) F_max, e = max((l − l_pe)/l_ce, 0)
//       ce = max(1 − (n − 1)²/0.4356, 0.01), f = a ce, ar = 0.41 (ce for n > 1, else 1), br = 5.2 (1 + 0.9 (a − 0.3)/0.295)² below a = 0.3, else 5.2
//       v < 0: g = (v a ar + f br)/(br − v); v ≥ 0, with K = a (ce + ar)/br, D = 0.001 − 2 K, p1 = −f/(2 D), p2 = f²/(4 D), p3 = −1.5 f:
//       g = (p1 (0.001 v − p3) + p2 − p3 v + 0.001 v²)/(p1 + v); numerator and denominator times D br here, so that one division serves both arms; 0/0 (a = 0 at rest) counts as 0
import {
  BodyPlan,
  INVERSE_LENGTH,
  INVERSE_VELOCITY,
  MAXIMUM_FORCE,
  MUSCLE_BYTES,
  OWN,
  TENDON_LENGTH,
} from './body_layout';
import { accumulate } from './body_skeleton';
import { madd, nmadd } from './math';

/** l_pe / l_ce and k_pe; the compliant muscle has them in the same place. */
export const SLACK: usize = OWN;
export const PASSIVE_STIFFNESS: usize = OWN + 16;

/** The vectors of one muscle: passive slack and stiffness 1 / (1.66 − slack)². */
export function planHill(to: usize, slack: f64): void {
  v128.store(to, f32x4.splat(f32(slack)), SLACK);
  v128.store(to, f32x4.splat(f32(1 / ((1.66 - slack) * (1.66 - slack)))), PASSIVE_STIFFNESS);
}

/** 1 − 0.9 z of the activation factor, limited to 1, which it reaches at a = 0.3. */
// @ts-ignore: decorator
@inline
export function activationFactor(a: v128): v128 {
  return f32x4.pmin(madd(f32x4.sub(a, f32x4.splat(0.3)), f32x4.splat(0.9 / 0.295), f32x4.splat(1)), f32x4.splat(1));
}

/** 1 − (n − 1)²/0.4356, not limited. */
// @ts-ignore: decorator
@inline
export function parabola(n: v128): v128 {
  const d = f32x4.sub(n, f32x4.splat(1));
  return nmadd(f32x4.mul(d, f32x4.splat(1 / 0.4356)), d, f32x4.splat(1));
}

/** Rows 1 … 6 from activation (row 0 of `muscle`) and musculotendon length and velocity (rows of `geometry`). */
export function hillForces(plan: BodyPlan, geometry: usize, muscle: usize): void {
  const size = usize(plan.muscles) << 5;
  const zero = f32x4.splat(0);
  const small = f32x4.splat(0.001);
  for (let o: usize = 0; o < 32; o += 16) {
    let c = plan.muscleConstants;
    for (let i = o; i < size; i += 32, c += MUSCLE_BYTES) {
      const velocity = v128.load(geometry + size + i);
      const l = f32x4.pmax(f32x4.sub(v128.load(geometry + i), v128.load(c, TENDON_LENGTH)), zero);
      const n = f32x4.mul(l, v128.load(c, INVERSE_LENGTH));
      const v = f32x4.mul(velocity, v128.load(c, INVERSE_VELOCITY));
      const e = f32x4.pmax(f32x4.sub(n, v128.load(c, SLACK)), zero);
      const pe = f32x4.mul(v128.load(c, PASSIVE_STIFFNESS), f32x4.mul(e, e));
      const a = v128.load(muscle + i);
      const factor = activationFactor(a);
      const br = f32x4.mul(f32x4.splat(5.2), f32x4.mul(factor, factor));
      const ce = f32x4.pmax(parabola(n), f32x4.splat(0.01));
      const share = f32x4.splat(0.41);
      const ar = v128.bitselect(f32x4.mul(share, ce), share, f32x4.gt(n, f32x4.splat(1)));
      const f = f32x4.mul(ce, a);
      const halfF = f32x4.mul(f, f32x4.splat(0.5));
      const tb = f32x4.mul(halfF, br);
      const p3 = f32x4.mul(f32x4.splat(-1.5), f);
      const Db = f32x4.sub(f32x4.mul(small, br), f32x4.mul(f32x4.add(a, a), f32x4.add(ce, ar)));
      const sv = f32x4.mul(small, v);
      const shortening = f32x4.lt(v, zero);
      const lengthened = madd(Db, f32x4.mul(v, f32x4.sub(sv, p3)), f32x4.mul(tb, f32x4.add(f32x4.sub(p3, sv), halfF)));
      const numerator = v128.bitselect(madd(f32x4.mul(v, a), ar, f32x4.mul(f, br)), lengthened, shortening);
      const denominator = v128.bitselect(f32x4.sub(br, v), f32x4.sub(f32x4.mul(v, Db), tb), shortening);
      const active = f32x4.pmax(v128.and(f32x4.div(numerator, denominator), f32x4.ne(denominator, zero)), zero);
      let row = muscle + i + size;
      v128.store(row, l);
      row += size;
      v128.store(row, velocity);
      row += size;
      v128.store(row, pe);
      row += size;
      v128.store(row, ce);
      row += size;
      v128.store(row, active);
      v128.store(row + size, f32x4.mul(f32x4.add(active, pe), v128.load(c, MAXIMUM_FORCE)));
    }
  }
}

/** The reverse: adds to row 0 of `dMuscle` and to the length and velocity rows of `dGeometry`; `activation`: rows [M] that the forces were made with. */
export function hillForcesBackward(plan: BodyPlan, geometry: usize, activation: usize, dMuscle: usize, dGeometry: usize): void {
  const size = usize(plan.muscles) << 5;
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const two = f32x4.splat(2);
  const small = f32x4.splat(0.001);
  for (let o: usize = 0; o < 32; o += 16) {
    let c = plan.muscleConstants;
    for (let i = o; i < size; i += 32, c += MUSCLE_BYTES) {
      const fibre = f32x4.sub(v128.load(geometry + i), v128.load(c, TENDON_LENGTH));
      const inverseLength = v128.load(c, INVERSE_LENGTH);
      const n = f32x4.mul(f32x4.pmax(fibre, zero), inverseLength);
      const v = f32x4.mul(v128.load(geometry + size + i), v128.load(c, INVERSE_VELOCITY));
      const e = f32x4.pmax(f32x4.sub(n, v128.load(c, SLACK)), zero);
      const a = v128.load(activation + i);
      const factor = activationFactor(a);
      const br = f32x4.mul(f32x4.splat(5.2), f32x4.mul(factor, factor));
      const dbr = v128.and(f32x4.mul(f32x4.splat(9.36 / 0.295), factor), f32x4.lt(a, f32x4.splat(0.3)));
      const q = parabola(n);
      const ce = f32x4.pmax(q, f32x4.splat(0.01));
      const dce = v128.and(f32x4.mul(f32x4.splat(2 / 0.4356), f32x4.sub(one, n)), f32x4.ge(q, f32x4.splat(0.01)));
      const share = f32x4.splat(0.41);
      const long = f32x4.gt(n, one);
      const ar = v128.bitselect(f32x4.mul(share, ce), share, long);
      const f = f32x4.mul(ce, a);
      const halfF = f32x4.mul(f, f32x4.splat(0.5));
      const tb = f32x4.mul(halfF, br);
      const p3 = f32x4.mul(f32x4.splat(-1.5), f);
      const sum = f32x4.add(ce, ar);
      const Db = f32x4.sub(f32x4.mul(small, br), f32x4.mul(f32x4.add(a, a), sum));
      const sv = f32x4.mul(small, v);
      const shortening = f32x4.lt(v, zero);
      const lengthened = madd(Db, f32x4.mul(v, f32x4.sub(sv, p3)), f32x4.mul(tb, f32x4.add(f32x4.sub(p3, sv), halfF)));
      const numerator = v128.bitselect(madd(f32x4.mul(v, a), ar, f32x4.mul(f, br)), lengthened, shortening);
      const scaled = v128.bitselect(f32x4.sub(br, v), f32x4.sub(f32x4.mul(v, Db), tb), shortening);
      const inverse = v128.and(f32x4.div(one, scaled), f32x4.ne(scaled, zero));
      const g = f32x4.mul(numerator, inverse);
      const row5 = dMuscle + i + 5 * size;
      const force = f32x4.mul(v128.load(row5 + size), v128.load(c, MAXIMUM_FORCE));
      const dg = v128.and(f32x4.add(force, v128.load(row5)), f32x4.ge(g, zero));
      const dpe = f32x4.add(force, v128.load(dMuscle + i + 3 * size));
      const dNumerator = f32x4.mul(dg, v128.bitselect(inverse, f32x4.mul(inverse, Db), shortening)); // of the unscaled quotient
      const dDenominator = f32x4.neg(f32x4.mul(dNumerator, g));
      // v ≥ 0
      const inverseDb = f32x4.div(one, Db);
      const inverseD = f32x4.mul(br, inverseDb);
      const p1 = f32x4.neg(f32x4.mul(tb, inverseDb));
      const p2 = f32x4.neg(f32x4.mul(halfF, p1));
      const dp1 = madd(dNumerator, f32x4.sub(sv, p3), dDenominator);
      const dHalf = f32x4.mul(inverseD, f32x4.sub(f32x4.mul(f32x4.add(halfF, halfF), dNumerator), dp1));
      const dK = f32x4.mul(f32x4.mul(two, inverseD), madd(dp1, p1, f32x4.mul(dNumerator, p2)));
      const inverseBr = f32x4.div(one, br);
      const perBr = f32x4.mul(dK, inverseBr);
      const dSum = f32x4.mul(perBr, a); // of ce + ar through K
      const dvLong = madd(dNumerator, madd(small, p1, f32x4.sub(f32x4.add(sv, sv), p3)), dDenominator);
      const dfLong = madd(f32x4.splat(1.5), f32x4.mul(dNumerator, f32x4.add(p1, v)), f32x4.mul(f32x4.splat(0.5), dHalf));
      const dbrLong = f32x4.neg(f32x4.mul(perBr, f32x4.mul(f32x4.mul(a, sum), inverseBr)));
      // v < 0
      const va = f32x4.mul(v, a);
      const dv = v128.bitselect(f32x4.sub(f32x4.mul(dNumerator, f32x4.mul(a, ar)), dDenominator), dvLong, shortening);
      const dar = v128.bitselect(f32x4.mul(dNumerator, va), dSum, shortening);
      const dBr = v128.bitselect(madd(dNumerator, f, dDenominator), dbrLong, shortening);
      const df = v128.bitselect(f32x4.mul(dNumerator, br), dfLong, shortening);
      const dsum = v128.andnot(dSum, shortening);
      const daOwn = v128.bitselect(f32x4.mul(dNumerator, f32x4.mul(v, ar)), f32x4.mul(perBr, sum), shortening);
      const dCurve = f32x4.add(madd(df, a, dsum), f32x4.add(v128.and(f32x4.mul(share, dar), long), v128.load(dMuscle + i + 4 * size)));
      accumulate(dMuscle + i, f32x4.add(madd(df, ce, daOwn), f32x4.mul(dBr, dbr)));
      const passive = f32x4.mul(dpe, f32x4.mul(f32x4.mul(two, v128.load(c, PASSIVE_STIFFNESS)), e));
      const dl = madd(inverseLength, madd(dCurve, dce, passive), v128.load(dMuscle + i + size));
      accumulate(dGeometry + i, v128.and(dl, f32x4.ge(fibre, zero)));
      accumulate(dGeometry + size + i, madd(dv, v128.load(c, INVERSE_VELOCITY), v128.load(dMuscle + i + 2 * size)));
    }
  }
}
