// A body (skeleton, muscles, geometry, integrator) as the shaders take it: the parts of shaders/lib/ that it is put together from, the constants that size their arrays, and the
// table of numbers that they read, derived in f64 from the two tables of ../body-layout.ts. Positions in the table are those of shaders/lib/body_state.wgsl and body_muscle_*.wgsl.
import { KernelError } from '../../errors.js';
import {
  bodyNumber,
  bodyWord,
  geometryCode,
  geometryStart,
  geometryStride,
  integratorCode,
  muscleCode,
  muscleNumber,
  muscleRowCount,
  muscleStride,
  skeletonCode,
} from '../body-layout.js';

/** Parts, constants and table of a body; a kernel's row hands them on (`GpuPlan`). */
export interface BodyPlan {
  readonly parts: readonly string[];
  /** The same and those of the step's reverse. */
  readonly backwardParts: readonly string[];
  readonly constants: Readonly<Record<string, number | boolean>>;
  /** The numbers of a body, from the first on. */
  readonly table: Float32Array;
  readonly muscles: number;
  readonly muscleRows: number;
  readonly points: number;
  /** About how many floating-point operations one trial takes for one time step, forward; the reverse takes three times as many. */
  readonly work: number;
}

type Values = ArrayLike<number>;

const muscleParts: Readonly<Record<number, string>> = {
  [muscleCode.relu]: 'body_muscle_relu',
  [muscleCode.mujocoHill]: 'body_muscle_mujoco',
  [muscleCode.rigidHill]: 'body_muscle_hill',
  [muscleCode.thelen]: 'body_muscle_thelen',
  [muscleCode.compliantHill]: 'body_muscle_compliant',
};
const geometryParts: Readonly<Record<number, string>> = {
  [geometryCode.constant]: 'body_geometry_constant',
  [geometryCode.polynomial]: 'body_geometry_polynomial',
  [geometryCode.paths]: 'body_geometry_paths',
};
const integratorParts: Readonly<Record<number, string>> = {
  [integratorCode.euler]: 'body_euler',
  [integratorCode.rk4]: 'body_rk4',
  [integratorCode.rk4Motornet]: 'body_rk4_motornet',
};

/** As in body_state.wgsl. */
const muscleTable = 20;
const muscleTableStride = 24;
/** Numbers that states between ministeps may take of an invocation's memory (4 KiB). */
const keptNumbers = 1024;

/** The plan of a body that `checkBody` has found sound. Throws KernelError for more ministeps than the reverse can keep the states of (1296 with six muscles). */
export function bodyPlan(layout: Values, body: Values): BodyPlan {
  const muscles = layout[bodyWord.muscles] as number;
  const points = layout[bodyWord.points] as number;
  const ministeps = layout[bodyWord.ministeps] as number;
  const muscle = layout[bodyWord.muscle] as number;
  const integrator = integratorParts[layout[bodyWord.integrator] as number] as string;
  const parts = [
    layout[bodyWord.skeleton] === skeletonCode.arm ? 'body_skeleton_arm' : 'body_skeleton_mass',
    geometryParts[layout[bodyWord.geometry] as number] as string,
    muscleParts[muscle] as string,
    integrator,
  ];
  return {
    parts,
    backwardParts: [...parts, `${integrator}_backward`, ministeps > 1 ? 'body_often_backward' : 'body_once_backward'],
    constants: {
      MUSCLES: muscles,
      POINTS: points,
      CHANGES: false,
      MOTORNET_PATHS: layout[bodyWord.motornetPathVelocity] !== 0,
      MINISTEPS: ministeps,
      ...(ministeps > 1 ? segments(ministeps, muscles) : {}),
    },
    table: bodyTable(layout, body),
    muscles,
    muscleRows: muscleRowCount(muscle),
    points,
    work: ministeps * (layout[bodyWord.integrator] === integratorCode.euler ? 1 : 5) * (80 + 80 * muscles + 40 * points),
  };
}

/** How the ministeps of a time step are cut on the way back: into one segment if all its states can be kept, else into about as many as each has ministeps. */
function segments(ministeps: number, muscles: number): { SEGMENT: number; SEGMENTS: number } {
  const limit = Math.max(2, Math.floor(keptNumbers / (4 + 4 * muscles)));
  const length = ministeps <= limit ? ministeps : Math.ceil(Math.sqrt(ministeps));
  if (length > limit) {
    throw new KernelError(
      `webgpu: expected a body of at most ${limit * limit} ministeps a time step with ${muscles} muscles, got ${ministeps}; take shorter time steps, or the wasm backend`,
    );
  }
  return { SEGMENT: length, SEGMENTS: Math.ceil(ministeps / length) };
}

function bodyTable(layout: Values, body: Values): Float32Array {
  const muscles = layout[bodyWord.muscles] as number;
  const points = layout[bodyWord.points] as number;
  const number = (index: number) => body[index] as number;
  const geometry = muscleTable + muscles * muscleTableStride;
  const table = new Float32Array(geometry + (points > 0 ? 3 * points + muscles + 1 : geometryStride * muscles));
  table[0] = number(bodyNumber.timeStep) / (layout[bodyWord.ministeps] as number);
  table[1] = number(bodyNumber.resetStep);
  table[2] = number(bodyNumber.damping);
  table[3] = layout[bodyWord.skeleton] === skeletonCode.arm ? 1 : 1 / number(bodyNumber.mass);
  for (let i = 0; i < 8; i++) table[4 + i] = number(bodyNumber.positionLower + i);
  for (let i = 0; i < 7; i++) table[12 + i] = number(bodyNumber.a11 + i);
  for (let m = 0; m < muscles; m++) {
    const from = bodyNumber.muscles + m * muscleStride;
    const own = (name: keyof typeof muscleNumber) => number(from + muscleNumber[name]);
    table.set(muscleNumbers(layout[bodyWord.muscle] as number, own), muscleTable + m * muscleTableStride);
  }
  const start = geometryStart(muscles);
  const count = points > 0 ? 2 * points : geometryStride * muscles;
  for (let i = 0; i < count; i++) table[geometry + i] = number(start + i);
  // First points of muscles and the parts of the body that points are on: small whole numbers.
  if (points > 0) for (let i = 0; i < muscles + 1 + points; i++) table[geometry + count + i] = layout[bodyWord.paths + i] as number;
  return table;
}

/** The numbers of one muscle: those that all have, then its type's own. */
function muscleNumbers(type: number, own: (name: keyof typeof muscleNumber) => number): number[] {
  const length = own('optimalLength');
  const velocity = own('maximumVelocity');
  return [
    own('minimumActivation'),
    1 / own('activationTime'),
    1 / own('deactivationTime'),
    own('maximumForce'),
    length,
    1 / length,
    own('tendonLength'),
    velocity,
    1 / velocity,
    ...typeNumbers(type, own),
  ];
}

function typeNumbers(type: number, own: (name: keyof typeof muscleNumber) => number): number[] {
  const slack = own('slack');
  if (type === muscleCode.relu) return [];
  if (type === muscleCode.mujocoHill) return mujocoNumbers(own);
  if (type === muscleCode.thelen) return [(5 / 0.6) * slack];
  const stiffness = 1 / (1.66 - slack) ** 2;
  if (type === muscleCode.rigidHill) return [slack, stiffness];
  const length = own('optimalLength');
  const tendon = own('tendonLength');
  const c2 = length * length;
  const slope = (length * tendon * Math.sqrt(stiffness * 625) - 625 * c2) / (stiffness * tendon * tendon - 625 * c2);
  return [slack, stiffness, 1 / tendon, slack * length, tendon + slack * length, slope, 0.001 * length];
}

/** 2 / (to − from) where the side of a hump exists; else so steep that nothing is left of it. */
function steepness(from: number, to: number): number {
  return to > from ? 2 / (to - from) : 1e20;
}

function mujocoNumbers(own: (name: keyof typeof muscleNumber) => number): number[] {
  const length = own('optimalLength');
  const minimum = own('minimumLength');
  const middle = 0.5 * (minimum + 0.95);
  const gain = Math.max(own('maximumForceVelocity') - 1, 0);
  const right = steepness(1, own('maximumLength'));
  const left = steepness(minimum, 1);
  const side = steepness(minimum, middle);
  return [
    right / length,
    right,
    0.25 * own('slack'),
    left / length,
    left,
    side / length,
    middle * side,
    minimum < 0.95 ? 0.075 : 0,
    gain,
    gain > 0 ? 1 / gain : 0,
    own('passiveForces'),
  ];
}
