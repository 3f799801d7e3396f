// effector_points: positions, velocities and joint derivatives of the path points of a body
// Math      p = origin + rotation · local coordinates, D_j = ∂p/∂q_j, v = D_1 w1 + D_2 w2 (with MotorNet’s path velocity w1 + w2 in place of w2 on the arm)
// In        body_layout [K]  body [Q]  joint [B, J]
// Out       point [B, D, N]  velocity [B, D, N]  derivative [B, D, D, N]: x or y, joint, point  scratch [scratch]: plan, a workspace a thread
// Mapping   plan: one unit; run: one unit = a tile of 8 trials, feature-major [feature][8 trials]
// Memory    reads 4 floats a trial, writes 8 N
// Limits    J = 4, D = 2; fewer than 2^30 floats an array
// Numerics  as inline/body_*.ts; sine and cosine within 1.5e-7; same bits for any number of threads
// Twins     src/backends/reference/effector_points.ts
import { at } from './inline/math';
import { bodyPlanOf, makeBodyPlan } from './inline/body_plan';
import { pathPoints } from './inline/body_points';
import { geometryOf } from './inline/body_step';
import { workspaceOf } from './inline/body_store';
import { TILE, gatherTile, rowAt, scatterTile } from './inline/tile';

// prettier-ignore
export function effector_points_plan(
  variant: i32, body_layout: usize, body: usize, joint: usize, point: usize, velocity: usize, derivative: usize, scratch: usize,
  K: i32, Q: i32, B: i32, J: i32, D: i32, N: i32, start: i32, end: i32, thread: i32,
): void {
  makeBodyPlan(scratch, body_layout, body);
}

// prettier-ignore
export function effector_points(
  variant: i32, body_layout: usize, body: usize, joint: usize, point: usize, velocity: usize, derivative: usize, scratch: usize,
  K: i32, Q: i32, B: i32, J: i32, D: i32, N: i32, start: i32, end: i32, thread: i32,
): void {
  const plan = bodyPlanOf(scratch);
  const state = workspaceOf(plan, scratch, thread);
  const points = rowAt(state, plan.stateRows);
  for (let tile = start; tile < end; tile++) {
    const first = tile * TILE;
    const trials = min(TILE, B - first);
    gatherTile(state, at(joint, first * 4), 4, 4, trials);
    geometryOf(plan, state);
    pathPoints(plan, state, points);
    scatterTile(at(point, first * 2 * N), points, 2 * N, 2 * N, trials);
    scatterTile(at(velocity, first * 2 * N), rowAt(points, 2 * N), 2 * N, 2 * N, trials);
    scatterTile(at(derivative, first * 4 * N), rowAt(points, 4 * N), 4 * N, 4 * N, trials);
  }
}
