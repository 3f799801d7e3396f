// Points that muscle paths run through: position, velocity and derivative by the joints, with the adjoint. One body at a time.
// Arm  a point at (x, y) of a bone turned by θ (0 world, q1 upper arm, q1 + q2 forearm, whose origin is the elbow): p = origin + R(θ)(x, y), D_j = ∂p/∂q_j,
//      v = D_1 w1 + D_2 w2. MotorNet takes w1 + w2 in place of w2, though D_1 holds the shoulder's part already (Q5, `motornetPathVelocity`).
// Point mass  world points stand still; others move with the mass.
import type { BodyModel, PathPoint } from './body.js';

/** Kinematics of one point; also the shape of its cotangent. Derivative: x by joint 1, x by joint 2, y by joint 1, y by joint 2. */
export interface PointState {
  readonly position: [number, number];
  readonly velocity: [number, number];
  readonly derivative: [number, number, number, number];
}

export function zeroPoint(): PointState {
  return { position: [0, 0], velocity: [0, 0], derivative: [0, 0, 0, 0] };
}

/** Coordinates turned into the world, X and Y, and the elbow's place seen by forearm points. */
function turned({ length1 }: BodyModel, joint: Float64Array, { on, x, y }: PathPoint) {
  const angle = on === 0 ? 0 : on === 1 ? joint[0] : joint[0] + joint[1];
  const [s, c] = [Math.sin(angle), Math.cos(angle)];
  const forearm = on === 2;
  return {
    X: x * c - y * s,
    Y: x * s + y * c,
    elbowX: forearm ? length1 * Math.cos(joint[0]) : 0,
    elbowY: forearm ? length1 * Math.sin(joint[0]) : 0,
  };
}

/** The rate that D_2 is multiplied by. */
function secondRate({ motornetPathVelocity }: BodyModel, joint: Float64Array): number {
  return motornetPathVelocity ? joint[3] + joint[2] : joint[3];
}

export function pointState(body: BodyModel, joint: Float64Array, point: PathPoint): PointState {
  if (!body.isArm) {
    const moves = point.on === 0 ? 0 : 1;
    return {
      position: [moves * joint[0] + point.x, moves * joint[1] + point.y],
      velocity: [moves * joint[2], moves * joint[3]],
      derivative: [moves, 0, 0, moves],
    };
  }
  const { X, Y, elbowX, elbowY } = turned(body, joint, point);
  const D1x = point.on === 0 ? 0 : -Y - elbowY;
  const D1y = point.on === 0 ? 0 : X + elbowX;
  const D2x = point.on === 2 ? -Y : 0;
  const D2y = point.on === 2 ? X : 0;
  const w2 = secondRate(body, joint);
  return {
    position: [X + elbowX, Y + elbowY],
    velocity: [D1x * joint[2] + D2x * w2, D1y * joint[2] + D2y * w2],
    derivative: [D1x, D2x, D1y, D2y],
  };
}

/** Adds to `dJoint` [4] the gradient of `pointState`. */
export function pointStateBackward(body: BodyModel, joint: Float64Array, point: PathPoint, d: PointState, dJoint: Float64Array): void {
  if (point.on === 0) return;
  const [dpx, dpy] = d.position;
  const [dvx, dvy] = d.velocity;
  if (!body.isArm) {
    dJoint[0] += dpx;
    dJoint[1] += dpy;
    dJoint[2] += dvx;
    dJoint[3] += dvy;
    return;
  }
  const { X, Y, elbowX, elbowY } = turned(body, joint, point);
  const [D1x, D2x, D1y, D2y] = pointState(body, joint, point).derivative;
  const forearm = point.on === 2 ? 1 : 0;
  const w2 = secondRate(body, joint);
  const a1x = d.derivative[0] + dvx * joint[2];
  const a1y = d.derivative[2] + dvy * joint[2];
  const tx = a1x + forearm * (d.derivative[1] + dvx * w2);
  const ty = a1y + forearm * (d.derivative[3] + dvy * w2);
  const dAngle = dpy * X - dpx * Y - tx * X - ty * Y;
  const along2 = dvx * D2x + dvy * D2y;
  dJoint[0] += dAngle + (dpy * elbowX - dpx * elbowY - a1x * elbowX - a1y * elbowY);
  dJoint[1] += forearm * dAngle;
  dJoint[2] += dvx * D1x + dvy * D1y + (body.motornetPathVelocity ? along2 : 0);
  dJoint[3] += along2;
}
