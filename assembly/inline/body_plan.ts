// A body (skeleton, muscles, geometry, integrator) as its kernels use it: constants derived once a launch from the tables of src/backends/body-layout.ts, and where the rows
// of its state lie. What is done with a plan: body_step.ts (resetBody, geometryOf, stepBody and their reverse), which the parts body_*.ts stand behind.
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
  /** Rows of a state block, of a block of rates (body_ode.ts), of what a step needs besides (forward or backward). */
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
export const ACTIVATION_TIME: usize = 16;
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

/** Floats that a plan takes for M muscles and N path points. */
export function bodyPlanFloats(muscles: i32, points: i32): i32 {
  const bytes = i32(HEADER_BYTES + SKELETON_BYTES) + muscles * i32(MUSCLE_BYTES + GEOMETRY_BYTES) + points * i32(POINT_BYTES) + ((muscles + 1 + points + 3) & ~3) * 4;
  return bytes / 4;
}

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

// Positions in the tables, as in src/backends/body-layout.ts.
const TABLE_MUSCLES: i32 = 20;
const TABLE_MUSCLE: i32 = 16;
const TABLE_GEOMETRY: i32 = 8;
const LAYOUT_PATHS: i32 = 8;

function put(to: usize, offset: usize, value: f64): void {
  v128.store(to + offset, f32x4.splat(f32(value)));
}

// @ts-ignore: decorator
@inline
function number(table: usize, i: i32): f64 {
  return f64(f32.load(table + (usize(i) << 2)));
}

/** Fills in a plan at `to` (16-byte aligned, bodyPlanFloats long) from `body_layout` and `body`. Work of one thread, before the others start. */
export function makeBodyPlan(to: usize, layout: usize, body: usize): BodyPlan {
  const plan = changetype<BodyPlan>(to);
  plan.skeleton = i32.load(layout);
  plan.muscle = i32.load(layout, 4);
  plan.geometry = i32.load(layout, 8);
  plan.integrator = i32.load(layout, 12);
  plan.ministeps = i32.load(layout, 16);
  plan.muscles = i32.load(layout, 20);
  plan.points = i32.load(layout, 24);
  plan.motornetPathVelocity = i32.load(layout, 28);
  const M = plan.muscles;
  const N = plan.points;
  plan.muscleRows = plan.muscle == RELU ? 4 : 7;
  plan.muscleRow = JOINT_ROWS;
  plan.geometryRow = plan.muscleRow + plan.muscleRows * M;
  plan.cartesianRow = plan.geometryRow + 4 * M;
  plan.angleRow = plan.cartesianRow + CARTESIAN_ROWS;
  plan.stateRows = bodyStateRows(plan.muscle, M);
  plan.rateRows = 4 + 2 * M;
  plan.workRows = bodyWorkRows(plan.muscle, plan.integrator, plan.ministeps, M);
  plan.step = f32(number(body, 0) / f64(plan.ministeps));
  plan.resetStep = f32(number(body, 2));
  plan.skeletonConstants = to + HEADER_BYTES;
  plan.muscleConstants = plan.skeletonConstants + SKELETON_BYTES;
  plan.geometryConstants = plan.muscleConstants + usize(M) * MUSCLE_BYTES;
  plan.pointConstants = plan.geometryConstants + usize(M) * GEOMETRY_BYTES;
  plan.firstPoint = plan.pointConstants + usize(N) * POINT_BYTES;
  plan.pointBody = plan.firstPoint + (usize(M + 1) << 2);
  planSkeleton(plan, body);
  for (let m = 0; m < M; m++) planMuscle(plan.muscle, muscleAt(plan, m), body + (usize(TABLE_MUSCLES + m * TABLE_MUSCLE) << 2));
  const start = body + (usize(TABLE_MUSCLES + M * TABLE_MUSCLE) << 2);
  if (plan.geometry != PATHS) {
    for (let i = 0; i < M * TABLE_GEOMETRY; i++) put(plan.geometryConstants, usize(i) << 4, number(start, i));
    return plan;
  }
  for (let i = 0; i < 2 * N; i++) put(plan.pointConstants, usize(i) << 4, number(start, i));
  memory.copy(plan.firstPoint, layout + (usize(LAYOUT_PATHS) << 2), usize(M + 1 + N) << 2);
  return plan;
}

/** Rows of a state block. */
export function bodyStateRows(muscle: i32, muscles: i32): i32 {
  return JOINT_ROWS + ((muscle == RELU ? 4 : 7) + 4) * muscles + CARTESIAN_ROWS + ANGLE_ROWS;
}

/** Rows that a step, a reset or their reverse needs besides its states (`work` of body_step.ts): commands, rates and their gradients, stages, the states between ministeps. */
export function bodyWorkRows(muscle: i32, integrator: i32, ministeps: i32, muscles: i32): i32 {
  const states = ministeps + (integrator == EULER ? 2 : 8);
  const rates = integrator == EULER ? 2 : 6;
  return 2 * muscles + 2 * LOAD_ROWS + rates * (4 + 2 * muscles) + states * bodyStateRows(muscle, muscles);
}

function planSkeleton(plan: BodyPlan, body: usize): void {
  const to = plan.skeletonConstants;
  put(to, DAMPING, number(body, 1));
  for (let i = 0; i < 2; i++) {
    const offset = usize(i) << 4;
    put(to, POSITION_LOWER + offset, number(body, 4 + i));
    put(to, POSITION_UPPER + offset, number(body, 6 + i));
    put(to, VELOCITY_LOWER + offset, number(body, 8 + i));
    put(to, VELOCITY_UPPER + offset, number(body, 10 + i));
  }
  put(to, INVERSE_MASS, plan.skeleton == POINT_MASS ? 1 / number(body, 12) : 1);
  put(to, A11, number(body, 13));
  put(to, A12, number(body, 14));
  put(to, B11, number(body, 15));
  put(to, B12, number(body, 16));
  put(to, LENGTH1, number(body, 17));
  put(to, LENGTH2, number(body, 18));
  put(to, VISCOSITY, number(body, 19));
}

function planMuscle(muscle: i32, to: usize, from: usize): void {
  const length = number(from, 4);
  const velocity = number(from, 9);
  put(to, MINIMUM_ACTIVATION, number(from, 0));
  put(to, ACTIVATION_TIME, number(from, 1));
  put(to, DEACTIVATION_RATE, 1 / number(from, 2));
  put(to, MAXIMUM_FORCE, number(from, 3));
  put(to, OPTIMAL_LENGTH, length);
  put(to, INVERSE_LENGTH, 1 / length);
  put(to, TENDON_LENGTH, number(from, 5));
  put(to, MAXIMUM_VELOCITY, velocity);
  put(to, INVERSE_VELOCITY, 1 / velocity);
}
