// Hill muscle after Thelen (2003) with a rigid tendon, on a tile. Rows: activation, fibre length, velocity, passive curve, active force-length curve, force-velocity curve, force.
// Math  l = max(L − l_se, 0.001), n = l/l_ce; F = (a ce max(g, 0) + pe) F_max; ce = exp(−(n − 1)²/0.45), pe = max((exp(5/0.6 (n − l_pe/l_ce)) − 1)/(exp 5 − 1), 0)
//       v ≤ 0: g = A (a k0 + 4 v + v_max)/(3 a k1 + k1 − 4 v); v > 0: g = (k2 a + k3 v + k4)/(3 a k4 + k5 v + k4); v in m/s, A = 0.25,
//       k0 = 3 v_max, k1 = A v_max, k2 = 3 A v_max (1.4 − 1), k3 = 8 (A + 1) 1.4 = 14, k4 = A v_max (1.4 − 1), k5 = 8 (A + 1) = 10
import { exp4 } from './activation';
import {
  BodyPlan,
  INVERSE_LENGTH,
  MAXIMUM_FORCE,
  MAXIMUM_VELOCITY,
  MUSCLE_BYTES,
  OWN,
  TENDON_LENGTH,
} from './body_layout';
import { accumulate } from './body_skeleton';
import { madd, nmadd } from './math';

const PASSIVE_OFFSET: usize = OWN; // 5/0.6 · slack

const PASSIVE_RATE: f32 = 5.0 / 0.6;
const PASSIVE_SCALE: f32 = 1.0 / 147.413159102576603; // 1 / (exp 5 − 1)

/** The vectors of one muscle. */
export function planThelen(to: usize, slack: f64): void {
  v128.store(to, f32x4.splat(f32((5.0 / 0.6) * slack)), PASSIVE_OFFSET);
}

/** Numerator (or, with `below`, denominator) of the force-velocity quotient; at v = 0 the shortening arm holds. */
// @ts-ignore: decorator
@inline
function quotientPart(a: v128, v: v128, vmax: v128, shortening: v128, below: bool): v128 {
  const a31 = f32x4.mul(vmax, madd(a, f32x4.splat(3), f32x4.splat(1))); // (3 a + 1) v_max
  const v4 = f32x4.mul(f32x4.splat(4), v);
  const short = below ? f32x4.sub(f32x4.mul(f32x4.splat(0.25), a31), v4) : f32x4.mul(f32x4.splat(0.25), f32x4.add(a31, v4));
  const long = madd(v, f32x4.splat(below ? 10 : 14), f32x4.mul(f32x4.splat(0.1), a31));
  return v128.bitselect(short, long, shortening);
}

/** Rows 1 … 6 from activation (row 0 of `muscle`) and musculotendon length and velocity (rows of `geometry`). */
export function thelenForces(plan: BodyPlan, geometry: usize, muscle: usize): void {
  const size = usize(plan.muscles) << 5;
  const zero = f32x4.splat(0);
  for (let o: usize = 0; o < 32; o += 16) {
    let c = plan.muscleConstants;
    for (let i = o; i < size; i += 32, c += MUSCLE_BYTES) {
      const v = v128.load(geometry + size + i);
      const l = f32x4.pmax(f32x4.sub(v128.load(geometry + i), v128.load(c, TENDON_LENGTH)), f32x4.splat(0.001));
      const n = f32x4.mul(l, v128.load(c, INVERSE_LENGTH));
      const d = f32x4.sub(n, f32x4.splat(1));
      const ce = exp4(f32x4.mul(f32x4.mul(d, d), f32x4.splat(-1.0 / 0.45)));
      const exponential = exp4(f32x4.sub(f32x4.mul(n, f32x4.splat(PASSIVE_RATE)), v128.load(c, PASSIVE_OFFSET)));
      const pe = f32x4.pmax(f32x4.mul(f32x4.sub(exponential, f32x4.splat(1)), f32x4.splat(PASSIVE_SCALE)), zero);
      const a = v128.load(muscle + i);
      const vmax = v128.load(c, MAXIMUM_VELOCITY);
      const shortening = f32x4.le(v, zero);
      const fv = f32x4.pmax(f32x4.div(quotientPart(a, v, vmax, shortening, false), quotientPart(a, v, vmax, shortening, true)), zero);
      let row = muscle + i + size;
      v128.store(row, l);
      row += size;
      v128.store(row, v);
      row += size;
      v128.store(row, pe);
      row += size;
      v128.store(row, ce);
      row += size;
      v128.store(row, fv);
      v128.store(row + size, f32x4.mul(madd(f32x4.mul(a, ce), fv, pe), v128.load(c, MAXIMUM_FORCE)));
    }
  }
}

/** The reverse: adds to row 0 of `dMuscle` and to the length and velocity rows of `dGeometry`; `activation`: rows [M] that the forces were made with. */
export function thelenForcesBackward(plan: BodyPlan, geometry: usize, activation: usize, dMuscle: usize, dGeometry: usize): void {
  const size = usize(plan.muscles) << 5;
  const zero = f32x4.splat(0);
  for (let o: usize = 0; o < 32; o += 16) {
    let c = plan.muscleConstants;
    for (let i = o; i < size; i += 32, c += MUSCLE_BYTES) {
      const v = v128.load(geometry + size + i);
      const fibre = f32x4.sub(v128.load(geometry + i), v128.load(c, TENDON_LENGTH));
      const floor = f32x4.splat(0.001);
      const inverseLength = v128.load(c, INVERSE_LENGTH);
      const n = f32x4.mul(f32x4.pmax(fibre, floor), inverseLength);
      const d = f32x4.sub(n, f32x4.splat(1));
      const ce = exp4(f32x4.mul(f32x4.mul(d, d), f32x4.splat(-1.0 / 0.45)));
      const exponential = exp4(f32x4.sub(f32x4.mul(n, f32x4.splat(PASSIVE_RATE)), v128.load(c, PASSIVE_OFFSET)));
      const a = v128.load(activation + i);
      const vmax = v128.load(c, MAXIMUM_VELOCITY);
      const shortening = f32x4.le(v, zero);
      const inverse = f32x4.div(f32x4.splat(1), quotientPart(a, v, vmax, shortening, true));
      const g = f32x4.mul(quotientPart(a, v, vmax, shortening, false), inverse);
      const fv = f32x4.pmax(g, zero);
      const row3 = dMuscle + i + 3 * size;
      const row5 = row3 + 2 * size;
      const force = f32x4.mul(v128.load(row5 + size), v128.load(c, MAXIMUM_FORCE));
      const dg = v128.and(madd(force, f32x4.mul(a, ce), v128.load(row5)), f32x4.ge(g, zero));
      const dce = madd(force, f32x4.mul(a, fv), v128.load(row3 + size));
      const dpe = v128.and(f32x4.add(force, v128.load(row3)), f32x4.ge(exponential, f32x4.splat(1)));
      const dNumerator = f32x4.mul(dg, inverse);
      const both = f32x4.mul(dNumerator, g); // −∂ by the denominator
      // By activation: numerator and denominator grow alike, by 3 A v_max or 0.4 times as much.
      const slope = f32x4.mul(vmax, v128.bitselect(f32x4.splat(0.75), f32x4.splat(0.3), shortening));
      accumulate(dMuscle + i, madd(f32x4.mul(force, ce), fv, f32x4.mul(slope, f32x4.sub(dNumerator, both))));
      const short = madd(f32x4.splat(4), both, dNumerator);
      const long = nmadd(f32x4.splat(10), both, f32x4.mul(f32x4.splat(14), dNumerator));
      const stretch = f32x4.mul(f32x4.mul(dce, ce), f32x4.mul(d, f32x4.splat(-2.0 / 0.45)));
      const dn = madd(f32x4.mul(dpe, exponential), f32x4.splat(PASSIVE_RATE * PASSIVE_SCALE), stretch);
      const dl = madd(dn, inverseLength, v128.load(dMuscle + i + size));
      accumulate(dGeometry + i, v128.and(dl, f32x4.ge(fibre, floor)));
      accumulate(dGeometry + size + i, f32x4.add(v128.bitselect(short, long, shortening), v128.load(dMuscle + i + 2 * size)));
    }
  }
}
