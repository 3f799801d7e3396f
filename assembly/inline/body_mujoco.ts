// MuJoCo-style Hill muscle with a rigid tendon, on a tile. Rows: activation, fibre length, velocity, passive curve, active force-length curve, force-velocity curve, force.
// Math  n = max(L − l_se, 0.001)/l_ce, v = V/v_max (not per optimal length, as MotorNet has it); F = (a ce fv + k_p pe) F_max
//       pe = p (x³ + 3 max(t − 1, 0)), t = (n − 1)/(b − 1), x = t limited to [0, 1], b = (1 + l_max)/2
//       fv = x² + u (2 − u/c), x = v + 1 limited to [0, 1], u = v limited to [0, c], c = fv_max − 1
//       ce = hump(n; l_min, 1, l_max) + 0.15 hump(n; l_min, (l_min + 0.95)/2, 0.95); hump(n; low, middle, top) = (1 − min(s, 1)² + (2 − max(s, 1))²)/2 with s the distance
//       from the middle in half-widths of its side, at most 2: the splines of mujoco's `bump` without branches. 0 < l_min < 1 < l_max and fv_max > 1 are the effector's business.
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

const PASSIVE_SPAN: usize = OWN; // 1 / (b − 1)
const PASSIVE_SCALE: usize = OWN + 16; // p
const MAIN_LEFT: usize = OWN + 32; // −2 / (1 − l_min): minus one over half the left side
const MAIN_RIGHT: usize = OWN + 48; // 2 / (l_max − 1)
const SIDE_MIDDLE: usize = OWN + 64;
const SIDE_LEFT: usize = OWN + 80;
const SIDE_RIGHT: usize = OWN + 96;
const SIDE_SCALE: usize = OWN + 112; // 0.15, or 0 where the side hump is empty
const GAIN: usize = OWN + 128; // c
const INVERSE_GAIN: usize = OWN + 144;
const PASSIVE_FACTOR: usize = OWN + 160; // k_p

/** 2 / (to − from) where the side exists; else so steep that nothing is left of it. */
function steepness(from: f64, to: f64): f64 {
  return to > from ? 2 / (to - from) : 1e30;
}

/** The vectors of one muscle from its numbers in `body`. */
export function planMujoco(to: usize, slack: f64, minimumLength: f64, maximumLength: f64, maximumForceVelocity: f64, passiveForces: f64): void {
  const middle = 0.5 * (minimumLength + 0.95);
  const gain = max(maximumForceVelocity - 1, 0);
  v128.store(to, f32x4.splat(f32(2 / (maximumLength - 1))), PASSIVE_SPAN);
  v128.store(to, f32x4.splat(f32(0.25 * slack)), PASSIVE_SCALE);
  v128.store(to, f32x4.splat(f32(-steepness(minimumLength, 1))), MAIN_LEFT);
  v128.store(to, f32x4.splat(f32(steepness(1, maximumLength))), MAIN_RIGHT);
  v128.store(to, f32x4.splat(f32(middle)), SIDE_MIDDLE);
  v128.store(to, f32x4.splat(f32(-steepness(minimumLength, middle))), SIDE_LEFT);
  v128.store(to, f32x4.splat(f32(steepness(middle, 0.95))), SIDE_RIGHT);
  v128.store(to, f32x4.splat(minimumLength < 0.95 ? 0.15 : 0), SIDE_SCALE);
  v128.store(to, f32x4.splat(f32(gain)), GAIN);
  v128.store(to, f32x4.splat(gain > 0 ? f32(1 / gain) : 0), INVERSE_GAIN);
  v128.store(to, f32x4.splat(f32(passiveForces)), PASSIVE_FACTOR);
}

/** Twice the height of a hump at distance s ≥ 0 from its middle. */
// @ts-ignore: decorator
@inline
function twiceHump(s: v128): v128 {
  const one = f32x4.splat(1);
  const near = f32x4.pmin(s, one);
  const far = f32x4.sub(f32x4.splat(2), f32x4.pmin(f32x4.pmax(s, one), f32x4.splat(2)));
  return madd(far, far, nmadd(near, near, one));
}

/** Minus the slope of a hump by s: s up to 1, 2 − s beyond, 0 from 2 on. */
// @ts-ignore: decorator
@inline
function descent(s: v128): v128 {
  return f32x4.pmax(f32x4.pmin(s, f32x4.sub(f32x4.splat(2), s)), f32x4.splat(0));
}

/** Rows 1 … 6 from activation (row 0 of `muscle`) and musculotendon length and velocity (rows of `geometry`). */
export function mujocoForces(plan: BodyPlan, geometry: usize, muscle: usize): void {
  const size = usize(plan.muscles) << 5;
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  for (let o: usize = 0; o < 32; o += 16) {
    let c = plan.muscleConstants;
    for (let i = o; i < size; i += 32, c += MUSCLE_BYTES) {
      const velocity = v128.load(geometry + size + i);
      const l = f32x4.pmax(f32x4.sub(v128.load(geometry + i), v128.load(c, TENDON_LENGTH)), f32x4.splat(0.001));
      const n = f32x4.mul(l, v128.load(c, INVERSE_LENGTH));
      const v = f32x4.mul(velocity, v128.load(c, INVERSE_VELOCITY));
      const d = f32x4.sub(n, one);
      const t = f32x4.mul(d, v128.load(c, PASSIVE_SPAN));
      const x = f32x4.pmin(f32x4.pmax(t, zero), one);
      const linear = f32x4.mul(f32x4.splat(3), f32x4.pmax(f32x4.sub(t, one), zero));
      const pe = f32x4.mul(v128.load(c, PASSIVE_SCALE), madd(f32x4.mul(x, x), x, linear));
      const main = twiceHump(f32x4.pmax(f32x4.mul(d, v128.load(c, MAIN_LEFT)), f32x4.mul(d, v128.load(c, MAIN_RIGHT))));
      const e = f32x4.sub(n, v128.load(c, SIDE_MIDDLE));
      const side = twiceHump(f32x4.pmax(f32x4.mul(e, v128.load(c, SIDE_LEFT)), f32x4.mul(e, v128.load(c, SIDE_RIGHT))));
      const ce = f32x4.mul(f32x4.splat(0.5), madd(v128.load(c, SIDE_SCALE), side, main));
      const w = f32x4.pmin(f32x4.pmax(f32x4.add(v, one), zero), one);
      const u = f32x4.pmin(f32x4.pmax(v, zero), v128.load(c, GAIN));
      const fv = madd(u, nmadd(u, v128.load(c, INVERSE_GAIN), f32x4.splat(2)), f32x4.mul(w, w));
      const active = f32x4.mul(f32x4.mul(v128.load(muscle + i), ce), fv);
      let row = muscle + i + size;
      v128.store(row, l);
      row += size;
      v128.store(row, velocity);
      row += size;
      v128.store(row, pe);
      row += size;
      v128.store(row, ce);
      row += size;
      v128.store(row, fv);
      v128.store(row + size, f32x4.mul(madd(v128.load(c, PASSIVE_FACTOR), pe, active), v128.load(c, MAXIMUM_FORCE)));
    }
  }
}

/** The reverse: adds to row 0 of `dMuscle` and to the length and velocity rows of `dGeometry`; `activation`: rows [M] that the forces were made with. */
export function mujocoForcesBackward(plan: BodyPlan, geometry: usize, activation: usize, dMuscle: usize, dGeometry: usize): void {
  const size = usize(plan.muscles) << 5;
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  for (let o: usize = 0; o < 32; o += 16) {
    let c = plan.muscleConstants;
    for (let i = o; i < size; i += 32, c += MUSCLE_BYTES) {
      const fibre = f32x4.sub(v128.load(geometry + i), v128.load(c, TENDON_LENGTH));
      const floor = f32x4.splat(0.001);
      const n = f32x4.mul(f32x4.pmax(fibre, floor), v128.load(c, INVERSE_LENGTH));
      const v = f32x4.mul(v128.load(geometry + size + i), v128.load(c, INVERSE_VELOCITY));
      const d = f32x4.sub(n, one);
      const x = f32x4.pmin(f32x4.pmax(f32x4.mul(d, v128.load(c, PASSIVE_SPAN)), zero), one);
      const passiveSlope = f32x4.mul(f32x4.mul(f32x4.splat(3), v128.load(c, PASSIVE_SCALE)), f32x4.mul(f32x4.mul(x, x), v128.load(c, PASSIVE_SPAN)));
      const half = f32x4.splat(0.5);
      const mainLeft = f32x4.mul(d, v128.load(c, MAIN_LEFT));
      const mainRight = f32x4.mul(d, v128.load(c, MAIN_RIGHT));
      const s = f32x4.pmax(mainLeft, mainRight);
      const mainSlope = f32x4.mul(descent(s), v128.bitselect(v128.load(c, MAIN_LEFT), v128.load(c, MAIN_RIGHT), f32x4.lt(d, zero)));
      const e = f32x4.sub(n, v128.load(c, SIDE_MIDDLE));
      const r = f32x4.pmax(f32x4.mul(e, v128.load(c, SIDE_LEFT)), f32x4.mul(e, v128.load(c, SIDE_RIGHT)));
      const sideSlope = f32x4.mul(descent(r), v128.bitselect(v128.load(c, SIDE_LEFT), v128.load(c, SIDE_RIGHT), f32x4.lt(e, zero)));
      const sideScale = v128.load(c, SIDE_SCALE);
      const slope = f32x4.neg(madd(sideScale, sideSlope, mainSlope)); // of ce by n
      const ce = f32x4.mul(half, madd(sideScale, twiceHump(r), twiceHump(s)));
      const w = f32x4.pmin(f32x4.pmax(f32x4.add(v, one), zero), one);
      const u = f32x4.pmin(f32x4.pmax(v, zero), v128.load(c, GAIN));
      const inverseGain = v128.load(c, INVERSE_GAIN);
      const fv = madd(u, nmadd(u, inverseGain, f32x4.splat(2)), f32x4.mul(w, w));
      const velocitySlope = f32x4.mul(f32x4.splat(2), nmadd(u, inverseGain, w));
      const a = v128.load(activation + i);
      const row3 = dMuscle + i + 3 * size;
      const row5 = row3 + 2 * size;
      const force = f32x4.mul(v128.load(row5 + size), v128.load(c, MAXIMUM_FORCE));
      const dPassive = madd(force, v128.load(c, PASSIVE_FACTOR), v128.load(row3));
      const forceA = f32x4.mul(force, a);
      const dCurve = madd(forceA, fv, v128.load(row3 + size));
      const dVelocityCurve = madd(forceA, ce, v128.load(row5));
      accumulate(dMuscle + i, f32x4.mul(force, f32x4.mul(ce, fv)));
      const dn = madd(dPassive, passiveSlope, f32x4.mul(dCurve, slope));
      const dl = madd(dn, v128.load(c, INVERSE_LENGTH), v128.load(dMuscle + i + size));
      accumulate(dGeometry + i, v128.and(dl, f32x4.ge(fibre, floor)));
      const dv = f32x4.mul(dVelocityCurve, velocitySlope);
      accumulate(dGeometry + size + i, madd(dv, v128.load(c, INVERSE_VELOCITY), v128.load(dMuscle + i + 2 * size)));
    }
  }
}
