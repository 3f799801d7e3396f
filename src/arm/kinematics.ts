// Where a body is in space, on the host: for tasks that place targets and for drawings. Kernels have their own kinematics; a test holds both together.
// Angles: q1 of the upper arm from the x axis, q2 of the forearm from the upper arm, both counter-clockwise; the shoulder is the origin.
import { bodyNumber, jointStateSize } from '../backends/body-layout.js';
import { ShapeError } from '../errors.js';
import type { Body } from './body.js';

/** Values [count, 2] or [count, 4]: positions first. */
type Joints = ArrayLike<number>;

/** Lengths of upper arm and forearm, m; of a point mass 0. */
export function linkLengths(body: Body): [number, number] {
  return [body.table[bodyNumber.length1] as number, body.table[bodyNumber.length2] as number];
}

/** Position limits of both joints, rad or m. */
export function jointLimits(body: Body): { lower: readonly [number, number]; upper: readonly [number, number] } {
  return { lower: body.positionLower, upper: body.positionUpper };
}

/** Positions of the end point [count, 2], m, of joint states [count, 4] (or joint positions [count, 2]). Throws ShapeError for any other length. */
export function fingertipOf(body: Body, joint: Joints, count: number): Float32Array {
  const stride = strideOf('fingertipOf', joint, count);
  const result = new Float32Array(2 * count);
  const [length1, length2] = linkLengths(body);
  for (let row = 0; row < count; row++) {
    const q1 = joint[row * stride] as number;
    const q2 = joint[row * stride + 1] as number;
    if (body.skeleton === 'pointMass') result.set([q1, q2], 2 * row);
    else result.set([length1 * Math.cos(q1) + length2 * Math.cos(q1 + q2), length1 * Math.sin(q1) + length2 * Math.sin(q1 + q2)], 2 * row);
  }
  return result;
}

/** Cartesian states of the end point [count, 4]: x, y (m), vx, vy (m/s), of joint states [count, 4]. Throws ShapeError for any other length. */
export function cartesianOf(body: Body, joint: Joints, count: number): Float32Array {
  if (joint.length !== count * jointStateSize)
    throw new ShapeError(`cartesianOf: expected ${count} joint states, ${count * jointStateSize} numbers, got ${joint.length}`);
  if (body.skeleton === 'pointMass') return Float32Array.from(joint);
  const result = new Float32Array(jointStateSize * count);
  const [length1, length2] = linkLengths(body);
  for (let row = 0; row < count; row++) {
    const [q1, q2, w1, w2] = [0, 1, 2, 3].map((at) => joint[row * jointStateSize + at]) as [number, number, number, number];
    const [x2, y2] = [length2 * Math.cos(q1 + q2), length2 * Math.sin(q1 + q2)];
    const [x, y] = [length1 * Math.cos(q1) + x2, length1 * Math.sin(q1) + y2];
    result.set([x, y, -y * w1 - y2 * w2, x * w1 + x2 * w2], row * jointStateSize);
  }
  return result;
}

/** Shoulder, elbow and hand of one posture (`joint`: at least q1, q2), m; of a point mass only its position. */
export function linkPositions(body: Body, joint: Joints): [number, number][] {
  const [q1, q2] = [joint[0] as number, joint[1] as number];
  if (body.skeleton === 'pointMass') return [[q1, q2]];
  const [length1, length2] = linkLengths(body);
  const elbow: [number, number] = [length1 * Math.cos(q1), length1 * Math.sin(q1)];
  return [[0, 0], elbow, [elbow[0] + length2 * Math.cos(q1 + q2), elbow[1] + length2 * Math.sin(q1 + q2)]];
}

/**
 * Joint angles of a two-joint arm [2] that bring the end point to a position, with the elbow bent to the left of the upper arm (q2 ≥ 0); of a point mass
 * the position itself. Null where the arm does not reach. Joint limits are the caller's to check.
 */
export function inverseKinematics(body: Body, x: number, y: number): [number, number] | null {
  if (body.skeleton === 'pointMass') return [x, y];
  const [length1, length2] = linkLengths(body);
  const cosine = (x * x + y * y - length1 * length1 - length2 * length2) / (2 * length1 * length2);
  if (!(Math.abs(cosine) <= 1)) return null;
  const q2 = Math.acos(cosine);
  return [Math.atan2(y, x) - Math.atan2(length2 * Math.sin(q2), length1 + length2 * cosine), q2];
}

function strideOf(where: string, joint: Joints, count: number): number {
  const stride = joint.length / count;
  if (count === 0 || stride === 2 || stride === jointStateSize) return stride;
  throw new ShapeError(`${where}: expected ${count} joint states of 2 or 4 numbers, got ${joint.length} numbers`);
}
