// effector_points_backward: gradient of effector_points with respect to the joint state
// Math      the reverse of inline/body_points.ts, summed over the points
// In        body_layout [K]  body [Q]  joint [B, J]  d_point? [B, D, N]  d_velocity? [B, D, N]  d_derivative? [B, D, D, N]
// Out       d_joint [B, J]  scratch [scratch]: plan, a workspace a thread
// Mapping   plan: one unit; run: one unit = a tile of 8 trials, feature-major [feature][8 trials]
// Memory    reads 8 N + 4 floats a trial, writes 4
// Limits    J = 4, D = 2; fewer than 2^30 floats an array
// Numerics  sums over points in ascending order; same bits for any number of threads
// Twins     src/backends/reference/effector_points_backward.ts
import { at } from './inline/math';
import { bodyPlanOf, makeBodyPlan } from './inline/body_plan';
import { pathPointsBackward } from './inline/body_points';
import { geometryOf } from './inline/body_step';
import { workspaceOf } from './inline/body_store';
import { TILE, clearRows, gatherTile, rowAt, scatterTile } from './inline/tile';

// prettier-ignore
export function effector_points_backward_plan(
  variant: i32, body_layout: usize, body: usize, joint: usize, d_point: usize, d_velocity: usize, d_derivative: usize, d_joint: usize, scratch: usize,
  K: i32, Q: i32, B: i32, J: i32, D: i32, N: i32, start: i32, end: i32, thread: i32,
): void {
  makeBodyPlan(scratch, body_layout, body);
}

// prettier-ignore
export function effector_points_backward(
  variant: i32, body_layout: usize, body: usize, joint: usize, d_point: usize, d_velocity: usize, d_derivative: usize, d_joint: usize, scratch: usize,
  K: i32, Q: i32, B: i32, J: i32, D: i32, N: i32, start: i32, end: i32, thread: i32,
): void {
  const plan = bodyPlanOf(scratch);
  const state = workspaceOf(plan, scratch, thread);
  const dState = rowAt(state, plan.stateRows);
  const dPoints = rowAt(dState, plan.stateRows);
  for (let tile = start; tile < end; tile++) {
    const first = tile * TILE;
    const trials = min(TILE, B - first);
    gatherTile(state, at(joint, first * 4), 4, 4, trials);
    geometryOf(plan, state);
    clearRows(dPoints, 8 * N);
    if (d_point != 0) gatherTile(dPoints, at(d_point, first * 2 * N), 2 * N, 2 * N, trials);
    if (d_velocity != 0) gatherTile(rowAt(dPoints, 2 * N), at(d_velocity, first * 2 * N), 2 * N, 2 * N, trials);
    if (d_derivative != 0) gatherTile(rowAt(dPoints, 4 * N), at(d_derivative, first * 4 * N), 4 * N, 4 * N, trials);
    clearRows(dState, 4);
    pathPointsBackward(plan, state, dPoints, dState);
    scatterTile(at(d_joint, first * 4), dState, 4, 4, trials);
  }
}
