// Skeletons on a tile: kinematics, equations of motion, integration of the joints within their limits, and the reverse of each. Point mass and planar two-joint arm.
// Rows of joints: q1 q2 w1 w2 (x y vx vy). The arm: M(q2) q̈ + C(q, q̇) = τ + Jᵀ f, relative elbow angle, no gravity.
import { storeSineCosine4 } from './activation';
import {
  A11,
  A12,
  ARM,
  B11,
  B12,
  BodyPlan,
  DAMPING,
  INVERSE_MASS,
  LENGTH1,
  LENGTH2,
  POSITION_LOWER,
  POSITION_UPPER,
  VELOCITY_LOWER,
  VELOCITY_UPPER,
  VISCOSITY,
  angleRowsOf,
  cartesianRowsOf,
  geometryRowsOf,
  muscleRowsOf,
} from './body_layout';
import { madd, nmadd } from './math';
import { copyRows } from './tile';

/** to += x. */
// @ts-ignore: decorator
@inline
export function accumulate(to: usize, x: v128): void {
  v128.store(to, f32x4.add(v128.load(to), x));
}

/** Fills angle and Cartesian rows from the joint rows. */
export function kinematics(plan: BodyPlan, state: usize): void {
  const cartesian = cartesianRowsOf(plan, state);
  if (plan.skeleton != ARM) {
    copyRows(cartesian, state, 4);
    return;
  }
  const angles = angleRowsOf(plan, state);
  const k = plan.skeletonConstants;
  for (let o: usize = 0; o < 32; o += 16) {
    const joint = state + o;
    const angle = angles + o;
    const to = cartesian + o;
    const q1 = v128.load(joint);
    storeSineCosine4(q1, angle + 32, angle);
    storeSineCosine4(f32x4.add(q1, v128.load(joint, 32)), angle + 96, angle + 64);
    const L1 = v128.load(k, LENGTH1);
    const L2 = v128.load(k, LENGTH2);
    const x2 = f32x4.mul(L2, v128.load(angle, 64));
    const y2 = f32x4.mul(L2, v128.load(angle, 96));
    const x = madd(L1, v128.load(angle), x2);
    const y = madd(L1, v128.load(angle, 32), y2);
    const w1 = v128.load(joint, 64);
    const w2 = v128.load(joint, 96);
    v128.store(to, x);
    v128.store(to, y, 32);
    v128.store(to, f32x4.neg(madd(y, w1, f32x4.mul(y2, w2))), 64);
    v128.store(to, madd(x, w1, f32x4.mul(x2, w2)), 96);
  }
}

/** Adds to the joint rows of `dState` what its Cartesian rows contribute. */
export function kinematicsBackward(plan: BodyPlan, state: usize, dState: usize): void {
  const dCartesian = cartesianRowsOf(plan, dState);
  if (plan.skeleton != ARM) {
    for (let o: usize = 0; o < 128; o += 16) accumulate(dState + o, v128.load(dCartesian + o));
    return;
  }
  const angles = angleRowsOf(plan, state);
  const k = plan.skeletonConstants;
  for (let o: usize = 0; o < 32; o += 16) {
    const joint = state + o;
    const angle = angles + o;
    const d = dCartesian + o;
    const to = dState + o;
    const L1 = v128.load(k, LENGTH1);
    const L2 = v128.load(k, LENGTH2);
    const J22 = f32x4.mul(L2, v128.load(angle, 64));
    const y2 = f32x4.mul(L2, v128.load(angle, 96)); // −J12
    const J21 = madd(L1, v128.load(angle), J22);
    const y1 = madd(L1, v128.load(angle, 32), y2); // −J11
    const w1 = v128.load(joint, 64);
    const w2 = v128.load(joint, 96);
    const w12 = f32x4.add(w1, w2);
    const dx = v128.load(d);
    const dy = v128.load(d, 32);
    const dvx = v128.load(d, 64);
    const dvy = v128.load(d, 96);
    const velocityX = madd(J21, w1, f32x4.mul(J22, w2));
    const velocityY = madd(y1, w1, f32x4.mul(y2, w2));
    accumulate(to, f32x4.sub(nmadd(dx, y1, f32x4.mul(dy, J21)), madd(dvx, velocityX, f32x4.mul(dvy, velocityY))));
    accumulate(to + 32, f32x4.sub(nmadd(dx, y2, f32x4.mul(dy, J22)), f32x4.mul(w12, madd(dvx, J22, f32x4.mul(dvy, y2)))));
    accumulate(to + 64, nmadd(dvx, y1, f32x4.mul(dvy, J21)));
    accumulate(to + 96, nmadd(dvx, y2, f32x4.mul(dvy, J22)));
  }
}

/** Rows [2]: accelerations of the arm's joints, or the force on a point mass, from the forces and moment arms that the state holds. */
export function acceleration(plan: BodyPlan, state: usize, endpointLoad: usize, jointLoad: usize, to: usize): void {
  const k = plan.skeletonConstants;
  const size = usize(plan.muscles) << 5;
  const forces = muscleRowsOf(plan, state) + usize(plan.muscleRows - 1) * size;
  const arms = geometryRowsOf(plan, state) + 2 * size;
  const angles = angleRowsOf(plan, state);
  for (let o: usize = 0; o < 32; o += 16) {
    let tau1 = f32x4.splat(0);
    let tau2 = f32x4.splat(0);
    const end = forces + size;
    let arm = arms + o;
    for (let force = forces + o; force < end; force += 32, arm += 32) {
      const F = v128.load(force);
      tau1 = nmadd(F, v128.load(arm), tau1);
      tau2 = nmadd(F, v128.load(arm + size), tau2);
    }
    const joint = state + o;
    const w1 = v128.load(joint, 64);
    const w2 = v128.load(joint, 96);
    if (jointLoad != 0) {
      tau1 = f32x4.add(tau1, v128.load(jointLoad + o));
      tau2 = f32x4.add(tau2, v128.load(jointLoad + o, 32));
    }
    const damping = v128.load(k, DAMPING);
    tau1 = nmadd(damping, w1, tau1);
    tau2 = nmadd(damping, w2, tau2);
    const result = to + o;
    if (plan.skeleton != ARM) {
      if (endpointLoad != 0) {
        tau1 = f32x4.add(tau1, v128.load(endpointLoad + o));
        tau2 = f32x4.add(tau2, v128.load(endpointLoad + o, 32));
      }
      v128.store(result, tau1);
      v128.store(result, tau2, 32);
      continue;
    }
    const angle = angles + o;
    const c1 = v128.load(angle);
    const s1 = v128.load(angle, 32);
    const c12 = v128.load(angle, 64);
    const s12 = v128.load(angle, 96);
    if (endpointLoad != 0) {
      const fx = v128.load(endpointLoad + o);
      const fy = v128.load(endpointLoad + o, 32);
      const L1 = v128.load(k, LENGTH1);
      const load2 = f32x4.mul(v128.load(k, LENGTH2), nmadd(s12, fx, f32x4.mul(c12, fy)));
      tau1 = f32x4.add(tau1, madd(L1, nmadd(s1, fx, f32x4.mul(c1, fy)), load2));
      tau2 = f32x4.add(tau2, load2);
    }
    const h = v128.load(k, B12);
    const hs2 = f32x4.mul(h, nmadd(c12, s1, f32x4.mul(s12, c1)));
    const c2 = madd(c12, c1, f32x4.mul(s12, s1));
    const viscosity = v128.load(k, VISCOSITY);
    const m11 = madd(c2, v128.load(k, B11), v128.load(k, A11));
    const m22 = v128.load(k, A12);
    const m12 = madd(c2, h, m22);
    const r1 = nmadd(viscosity, w1, madd(f32x4.mul(hs2, f32x4.add(f32x4.add(w1, w1), w2)), w2, tau1));
    const r2 = nmadd(viscosity, w2, nmadd(f32x4.mul(hs2, w1), w1, tau2));
    const inverse = f32x4.div(f32x4.splat(1), nmadd(m12, m12, f32x4.mul(m11, m22)));
    v128.store(result, f32x4.mul(inverse, nmadd(m12, r2, f32x4.mul(m22, r1))));
    v128.store(result, f32x4.mul(inverse, nmadd(m12, r1, f32x4.mul(m11, r2))), 32);
  }
}

/**
 * Adds what the gradient `dAcceleration` [2] contributes to the joint, force and moment arm rows of `dState` and to `dLoads` [4] (or 0);
 * `accelerations` is what `acceleration` gave.
 */
export function accelerationBackward(plan: BodyPlan, state: usize, endpointLoad: usize, accelerations: usize, dAcceleration: usize, dState: usize, dLoads: usize): void {
  const k = plan.skeletonConstants;
  const size = usize(plan.muscles) << 5;
  const forces = muscleRowsOf(plan, state) + usize(plan.muscleRows - 1) * size;
  const dForces = muscleRowsOf(plan, dState) + usize(plan.muscleRows - 1) * size;
  const arms = geometryRowsOf(plan, state) + 2 * size;
  const dArms = geometryRowsOf(plan, dState) + 2 * size;
  const angles = angleRowsOf(plan, state);
  for (let o: usize = 0; o < 32; o += 16) {
    const to = dState + o;
    let d1 = v128.load(dAcceleration + o);
    let d2 = v128.load(dAcceleration + o, 32);
    let dfx = d1;
    let dfy = d2;
    if (plan.skeleton == ARM) {
      const joint = state + o;
      const angle = angles + o;
      const w1 = v128.load(joint, 64);
      const w2 = v128.load(joint, 96);
      const c1 = v128.load(angle);
      const s1 = v128.load(angle, 32);
      const c12 = v128.load(angle, 64);
      const s12 = v128.load(angle, 96);
      const h = v128.load(k, B12);
      const s2 = nmadd(c12, s1, f32x4.mul(s12, c1));
      const c2 = madd(c12, c1, f32x4.mul(s12, s1));
      const hs2 = f32x4.mul(h, s2);
      const viscosity = v128.load(k, VISCOSITY);
      const b11 = v128.load(k, B11);
      const m11 = madd(c2, b11, v128.load(k, A11));
      const m22 = v128.load(k, A12);
      const m12 = madd(c2, h, m22);
      const inverse = f32x4.div(f32x4.splat(1), nmadd(m12, m12, f32x4.mul(m11, m22)));
      const acc1 = v128.load(accelerations + o);
      const acc2 = v128.load(accelerations + o, 32);
      const e1 = f32x4.mul(inverse, nmadd(m12, d2, f32x4.mul(m22, d1)));
      const e2 = f32x4.mul(inverse, nmadd(m12, d1, f32x4.mul(m11, d2)));
      d1 = e1;
      d2 = e2;
      const dc2 = f32x4.neg(madd(f32x4.mul(e1, acc1), b11, f32x4.mul(h, madd(e1, acc2, f32x4.mul(e2, acc1)))));
      const w11 = f32x4.add(w1, w1);
      const ds2 = f32x4.mul(h, nmadd(f32x4.mul(e2, w1), w1, f32x4.mul(f32x4.mul(e1, f32x4.add(w11, w2)), w2)));
      let dq2 = nmadd(s2, dc2, f32x4.mul(c2, ds2));
      if (endpointLoad != 0) {
        const fx = v128.load(endpointLoad + o);
        const fy = v128.load(endpointLoad + o, 32);
        const L1 = v128.load(k, LENGTH1);
        const L2 = v128.load(k, LENGTH2);
        const along2 = f32x4.mul(L2, madd(c12, fx, f32x4.mul(s12, fy))); // −∂τ/∂q of the load on the forearm
        const along1 = madd(L1, madd(c1, fx, f32x4.mul(s1, fy)), along2);
        accumulate(to, f32x4.neg(madd(e1, along1, f32x4.mul(e2, along2))));
        dq2 = nmadd(f32x4.add(e1, e2), along2, dq2);
      }
      if (dLoads != 0) {
        const both = f32x4.mul(v128.load(k, LENGTH2), f32x4.add(e1, e2));
        const upper = f32x4.mul(v128.load(k, LENGTH1), e1);
        dfx = f32x4.neg(madd(upper, s1, f32x4.mul(both, s12)));
        dfy = madd(upper, c1, f32x4.mul(both, c12));
      }
      accumulate(to + 32, dq2);
      const h1 = f32x4.mul(hs2, e1);
      const twice = f32x4.splat(2);
      accumulate(to + 64, nmadd(e1, viscosity, f32x4.mul(twice, nmadd(f32x4.mul(hs2, e2), w1, f32x4.mul(h1, w2)))));
      accumulate(to + 96, nmadd(e2, viscosity, f32x4.mul(twice, f32x4.mul(h1, f32x4.add(w1, w2)))));
    }
    const damping = v128.load(k, DAMPING);
    accumulate(to + 64, f32x4.neg(f32x4.mul(damping, d1)));
    accumulate(to + 96, f32x4.neg(f32x4.mul(damping, d2)));
    if (dLoads != 0) {
      accumulate(dLoads + o, dfx);
      accumulate(dLoads + o + 32, dfy);
      accumulate(dLoads + o + 64, d1);
      accumulate(dLoads + o + 96, d2);
    }
    for (let m = o; m < size; m += 32) {
      const F = v128.load(forces + m);
      const arm = arms + m;
      const dArm = dArms + m;
      v128.store(dForces + m, nmadd(d2, v128.load(arm + size), nmadd(d1, v128.load(arm), v128.load(dForces + m))));
      v128.store(dArm, nmadd(d1, F, v128.load(dArm)));
      v128.store(dArm + size, nmadd(d2, F, v128.load(dArm + size)));
    }
  }
}

/** Joint rows of `next`: those of `state` after `h` seconds at the given velocities [2] and accelerations [2], within the limits. */
export function jointStep(plan: BodyPlan, state: usize, velocities: usize, accelerations: usize, h: f32, next: usize): void {
  const k = plan.skeletonConstants;
  const step = f32x4.splat(h);
  const impulse = f32x4.mul(step, v128.load(k, INVERSE_MASS));
  const zero = f32x4.splat(0);
  for (let i: usize = 0; i < 64; i += 16) {
    const c = k + ((i >> 5) << 4);
    const lower = v128.load(c, POSITION_LOWER);
    const upper = v128.load(c, POSITION_UPPER);
    const w = madd(v128.load(accelerations + i), impulse, v128.load(state + i, 64));
    const q = madd(v128.load(velocities + i), step, v128.load(state + i));
    const limited = f32x4.pmin(f32x4.pmax(w, v128.load(c, VELOCITY_LOWER)), v128.load(c, VELOCITY_UPPER));
    const outwards = v128.or(v128.and(f32x4.lt(limited, zero), f32x4.le(q, lower)), v128.and(f32x4.gt(limited, zero), f32x4.ge(q, upper)));
    v128.store(next + i, f32x4.pmin(f32x4.pmax(q, lower), upper));
    v128.store(next + i, v128.andnot(limited, outwards), 64);
  }
}

/** Slope of min(max(x, lower), upper): 1 inside, 0 outside, ½ at equality. */
// @ts-ignore: decorator
@inline
function limitSlope(x: v128, lower: v128, upper: v128): v128 {
  const half = f32x4.splat(0.5);
  const above = f32x4.add(v128.and(f32x4.gt(x, lower), half), v128.and(f32x4.ge(x, lower), half));
  const c = f32x4.pmax(x, lower);
  return f32x4.mul(above, f32x4.add(v128.and(f32x4.lt(c, upper), half), v128.and(f32x4.le(c, upper), half)));
}

/** The reverse of `jointStep`: adds to the joint rows of `dState` and to `dVelocities` [2]; overwrites `dAccelerations` [2]. */
export function jointStepBackward(
  plan: BodyPlan,
  state: usize,
  velocities: usize,
  accelerations: usize,
  h: f32,
  dNext: usize,
  dState: usize,
  dVelocities: usize,
  dAccelerations: usize,
): void {
  const k = plan.skeletonConstants;
  const step = f32x4.splat(h);
  const impulse = f32x4.mul(step, v128.load(k, INVERSE_MASS));
  const zero = f32x4.splat(0);
  for (let i: usize = 0; i < 64; i += 16) {
    const c = k + ((i >> 5) << 4);
    const lower = v128.load(c, POSITION_LOWER);
    const upper = v128.load(c, POSITION_UPPER);
    const velocityLower = v128.load(c, VELOCITY_LOWER);
    const velocityUpper = v128.load(c, VELOCITY_UPPER);
    const w = madd(v128.load(accelerations + i), impulse, v128.load(state + i, 64));
    const q = madd(v128.load(velocities + i), step, v128.load(state + i));
    const limited = f32x4.pmin(f32x4.pmax(w, velocityLower), velocityUpper);
    const outwards = v128.or(v128.and(f32x4.lt(limited, zero), f32x4.le(q, lower)), v128.and(f32x4.gt(limited, zero), f32x4.ge(q, upper)));
    const dw = f32x4.mul(v128.andnot(v128.load(dNext + i, 64), outwards), limitSlope(w, velocityLower, velocityUpper));
    const dq = f32x4.mul(v128.load(dNext + i), limitSlope(q, lower, upper));
    v128.store(dAccelerations + i, f32x4.mul(dw, impulse));
    accumulate(dState + i, dq);
    accumulate(dState + i + 64, dw);
    accumulate(dVelocities + i, f32x4.mul(dq, step));
  }
}
