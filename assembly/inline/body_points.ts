// Path points of a body on a tile, one by one: position, velocity and derivative by the joints, and the reverse. What muscles need of them stands in body_geometry.ts.
// Rows: point [D, N] | velocity [D, N] | derivative [D, D, N] (x or y, joint, point).
import { bodyOfPoint, turned } from './body_geometry';
import { ARM, BodyPlan, LENGTH1, angleRowsOf } from './body_layout';
import { madd, nmadd } from './math';
import { rowAt } from './tile';

/** Fills 8 N rows from joint and angle rows. */
export function pathPoints(plan: BodyPlan, state: usize, to: usize): void {
  const N = plan.points;
  const arm = plan.skeleton == ARM;
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  for (let o: usize = 0; o < 32; o += 16) {
    const angles = angleRowsOf(plan, state) + o;
    const w1 = v128.load(state + o, 64);
    const w2 = v128.load(state + o, 96);
    const second = arm && plan.motornetPathVelocity ? f32x4.add(w2, w1) : w2;
    for (let n = 0; n < N; n++) {
      const body = bodyOfPoint(plan, n);
      const x = turned(plan, angles, n, body, false);
      const y = turned(plan, angles, n, body, true);
      let px = x;
      let py = y;
      let d1x = zero;
      let d1y = zero;
      let d2x = zero;
      let d2y = zero;
      if (arm) {
        if (body == 2) {
          const L1 = v128.load(plan.skeletonConstants, LENGTH1);
          px = madd(L1, v128.load(angles), x);
          py = madd(L1, v128.load(angles, 32), y);
          d2x = f32x4.neg(y);
          d2y = x;
        }
        if (body != 0) {
          d1x = f32x4.neg(py);
          d1y = px;
        }
      } else if (body != 0) {
        px = f32x4.add(x, v128.load(state + o));
        py = f32x4.add(y, v128.load(state + o, 32));
        d1x = one;
        d2y = one;
      }
      const row = rowAt(to, n) + o;
      v128.store(row, px);
      v128.store(rowAt(row, N), py);
      v128.store(rowAt(row, 2 * N), madd(d1x, w1, f32x4.mul(d2x, second)));
      v128.store(rowAt(row, 3 * N), madd(d1y, w1, f32x4.mul(d2y, second)));
      v128.store(rowAt(row, 4 * N), d1x);
      v128.store(rowAt(row, 5 * N), d2x);
      v128.store(rowAt(row, 6 * N), d1y);
      v128.store(rowAt(row, 7 * N), d2y);
    }
  }
}

/** Adds the gradient of `pathPoints` to the joint rows of `dState`. */
export function pathPointsBackward(plan: BodyPlan, state: usize, dPoints: usize, dState: usize): void {
  const N = plan.points;
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
    for (let n = 0; n < N; n++) {
      const body = bodyOfPoint(plan, n);
      if (body == 0) continue;
      const row = rowAt(dPoints, n) + o;
      const dpx = v128.load(row);
      const dpy = v128.load(rowAt(row, N));
      const dvx = v128.load(rowAt(row, 2 * N));
      const dvy = v128.load(rowAt(row, 3 * N));
      if (!arm) {
        dq1 = f32x4.add(dq1, dpx);
        dq2 = f32x4.add(dq2, dpy);
        dw1 = f32x4.add(dw1, dvx);
        dw2 = f32x4.add(dw2, dvy);
        continue;
      }
      const x = turned(plan, angles, n, body, false);
      const y = turned(plan, angles, n, body, true);
      // All of p, D_1 and D_2 turn: about the shoulder by (px, py), about the elbow by (bx, by), which is 0 on the upper arm.
      let px = x;
      let py = y;
      let bx = zero;
      let by = zero;
      if (body == 2) {
        const L1 = v128.load(plan.skeletonConstants, LENGTH1);
        px = madd(L1, v128.load(angles), x);
        py = madd(L1, v128.load(angles, 32), y);
        bx = x;
        by = y;
      }
      const d1x = madd(dvx, w1, v128.load(rowAt(row, 4 * N)));
      const d2x = madd(dvx, second, v128.load(rowAt(row, 5 * N)));
      const d1y = madd(dvy, w1, v128.load(rowAt(row, 6 * N)));
      const d2y = madd(dvy, second, v128.load(rowAt(row, 7 * N)));
      const first = f32x4.sub(f32x4.sub(f32x4.mul(dpy, px), f32x4.mul(dpx, py)), madd(d1x, px, f32x4.mul(d1y, py)));
      const turn2 = madd(d2x, bx, f32x4.mul(d2y, by));
      dq1 = f32x4.add(dq1, f32x4.sub(first, turn2));
      const both = f32x4.sub(f32x4.sub(f32x4.mul(dpy, bx), f32x4.mul(dpx, by)), madd(d1x, bx, f32x4.mul(d1y, by)));
      dq2 = f32x4.add(dq2, f32x4.sub(both, turn2));
      const along2 = nmadd(dvx, by, f32x4.mul(dvy, bx));
      dw1 = f32x4.add(dw1, nmadd(dvx, py, f32x4.mul(dvy, px)));
      if (quirk) dw1 = f32x4.add(dw1, along2);
      dw2 = f32x4.add(dw2, along2);
    }
    v128.store(dState + o, dq1);
    v128.store(dState + o, dq2, 32);
    v128.store(dState + o, dw1, 64);
    v128.store(dState + o, dw2, 96);
  }
}
