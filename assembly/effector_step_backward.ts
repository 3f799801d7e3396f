// effector_step_backward: gradient of effector_step with respect to everything that it reads but the body
// Math      stages and ministeps are worked out again, then reversed, inline/body_step.ts; geometry and joints are inputs of their own
// In        body_layout [K]  body [Q]  action [B, M]  joint [B, J]  muscle [B, R, M]  geometry [B, G, M]  endpoint_load? [B, D]  joint_load? [B, D]  d_next_joint? [B, J]  d_next_muscle? [B, R, M]  d_next_geometry? [B, G, M]  d_next_cartesian? [B, J]  d_acceleration? [B, D]
// Out       d_action [B, M]  d_joint [B, J]  d_muscle [B, R, M]  d_geometry [B, G, M]  d_endpoint_load? [B, D]  d_joint_load? [B, D]  scratch [scratch]: plan, a workspace a thread
// Mapping   plan: one unit; run: one unit = a tile of 8 trials, feature-major [feature][8 trials]
// Memory    a state and its gradient in, a gradient out: about 3 (R + 4) M floats a trial
// Limits    J = 4, D = 2; fewer than 2^30 floats an array
// Numerics  clamps pass gradients at their bounds, joint limits half of them, as PyTorch does; activation gradients below 1e-25 become 0; same bits for any number of threads
// Twins     src/backends/reference/effector_step_backward.ts
import { at } from './inline/math';
import { ACCELERATION_ROW } from './inline/body_integrate';
import { LOAD_ROWS, bodyPlanOf, cartesianRowsOf, makeBodyPlan } from './inline/body_plan';
import { bodyRates, bodyRatesBackward, geometryOf, stepBodyBackward } from './inline/body_step';
import { loadGeometry, loadMuscle, storeGeometry, storeMuscle, workspaceOf } from './inline/body_store';
import { TILE, clearRows, gatherTile, rowAt, scatterTile } from './inline/tile';

// prettier-ignore
export function effector_step_backward_plan(
  variant: i32, body_layout: usize, body: usize, action: usize, joint: usize, muscle: usize, geometry: usize, endpoint_load: usize, joint_load: usize, d_next_joint: usize, d_next_muscle: usize, d_next_geometry: usize, d_next_cartesian: usize, d_acceleration: usize, d_action: usize, d_joint: usize, d_muscle: usize, d_geometry: usize, d_endpoint_load: usize, d_joint_load: usize, scratch: usize,
  K: i32, Q: i32, B: i32, M: i32, J: i32, R: i32, G: i32, D: i32, start: i32, end: i32, thread: i32,
): void {
  makeBodyPlan(scratch, body_layout, body);
}

// prettier-ignore
export function effector_step_backward(
  variant: i32, body_layout: usize, body: usize, action: usize, joint: usize, muscle: usize, geometry: usize, endpoint_load: usize, joint_load: usize, d_next_joint: usize, d_next_muscle: usize, d_next_geometry: usize, d_next_cartesian: usize, d_acceleration: usize, d_action: usize, d_joint: usize, d_muscle: usize, d_geometry: usize, d_endpoint_load: usize, d_joint_load: usize, scratch: usize,
  K: i32, Q: i32, B: i32, M: i32, J: i32, R: i32, G: i32, D: i32, start: i32, end: i32, thread: i32,
): void {
  const plan = bodyPlanOf(scratch);
  const state = workspaceOf(plan, scratch, thread);
  const dNext = rowAt(state, plan.stateRows);
  const dState = rowAt(dNext, plan.stateRows);
  const actions = rowAt(dState, plan.stateRows);
  const dAction = rowAt(actions, M);
  const loads = rowAt(dAction, M);
  const dLoads = rowAt(loads, 2 * LOAD_ROWS);
  const rates = rowAt(dLoads, 2 * LOAD_ROWS);
  const dRates = rowAt(rates, plan.rateRows);
  const work = rowAt(dRates, plan.rateRows);
  const endpointLoad: usize = endpoint_load != 0 ? loads : 0;
  const jointLoad: usize = joint_load != 0 ? rowAt(loads, LOAD_ROWS) : 0;
  for (let tile = start; tile < end; tile++) {
    const first = tile * TILE;
    const trials = min(TILE, B - first);
    gatherTile(state, at(joint, first * 4), 4, 4, trials);
    geometryOf(plan, state);
    loadMuscle(plan, state, muscle, first, 1, trials);
    loadGeometry(plan, state, geometry, first, 1, trials);
    gatherTile(actions, at(action, first * M), M, M, trials);
    if (endpointLoad != 0) gatherTile(endpointLoad, at(endpoint_load, first * 2), 2, 2, trials);
    if (jointLoad != 0) gatherTile(jointLoad, at(joint_load, first * 2), 2, 2, trials);
    clearRows(dNext, plan.stateRows);
    if (d_next_joint != 0) gatherTile(dNext, at(d_next_joint, first * 4), 4, 4, trials);
    if (d_next_muscle != 0) loadMuscle(plan, dNext, d_next_muscle, first, 1, trials);
    if (d_next_geometry != 0) loadGeometry(plan, dNext, d_next_geometry, first, 1, trials);
    if (d_next_cartesian != 0) gatherTile(cartesianRowsOf(plan, dNext), at(d_next_cartesian, first * 4), 4, 4, trials);
    stepBodyBackward(plan, state, actions, endpointLoad, jointLoad, 0, 0, dNext, dState, dAction, dLoads, work);
    if (d_acceleration != 0) {
      clearRows(dRates, plan.rateRows);
      gatherTile(rowAt(dRates, ACCELERATION_ROW), at(d_acceleration, first * 2), 2, 2, trials);
      bodyRates(plan, state, actions, endpointLoad, jointLoad, rates, work);
      bodyRatesBackward(plan, state, actions, endpointLoad, rates, dRates, dState, dAction, dLoads, work);
    }
    scatterTile(at(d_action, first * M), dAction, M, M, trials);
    scatterTile(at(d_joint, first * 4), dState, 4, 4, trials);
    storeMuscle(plan, dState, d_muscle, first, 1, trials);
    storeGeometry(plan, dState, d_geometry, first, 1, trials);
    if (d_endpoint_load != 0) scatterTile(at(d_endpoint_load, first * 2), dLoads, 2, 2, trials);
    if (d_joint_load != 0) scatterTile(at(d_joint_load, first * 2), rowAt(dLoads, LOAD_ROWS), 2, 2, trials);
  }
}
