// What only the contents of a body's tables can say about a call: codes, counts and table lengths that fit each other and the call's dimensions.
// Every backend that can look into the two tables calls this, so that all refuse the same bodies with the same words.
import { KernelError, ShapeError } from '../errors.js';
import { bodyNumber, bodyTableLength, bodyWord, geometryCode, integratorCode, muscleCode, muscleRowCount, skeletonCode } from './body-layout.js';

const codes = [
  ['skeleton', skeletonCode],
  ['muscle', muscleCode],
  ['geometry', geometryCode],
  ['integrator', integratorCode],
] as const;

/**
 * Throws KernelError for tables that no body has and ShapeError where they do not fit the call's dimension letters (`dims`, 0 for a letter that is not bound).
 * `layout` [K] and `table` [Q] as body-layout.ts defines them.
 */
export function checkBody(kernel: string, layout: ArrayLike<number>, table: ArrayLike<number>, dims: Readonly<Record<string, number>>): void {
  const refuse = (what: string, got: number | string) => {
    throw new KernelError(`${kernel}: expected ${what}, got ${got}; use createBody's tables`);
  };
  for (const [name, known] of codes) {
    const code = layout[bodyWord[name]];
    if (!Object.values<number>(known).includes(code)) refuse(`body_layout with a ${name} among ${Object.values(known).join(', ')}`, code);
  }
  const muscles = layout[bodyWord.muscles];
  const points = layout[bodyWord.points];
  const usesPaths = layout[bodyWord.geometry] === geometryCode.paths;
  if (layout[bodyWord.ministeps] < 1) refuse('body_layout with at least 1 ministep', layout[bodyWord.ministeps]);
  if (muscles < 1) refuse('body_layout with at least 1 muscle', muscles);
  if (usesPaths ? points < 2 * muscles : points !== 0)
    refuse(usesPaths ? `body_layout with at least 2 path points for each of ${muscles} muscles` : 'body_layout without path points', points);
  const words = bodyWord.paths + (usesPaths ? muscles + 1 + points : 0);
  if (layout.length !== words) refuse(`body_layout of ${words} words for ${muscles} muscles and ${points} path points`, layout.length);
  const numbers = bodyTableLength(muscles, points);
  if (table.length !== numbers) refuse(`body of ${numbers} numbers for ${muscles} muscles and ${points} path points`, table.length);
  if (!(table[bodyNumber.timeStep] > 0)) refuse('body with a time step above 0', table[bodyNumber.timeStep]);
  if (usesPaths) checkPaths(layout, muscles, points, refuse);
  checkDims(kernel, layout, dims);
}

function checkPaths(layout: ArrayLike<number>, muscles: number, points: number, refuse: (what: string, got: number | string) => void): void {
  const first = bodyWord.paths;
  if (layout[first] !== 0 || layout[first + muscles] !== points) {
    refuse(`body_layout whose muscles share out the path points 0 to ${points}`, `${layout[first]} to ${layout[first + muscles]}`);
  }
  for (let m = 0; m < muscles; m++) {
    const count = layout[first + m + 1] - layout[first + m];
    if (count < 2) refuse(`body_layout with at least 2 path points for muscle ${m}`, count);
  }
  for (let n = 0; n < points; n++) {
    const on = layout[first + muscles + 1 + n];
    if (![0, 1, 2].includes(on)) refuse(`body_layout with path point ${n} on body 0, 1 or 2`, on);
  }
}

function checkDims(kernel: string, layout: ArrayLike<number>, { M, R, C, N }: Readonly<Record<string, number>>): void {
  const code = layout[bodyWord.muscle];
  const expected = [
    ['muscles', M, layout[bodyWord.muscles]],
    ['rows of muscle state', R, muscleRowCount(code)],
    ['rows of muscle rates', C, code === muscleCode.compliantHill ? 2 : 1],
  ] as const;
  for (const [what, got, wanted] of expected) {
    if (got && got !== wanted) throw new ShapeError(`${kernel}: expected arrays of ${wanted} ${what} for this body, got ${got}`);
  }
  const points = layout[bodyWord.points];
  if (kernel.startsWith('effector_points') && N !== points) throw new ShapeError(`${kernel}: expected arrays of ${points} path points for this body, got ${N}`);
}
