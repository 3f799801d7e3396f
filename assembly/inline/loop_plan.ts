// What the phases of a closed loop agree on besides the rollout's plan and the body's: arrays of the launch, delays, and what is kept of each step.
// src/backends/wasm/loop-table.ts repeats the totals, to allocate them; test/kernels holds both to it with guarded buffers.
import { BodyPlan, JOINT_ROWS, LOAD_ROWS, bodyPlanFloats, bodyPlanOf, makeBodyPlan } from './body_plan';
import { at } from './math';
import { PLAN_BYTES, Plan, planOf } from './rollout_plan';
import { TILE } from './tile';

/**
 * Kept of each of the T + 1 states of a tile, behind the T + 1 records of the cell: a block of rows [8] with the body's state, the action that it meets and the loads:
 * backward needs no other array of the launch's, and senses and earlier actions are read from these blocks, however late they come.
 */
@unmanaged
export class LoopPlan {
  muscles: i32;
  /** External inputs, and how many of them come before the observation; rows of the observation. */
  external: i32;
  leading: i32;
  observation: i32;
  /** Frames: 1 is the newest sample. */
  visionDelay: i32;
  proprioceptionDelay: i32;
  actionFrames: i32;
  /** First row of action and loads in a block; rows of a block. */
  actionRow: i32;
  loadRow: i32;
  blockRows: i32;
  /** Blocks that are kept where there is no cache. */
  ring: i32;
  /** Floats of a tile in the cache, and of its records before the blocks. */
  tileFloats: i32;
  recordFloats: i32;
  /** Where the loop's part of a thread's workspace begins, in floats: forward, backward. */
  forwardPart: i32;
  backwardPart: i32;
  temporaryRows: i32;
  /** Arrays of the launch, [B, T, …] or [B, T + 2, …], or 0. */
  inputs: usize;
  joint0: usize;
  endpointLoad: usize;
  jointLoad: usize;
  actionNoise: usize;
  visionNoise: usize;
  proprioceptionNoise: usize;
  observationNoise: usize;
  /** What acts on single trials at single steps (loop_change.ts): rows [B, T], tables, rows of these. */
  fieldRows: usize;
  fields: usize;
  fieldCount: i32;
  strengthRows: usize;
  strengths: usize;
  strengthCount: i32;
}

const LOOP_BYTES: usize = 128;

/** Rows that the loop's addresses of a thread are kept in. */
export const LOOP_ROWS: i32 = 3;

// @ts-ignore: decorator
@inline
export function loopOf(plan: Plan): LoopPlan {
  return changetype<LoopPlan>(changetype<usize>(plan) + PLAN_BYTES);
}

// @ts-ignore: decorator
@inline
export function bodyOf(plan: Plan): BodyPlan {
  return bodyPlanOf(changetype<usize>(plan) + PLAN_BYTES + LOOP_BYTES);
}

/** Entries of the observation: vision, proprioception, earlier actions. */
export function observationRows(muscles: i32, actionFrames: i32): i32 {
  return 2 + 2 * muscles + muscles * actionFrames;
}

/** Completes the plan in `scratch`, which `makePlan` has begun, for a loop through a body. The arrays of the launch are set by the caller. */
export function makeLoop(
  scratch: usize,
  bodyLayout: usize,
  body: usize,
  external: i32,
  visionDelay: i32,
  proprioceptionDelay: i32,
  actionFrames: i32,
  leading: i32,
): LoopPlan {
  const plan = planOf(scratch);
  const loop = loopOf(plan);
  const bodyPlan = makeBodyPlan(changetype<usize>(bodyOf(plan)), bodyLayout, body);
  const muscles = bodyPlan.muscles;
  plan.weights = at(changetype<usize>(bodyPlan), bodyPlanFloats(muscles, bodyPlan.points));
  loop.muscles = muscles;
  loop.external = external;
  loop.leading = leading;
  loop.observation = observationRows(muscles, actionFrames);
  loop.visionDelay = max(1, visionDelay);
  loop.proprioceptionDelay = max(1, proprioceptionDelay);
  loop.actionFrames = actionFrames;
  loop.actionRow = bodyPlan.stateRows;
  loop.loadRow = loop.actionRow + muscles;
  loop.blockRows = loop.loadRow + 2 * LOAD_ROWS;
  loop.ring = max(max(loop.visionDelay, loop.proprioceptionDelay), actionFrames) + 1;
  loop.recordFloats = (plan.steps + 1) * plan.record;
  loop.tileFloats = loop.recordFloats + (plan.steps + 1) * loop.blockRows * TILE;
  loop.temporaryRows = max(loop.observation, max(bodyPlan.muscleRows * muscles, JOINT_ROWS));
  loop.forwardPart = plan.forwardWorkspace;
  loop.backwardPart = plan.backwardWorkspace;
  const shared = LOOP_ROWS + loop.temporaryRows + muscles + 2 * LOAD_ROWS + bodyPlan.workRows;
  plan.forwardWorkspace += (shared + loop.ring * loop.blockRows) * TILE;
  plan.backwardWorkspace += (shared + 2 * bodyPlan.stateRows + muscles + senseRows(loop)) * TILE;
  return loop;
}

/** Rows of gradients that wait for the step that their sample or action belongs to: vision, proprioception, actions. */
export function senseRows(loop: LoopPlan): i32 {
  return 2 * loop.visionDelay + 2 * loop.muscles * loop.proprioceptionDelay + loop.muscles * loop.actionFrames;
}

/** What acts on single trials at single steps; absent tables are 0. */
export function setChanges(loop: LoopPlan, fieldRows: usize, fields: usize, fieldCount: i32, strengthRows: usize, strengths: usize, strengthCount: i32): void {
  loop.fieldRows = fieldRows;
  loop.fields = fields;
  loop.fieldCount = fieldCount;
  loop.strengthRows = strengthRows;
  loop.strengths = strengths;
  loop.strengthCount = strengthCount;
}

/** The arrays of a launch that every step reads; absent ones are 0. */
export function setArrays(
  loop: LoopPlan,
  inputs: usize,
  joint0: usize,
  endpointLoad: usize,
  jointLoad: usize,
  actionNoise: usize,
  visionNoise: usize,
  proprioceptionNoise: usize,
  observationNoise: usize,
): void {
  loop.inputs = inputs;
  loop.joint0 = joint0;
  loop.endpointLoad = endpointLoad;
  loop.jointLoad = jointLoad;
  loop.actionNoise = actionNoise;
  loop.visionNoise = visionNoise;
  loop.proprioceptionNoise = proprioceptionNoise;
  loop.observationNoise = observationNoise;
}
