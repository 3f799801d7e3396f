// Skeletons: equations of motion, joint limits, end point, and points on the bones, with their adjoints. One body at a time.
// Joint state [4]: q1, q2, w1, w2 (arm; q2 relative to the upper arm) or x, y, vx, vy (point mass). Sources: docs/arm.md.
import type { BodyModel } from './body.js';

type Vector = Float64Array;

/** Jacobian of the end point: rows x, y, columns q1, q2. */
function jacobian({ length1, length2 }: BodyModel, q1: number, q2: number): [number, number, number, number] {
  const [s1, c1, s12, c12] = [Math.sin(q1), Math.cos(q1), Math.sin(q1 + q2), Math.cos(q1 + q2)];
  return [-length1 * s1 - length2 * s12, -length2 * s12, length1 * c1 + length2 * c12, length2 * c12];
}

/** Cartesian state [4] of the end point: x, y, vx, vy. */
export function cartesian(body: BodyModel, joint: Vector): Vector {
  if (!body.isArm) return joint.slice();
  const [q1, q2, w1, w2] = joint;
  const [s12, c12] = [Math.sin(q1 + q2), Math.cos(q1 + q2)];
  const x = body.length1 * Math.cos(q1) + body.length2 * c12;
  const y = body.length1 * Math.sin(q1) + body.length2 * s12;
  return Float64Array.of(x, y, -y * w1 - body.length2 * s12 * w2, x * w1 + body.length2 * c12 * w2);
}

/** Adds to `dJoint` the gradient of `cartesian`. */
export function cartesianBackward(body: BodyModel, joint: Vector, dCartesian: Vector, dJoint: Vector): void {
  const [dx, dy, dvx, dvy] = dCartesian;
  if (!body.isArm) {
    for (let i = 0; i < 4; i++) dJoint[i] += dCartesian[i];
    return;
  }
  const [q1, q2, w1, w2] = joint;
  const [J11, J12, J21, J22] = jacobian(body, q1, q2);
  dJoint[0] += dx * J11 + dy * J21 - dvx * (J21 * w1 + J22 * w2) + dvy * (J11 * w1 + J12 * w2);
  dJoint[1] += dx * J12 + dy * J22 - dvx * J22 * (w1 + w2) + dvy * J12 * (w1 + w2);
  dJoint[2] += dvx * J11 + dvy * J21;
  dJoint[3] += dvx * J12 + dvy * J22;
}

function inertia({ a11, a12, b11, b12 }: BodyModel, c2: number) {
  const m11 = a11 + c2 * b11;
  const m12 = a12 + c2 * b12;
  return { m11, m12, m22: a12, inverse: 1 / (m11 * a12 - m12 * m12) };
}

/** Joint accelerations [2] of an arm; the total force [2] on a point mass (its mass divides in `jointStep`). `torque` [2] excludes the end-point load. */
export function acceleration(body: BodyModel, joint: Vector, torque: Vector, load: Vector): Vector {
  if (!body.isArm) return Float64Array.of(torque[0] + load[0], torque[1] + load[1]);
  const [q1, q2, w1, w2] = joint;
  const { b12, viscosity } = body;
  const s2 = Math.sin(q2);
  const { m11, m12, m22, inverse } = inertia(body, Math.cos(q2));
  const [J11, J12, J21, J22] = jacobian(body, q1, q2);
  const coriolis1 = -b12 * s2 * (2 * w1 + w2) * w2 + viscosity * w1;
  const coriolis2 = b12 * s2 * w1 * w1 + viscosity * w2;
  const r1 = -coriolis1 + (torque[0] + (J11 * load[0] + J21 * load[1]));
  const r2 = -coriolis2 + (torque[1] + (J12 * load[0] + J22 * load[1]));
  return Float64Array.of(inverse * m22 * r1 - inverse * m12 * r2, -inverse * m12 * r1 + inverse * m11 * r2);
}

/** Adds the gradient of `acceleration` to joint state, torque and load. */
export function accelerationBackward(
  body: BodyModel,
  joint: Vector,
  torque: Vector,
  load: Vector,
  dAcceleration: Vector,
  dJoint: Vector,
  dTorque: Vector,
  dLoad: Vector,
): void {
  const [dA1, dA2] = dAcceleration;
  if (!body.isArm) {
    for (let i = 0; i < 2; i++) {
      dTorque[i] += dAcceleration[i];
      dLoad[i] += dAcceleration[i];
    }
    return;
  }
  const [q1, q2, w1, w2] = joint;
  const [fx, fy] = load;
  const { b11, b12, viscosity } = body;
  const [s2, c2] = [Math.sin(q2), Math.cos(q2)];
  const { m11, m12, m22, inverse } = inertia(body, c2);
  const [J11, J12, J21, J22] = jacobian(body, q1, q2);
  const [a1, a2] = acceleration(body, joint, torque, load);
  const dT1 = inverse * (m22 * dA1 - m12 * dA2);
  const dT2 = inverse * (m11 * dA2 - m12 * dA1);
  const dC2 = -dT1 * a1 * b11 - (dT1 * a2 + dT2 * a1) * b12;
  const dS2 = dT1 * b12 * (2 * w1 + w2) * w2 - dT2 * b12 * w1 * w1;
  const across = J12 * fy - J22 * fx;
  dJoint[0] += dT1 * (J11 * fy - J21 * fx) + dT2 * across;
  dJoint[1] += (dT1 + dT2) * across + c2 * dS2 - s2 * dC2;
  dJoint[2] += dT1 * (2 * b12 * s2 * w2 - viscosity) - 2 * dT2 * b12 * s2 * w1;
  dJoint[3] += 2 * dT1 * b12 * s2 * (w1 + w2) - dT2 * viscosity;
  dTorque[0] += dT1;
  dTorque[1] += dT2;
  dLoad[0] += dT1 * J11 + dT2 * J12;
  dLoad[1] += dT1 * J21 + dT2 * J22;
}

/**
 * Joint state [4] after `step` seconds of acceleration (force of a point mass) and of positions that advance with `velocity` [2], within the limits:
 * a velocity that points out of a limit which the unclipped position is at or beyond becomes 0, then the position is clipped.
 */
export function jointStep(body: BodyModel, step: number, rate: Vector, velocity: Vector, joint: Vector): Vector {
  const next = new Float64Array(4);
  for (let i = 0; i < 2; i++) {
    const { clipped, position } = unlimited(body, step, rate, velocity, joint, i);
    next[i] = Math.min(Math.max(position, body.positionLower[i]), body.positionUpper[i]);
    next[2 + i] = outward(body, clipped, position, i) ? 0 : clipped;
  }
  return next;
}

function unlimited(body: BodyModel, step: number, rate: Vector, velocity: Vector, joint: Vector, i: number) {
  const speed = joint[2 + i] + (rate[i] * step) / (body.isArm ? 1 : body.mass);
  const clipped = Math.min(Math.max(speed, body.velocityLower[i]), body.velocityUpper[i]);
  return { speed, clipped, position: joint[i] + velocity[i] * step };
}

function outward({ positionLower, positionUpper }: BodyModel, speed: number, position: number, i: number): boolean {
  return (speed < 0 && position <= positionLower[i]) || (speed > 0 && position >= positionUpper[i]);
}

/** Slope of min(max(x, low), high): 1 inside, 0 outside, 1/2 at a bound (Q11). */
function limitSlope(x: number, low: number, high: number): number {
  const above = x > low ? 1 : x === low ? 0.5 : 0;
  const raised = Math.max(x, low);
  return above * (raised < high ? 1 : raised === high ? 0.5 : 0);
}

/** Adds the gradient of `jointStep` to rate, velocity and joint. */
export function jointStepBackward(
  body: BodyModel,
  step: number,
  rate: Vector,
  velocity: Vector,
  joint: Vector,
  dNext: Vector,
  dRate: Vector,
  dVelocity: Vector,
  dJoint: Vector,
): void {
  for (let i = 0; i < 2; i++) {
    const { speed, clipped, position } = unlimited(body, step, rate, velocity, joint, i);
    const dPosition = dNext[i] * limitSlope(position, body.positionLower[i], body.positionUpper[i]);
    const dSpeed = outward(body, clipped, position, i) ? 0 : dNext[2 + i] * limitSlope(speed, body.velocityLower[i], body.velocityUpper[i]);
    dRate[i] += (dSpeed / (body.isArm ? 1 : body.mass)) * step;
    dVelocity[i] += dPosition * step;
    dJoint[i] += dPosition;
    dJoint[2 + i] += dSpeed;
  }
}
