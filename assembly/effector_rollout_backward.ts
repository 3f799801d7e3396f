// effector_rollout_backward: back-propagation through effector_rollout_forward to actions, loads and the initial joint state
// Math      states come from the forward pass, geometry is worked out again; a step in reverse as in inline/body_step.ts, then the reset
// In        body_layout [K]  body [Q]  actions [B, T, M]  endpoint_load? [B, T, D]  joint_load? [B, T, D]  joint [B, N, J]  muscle [B, N, R, M]  d_joint? [B, N, J]  d_muscle? [B, N, R, M]  d_cartesian? [B, N, J]  d_geometry? [B, N, G, M]
// Out       d_actions [B, T, M]  d_joint0 [B, J]  d_endpoint_load? [B, T, D]  d_joint_load? [B, T, D]  scratch [scratch]: plan, a workspace a thread
// Mapping   plan: one unit; run: one unit = a tile of 8 trials through all steps, feature-major [feature][8 trials]
// Memory    two states and two gradients take turns in the first-level cache; of the muscle states only the rows that a step reads are loaded
// Limits    J = 4, D = 2; fewer than 2^30 floats an array
// Numerics  as effector_step_backward
// Twins     src/backends/reference/effector_rollout_backward.ts
import { at } from './inline/math';
import { LOAD_ROWS, bodyPlanOf, cartesianRowsOf, geometryRowsOf, makeBodyPlan, muscleRowsOf } from './inline/body_plan';
import { geometryOf, resetBodyBackward, stepBodyBackward } from './inline/body_step';
import { loadGeometry, loadMuscle, recallMuscle, workspaceOf } from './inline/body_store';
import { TILE, addRows, clearRows, gatherTile, rowAt, scatterTile } from './inline/tile';

// prettier-ignore
export function effector_rollout_backward_plan(
  variant: i32, body_layout: usize, body: usize, actions: usize, endpoint_load: usize, joint_load: usize, joint: usize, muscle: usize, d_joint: usize, d_muscle: usize, d_cartesian: usize, d_geometry: usize, d_actions: usize, d_joint0: usize, d_endpoint_load: usize, d_joint_load: usize, scratch: usize,
  K: i32, Q: i32, B: i32, T: i32, M: i32, D: i32, N: i32, J: i32, R: i32, G: i32, start: i32, end: i32, thread: i32,
): void {
  makeBodyPlan(scratch, body_layout, body);
}

// prettier-ignore
export function effector_rollout_backward(
  variant: i32, body_layout: usize, body: usize, actions: usize, endpoint_load: usize, joint_load: usize, joint: usize, muscle: usize, d_joint: usize, d_muscle: usize, d_cartesian: usize, d_geometry: usize, d_actions: usize, d_joint0: usize, d_endpoint_load: usize, d_joint_load: usize, scratch: usize,
  K: i32, Q: i32, B: i32, T: i32, M: i32, D: i32, N: i32, J: i32, R: i32, G: i32, start: i32, end: i32, thread: i32,
): void {
  const plan = bodyPlanOf(scratch);
  let state = workspaceOf(plan, scratch, thread);
  let next = rowAt(state, plan.stateRows);
  let dState = rowAt(next, plan.stateRows);
  let dNext = rowAt(dState, plan.stateRows);
  const spare = rowAt(dNext, plan.stateRows);
  const action = rowAt(spare, plan.stateRows);
  const dAction = rowAt(action, M);
  const loads = rowAt(dAction, M);
  const dLoads = rowAt(loads, 2 * LOAD_ROWS);
  const work = rowAt(dLoads, 2 * LOAD_ROWS);
  const endpointLoad: usize = endpoint_load != 0 ? loads : 0;
  const jointLoad: usize = joint_load != 0 ? rowAt(loads, LOAD_ROWS) : 0;
  const gradientLoads: usize = d_endpoint_load != 0 || d_joint_load != 0 ? dLoads : 0;
  for (let tile = start; tile < end; tile++) {
    const first = tile * TILE;
    const trials = min(TILE, B - first);
    for (let t = T; ; t--) {
      const row = first * N + t;
      gatherTile(state, at(joint, row * 4), N * 4, 4, trials);
      geometryOf(plan, state);
      recallMuscle(plan, state, muscle, row, N, trials);
      if (t == T) clearRows(dState, plan.stateRows);
      else {
        const step = first * T + t;
        gatherTile(action, at(actions, step * M), T * M, M, trials);
        if (endpointLoad != 0) gatherTile(endpointLoad, at(endpoint_load, step * 2), T * 2, 2, trials);
        if (jointLoad != 0) gatherTile(jointLoad, at(joint_load, step * 2), T * 2, 2, trials);
        stepBodyBackward(plan, state, action, endpointLoad, jointLoad, 0, next, dNext, dState, dAction, gradientLoads, work);
        scatterTile(at(d_actions, step * M), dAction, T * M, M, trials);
        if (d_endpoint_load != 0) scatterTile(at(d_endpoint_load, step * 2), dLoads, T * 2, 2, trials);
        if (d_joint_load != 0) scatterTile(at(d_joint_load, step * 2), rowAt(dLoads, LOAD_ROWS), T * 2, 2, trials);
      }
      if (d_joint != 0) {
        gatherTile(spare, at(d_joint, row * 4), N * 4, 4, trials);
        addRows(dState, spare, 4);
      }
      if (d_muscle != 0) {
        loadMuscle(plan, spare, d_muscle, row, N, trials);
        addRows(muscleRowsOf(plan, dState), muscleRowsOf(plan, spare), plan.muscleRows * M);
      }
      if (d_geometry != 0) {
        loadGeometry(plan, spare, d_geometry, row, N, trials);
        addRows(geometryRowsOf(plan, dState), geometryRowsOf(plan, spare), 4 * M);
      }
      if (d_cartesian != 0) {
        gatherTile(spare, at(d_cartesian, row * 4), N * 4, 4, trials);
        addRows(cartesianRowsOf(plan, dState), spare, 4);
      }
      if (t == 0) break;
      let swap = state;
      state = next;
      next = swap;
      swap = dState;
      dState = dNext;
      dNext = swap;
    }
    resetBodyBackward(plan, state, dState, work);
    scatterTile(at(d_joint0, first * 4), dState, 4, 4, trials);
  }
}
