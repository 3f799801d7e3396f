// Where to draw muscles. Path muscles lie where their points are; the six of the arm, known only by polynomials, get a convention of ours.
import { bodyWord, geometryCode, geometryStart } from '../backends/body-layout.js';
import type { Body } from './body.js';
import { linkPositions } from './kinematics.js';

type Point = [number, number];

/** A point on a body, in fractions of the bone's length along it and in metres to its left; the world stands for the trunk. */
type Fixed = readonly ['world' | 'upperArm' | 'forearm', number, number];

/**
 * Drawing convention for the six muscles of Arm26, whose real paths the model does not know: flexors (pectoralis, brachioradialis, biceps) to the left of
 * the bones, where flexion turns to, extensors to the right; the biarticular ones (biceps, tricepslong) from trunk to forearm. Only for the eye: lengths
 * and moment arms come from the polynomials.
 */
const arm26Paths: Readonly<Record<string, readonly Fixed[]>> = {
  pectoralis: [
    ['world', -0.11, 0.045],
    ['upperArm', 0.32, 0.012],
  ],
  deltoid: [
    ['world', -0.05, -0.06],
    ['upperArm', 0.36, -0.012],
  ],
  brachioradialis: [
    ['upperArm', 0.62, 0.012],
    ['forearm', 0.3, 0.014],
  ],
  tricepslat: [
    ['upperArm', 0.45, -0.014],
    ['upperArm', 0.98, -0.02],
    ['forearm', -0.07, -0.014],
  ],
  biceps: [
    ['world', -0.015, 0.04],
    ['upperArm', 0.5, 0.034],
    ['forearm', 0.16, 0.018],
  ],
  tricepslong: [
    ['world', -0.02, -0.035],
    ['upperArm', 0.55, -0.034],
    ['upperArm', 1, -0.03],
    ['forearm', -0.09, -0.02],
  ],
};

/**
 * Polyline of every muscle in one posture, m; null for a muscle that cannot be drawn (constant moment arms, polynomials of one's own). `joint` holds at
 * least both positions.
 */
export function musclePaths(body: Body, joint: ArrayLike<number>): (Point[] | null)[] {
  const links = linkPositions(body, joint);
  const angle = (joint[0] as number) + (joint[1] as number);
  if (body.layout[bodyWord.geometry] === geometryCode.paths) {
    const coordinates = body.table.subarray(geometryStart(body.muscles));
    return body.muscleNames.map((_, muscle) => {
      const first = body.layout[bodyWord.paths + muscle] as number;
      const end = body.layout[bodyWord.paths + muscle + 1] as number;
      return Array.from({ length: end - first }, (_, at) => {
        const point = first + at;
        const on = body.layout[bodyWord.paths + body.muscles + 1 + point] as number;
        return place(body, links, joint[0] as number, angle, on, coordinates[2 * point] as number, coordinates[2 * point + 1] as number);
      });
    });
  }
  const drawn = body.name.endsWith('Arm26');
  const [length1, length2] = lengths(links);
  return body.muscleNames.map((name) => {
    const path = drawn ? arm26Paths[name] : undefined;
    return (
      path?.map(([on, along, left]) => {
        const index = on === 'world' ? 0 : on === 'upperArm' ? 1 : 2;
        return place(body, links, joint[0] as number, angle, index, along * (index === 0 ? 1 : index === 1 ? length1 : length2), left);
      }) ?? null
    );
  });
}

/** A point in space; `on` 0 world, 1 upper arm (mass), 2 forearm; local coordinates along the bone and to its left. */
function place(body: Body, links: Point[], q1: number, q12: number, on: number, along: number, left: number): Point {
  if (on === 0) return [along, left];
  if (body.skeleton === 'pointMass') return [(links[0] as Point)[0] + along, (links[0] as Point)[1] + left];
  const origin = on === 1 ? [0, 0] : (links[1] as Point);
  const angle = on === 1 ? q1 : q12;
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return [(origin[0] as number) + along * c - left * s, (origin[1] as number) + along * s + left * c];
}

function lengths(links: readonly Point[]): [number, number] {
  const span = (a: Point | undefined, b: Point | undefined) => (a && b ? Math.hypot(b[0] - a[0], b[1] - a[1]) : 0);
  return [span(links[0], links[1]), span(links[1], links[2])];
}
