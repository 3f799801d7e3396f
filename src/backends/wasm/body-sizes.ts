// How much memory a body takes in its kernels, from `body_layout` alone: what assembly/inline/body_layout.ts and body_plan.ts lay out (test/kernels holds them to it with guarded buffers).
import { bodyWord, integratorCode, muscleRowCount } from '../body-layout.js';

/** Rows [8 trials] and floats of one body, as there. */
export interface BodySizes {
  readonly muscles: number;
  /** Rows of a muscle's state. */
  readonly muscleRows: number;
  /** Rows of a state block, and of what a step needs besides. */
  readonly stateRows: number;
  readonly workRows: number;
  /** Floats of the plan. */
  readonly planFloats: number;
}

export const jointRows = 4;
export const loadRows = 2;
const cartesianRows = 4;
const angleRows = 4;
const headerBytes = 128;
const skeletonBytes = 272;
const muscleBytes = 384;
const geometryBytes = 128;
const pointBytes = 32;

export function bodySizes(layout: ArrayLike<number>): BodySizes {
  const word = (name: keyof typeof bodyWord): number => layout[bodyWord[name]] ?? 0;
  const [muscles, points, ministeps] = [word('muscles'), word('points'), word('ministeps')];
  const euler = word('integrator') === integratorCode.euler;
  const muscleRows = muscleRowCount(word('muscle'));
  const stateRows = jointRows + (muscleRows + 4) * muscles + cartesianRows + angleRows;
  const rates = (euler ? 2 : 7) * (4 + 2 * muscles);
  const table = ((muscles + 1 + points + 3) & ~3) * 4;
  return {
    muscles,
    muscleRows,
    stateRows,
    workRows: 4 * muscles + 4 + rates + (ministeps + (euler ? 2 : 8)) * stateRows,
    planFloats: (headerBytes + skeletonBytes + muscles * (muscleBytes + geometryBytes) + points * pointBytes + table) / 4,
  };
}
