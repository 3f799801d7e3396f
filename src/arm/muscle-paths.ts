// Where to draw muscles. Path muscles lie where their points are; the six of the arm, known only by polynomials, get a convention of ours.
import { bodyWord, geometryCode, geometryStart } from '../backends/body-layout.js';
import type { Body } from './body.js';
import { linkLengths, linkPositions } from './kinematics.js';

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

/** A point that a muscle runs through: the part it moves with (0 the world, 1 the upper arm or the mass, 2 the forearm) and its place there, m. */
export interface Attachment {
  readonly part: number;
  /** Along the bone and to its left. */
  readonly at: readonly [number, number];
}

/** The points that each muscle is drawn through; null for a muscle that cannot be drawn (constant moment arms, polynomials of one's own). */
export function muscleAttachments(body: Body): (Attachment[] | null)[] {
  if (body.layout[bodyWord.geometry] === geometryCode.paths) {
    const coordinates = body.table.subarray(geometryStart(body.muscles));
    return body.muscleNames.map((_, muscle) => {
      const first = body.layout[bodyWord.paths + muscle] as number;
      const end = body.layout[bodyWord.paths + muscle + 1] as number;
      return Array.from({ length: end - first }, (_point, i) => {
        const point = first + i;
        const part = body.layout[bodyWord.paths + body.muscles + 1 + point] as number;
        return { part, at: [coordinates[2 * point] as number, coordinates[2 * point + 1] as number] };
      });
    });
  }
  const drawn = body.name.endsWith('Arm26');
  const lengths = [1, ...linkLengths(body)];
  return body.muscleNames.map((name) => {
    const path = drawn ? arm26Paths[name] : undefined;
    return (
      path?.map(([on, along, left]) => {
        const part = on === 'world' ? 0 : on === 'upperArm' ? 1 : 2;
        return { part, at: [along * (lengths[part] as number), left] as const };
      }) ?? null
    );
  });
}

/** Polyline of every muscle in one posture, m; null where `muscleAttachments` has none. `joint` holds at least both positions. */
export function musclePaths(body: Body, joint: ArrayLike<number>): (Point[] | null)[] {
  const links = linkPositions(body, joint);
  const angles = [0, joint[0] as number, (joint[0] as number) + (joint[1] as number)];
  return muscleAttachments(body).map((path) => path?.map(({ part, at }) => place(body, links, angles[part] as number, part, at)) ?? null);
}

/** Where a point of a part that is turned by `angle` is in space. */
function place(body: Body, links: readonly Point[], angle: number, part: number, [along, left]: readonly [number, number]): Point {
  if (part === 0) return [along, left];
  const mass = body.skeleton === 'pointMass';
  const [x, y] = links[mass ? 0 : part - 1] as Point;
  const [c, s] = mass ? [1, 0] : [Math.cos(angle), Math.sin(angle)];
  return [x + along * c - left * s, y + along * s + left * c];
}
