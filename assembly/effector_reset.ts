// effector_reset: muscle, geometry and Cartesian state of a body that starts in a joint state
// Math      geometry of the joint state, inline/body_geometry.ts; muscles at rest, inline/body_muscles.ts; kinematics, inline/body_skeleton.ts
// In        body_layout [K]  body [Q]  joint [B, J]
// Out       muscle [B, R, M]  geometry [B, G, M]  cartesian [B, J]  scratch [scratch]: plan, a workspace a thread
// Mapping   plan: one unit; run: one unit = a tile of 8 trials, feature-major [feature][8 trials]
// Memory    reads 4 B floats, writes (R + 4) M + 4 floats a trial
// Limits    J = 4; fewer than 2^30 floats an array
// Numerics  as inline/body_*.ts; sine and cosine within 1.5e-7; same bits for any number of threads
// Twins     src/backends/reference/effector_reset.ts
import { at } from './inline/math';
import { bodyPlanOf, cartesianRowsOf, makeBodyPlan } from './inline/body_plan';
import { resetBody } from './inline/body_step';
import { storeGeometry, storeMuscle, workspaceOf } from './inline/body_store';
import { TILE, gatherTile, rowAt, scatterTile } from './inline/tile';

// prettier-ignore
export function effector_reset_plan(
  variant: i32, body_layout: usize, body: usize, joint: usize, muscle: usize, geometry: usize, cartesian: usize, scratch: usize,
  K: i32, Q: i32, B: i32, J: i32, R: i32, M: i32, G: i32, start: i32, end: i32, thread: i32,
): void {
  makeBodyPlan(scratch, body_layout, body);
}

// prettier-ignore
export function effector_reset(
  variant: i32, body_layout: usize, body: usize, joint: usize, muscle: usize, geometry: usize, cartesian: usize, scratch: usize,
  K: i32, Q: i32, B: i32, J: i32, R: i32, M: i32, G: i32, start: i32, end: i32, thread: i32,
): void {
  const plan = bodyPlanOf(scratch);
  const state = workspaceOf(plan, scratch, thread);
  const work = rowAt(state, plan.stateRows);
  for (let tile = start; tile < end; tile++) {
    const first = tile * TILE;
    const trials = min(TILE, B - first);
    gatherTile(state, at(joint, first * 4), 4, 4, trials);
    resetBody(plan, state, work);
    storeMuscle(plan, state, muscle, first, 1, trials);
    storeGeometry(plan, state, geometry, first, 1, trials);
    scatterTile(at(cartesian, first * 4), cartesianRowsOf(plan, state), 4, 4, trials);
  }
}
