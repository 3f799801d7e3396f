// A time step of the closed loop on a tile of 8 trials, besides the network's own: what the network senses, and what its outputs do to the body.
// Sample for a delay of n frames at step k: k < n − 1: reading 0 of state 0; k = n − 1: reading 1 of state 0; else reading k − n + 2 of state k − n + 1.
import { BodyPlan, INVERSE_LENGTH, INVERSE_VELOCITY, JOINT_ROWS, LOAD_ROWS, cartesianRowsOf, muscleAt, muscleRowsOf } from './body_plan';
import { resetBody, stepBody } from './body_step';
import { addFields, fieldRowsAt, strengthRowsAt } from './loop_change';
import { LOOP_ROWS, LoopPlan, bodyOf, loopOf } from './loop_plan';
import { at } from './math';
import { Plan } from './rollout_plan';
import { TILE, addRows, clearRows, copyRows, gatherTile, rowAt, scatterTile } from './tile';

/** Addresses of what a thread works on. */
@unmanaged
export class Loop {
  plan: LoopPlan;
  body: BodyPlan;
  /** Blocks of the tile, and how many there are before the first is used again. */
  blocks: usize;
  ring: i32;
  temporary: usize;
  /** Strengths of the muscles in the step, rows [M]; gradients of its loads, rows [4]. */
  strengths: usize;
  loadGradients: usize;
  bodyWork: usize;
  /** First trial of the tile, trials in it, steps of a trial. */
  first: i32;
  trials: i32;
  steps: i32;
  /** Rows behind the body's workspace: blocks where there is no cache (forward), or gradients (backward). */
  own: usize;
  /** Gradients of state k + 1 and of state k, which change places at every step; of an action. */
  nextGradient: usize;
  stateGradient: usize;
  actionGradient: usize;
  /** Gradients of samples and actions that wait for the step they belong to. */
  visionGradients: usize;
  proprioceptionGradients: usize;
  actionGradients: usize;
}

/** The loop's part of a thread's workspace, which begins at `base`. */
export function makeLoopWork(plan: Plan, base: usize): Loop {
  const loop = changetype<Loop>(base);
  loop.plan = loopOf(plan);
  loop.body = bodyOf(plan);
  loop.temporary = rowAt(base, LOOP_ROWS);
  loop.strengths = rowAt(loop.temporary, loop.plan.temporaryRows);
  loop.loadGradients = rowAt(loop.strengths, loop.plan.muscles);
  loop.bodyWork = rowAt(loop.loadGradients, 2 * LOAD_ROWS);
  loop.own = rowAt(loop.bodyWork, loop.body.workRows);
  loop.steps = plan.steps;
  return loop;
}

/** Turns to a tile; `cache` is where its part of the cache begins, or 0. */
export function openTile(loop: Loop, cache: usize, first: i32, trials: i32): void {
  loop.first = first;
  loop.trials = trials;
  loop.blocks = cache != 0 ? at(cache, loop.plan.recordFloats) : loop.own;
  loop.ring = cache != 0 ? loop.steps + 1 : loop.plan.ring;
}

/** The block of state k. */
export function blockAt(loop: Loop, k: i32): usize {
  return rowAt(loop.blocks, (k % loop.ring) * loop.plan.blockRows);
}

/** Address of the tile's first trial at index `index` of an array [B, count, size]. */
// @ts-ignore: decorator
@inline
export function entryAt(loop: Loop, array: usize, count: i32, index: i32, size: i32): usize {
  return array + ((usize(loop.first) * usize(count) + usize(index)) * usize(size) << 2);
}

/** rows += features of [B, count, size] at `index`; nothing where the array is absent. */
export function addEntries(loop: Loop, rows: usize, array: usize, count: i32, index: i32, size: i32): void {
  if (array == 0) return;
  gatherTile(loop.temporary, entryAt(loop, array, count, index, size), count * size, size, loop.trials);
  addRows(rows, loop.temporary, size);
}

/** State 0 from the joints. Lanes without a trial repeat the last one, so that they hold a body in a valid state. */
export function startBody(loop: Loop): void {
  const block = blockAt(loop, 0);
  gatherTile(block, entryAt(loop, loop.plan.joint0, 1, 0, JOINT_ROWS), JOINT_ROWS, JOINT_ROWS, loop.trials);
  for (let row = 0; row < JOINT_ROWS; row++) {
    const lanes = rowAt(block, row);
    for (let trial = loop.trials; trial < TILE; trial++) f32.store(lanes + (usize(trial) << 2), f32.load(lanes + (usize(loop.trials - 1) << 2)));
  }
  resetBody(loop.body, block, loop.bodyWork);
}

/** Writes state k to joint [B, N, J] and muscle [B, N, R, M]. */
export function recordState(loop: Loop, k: i32, joint: usize, muscle: usize): void {
  const block = blockAt(loop, k);
  const states = loop.steps + 1;
  const size = loop.body.muscleRows * loop.body.muscles;
  scatterTile(entryAt(loop, joint, states, k, JOINT_ROWS), block, states * JOINT_ROWS, JOINT_ROWS, loop.trials);
  scatterTile(entryAt(loop, muscle, states, k, size), muscleRowsOf(loop.body, block), states * size, size, loop.trials);
}

/** The state that a sample at step k with a delay of n frames belongs to, and which of the readings it is. */
// @ts-ignore: decorator
@inline
export function sampledState(k: i32, n: i32): i32 {
  return max(0, k - n + 1);
}

// @ts-ignore: decorator
@inline
function sampledReading(k: i32, n: i32): i32 {
  return max(0, k - n + 2);
}

/** to = from · (optimal length or velocity of its muscle)⁻¹, a row a muscle; `constant` says which. */
export function scaleRows(body: BodyPlan, to: usize, from: usize, constant: usize): void {
  for (let m = 0; m < body.muscles; m++) {
    const factor = v128.load(muscleAt(body, m) + constant);
    v128.store(to, f32x4.mul(v128.load(from), factor));
    v128.store(to, f32x4.mul(v128.load(from, 16), factor), 16);
    to += 32;
    from += 32;
  }
}

/** The network's inputs at step k, rows at `to`: leading external inputs, observation, the other external inputs. */
export function observe(loop: Loop, to: usize, k: i32): void {
  const plan = loop.plan;
  const muscles = plan.muscles;
  const external = plan.external;
  const inputs = entryAt(loop, plan.inputs, loop.steps, k, external);
  gatherTile(to, inputs, loop.steps * external, plan.leading, loop.trials);
  const vision = rowAt(to, plan.leading);
  copyRows(vision, cartesianRowsOf(loop.body, blockAt(loop, sampledState(k, plan.visionDelay))), 2);
  addEntries(loop, vision, plan.visionNoise, loop.steps + 2, sampledReading(k, plan.visionDelay), 2);
  const proprioception = rowAt(vision, 2);
  const muscle = muscleRowsOf(loop.body, blockAt(loop, sampledState(k, plan.proprioceptionDelay)));
  scaleRows(loop.body, proprioception, rowAt(muscle, muscles), INVERSE_LENGTH);
  scaleRows(loop.body, rowAt(proprioception, muscles), rowAt(muscle, 2 * muscles), INVERSE_VELOCITY);
  addEntries(loop, proprioception, plan.proprioceptionNoise, loop.steps + 2, sampledReading(k, plan.proprioceptionDelay), 2 * muscles);
  let row = rowAt(proprioception, 2 * muscles);
  for (let earlier = k - plan.actionFrames; earlier < k; earlier++) {
    if (earlier < 0) clearRows(row, muscles);
    else copyRows(row, rowAt(blockAt(loop, earlier), plan.actionRow), muscles);
    row = rowAt(row, muscles);
  }
  addEntries(loop, vision, plan.observationNoise, loop.steps, k, plan.observation);
  gatherTile(row, at(inputs, plan.leading), loop.steps * external, external - plan.leading, loop.trials);
}

/** Loads of a step where there are any: rows [2] at `rows`, else 0. */
function loadRows(loop: Loop, array: usize, rows: usize, k: i32): usize {
  if (array == 0) return 0;
  gatherTile(rows, entryAt(loop, array, loop.steps, k, LOAD_ROWS), loop.steps * LOAD_ROWS, LOAD_ROWS, loop.trials);
  return rows;
}

/** Moves the body from state k to state k + 1 under the network's outputs, rows [M]. */
export function act(loop: Loop, outputs: usize, k: i32): void {
  const plan = loop.plan;
  const block = blockAt(loop, k);
  const action = rowAt(block, plan.actionRow);
  copyRows(action, outputs, plan.muscles);
  addEntries(loop, action, plan.actionNoise, loop.steps, k, plan.muscles);
  const loads = rowAt(block, plan.loadRow);
  let endpointLoad = loadRows(loop, plan.endpointLoad, loads, k);
  const fields = fieldRowsAt(plan, loop.first, loop.trials, loop.steps, k);
  if (fields != 0) {
    if (endpointLoad == 0) clearRows(loads, LOAD_ROWS);
    endpointLoad = loads;
    addFields(plan, loop.body, fields, loop.trials, loop.steps, block, loads);
  }
  const jointLoad = loadRows(loop, plan.jointLoad, rowAt(loads, LOAD_ROWS), k);
  const strengths = strengthRowsAt(plan, loop.first, loop.trials, loop.steps, k, loop.strengths);
  stepBody(loop.body, block, action, endpointLoad, jointLoad, strengths, blockAt(loop, k + 1), loop.bodyWork);
}
