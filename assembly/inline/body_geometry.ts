// Musculotendon geometry on a tile: length, velocity and moment arms of every muscle from the joint state, and the reverse. Constant, polynomial, or paths through points.
// Velocity is w1 R1 + w2 R2 in all of them (with MotorNet's path velocity w1 R1 + (w1 + w2) R2), as moment arms are ∂length/∂angle.
import {
  ARM,
  BodyPlan,
  CONSTANT,
  GEOMETRY_BYTES,
  LENGTH1,
  PATHS,
  POINT_BYTES,
  POLYNOMIAL,
  angleRowsOf,
  geometryRowsOf,
} from './body_layout';
import { accumulate } from './body_skeleton';
import { madd, nmadd } from './math';

/** Fills the geometry rows of a state from its joint and angle rows. */
export function geometry(plan: BodyPlan, state: usize): void {
  if (plan.geometry == POLYNOMIAL) polynomialGeometry(plan, state);
  else if (plan.geometry == CONSTANT) constantGeometry(plan, state);
  else pathGeometry(plan, state);
}

/** Adds to the joint rows of `dState` what its geometry rows contribute; of `state`, joint and angle rows are read. */
export function geometryGradient(plan: BodyPlan, state: usize, dState: usize): void {
  if (plan.geometry == POLYNOMIAL) polynomialBackward(plan, state, dState);
  else if (plan.geometry == PATHS) pathBackward(plan, state, dState);
}

function constantGeometry(plan: BodyPlan, state: usize): void {
  const size = usize(plan.muscles) << 5;
  const zero = f32x4.splat(0);
  let g = plan.geometryConstants;
  const start = geometryRowsOf(plan, state);
  for (let row = start; row < start + size; row += 16) {
    v128.store(row, zero);
    v128.store(row + size, zero);
    v128.store(row + 2 * size, v128.load(g));
    v128.store(row + 3 * size, v128.load(g, 16));
    if ((row - start) & 16) g += GEOMETRY_BYTES;
  }
}

/** Length, velocity and moment arms of one muscle: with x_j = q_j − offset_j and t_j = a2_j x_j, R_j = a1_j + 2 t_j and L = a0 + Σ (a1_j + t_j) x_j. */
// @ts-ignore: decorator
@inline
function polynomialRows(x1: v128, x2: v128, w1: v128, w2: v128, a1: v128, a2: v128, b1: v128, b2: v128, a0: v128, row: usize, size: usize): void {
  const t1 = f32x4.mul(x1, b1);
  const t2 = f32x4.mul(x2, b2);
  const u1 = f32x4.add(a1, t1);
  const u2 = f32x4.add(a2, t2);
  const r1 = f32x4.add(u1, t1);
  const r2 = f32x4.add(u2, t2);
  v128.store(row, madd(u2, x2, madd(u1, x1, a0)));
  const row2 = row + 2 * size;
  v128.store(row + size, madd(w1, r1, f32x4.mul(w2, r2)));
  v128.store(row2, r1);
  v128.store(row2 + size, r2);
}

function polynomialGeometry(plan: BodyPlan, state: usize): void {
  const size = usize(plan.muscles) << 5;
  let g = plan.geometryConstants;
  let row = geometryRowsOf(plan, state);
  for (const end = row + size; row < end; row += 32, g += GEOMETRY_BYTES) {
    const a1 = v128.load(g);
    const a2 = v128.load(g, 16);
    const b1 = v128.load(g, 32);
    const b2 = v128.load(g, 48);
    const a0 = v128.load(g, 64);
    const offset1 = v128.load(g, 80);
    const offset2 = v128.load(g, 96);
    const x1 = f32x4.sub(v128.load(state), offset1);
    const x2 = f32x4.sub(v128.load(state, 32), offset2);
    polynomialRows(x1, x2, v128.load(state, 64), v128.load(state, 96), a1, a2, b1, b2, a0, row, size);
    const y1 = f32x4.sub(v128.load(state, 16), offset1);
    const y2 = f32x4.sub(v128.load(state, 48), offset2);
    polynomialRows(y1, y2, v128.load(state, 80), v128.load(state, 112), a1, a2, b1, b2, a0, row + 16, size);
  }
}

function polynomialBackward(plan: BodyPlan, state: usize, dState: usize): void {
  const size = usize(plan.muscles) << 5;
  const two = f32x4.splat(2);
  for (let o: usize = 0; o < 32; o += 16) {
    const q1 = v128.load(state + o);
    const q2 = v128.load(state + o, 32);
    const w1 = v128.load(state + o, 64);
    const w2 = v128.load(state + o, 96);
    let dq1 = v128.load(dState + o);
    let dq2 = v128.load(dState + o, 32);
    let dw1 = v128.load(dState + o, 64);
    let dw2 = v128.load(dState + o, 96);
    let g = plan.geometryConstants;
    let row = geometryRowsOf(plan, dState) + o;
    for (const end = row + size; row < end; row += 32, g += GEOMETRY_BYTES) {
      const b1 = f32x4.mul(two, v128.load(g, 32));
      const b2 = f32x4.mul(two, v128.load(g, 48));
      const r1 = madd(f32x4.sub(q1, v128.load(g, 80)), b1, v128.load(g));
      const r2 = madd(f32x4.sub(q2, v128.load(g, 96)), b2, v128.load(g, 16));
      const dL = v128.load(row);
      const dV = v128.load(row + size);
      dq1 = f32x4.add(dq1, madd(b1, madd(dV, w1, v128.load(row + 2 * size)), f32x4.mul(dL, r1)));
      dq2 = f32x4.add(dq2, madd(b2, madd(dV, w2, v128.load(row + 3 * size)), f32x4.mul(dL, r2)));
      dw1 = madd(dV, r1, dw1);
      dw2 = madd(dV, r2, dw2);
    }
    v128.store(dState + o, dq1);
    v128.store(dState + o, dq2, 32);
    v128.store(dState + o, dw1, 64);
    v128.store(dState + o, dw2, 96);
  }
}

// Paths. A point stands at p; it turns about the shoulder by a = p if it is on the arm (∂p/∂q1 = (−a_y, a_x)), about the elbow by b if it is on the forearm
// (∂p/∂q2 = (−b_y, b_x)), else a, b = 0. On a point mass ∂p/∂(x, y) is 1 on the mass, 0 in the world. A segment needs only differences of its ends.

/** Body of point n. */
// @ts-ignore: decorator
@inline
export function bodyOfPoint(plan: BodyPlan, n: i32): i32 {
  return i32.load(plan.pointBody + (usize(n) << 2));
}

/** First point of muscle m. */
// @ts-ignore: decorator
@inline
function firstPointOf(plan: BodyPlan, m: i32): i32 {
  return i32.load(plan.firstPoint + (usize(m) << 2));
}

/** x or y of point n from its joint: local coordinates turned by the angle of its body; in the world and on a point mass they stay as they are. */
// @ts-ignore: decorator
@inline
export function turned(plan: BodyPlan, angles: usize, n: i32, body: i32, upright: bool): v128 {
  const point = plan.pointConstants + usize(n) * POINT_BYTES;
  const x = v128.load(point);
  const y = v128.load(point, 16);
  if (plan.skeleton != ARM || body == 0) return upright ? y : x;
  const angle = angles + (body == 2 ? 64 : 0);
  const c = v128.load(angle);
  const s = v128.load(angle, 32);
  return upright ? madd(x, s, f32x4.mul(y, c)) : nmadd(y, s, f32x4.mul(x, c));
}

/** 1 / length of a segment; 0 below a micrometre: such a segment has no direction, and adds neither velocity nor moment arms nor gradient. */
// @ts-ignore: decorator
@inline
function inverseLength(length: v128): v128 {
  return v128.and(f32x4.div(f32x4.splat(1), length), f32x4.ge(length, f32x4.splat(1e-6)));
}

function pathGeometry(plan: BodyPlan, state: usize): void {
  const size = usize(plan.muscles) << 5;
  const arm = plan.skeleton == ARM;
  const zero = f32x4.splat(0);
  for (let o: usize = 0; o < 32; o += 16) {
    const angles = angleRowsOf(plan, state) + o;
    const w1 = v128.load(state + o, 64);
    const w2 = v128.load(state + o, 96);
    let row = geometryRowsOf(plan, state) + o;
    for (let m = 0; m < plan.muscles; m++, row += 32) {
      let length = zero;
      let r1 = zero;
      let r2 = zero;
      let px = zero;
      let py = zero;
      let ax = zero;
      let ay = zero;
      let bx = zero;
      let by = zero;
      const first = firstPointOf(plan, m);
      const last = firstPointOf(plan, m + 1);
      for (let n = first; n < last; n++) {
        const body = bodyOfPoint(plan, n);
        const x = turned(plan, angles, n, body, false);
        const y = turned(plan, angles, n, body, true);
        const onForearm = arm && body == 2;
        let toX = x;
        let toY = y;
        if (arm) {
          if (onForearm) {
            const L1 = v128.load(plan.skeletonConstants, LENGTH1);
            toX = madd(L1, v128.load(angles), x);
            toY = madd(L1, v128.load(angles, 32), y);
          }
        } else if (body != 0) {
          toX = f32x4.add(x, v128.load(state + o));
          toY = f32x4.add(y, v128.load(state + o, 32));
        }
        const one = f32x4.splat(1);
        const toAx = body == 0 ? zero : arm ? toX : one;
        const toAy = body == 0 ? zero : arm ? toY : one;
        const toBx = onForearm ? x : zero;
        const toBy = onForearm ? y : zero;
        if (n > first) {
          const dx = f32x4.sub(toX, px);
          const dy = f32x4.sub(toY, py);
          const l = f32x4.sqrt(madd(dx, dx, f32x4.mul(dy, dy)));
          const inverse = inverseLength(l);
          const gx = f32x4.sub(toAx, ax);
          const gy = f32x4.sub(toAy, ay);
          length = f32x4.add(length, l);
          if (arm) {
            r1 = madd(nmadd(gy, dx, f32x4.mul(gx, dy)), inverse, r1);
            r2 = madd(nmadd(f32x4.sub(toBy, by), dx, f32x4.mul(f32x4.sub(toBx, bx), dy)), inverse, r2);
          } else {
            r1 = madd(f32x4.mul(gx, dx), inverse, r1);
            r2 = madd(f32x4.mul(gy, dy), inverse, r2);
          }
        }
        px = toX;
        py = toY;
        ax = toAx;
        ay = toAy;
        bx = toBx;
        by = toBy;
      }
      const second = arm && plan.motornetPathVelocity ? f32x4.add(w2, w1) : w2;
      v128.store(row, length);
      v128.store(row + size, madd(r1, w1, f32x4.mul(r2, second)));
      v128.store(row + 2 * size, r1);
      v128.store(row + 3 * size, r2);
    }
  }
}

function pathBackward(plan: BodyPlan, state: usize, dState: usize): void {
  const size = usize(plan.muscles) << 5;
  const arm = plan.skeleton == ARM;
  const quirk = arm && plan.motornetPathVelocity != 0;
  const zero = f32x4.splat(0);
  for (let o: usize = 0; o < 32; o += 16) {
    const angles = angleRowsOf(plan, state) + o;
    const w1 = v128.load(state + o, 64);
    const w2 = v128.load(state + o, 96);
    const second = quirk ? f32x4.add(w2, w1) : w2;
    let dq1 = v128.load(dState + o);
    let dq2 = v128.load(dState + o, 32);
    let dw1 = v128.load(dState + o, 64);
    let dw2 = v128.load(dState + o, 96);
    let row = geometryRowsOf(plan, dState) + o;
    for (let m = 0; m < plan.muscles; m++, row += 32) {
      const dL = v128.load(row);
      const dV = v128.load(row + size);
      const dR1 = madd(dV, w1, v128.load(row + 2 * size));
      const dR2 = madd(dV, second, v128.load(row + 3 * size));
      let r1 = zero;
      let r2 = zero;
      let px = zero;
      let py = zero;
      let ax = zero;
      let ay = zero;
      let bx = zero;
      let by = zero;
      const first = firstPointOf(plan, m);
      const last = firstPointOf(plan, m + 1);
      for (let n = first; n < last; n++) {
        const body = bodyOfPoint(plan, n);
        const x = turned(plan, angles, n, body, false);
        const y = turned(plan, angles, n, body, true);
        const onForearm = arm && body == 2;
        let toX = x;
        let toY = y;
        if (arm) {
          if (onForearm) {
            const L1 = v128.load(plan.skeletonConstants, LENGTH1);
            toX = madd(L1, v128.load(angles), x);
            toY = madd(L1, v128.load(angles, 32), y);
          }
        } else if (body != 0) {
          toX = f32x4.add(x, v128.load(state + o));
          toY = f32x4.add(y, v128.load(state + o, 32));
        }
        const one = f32x4.splat(1);
        const toAx = body == 0 ? zero : arm ? toX : one;
        const toAy = body == 0 ? zero : arm ? toY : one;
        const toBx = onForearm ? x : zero;
        const toBy = onForearm ? y : zero;
        if (n > first) {
          const dx = f32x4.sub(toX, px);
          const dy = f32x4.sub(toY, py);
          const inverse = inverseLength(f32x4.sqrt(madd(dx, dx, f32x4.mul(dy, dy))));
          const ux = f32x4.mul(dx, inverse);
          const uy = f32x4.mul(dy, inverse);
          const gx = f32x4.sub(toAx, ax);
          const gy = f32x4.sub(toAy, ay);
          if (arm) {
            const fx = f32x4.sub(toBx, bx);
            const fy = f32x4.sub(toBy, by);
            const arm1 = nmadd(gy, ux, f32x4.mul(gx, uy));
            const arm2 = nmadd(fy, ux, f32x4.mul(fx, uy));
            r1 = f32x4.add(r1, arm1);
            r2 = f32x4.add(r2, arm2);
            const along = nmadd(madd(dR1, arm1, f32x4.mul(dR2, arm2)), inverse, dL);
            const ddx = nmadd(madd(dR1, gy, f32x4.mul(dR2, fy)), inverse, f32x4.mul(ux, along));
            const ddy = madd(madd(dR1, gx, f32x4.mul(dR2, fx)), inverse, f32x4.mul(uy, along));
            const dgx = madd(dR1, uy, ddx);
            const dgy = nmadd(dR1, ux, ddy);
            const dfx = f32x4.mul(dR2, uy);
            const dfy = f32x4.neg(f32x4.mul(dR2, ux));
            dq1 = f32x4.add(dq1, nmadd(dgx, gy, madd(dgy, gx, nmadd(dfx, fy, f32x4.mul(dfy, fx)))));
            dq2 = f32x4.add(dq2, nmadd(f32x4.add(dgx, dfx), fy, f32x4.mul(f32x4.add(dgy, dfy), fx)));
          } else {
            const arm1 = f32x4.mul(gx, ux);
            const arm2 = f32x4.mul(gy, uy);
            r1 = f32x4.add(r1, arm1);
            r2 = f32x4.add(r2, arm2);
            const along = nmadd(madd(dR1, arm1, f32x4.mul(dR2, arm2)), inverse, dL);
            dq1 = madd(gx, madd(f32x4.mul(dR1, gx), inverse, f32x4.mul(ux, along)), dq1);
            dq2 = madd(gy, madd(f32x4.mul(dR2, gy), inverse, f32x4.mul(uy, along)), dq2);
          }
        }
        px = toX;
        py = toY;
        ax = toAx;
        ay = toAy;
        bx = toBx;
        by = toBy;
      }
      dw1 = madd(dV, quirk ? f32x4.add(r1, r2) : r1, dw1);
      dw2 = madd(dV, r2, dw2);
    }
    v128.store(dState + o, dq1);
    v128.store(dState + o, dq2, 32);
    v128.store(dState + o, dw1, 64);
    v128.store(dState + o, dw2, 96);
  }
}
