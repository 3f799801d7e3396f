// effector_rollout_forward: a body under given actions and loads through T steps; N = T + 1 states, the initial one first
// Math      reset, then T times a step, inline/body_step.ts
// In        body_layout [K]  body [Q]  joint0 [B, J]  actions [B, T, M]  endpoint_load? [B, T, D]  joint_load? [B, T, D]
// Out       joint [B, N, J]  muscle [B, N, R, M]  cartesian? [B, N, J]  geometry? [B, N, G, M]  scratch [scratch]: plan, a workspace a thread
// Mapping   plan: one unit; run: one unit = a tile of 8 trials through all steps, feature-major [feature][8 trials]
// Memory    two states take turns in the first-level cache; writes R M + 4 floats and more a trial and step, the second half of them in the middle of the next step:
//           all at once they fill the processor's store buffer, which then waits for the memory
// Limits    J = 4, D = 2; fewer than 2^30 floats an array
// Numerics  as inline/body_*.ts; sine and cosine within 1.5e-7; same bits for any number of threads
// Twins     src/backends/reference/effector_rollout_forward.ts
import { at } from './inline/math';
import { eulerJoints, eulerMuscles } from './inline/body_integrate';
import { EULER, LOAD_ROWS, bodyPlanOf, cartesianRowsOf, makeBodyPlan } from './inline/body_plan';
import { resetBody, stepBody } from './inline/body_step';
import { storeGeometry, storeMusclePart, workspaceOf } from './inline/body_store';
import { TILE, gatherTile, rowAt, scatterTile } from './inline/tile';

// prettier-ignore
export function effector_rollout_forward_plan(
  variant: i32, body_layout: usize, body: usize, joint0: usize, actions: usize, endpoint_load: usize, joint_load: usize, joint: usize, muscle: usize, cartesian: usize, geometry: usize, scratch: usize,
  K: i32, Q: i32, B: i32, J: i32, T: i32, M: i32, D: i32, N: i32, R: i32, G: i32, start: i32, end: i32, thread: i32,
): void {
  makeBodyPlan(scratch, body_layout, body);
}

// prettier-ignore
export function effector_rollout_forward(
  variant: i32, body_layout: usize, body: usize, joint0: usize, actions: usize, endpoint_load: usize, joint_load: usize, joint: usize, muscle: usize, cartesian: usize, geometry: usize, scratch: usize,
  K: i32, Q: i32, B: i32, J: i32, T: i32, M: i32, D: i32, N: i32, R: i32, G: i32, start: i32, end: i32, thread: i32,
): void {
  const plan = bodyPlanOf(scratch);
  let state = workspaceOf(plan, scratch, thread);
  let next = rowAt(state, plan.stateRows);
  const action = rowAt(next, plan.stateRows);
  const loads = rowAt(action, M);
  const work = rowAt(loads, 2 * LOAD_ROWS);
  const endpointLoad: usize = endpoint_load != 0 ? loads : 0;
  const jointLoad: usize = joint_load != 0 ? rowAt(loads, LOAD_ROWS) : 0;
  const size = plan.muscleRows * M;
  const half = min(size, (size / 2 + 3) & ~3);
  const parts = plan.integrator == EULER && plan.ministeps == 1;
  for (let tile = start; tile < end; tile++) {
    const first = tile * TILE;
    const trials = min(TILE, B - first);
    gatherTile(state, at(joint0, first * 4), 4, 4, trials);
    resetBody(plan, state, work);
    for (let t = 0; ; t++) {
      const row = first * N + t;
      scatterTile(at(joint, row * 4), state, N * 4, 4, trials);
      storeMusclePart(plan, state, muscle, row, N, trials, 0, half);
      if (cartesian != 0) scatterTile(at(cartesian, row * 4), cartesianRowsOf(plan, state), N * 4, 4, trials);
      if (geometry != 0) storeGeometry(plan, state, geometry, row, N, trials);
      if (t == T) {
        storeMusclePart(plan, state, muscle, row, N, trials, half, size - half);
        break;
      }
      const step = first * T + t;
      gatherTile(action, at(actions, step * M), T * M, M, trials);
      if (endpointLoad != 0) gatherTile(endpointLoad, at(endpoint_load, step * 2), T * 2, 2, trials);
      if (jointLoad != 0) gatherTile(jointLoad, at(joint_load, step * 2), T * 2, 2, trials);
      if (parts) {
        eulerJoints(plan, state, endpointLoad, jointLoad, next, work);
        storeMusclePart(plan, state, muscle, row, N, trials, half, size - half);
        eulerMuscles(plan, state, action, next, work);
      } else {
        stepBody(plan, state, action, endpointLoad, jointLoad, 0, next, work);
        storeMusclePart(plan, state, muscle, row, N, trials, half, size - half);
      }
      const swap = state;
      state = next;
      next = swap;
    }
  }
}
