// What a body's plan holds and where the rows of its state lie: constants that body_plan.ts derives once a launch, offsets, row addresses.
import { rowAt } from './tile';

export const POINT_MASS: i32 = 0;
export const ARM: i32 = 1;
export const RELU: i32 = 0;
export const MUJOCO_HILL: i32 = 1;
export const RIGID_HILL: i32 = 2;
export const THELEN: i32 = 3;
export const COMPLIANT_HILL: i32 = 4;
export const CONSTANT: i32 = 0;
export const POLYNOMIAL: i32 = 1;
export const PATHS: i32 = 2;
export const EULER: i32 = 0;
export const RK4: i32 = 1;
export const RK4_MOTORNET: i32 = 2;

/**
 * State of a tile of 8 trials: rows [8], one behind another.
 *   joint 4      q1 q2 w1 w2 (x y vx vy)
 *   muscle R·M   row r of muscle m is r·M + m: [R, M] as in memory, so that one `scatterTile` of R·M features writes it
 *   geometry 4·M length, velocity, two moment arms
 *   cartesian 4  x y vx vy; the first two are the fingertip
 *   angles 4     cos q1, sin q1, cos (q1 + q2), sin (q1 + q2) of the arm, kept from the kinematics of one step for the dynamics of the next
 * `geometryOf` fills the last three from the joint rows.
 */
export const JOINT_ROWS: i32 = 4;
export const CARTESIAN_ROWS: i32 = 4;
export const ANGLE_ROWS: i32 = 4;

/** Loads of a step: endpoint_load rows [2], joint_load rows [2]; either may be absent (address 0). */
export const LOAD_ROWS: i32 = 2;

@unmanaged
export class BodyPlan {
  skeleton: i32;
  muscle: i32;
  geometry: i32;
  integrator: i32;
  ministeps: i32;
  /** M. */
  muscles: i32;
  points: i32;
  motornetPathVelocity: i32;
  /** R: 4 for ReLU, else 7. */
  muscleRows: i32;
  /** Rows of a state block, of a block of rates (body_integrate.ts), of what a step needs besides (forward or backward). */
  stateRows: i32;
  rateRows: i32;
  workRows: i32;
  /** First row of muscles, geometry, Cartesian state and angles in a state block. */
  muscleRow: i32;
  geometryRow: i32;
  cartesianRow: i32;
  angleRow: i32;
  /** Seconds of a ministep, and by which the initial state of compliant muscles is advanced. */
  step: f32;
  resetStep: f32;
  /** Vectors: of the skeleton, of each muscle (MUSCLE_BYTES), of each muscle's geometry (GEOMETRY_BYTES), of each point (x, y). */
  skeletonConstants: usize;
  muscleConstants: usize;
  geometryConstants: usize;
  pointConstants: usize;
  /** First point of every muscle [M + 1], body of every point [N]. */
  firstPoint: usize;
  pointBody: usize;
}

const HEADER_BYTES: usize = 128;

/** Offsets of the skeleton's vectors, four equal lanes each. Pairs (joint 1, joint 2) lie 16 bytes apart. */
export const DAMPING: usize = 0;
export const POSITION_LOWER: usize = 16;
export const POSITION_UPPER: usize = 48;
export const VELOCITY_LOWER: usize = 80;
export const VELOCITY_UPPER: usize = 112;
/** 1 / mass of a point mass; 1 for the arm. */
export const INVERSE_MASS: usize = 144;
export const A11: usize = 160;
export const A12: usize = 176;
export const B11: usize = 192;
export const B12: usize = 208;
export const LENGTH1: usize = 224;
export const LENGTH2: usize = 240;
export const VISCOSITY: usize = 256;
const SKELETON_BYTES: usize = 272;

/** Offsets of a muscle's vectors that all muscles have. */
export const MINIMUM_ACTIVATION: usize = 0;
/** 1 / time constants. */
export const ACTIVATION_RATE: usize = 16;
export const DEACTIVATION_RATE: usize = 32;
export const MAXIMUM_FORCE: usize = 48;
export const OPTIMAL_LENGTH: usize = 64;
/** Proprioception: fibre length times this, velocity times INVERSE_VELOCITY. */
export const INVERSE_LENGTH: usize = 80;
export const TENDON_LENGTH: usize = 96;
export const MAXIMUM_VELOCITY: usize = 112;
export const INVERSE_VELOCITY: usize = 128;
/** From here on each kind of muscle has its own, see body_mujoco.ts, body_hill.ts, body_thelen.ts, body_compliant.ts. */
export const OWN: usize = 144;
export const MUSCLE_BYTES: usize = 384;

/** Offsets of a muscle's geometry: constant moment arms 0, 16; polynomial a1 (2), a2 (2), a0, offset (2). */
export const GEOMETRY_BYTES: usize = 128;
export const POINT_BYTES: usize = 32;

// @ts-ignore: decorator
@inline
export function bodyPlanOf(at: usize): BodyPlan {
  return changetype<BodyPlan>(at);
}

/** Vectors of muscle m. */
// @ts-ignore: decorator
@inline
export function muscleAt(plan: BodyPlan, m: i32): usize {
  return plan.muscleConstants + usize(m) * MUSCLE_BYTES;
}

// @ts-ignore: decorator
@inline
export function muscleRowsOf(plan: BodyPlan, state: usize): usize {
  return rowAt(state, plan.muscleRow);
}

// @ts-ignore: decorator
@inline
export function geometryRowsOf(plan: BodyPlan, state: usize): usize {
  return rowAt(state, plan.geometryRow);
}

// @ts-ignore: decorator
@inline
export function cartesianRowsOf(plan: BodyPlan, state: usize): usize {
  return rowAt(state, plan.cartesianRow);
}

// @ts-ignore: decorator
@inline
export function angleRowsOf(plan: BodyPlan, state: usize): usize {
  return rowAt(state, plan.angleRow);
}
