// Moves between the tensors of a body and the rows of its blocks, and where a thread keeps those blocks: behind the plan in scratch, one after another.
import { BodyPlan, COMPLIANT_HILL, geometryRowsOf, muscleRowsOf } from './body_layout';
import { bodyPlanFloats } from './body_plan';
import { at } from './math';
import { TILE, gatherTile, rowAt, scatterTile } from './tile';

/** Blocks of states and of rates that a thread has besides plan.workRows: the most that an effector kernel needs, with actions, loads and their gradients (src/backends/wasm/effector-table.ts). */
const STATES: i32 = 5;
const RATES: i32 = 2;
const MORE_ROWS: i32 = 8;

/** Rows of a thread's workspace; room for the points of paths, 8 rows each. */
function workspaceRows(plan: BodyPlan): i32 {
  return STATES * plan.stateRows + RATES * (4 + 2 * plan.muscles) + 2 * plan.muscles + MORE_ROWS + 8 * plan.points + plan.workRows;
}

/** Where the workspace of a thread starts. */
export function workspaceOf(plan: BodyPlan, scratch: usize, thread: i32): usize {
  return at(scratch, bodyPlanFloats(plan.muscles, plan.points) + thread * workspaceRows(plan) * TILE);
}

/** Muscle rows of a state to muscle [.., R, M] at `row`, trials `stride` rows apart. */
export function storeMuscle(plan: BodyPlan, state: usize, muscle: usize, row: i32, stride: i32, trials: i32): void {
  const size = plan.muscleRows * plan.muscles;
  scatterTile(at(muscle, row * size), muscleRowsOf(plan, state), stride * size, size, trials);
}

/** Part of the muscle rows: those of `count` features from `from` on, of the R M that a trial has. */
export function storeMusclePart(plan: BodyPlan, state: usize, muscle: usize, row: i32, stride: i32, trials: i32, from: i32, count: i32): void {
  const size = plan.muscleRows * plan.muscles;
  scatterTile(at(muscle, row * size + from), rowAt(muscleRowsOf(plan, state), from), stride * size, count, trials);
}

export function loadMuscle(plan: BodyPlan, state: usize, muscle: usize, row: i32, stride: i32, trials: i32): void {
  const size = plan.muscleRows * plan.muscles;
  gatherTile(muscleRowsOf(plan, state), at(muscle, row * size), stride * size, size, trials);
}

export function storeGeometry(plan: BodyPlan, state: usize, geometry: usize, row: i32, stride: i32, trials: i32): void {
  const size = 4 * plan.muscles;
  scatterTile(at(geometry, row * size), geometryRowsOf(plan, state), stride * size, size, trials);
}

export function loadGeometry(plan: BodyPlan, state: usize, geometry: usize, row: i32, stride: i32, trials: i32): void {
  const size = 4 * plan.muscles;
  gatherTile(geometryRowsOf(plan, state), at(geometry, row * size), stride * size, size, trials);
}

/** The muscle rows that a step reads: activation and force, of compliant muscles also fibre length and active force. The others are left as they are. */
export function recallMuscle(plan: BodyPlan, state: usize, muscle: usize, row: i32, stride: i32, trials: i32): void {
  const M = plan.muscles;
  const size = plan.muscleRows * M;
  const from = at(muscle, row * size);
  const to = muscleRowsOf(plan, state);
  const force = (plan.muscleRows - 1) * M;
  gatherTile(to, from, stride * size, M, trials);
  gatherTile(rowAt(to, force), at(from, force), stride * size, M, trials);
  if (plan.muscle != COMPLIANT_HILL) return;
  gatherTile(rowAt(to, M), at(from, M), stride * size, M, trials);
  gatherTile(rowAt(to, 5 * M), at(from, 5 * M), stride * size, M, trials);
}
