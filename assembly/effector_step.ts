// effector_step: one time step of a body from any state, and the rates at its start
// Math      actions clamped; ministeps of euler, rk4 or rk4-motornet, inline/body_step.ts; rates: accelerations (force on a point mass), of activation, of compliant fibres in optimal lengths
// In        body_layout [K]  body [Q]  action [B, M]  joint [B, J]  muscle [B, R, M]  geometry [B, G, M]  endpoint_load? [B, D]  joint_load? [B, D]
// Out       next_joint [B, J]  next_muscle [B, R, M]  next_geometry [B, G, M]  next_cartesian [B, J]  acceleration? [B, D]  muscle_rate? [B, C, M]  scratch [scratch]: plan, a workspace a thread
// Mapping   plan: one unit; run: one unit = a tile of 8 trials, feature-major [feature][8 trials]
// Memory    a state in, a state out: about 2 (R + 4) M floats a trial
// Limits    J = 4, D = 2; fewer than 2^30 floats an array
// Numerics  as inline/body_*.ts; sine and cosine within 1.5e-7; same bits for any number of threads
// Twins     src/backends/reference/effector_step.ts
import { at } from './inline/math';
import { ACCELERATION_ROW, ACTIVATION_ROW } from './inline/body_integrate';
import { LOAD_ROWS, bodyPlanOf, cartesianRowsOf, makeBodyPlan } from './inline/body_plan';
import { bodyRates, geometryOf, stepBody } from './inline/body_step';
import { loadGeometry, loadMuscle, storeGeometry, storeMuscle, workspaceOf } from './inline/body_store';
import { TILE, gatherTile, rowAt, scatterTile } from './inline/tile';

// prettier-ignore
export function effector_step_plan(
  variant: i32, body_layout: usize, body: usize, action: usize, joint: usize, muscle: usize, geometry: usize, endpoint_load: usize, joint_load: usize, next_joint: usize, next_muscle: usize, next_geometry: usize, next_cartesian: usize, acceleration: usize, muscle_rate: usize, scratch: usize,
  K: i32, Q: i32, B: i32, M: i32, J: i32, R: i32, G: i32, D: i32, C: i32, start: i32, end: i32, thread: i32,
): void {
  makeBodyPlan(scratch, body_layout, body);
}

// prettier-ignore
export function effector_step(
  variant: i32, body_layout: usize, body: usize, action: usize, joint: usize, muscle: usize, geometry: usize, endpoint_load: usize, joint_load: usize, next_joint: usize, next_muscle: usize, next_geometry: usize, next_cartesian: usize, acceleration: usize, muscle_rate: usize, scratch: usize,
  K: i32, Q: i32, B: i32, M: i32, J: i32, R: i32, G: i32, D: i32, C: i32, start: i32, end: i32, thread: i32,
): void {
  const plan = bodyPlanOf(scratch);
  const state = workspaceOf(plan, scratch, thread);
  const next = rowAt(state, plan.stateRows);
  const actions = rowAt(next, plan.stateRows);
  const loads = rowAt(actions, M);
  const rates = rowAt(loads, 2 * LOAD_ROWS);
  const work = rowAt(rates, plan.rateRows);
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
    stepBody(plan, state, actions, endpointLoad, jointLoad, 0, next, work);
    scatterTile(at(next_joint, first * 4), next, 4, 4, trials);
    storeMuscle(plan, next, next_muscle, first, 1, trials);
    storeGeometry(plan, next, next_geometry, first, 1, trials);
    scatterTile(at(next_cartesian, first * 4), cartesianRowsOf(plan, next), 4, 4, trials);
    if (acceleration == 0 && muscle_rate == 0) continue;
    bodyRates(plan, state, actions, endpointLoad, jointLoad, rates, work);
    if (acceleration != 0) scatterTile(at(acceleration, first * 2), rowAt(rates, ACCELERATION_ROW), 2, 2, trials);
    if (muscle_rate != 0) scatterTile(at(muscle_rate, first * C * M), rowAt(rates, ACTIVATION_ROW), C * M, C * M, trials);
  }
}
