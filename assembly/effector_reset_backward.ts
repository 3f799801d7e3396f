// effector_reset_backward: gradient of effector_reset with respect to the joint state
// Math      the reset is worked out again, then its parts are reversed: muscles at rest, geometry, kinematics
// In        body_layout [K]  body [Q]  joint [B, J]  d_muscle? [B, R, M]  d_geometry? [B, G, M]  d_cartesian? [B, J]
// Out       d_joint [B, J]  scratch [scratch]: plan, a workspace a thread
// Mapping   plan: one unit; run: one unit = a tile of 8 trials, feature-major [feature][8 trials]
// Memory    reads (R + 4) M + 8 floats a trial, writes 4
// Limits    J = 4; fewer than 2^30 floats an array
// Numerics  as inline/body_*.ts; sine and cosine within 1.5e-7; same bits for any number of threads
// Twins     src/backends/reference/effector_reset_backward.ts
import { at } from './inline/math';
import { bodyPlanOf, cartesianRowsOf, makeBodyPlan } from './inline/body_plan';
import { resetBody, resetBodyBackward } from './inline/body_step';
import { loadGeometry, loadMuscle, workspaceOf } from './inline/body_store';
import { TILE, clearRows, gatherTile, rowAt, scatterTile } from './inline/tile';

// prettier-ignore
export function effector_reset_backward_plan(
  variant: i32, body_layout: usize, body: usize, joint: usize, d_muscle: usize, d_geometry: usize, d_cartesian: usize, d_joint: usize, scratch: usize,
  K: i32, Q: i32, B: i32, J: i32, R: i32, M: i32, G: i32, start: i32, end: i32, thread: i32,
): void {
  makeBodyPlan(scratch, body_layout, body);
}

// prettier-ignore
export function effector_reset_backward(
  variant: i32, body_layout: usize, body: usize, joint: usize, d_muscle: usize, d_geometry: usize, d_cartesian: usize, d_joint: usize, scratch: usize,
  K: i32, Q: i32, B: i32, J: i32, R: i32, M: i32, G: i32, start: i32, end: i32, thread: i32,
): void {
  const plan = bodyPlanOf(scratch);
  const state = workspaceOf(plan, scratch, thread);
  const dState = rowAt(state, plan.stateRows);
  const work = rowAt(dState, plan.stateRows);
  for (let tile = start; tile < end; tile++) {
    const first = tile * TILE;
    const trials = min(TILE, B - first);
    gatherTile(state, at(joint, first * 4), 4, 4, trials);
    resetBody(plan, state, work);
    clearRows(dState, plan.stateRows);
    if (d_muscle != 0) loadMuscle(plan, dState, d_muscle, first, 1, trials);
    if (d_geometry != 0) loadGeometry(plan, dState, d_geometry, first, 1, trials);
    if (d_cartesian != 0) gatherTile(cartesianRowsOf(plan, dState), at(d_cartesian, first * 4), 4, 4, trials);
    resetBodyBackward(plan, state, dState, work);
    scatterTile(at(d_joint, first * 4), dState, 4, 4, trials);
  }
}
