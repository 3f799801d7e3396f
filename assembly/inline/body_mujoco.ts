// MuJoCo-style Hill muscle with a rigid tendon, on a tile. Rows: activation, fibre length, velocity, passive curve, active force-length curve, force-velocity curve, force.
// Math  n = max(L − l_se, 0.001)/l_ce, v = V/v_max (not per optimal length, as MotorNet has it); F = (a ce fv + k_p pe) F_max
//       pe = p (x³ + 3 max(t − 1, 0)), t = (n − 1)/(b − 1), x = t limited to [0, 1], b = (1 + l_max)/2
//       fv = x² + u (2 − u/c), x = v + 1 limited to [0, 1], u = v limited to [0, c], c = fv_max − 1
//       ce = hump(n; l_min, 1, l_max) + 0.15 hump(n; l_min, (l_min + 0.95)/2, 0.95); hump(n; low, middle, top) = (1 − min(s, 1)² + (2 − max(s, 1))²)/2 with s the distance
//       from the middle in half-widths of its side, at most 2: the splines of mujoco's `bump` without branches. 0 < l_min < 1 < l_max and fv_max > 1 are the effector's business.
import {
  BodyPlan,
  INVERSE_VELOCITY,
  MAXIMUM_FORCE,
  MUSCLE_BYTES,
  OWN,
  TENDON_LENGTH,
} from './body_layout';
import { accumulate } from './body_skeleton';
import { madd, nmadd } from './math';

// Distances from the middle of a hump in half-widths of its sides are l · slope − offset. That of the right side of the main hump is t of the passive curve, too.
const PASSIVE_SLOPE: usize = OWN; // 2 / (l_max − 1) / l_ce
const PASSIVE_OFFSET: usize = OWN + 16; // 2 / (l_max − 1)
const PASSIVE_SCALE: usize = OWN + 32; // p
const PASSIVE_LINEAR: usize = OWN + 48; // 3 p
const MAIN_LEFT: usize = OWN + 64; // 2 / (1 − l_min) / l_ce
const MAIN_OFFSET: usize = OWN + 80; // 2 / (1 − l_min)
const SIDE: usize = OWN + 96; // both sides of the second hump are as wide
const SIDE_OFFSET: usize = OWN + 112;
const SIDE_SCALE: usize = OWN + 128; // 0.15 / 2, or 0 where that hump is empty
const GAIN: usize = OWN + 144; // c
const INVERSE_GAIN: usize = OWN + 160;
const PASSIVE_FACTOR: usize = OWN + 176; // k_p

/** 2 / (to − from) where the side of a hump exists; else so steep that nothing is left of it. */
function steepness(from: f64, to: f64): f64 {
  return to > from ? 2 / (to - from) : 1e20;
}

/** The vectors of one muscle from its numbers in `body`. */
export function planMujoco(
  to: usize,
  length: f64,
  slack: f64,
  minimumLength: f64,
  maximumLength: f64,
  maximumForceVelocity: f64,
  passiveForces: f64,
): void {
  const middle = 0.5 * (minimumLength + 0.95);
  const gain = max(maximumForceVelocity - 1, 0);
  const right = steepness(1, maximumLength);
  const left = steepness(minimumLength, 1);
  const side = steepness(minimumLength, middle);
  v128.store(to, f32x4.splat(f32(right / length)), PASSIVE_SLOPE);
  v128.store(to, f32x4.splat(f32(right)), PASSIVE_OFFSET);
  v128.store(to, f32x4.splat(f32(0.25 * slack)), PASSIVE_SCALE);
  v128.store(to, f32x4.splat(f32(0.75 * slack)), PASSIVE_LINEAR);
  v128.store(to, f32x4.splat(f32(left / length)), MAIN_LEFT);
  v128.store(to, f32x4.splat(f32(left)), MAIN_OFFSET);
  v128.store(to, f32x4.splat(f32(side / length)), SIDE);
  v128.store(to, f32x4.splat(f32(middle * side)), SIDE_OFFSET);
  v128.store(to, f32x4.splat(minimumLength < 0.95 ? 0.075 : 0), SIDE_SCALE);
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

/** Rows 1 … 6 from activation (row 0 of `muscle`) and musculotendon length and velocity (rows of `geometry`). Three loops of two vectors: both share the muscle's constants in registers. */
export function mujocoForces(plan: BodyPlan, geometry: usize, muscle: usize): void {
  const size = usize(plan.muscles) << 5;
  lengthCurves(plan, geometry, muscle + size, size);
  activeCurves(plan, muscle + size, size);
  velocitiesAndForces(plan, geometry + size, muscle, size);
}

/** t = (n − 1)/(b − 1). */
// @ts-ignore: decorator
@inline
function passiveArgument(l: v128, slope: v128, offset: v128): v128 {
  return f32x4.sub(f32x4.mul(l, slope), offset);
}

/** p (x³ + 3 max(t − 1, 0)): with y = max(t, 0) and x = min(y, 1) the second is y − x. */
// @ts-ignore: decorator
@inline
function passiveCurve(t: v128, scale: v128, linear: v128): v128 {
  const y = f32x4.pmax(t, f32x4.splat(0));
  const x = f32x4.pmin(y, f32x4.splat(1));
  return madd(f32x4.mul(x, x), f32x4.mul(x, scale), f32x4.mul(linear, f32x4.sub(y, x)));
}

/** Fibre lengths and passive curves. `lengths`: where row 1 is. */
function lengthCurves(plan: BodyPlan, L: usize, lengths: usize, size: usize): void {
  let c = plan.muscleConstants;
  const passive = lengths + 2 * size;
  for (let i: usize = 0; i < size; i += 32, c += MUSCLE_BYTES) {
    const tendon = v128.load(c, TENDON_LENGTH);
    const slope = v128.load(c, PASSIVE_SLOPE);
    const offset = v128.load(c, PASSIVE_OFFSET);
    const scale = v128.load(c, PASSIVE_SCALE);
    const linear = v128.load(c, PASSIVE_LINEAR);
    const floor = f32x4.splat(0.001);
    const l0 = f32x4.pmax(f32x4.sub(v128.load(L + i), tendon), floor);
    const l1 = f32x4.pmax(f32x4.sub(v128.load(L + i, 16), tendon), floor);
    v128.store(lengths + i, l0);
    v128.store(lengths + i, l1, 16);
    v128.store(passive + i, passiveCurve(passiveArgument(l0, slope, offset), scale, linear));
    v128.store(passive + i, passiveCurve(passiveArgument(l1, slope, offset), scale, linear), 16);
  }
}

/** Active force-length curve: l · left − leftOffset and l · right − rightOffset are the distances from 1 in half-widths of either side. */
// @ts-ignore: decorator
@inline
function activeCurve(l: v128, left: v128, leftOffset: v128, right: v128, rightOffset: v128, side: v128, sideOffset: v128, sideScale: v128): v128 {
  const s = f32x4.pmax(f32x4.sub(leftOffset, f32x4.mul(l, left)), f32x4.sub(f32x4.mul(l, right), rightOffset));
  const r = f32x4.abs(f32x4.sub(f32x4.mul(l, side), sideOffset));
  return madd(sideScale, twiceHump(r), f32x4.mul(f32x4.splat(0.5), twiceHump(s)));
}

function activeCurves(plan: BodyPlan, lengths: usize, size: usize): void {
  let c = plan.muscleConstants;
  const to = lengths + 3 * size;
  for (let i: usize = 0; i < size; i += 32, c += MUSCLE_BYTES) {
    const left = v128.load(c, MAIN_LEFT);
    const leftOffset = v128.load(c, MAIN_OFFSET);
    const right = v128.load(c, PASSIVE_SLOPE);
    const rightOffset = v128.load(c, PASSIVE_OFFSET);
    const side = v128.load(c, SIDE);
    const sideOffset = v128.load(c, SIDE_OFFSET);
    const sideScale = v128.load(c, SIDE_SCALE);
    v128.store(to + i, activeCurve(v128.load(lengths + i), left, leftOffset, right, rightOffset, side, sideOffset, sideScale));
    v128.store(to + i, activeCurve(v128.load(lengths + i, 16), left, leftOffset, right, rightOffset, side, sideOffset, sideScale), 16);
  }
}

// @ts-ignore: decorator
@inline
function velocityCurve(v: v128, gain: v128, inverseGain: v128): v128 {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const w = f32x4.pmin(f32x4.pmax(f32x4.add(v, one), zero), one);
  const u = f32x4.pmin(f32x4.pmax(v, zero), gain);
  return madd(u, nmadd(u, inverseGain, f32x4.splat(2)), f32x4.mul(w, w));
}

function velocitiesAndForces(plan: BodyPlan, V: usize, muscle: usize, size: usize): void {
  let c = plan.muscleConstants;
  for (let i: usize = 0; i < size; i += 32, c += MUSCLE_BYTES) {
    const inverse = v128.load(c, INVERSE_VELOCITY);
    const gain = v128.load(c, GAIN);
    const inverseGain = v128.load(c, INVERSE_GAIN);
    const strongest = v128.load(c, MAXIMUM_FORCE);
    const passive = v128.load(c, PASSIVE_FACTOR);
    const velocity0 = v128.load(V + i);
    const velocity1 = v128.load(V + i, 16);
    const fv0 = velocityCurve(f32x4.mul(velocity0, inverse), gain, inverseGain);
    const fv1 = velocityCurve(f32x4.mul(velocity1, inverse), gain, inverseGain);
    const a = muscle + i;
    const row2 = a + 2 * size;
    v128.store(row2, velocity0);
    v128.store(row2, velocity1, 16);
    const row3 = row2 + size;
    const row4 = row3 + size;
    const row5 = row4 + size;
    v128.store(row5, fv0);
    v128.store(row5, fv1, 16);
    const active0 = f32x4.mul(f32x4.mul(v128.load(a), v128.load(row4)), fv0);
    const active1 = f32x4.mul(f32x4.mul(v128.load(a, 16), v128.load(row4, 16)), fv1);
    const row6 = row5 + size;
    v128.store(row6, f32x4.mul(strongest, madd(passive, v128.load(row3), active0)));
    v128.store(row6, f32x4.mul(strongest, madd(passive, v128.load(row3, 16), active1)), 16);
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
      const l = f32x4.pmax(fibre, floor);
      const v = f32x4.mul(v128.load(geometry + size + i), v128.load(c, INVERSE_VELOCITY));
      const right = v128.load(c, PASSIVE_SLOPE);
      const t = f32x4.sub(f32x4.mul(l, right), v128.load(c, PASSIVE_OFFSET));
      const x = f32x4.pmin(f32x4.pmax(t, zero), one);
      const passiveSlope = f32x4.mul(f32x4.mul(v128.load(c, PASSIVE_LINEAR), right), f32x4.mul(x, x)); // by l, as all slopes here
      const left = v128.load(c, MAIN_LEFT);
      const ascent = f32x4.sub(v128.load(c, MAIN_OFFSET), f32x4.mul(l, left));
      const s = f32x4.pmax(ascent, t);
      const mainSlope = f32x4.mul(descent(s), v128.bitselect(left, f32x4.neg(right), f32x4.gt(ascent, zero)));
      const side = v128.load(c, SIDE);
      const e = f32x4.sub(v128.load(c, SIDE_OFFSET), f32x4.mul(l, side));
      const r = f32x4.abs(e);
      const sideScale = v128.load(c, SIDE_SCALE);
      const sideSlope = f32x4.mul(descent(r), v128.or(v128.and(e, f32x4.splat(-0.0)), side)); // side with the sign of e
      const slope = madd(f32x4.add(sideScale, sideScale), sideSlope, mainSlope); // of ce
      const ce = madd(sideScale, twiceHump(r), f32x4.mul(f32x4.splat(0.5), twiceHump(s)));
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
      const dl = madd(dPassive, passiveSlope, madd(dCurve, slope, v128.load(dMuscle + i + size)));
      accumulate(dGeometry + i, v128.and(dl, f32x4.ge(fibre, floor)));
      const dv = f32x4.mul(dVelocityCurve, velocitySlope);
      accumulate(dGeometry + size + i, madd(dv, v128.load(c, INVERSE_VELOCITY), v128.load(dMuscle + i + 2 * size)));
    }
  }
}
