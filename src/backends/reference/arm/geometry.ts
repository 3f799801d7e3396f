// Musculotendon geometry [4, M] of a joint state: length L, velocity V, moment arms R_1 and R_2 = ∂L/∂q_j, with the adjoint. One body at a time.
// constant    L = V = 0, R_j given.
// polynomial  x_j = q_j − offset_j; L = a0 + Σ (a1_j + x_j a2_j) x_j; R_j = 2 a2_j x_j + a1_j; V = Σ w_j R_j
// paths       sums over the straight segments between a muscle's points: l = |d|, V = d·(v' − v)/l, R_j = d·(D_j' − D_j)/l with d = p' − p
import type { BodyModel } from './body.js';
import { type PointState, pointState, pointStateBackward, zeroPoint } from './points.js';

/** A segment shorter than this has no direction: it adds nothing to velocity and moment arms and passes no gradient, where the formulas divide 0 by 0. m. */
const shortestSegment = 1e-6;

export function geometryOf(body: BodyModel, joint: Float64Array): Float64Array {
  const { M } = body;
  const geometry = new Float64Array(4 * M);
  const [, , w1, w2] = joint;
  if (body.geometry === 'paths') {
    const points = body.points.map((point) => pointState(body, joint, point));
    forEachSegment(body, (m, n) => {
      const { dx, dy, length, from, to } = segment(points, n);
      geometry[m] += length;
      if (length < shortestSegment) return;
      geometry[M + m] += (dx * (to.velocity[0] - from.velocity[0]) + dy * (to.velocity[1] - from.velocity[1])) / length;
      for (let j = 0; j < 2; j++) {
        geometry[(2 + j) * M + m] += ((to.derivative[j] - from.derivative[j]) * dx + (to.derivative[2 + j] - from.derivative[2 + j]) * dy) / length;
      }
    });
    return geometry;
  }
  body.geometries.forEach(({ momentArm, a0, a1, a2, offset }, m) => {
    if (body.geometry === 'constant') {
      geometry[2 * M + m] = momentArm[0];
      geometry[3 * M + m] = momentArm[1];
      return;
    }
    const x1 = joint[0] - offset[0];
    const x2 = joint[1] - offset[1];
    const r1 = x1 * a2[0] * 2 + a1[0];
    const r2 = x2 * a2[1] * 2 + a1[1];
    geometry[m] = (a1[0] + x1 * a2[0]) * x1 + (a1[1] + x2 * a2[1]) * x2 + a0;
    geometry[M + m] = w1 * r1 + w2 * r2;
    geometry[2 * M + m] = r1;
    geometry[3 * M + m] = r2;
  });
  return geometry;
}

/** Adds to `dJoint` [4] the gradient of `geometryOf`. */
export function geometryBackward(body: BodyModel, joint: Float64Array, dGeometry: Float64Array, dJoint: Float64Array): void {
  const { M } = body;
  if (body.geometry === 'constant') return;
  if (body.geometry === 'paths') {
    pathsBackward(body, joint, dGeometry, dJoint);
    return;
  }
  body.geometries.forEach(({ a1, a2, offset }, m) => {
    const dLength = dGeometry[m];
    const dVelocity = dGeometry[M + m];
    for (let j = 0; j < 2; j++) {
      const r = (joint[j] - offset[j]) * a2[j] * 2 + a1[j];
      dJoint[j] += dLength * r + 2 * a2[j] * (dGeometry[(2 + j) * M + m] + dVelocity * joint[2 + j]);
      dJoint[2 + j] += dVelocity * r;
    }
  });
}

function pathsBackward(body: BodyModel, joint: Float64Array, dGeometry: Float64Array, dJoint: Float64Array): void {
  const { M } = body;
  const points = body.points.map((point) => pointState(body, joint, point));
  const dPoints = points.map(zeroPoint);
  forEachSegment(body, (m, n) => {
    const { dx, dy, length, from, to } = segment(points, n);
    if (length < shortestSegment) return;
    const dLength = dGeometry[m];
    const dVelocity = dGeometry[M + m];
    const dArm = [dGeometry[2 * M + m], dGeometry[3 * M + m]];
    const [ux, uy] = [dx / length, dy / length];
    const [ex, ey] = [to.velocity[0] - from.velocity[0], to.velocity[1] - from.velocity[1]];
    let along = dVelocity * (ux * ex + uy * ey);
    let [dDx, dDy] = [dVelocity * ex, dVelocity * ey];
    for (let j = 0; j < 2; j++) {
      const gx = to.derivative[j] - from.derivative[j];
      const gy = to.derivative[2 + j] - from.derivative[2 + j];
      along += dArm[j] * (ux * gx + uy * gy);
      dDx += dArm[j] * gx;
      dDy += dArm[j] * gy;
    }
    const k = dLength - along / length;
    for (const [sign, d] of [
      [-1, dPoints[n]],
      [1, dPoints[n + 1]],
    ] as const) {
      d.position[0] += sign * (ux * k + dDx / length);
      d.position[1] += sign * (uy * k + dDy / length);
      d.velocity[0] += sign * dVelocity * ux;
      d.velocity[1] += sign * dVelocity * uy;
      for (let j = 0; j < 2; j++) {
        d.derivative[j] += sign * dArm[j] * ux;
        d.derivative[2 + j] += sign * dArm[j] * uy;
      }
    }
  });
  body.points.forEach((point, n) => pointStateBackward(body, joint, point, dPoints[n], dJoint));
}

/** Calls `visit(m, n)` for the segment from point n to n + 1 of every muscle m; the last point of a muscle starts none. */
function forEachSegment({ M, firstPoint }: BodyModel, visit: (m: number, n: number) => void): void {
  for (let m = 0; m < M; m++) {
    for (let n = firstPoint[m]; n < firstPoint[m + 1] - 1; n++) visit(m, n);
  }
}

function segment(points: readonly PointState[], n: number) {
  const [from, to] = [points[n], points[n + 1]];
  const dx = to.position[0] - from.position[0];
  const dy = to.position[1] - from.position[1];
  return { from, to, dx, dy, length: Math.sqrt(dx * dx + dy * dy) };
}
