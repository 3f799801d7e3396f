// How kernels see a body (skeleton, muscles, geometry, integrator): one table of whole numbers and one of numbers, so that a new effector is data and no new kernel.
// src/arm writes the tables; the reference twins, assembly/inline/body_plan.ts and the shaders read them by these positions.

/** `body_layout` [K]: positions of its first words. Behind them, for path geometry: first point of every muscle [M + 1], then the body of every point [N]. */
export const bodyWord = {
  skeleton: 0,
  muscle: 1,
  geometry: 2,
  integrator: 3,
  /** Integration steps that a time step is cut into, at least 1. */
  ministeps: 4,
  /** Number of muscles M. */
  muscles: 5,
  /** Number of path points N over all muscles; 0 unless the geometry is `paths`. */
  points: 6,
  /** 1: velocities of points on the forearm count the shoulder's rate twice, as MotorNet does (docs/arm.md, Q5); 0: they are derivatives of the lengths. */
  motornetPathVelocity: 7,
  paths: 8,
} as const;

export const skeletonCode = { pointMass: 0, arm: 1 } as const;
export const muscleCode = { relu: 0, mujocoHill: 1, rigidHill: 2, thelen: 3, compliantHill: 4 } as const;
export const geometryCode = { constant: 0, polynomial: 1, paths: 2 } as const;
/** `rk4` is the classical scheme; `rk4Motornet` chains its stages and averages accelerations only. */
export const integratorCode = { euler: 0, rk4: 1, rk4Motornet: 2 } as const;

/** `body` [Q]: positions of single numbers and pairs (one a joint or axis). SI units. */
export const bodyNumber = {
  /** Seconds of a time step. */
  timeStep: 0,
  /** N·m·s/rad (N·s/m) of the effector, on every joint. */
  damping: 1,
  /** Seconds that the initial state of compliant muscles is advanced by. */
  resetStep: 2,
  positionLower: 4,
  positionUpper: 6,
  velocityLower: 8,
  velocityUpper: 10,
  /** Point mass, kg. */
  mass: 12,
  /** Inertia matrix of the arm: m11 = a11 + b11 cos q2, m12 = a12 + b12 cos q2, m22 = a12. */
  a11: 13,
  a12: 14,
  b11: 15,
  b12: 16,
  /** Lengths of upper arm and forearm, m. */
  length1: 17,
  length2: 18,
  /** The arm's own joint viscosity, N·m·s/rad. */
  viscosity: 19,
  muscles: 20,
} as const;

/** Numbers of each muscle, from `bodyNumber.muscles` on. */
export const muscleStride = 16;
export const muscleNumber = {
  minimumActivation: 0,
  activationTime: 1,
  deactivationTime: 2,
  /** N. */
  maximumForce: 3,
  /** Optimal fibre length, m. 1 for ReLU. */
  optimalLength: 4,
  /** Tendon slack length, m. */
  tendonLength: 5,
  /** `normalized_slack_muscle_length`; scales the passive force of MuJoCo-Hill. */
  slack: 6,
  minimumLength: 7,
  maximumLength: 8,
  /** MuJoCo-Hill: as given; Hill and Thelen muscles: 10 optimal lengths a second; ReLU: 1. Proprioception divides by it. */
  maximumVelocity: 9,
  maximumForceVelocity: 10,
  /** MuJoCo-Hill: factor of the passive force. */
  passiveForces: 11,
} as const;

/** Numbers of each muscle's constant or polynomial geometry, behind those of all muscles. */
export const geometryStride = 8;
export const geometryNumber = {
  /** Constant geometry: moment arms of both joints. */
  momentArm: 0,
  /** Polynomial: L = a0 + Σ_j (a1_j + x_j a2_j) x_j with x_j = q_j − offset_j. */
  a1: 0,
  a2: 2,
  a0: 4,
  offset: 5,
} as const;

/** Where the geometry of muscle 0 starts; path geometry has the coordinates of its points there, [N, 2], instead. */
export function geometryStart(muscles: number): number {
  return bodyNumber.muscles + muscles * muscleStride;
}

/** Length of `body` for so many muscles and path points. */
export function bodyTableLength(muscles: number, points: number): number {
  return geometryStart(muscles) + (points > 0 ? 2 * points : muscles * geometryStride);
}

/** Rows of a muscle's state: activation, length, velocity, …, force. */
export function muscleRowCount(muscle: number): number {
  return muscle === muscleCode.relu ? 4 : 7;
}

/** Joints, axes of space, entries of a joint or Cartesian state, rows of a geometry state (length, velocity, two moment arms). */
export const jointCount = 2;
export const jointStateSize = 4;
export const geometryRowCount = 4;

/** A row of `fields` [X, Z]: positions of its numbers. F = force + stiffness (p − centre) + damping v, matrices by rows; N, m, N/m, N·s/m. */
export const fieldNumber = { force: 0, centre: 2, stiffness: 4, damping: 8 } as const;
/** Numbers of such a row. */
export const fieldLength = 12;
