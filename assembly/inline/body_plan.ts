// A body (skeleton, muscles, geometry, integrator) as its kernels use it: constants derived once a launch from the tables of src/backends/body-layout.ts.
// Rows of a state, and what a plan holds: body_layout.ts. What is done with a plan: body_step.ts (resetBody, geometryOf, stepBody and their reverse).
import { planCompliant } from './body_compliant';
import { planHill } from './body_hill';
import {
  A11,
  A12,
  ACTIVATION_RATE,
  ANGLE_ROWS,
  B11,
  B12,
  BodyPlan,
  CARTESIAN_ROWS,
  COMPLIANT_HILL,
  DAMPING,
  DEACTIVATION_RATE,
  EULER,
  GEOMETRY_BYTES,
  INVERSE_LENGTH,
  INVERSE_MASS,
  INVERSE_VELOCITY,
  JOINT_ROWS,
  LENGTH1,
  LENGTH2,
  MAXIMUM_FORCE,
  MAXIMUM_VELOCITY,
  MINIMUM_ACTIVATION,
  MUJOCO_HILL,
  MUSCLE_BYTES,
  OPTIMAL_LENGTH,
  PATHS,
  POINT_BYTES,
  POINT_MASS,
  POSITION_LOWER,
  POSITION_UPPER,
  RELU,
  TENDON_LENGTH,
  THELEN,
  VELOCITY_LOWER,
  VELOCITY_UPPER,
  VISCOSITY,
  muscleAt,
} from './body_layout';
import { planMujoco } from './body_mujoco';
import { planThelen } from './body_thelen';

export * from './body_layout';

/** Floats that a plan takes for M muscles and N path points. */
export function bodyPlanFloats(muscles: i32, points: i32): i32 {
  const bytes = i32(HEADER_BYTES + SKELETON_BYTES) + muscles * i32(MUSCLE_BYTES + GEOMETRY_BYTES) + points * i32(POINT_BYTES) + ((muscles + 1 + points + 3) & ~3) * 4;
  return bytes / 4;
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
  plan.rateRows = 4 + (plan.muscle == COMPLIANT_HILL ? 2 : 1) * M;
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
  const rates = integrator == EULER ? 2 : 7;
  return 4 * muscles + 4 + rates * (4 + 2 * muscles) + states * bodyStateRows(muscle, muscles);
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
  put(to, ACTIVATION_RATE, 1 / number(from, 1));
  put(to, DEACTIVATION_RATE, 1 / number(from, 2));
  put(to, MAXIMUM_FORCE, number(from, 3));
  put(to, OPTIMAL_LENGTH, length);
  put(to, INVERSE_LENGTH, 1 / length);
  put(to, TENDON_LENGTH, number(from, 5));
  put(to, MAXIMUM_VELOCITY, velocity);
  put(to, INVERSE_VELOCITY, 1 / velocity);
  const slack = number(from, 6);
  if (muscle == MUJOCO_HILL) planMujoco(to, length, slack, number(from, 7), number(from, 8), number(from, 10), number(from, 11));
  else if (muscle == THELEN) planThelen(to, slack);
  else if (muscle != RELU) planHill(to, slack);
  if (muscle == COMPLIANT_HILL) planCompliant(to, slack, length, number(from, 5));
}
