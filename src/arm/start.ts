// Where trials start: joint states that a person gives, checked against the limits, or drawn uniformly within them.
import { jointStateSize } from '../backends/body-layout.js';
import { ConfigError } from '../errors.js';
import { problem } from '../problems.js';
import { type RandomKey, uniformAt } from '../random.js';
import type { Body } from './body.js';

/**
 * Joint positions [2], positions and velocities [4], or one such row a trial: [[…], …] or flat [B·2] or [B·4]. Rad and rad/s; m and m/s for a point mass.
 */
export type JointStates = readonly number[] | readonly (readonly number[])[] | Float32Array | Float64Array;

/**
 * Joint states [B, 4] from what a person gave. One row starts all `batchSize` trials; several fix the batch. Throws ConfigError that names everything wrong: another
 * length, a batch size that does not fit, positions or velocities outside the limits.
 */
export function jointStates(where: string, body: Body, given: JointStates, batchSize: number | undefined): { joints: Float64Array; batch: number } {
  const rows = rowsOf(given, batchSize);
  if (rows === null || rows.length === 0) {
    const got =
      Array.isArray(given) && given.some(Array.isArray) ? `rows of ${(given as unknown[]).map((row) => lengthOf(row)).join(', ')}` : `${lengthOf(given)}`;
    throw new ConfigError(where, [`jointState: expected 2 or 4 numbers, or a row of so many for each trial, got ${got}`]);
  }
  if (batchSize !== undefined && rows.length > 1 && rows.length !== batchSize)
    throw new ConfigError(where, [`jointState: expected one row or ${batchSize}, the batch size, got ${rows.length}`]);
  const batch = rows.length > 1 ? rows.length : (batchSize ?? 1);
  const problems = rows.flatMap((row, index) => limitProblems(body, row, rows.length > 1 ? ['jointState', index] : ['jointState']));
  if (problems.length > 0) throw new ConfigError(where, problems);
  const joints = new Float64Array(batch * jointStateSize);
  for (let trial = 0; trial < batch; trial++) joints.set(rows[rows.length > 1 ? trial : 0] as number[], trial * jointStateSize);
  return { joints, batch };
}

/** Joint states [batch, 4] at rest, positions uniform within the limits: trial b draws at (key, b). */
export function randomJoints(body: Body, key: RandomKey, batch: number): Float64Array {
  const joints = new Float64Array(batch * jointStateSize);
  for (let trial = 0; trial < batch; trial++) {
    for (const joint of [0, 1] as const) {
      const [lower, upper] = [body.positionLower[joint], body.positionUpper[joint]];
      joints[trial * jointStateSize + joint] = lower + (upper - lower) * uniformAt(key, trial, joint);
    }
  }
  return joints;
}

const lengthOf = (value: unknown): string => (value !== null && typeof value === 'object' && 'length' in value ? `${String(value.length)}` : String(value));

/** Rows of 2 or 4 numbers; null when it is none. */
function rowsOf(given: JointStates, batchSize: number | undefined): number[][] | null {
  if (given === null || typeof given !== 'object' || !('length' in given)) return null;
  if (Array.isArray(given) && given.some((row) => typeof row === 'object')) {
    const rows = given as readonly (readonly number[])[];
    return rows.every((row) => row !== null && (row.length === 2 || row.length === jointStateSize)) ? rows.map((row) => Array.from(row)) : null;
  }
  const flat = Array.from(given as ArrayLike<number>);
  const size = flat.length === 2 || flat.length === jointStateSize ? flat.length : batchSize ? flat.length / batchSize : 0;
  if (size !== 2 && size !== jointStateSize) return null;
  return Array.from({ length: flat.length / size }, (_, row) => flat.slice(row * size, (row + 1) * size));
}

/** Slack for positions that were rounded to f32 on their way: a limit of 2.3561944901923448 comes back as 2.3561945. */
const slack = 1e-6;

function limitProblems(body: Body, row: readonly number[], path: readonly (string | number)[]): string[] {
  const names = body.skeleton === 'arm' ? ['shoulder', 'elbow'] : ['x', 'y'];
  const limits = [body.positionLower, body.positionUpper, body.velocityLower, body.velocityUpper];
  return row.flatMap((value, entry) => {
    const joint = (entry % 2) as 0 | 1;
    const [lower, upper] = [limits[entry < 2 ? 0 : 2]?.[joint] as number, limits[entry < 2 ? 1 : 3]?.[joint] as number];
    const room = slack * Math.max(1, Math.abs(lower), Math.abs(upper));
    if (value >= lower - room && value <= upper + room) return [];
    const advice = entry < 2 && body.skeleton === 'arm' && Math.abs(value) > 2 * Math.PI ? 'angles are in radians' : undefined;
    return [problem([...path, entry], `${names[joint]} ${entry < 2 ? 'position' : 'velocity'} within its limits, ${lower} to ${upper}`, value, advice)];
  });
}
