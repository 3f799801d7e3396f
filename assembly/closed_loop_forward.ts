// closed_loop_forward: a network moves a body through all steps of all trials in one launch: observation, cell, read-out, muscles, skeleton
// Math      x_k = [leading inputs; vision; proprioception; earlier actions; other inputs], see inline/loop_step.ts; cell and read-out as in rollout_forward;
//           action = y_k + noise; one step of the body under it, the loads and the fields (inline/loop_change.ts), see inline/body_step.ts
// In        inputs [B, T, E]  parameters [P]  initial_state [B, S]  state_noise? [B, T, H]  layer_sizes? [L]  body_layout [K]  body [Q]  joint0 [B, J]  endpoint_load? [B, T, D]
//           joint_load? [B, T, D]  action_noise? [B, T, M]  vision_noise? [B, U, D]  proprioception_noise? [B, U, F]  observation_noise? [B, T, V]  unit_row? [B, N]  unit_gain? [W, H]
//           unit_shift? [W, H]  field_row? [B, T]  fields? [X, Z]  strength_row? [B, T]  strengths? [Y, M]
// Out       outputs [B, T, M]  fingertip [B, T, D]  joint [B, N, J]  muscle [B, N, R, M]  states? [B, T, S]  network_inputs? [B, T, I]  cache? [scratch]: records of the cell and
//           blocks of the body, by tile and step, read by closed_loop_backward  scratch [scratch]: plans, packed weights, a workspace a thread
// Mapping   plan: one unit; pack: one unit = a slice of the weights; run: one unit = a tile of 8 trials through all steps, feature-major [feature][8 trials]
// Memory    as rollout_forward; without a cache only the states that a sense still waits for are kept
// Limits    L ≤ 32; delays of at least one frame (0 counts as 1); fewer than 2^30 floats an array
// Numerics  those of rollout_forward and effector_step; same bits for any number of threads
// Twins     src/backends/reference/closed_loop_forward.ts
import { cartesianRowsOf } from './inline/body_plan';
import { loopOf, makeLoop, observationRows, setArrays, setChanges } from './inline/loop_plan';
import { act, blockAt, entryAt, makeLoopWork, observe, openTile, recordState, startBody } from './inline/loop_step';
import { at } from './inline/math';
import { packForward } from './inline/rollout_pack';
import { makePlan, planOf } from './inline/rollout_plan';
import { inputsOf, makeWork, startTile, stepNetwork } from './inline/rollout_step';
import { setUnits, unitRowsAt } from './inline/rollout_units';
import { TILE, scatterTile } from './inline/tile';

// prettier-ignore
export function closed_loop_forward_plan(
  variant: i32, inputs: usize, parameters: usize, initial_state: usize, state_noise: usize, layer_sizes: usize, body_layout: usize, body: usize, joint0: usize, endpoint_load: usize,
  joint_load: usize, action_noise: usize, vision_noise: usize, proprioception_noise: usize, observation_noise: usize,
  unit_row: usize, unit_gain: usize, unit_shift: usize, field_row: usize, fields: usize, strength_row: usize, strengths: usize,
  outputs: usize, fingertip: usize, joint: usize, muscle: usize, states: usize, network_inputs: usize, cache: usize, scratch: usize,
  B: i32, T: i32, E: i32, P: i32, S: i32, H: i32, L: i32, K: i32, Q: i32, J: i32, D: i32, M: i32, U: i32, F: i32, V: i32, N: i32, W: i32, X: i32, Z: i32, Y: i32, R: i32, I: i32,
  hidden_size: i32, readout_sigmoid: i32, step_size: f32, gamma: f32, activation: i32, ctdb: i32, vision_delay: i32, proprioception_delay: i32,
  action_frames: i32, leading_inputs: i32,
  start: i32, end: i32, thread: i32,
): void {
  const plan = makePlan(scratch, variant, layer_sizes, B, T, E + observationRows(M, action_frames), S, L, M, hidden_size, state_noise != 0, readout_sigmoid, step_size, gamma, activation, ctdb);
  const loop = makeLoop(scratch, body_layout, body, E, vision_delay, proprioception_delay, action_frames, leading_inputs);
  setUnits(plan, unit_row, unit_gain, unit_shift, W);
  setChanges(loop, field_row, fields, X, strength_row, strengths, Y);
  setArrays(loop, inputs, joint0, endpoint_load, joint_load, action_noise, vision_noise, proprioception_noise, observation_noise);
}

// prettier-ignore
export function closed_loop_forward_pack(
  variant: i32, inputs: usize, parameters: usize, initial_state: usize, state_noise: usize, layer_sizes: usize, body_layout: usize, body: usize, joint0: usize, endpoint_load: usize,
  joint_load: usize, action_noise: usize, vision_noise: usize, proprioception_noise: usize, observation_noise: usize,
  unit_row: usize, unit_gain: usize, unit_shift: usize, field_row: usize, fields: usize, strength_row: usize, strengths: usize,
  outputs: usize, fingertip: usize, joint: usize, muscle: usize, states: usize, network_inputs: usize, cache: usize, scratch: usize,
  B: i32, T: i32, E: i32, P: i32, S: i32, H: i32, L: i32, K: i32, Q: i32, J: i32, D: i32, M: i32, U: i32, F: i32, V: i32, N: i32, W: i32, X: i32, Z: i32, Y: i32, R: i32, I: i32,
  hidden_size: i32, readout_sigmoid: i32, step_size: f32, gamma: f32, activation: i32, ctdb: i32, vision_delay: i32, proprioception_delay: i32,
  action_frames: i32, leading_inputs: i32,
  start: i32, end: i32, thread: i32,
): void {
  packForward(planOf(scratch), parameters, start, end);
}

// prettier-ignore
export function closed_loop_forward(
  variant: i32, inputs: usize, parameters: usize, initial_state: usize, state_noise: usize, layer_sizes: usize, body_layout: usize, body: usize, joint0: usize, endpoint_load: usize,
  joint_load: usize, action_noise: usize, vision_noise: usize, proprioception_noise: usize, observation_noise: usize,
  unit_row: usize, unit_gain: usize, unit_shift: usize, field_row: usize, fields: usize, strength_row: usize, strengths: usize,
  outputs: usize, fingertip: usize, joint: usize, muscle: usize, states: usize, network_inputs: usize, cache: usize, scratch: usize,
  B: i32, T: i32, E: i32, P: i32, S: i32, H: i32, L: i32, K: i32, Q: i32, J: i32, D: i32, M: i32, U: i32, F: i32, V: i32, N: i32, W: i32, X: i32, Z: i32, Y: i32, R: i32, I: i32,
  hidden_size: i32, readout_sigmoid: i32, step_size: f32, gamma: f32, activation: i32, ctdb: i32, vision_delay: i32, proprioception_delay: i32,
  action_frames: i32, leading_inputs: i32,
  start: i32, end: i32, thread: i32,
): void {
  const plan = planOf(scratch);
  const work = makeWork(plan, cache, thread);
  const loop = makeLoopWork(plan, at(changetype<usize>(work), loopOf(plan).forwardPart));
  const recordBytes = usize(plan.record) << 2;
  const size = plan.inputs;
  for (let tile = start; tile < end; tile++) {
    const first = tile * TILE;
    const trials = min(TILE, B - first);
    const kept = work.kept ? work.records + usize(tile) * (usize(loop.plan.tileFloats) << 2) : 0;
    const records = work.kept ? kept : work.records;
    openTile(loop, kept, first, trials);
    startTile(plan, records, at(initial_state, first * S), first, trials);
    startBody(loop);
    recordState(loop, 0, joint, muscle);
    for (let t = 0; t < T; t++) {
      const record = records + usize(work.kept ? t : t & 1) * recordBytes;
      const next = records + usize(work.kept ? t + 1 : (t + 1) & 1) * recordBytes;
      const sensed = inputsOf(plan, record);
      observe(loop, sensed, t);
      if (network_inputs != 0) scatterTile(entryAt(loop, network_inputs, T, t, size), sensed, T * size, size, trials);
      const noise = state_noise != 0 ? entryAt(loop, state_noise, T, t, hidden_size) : 0;
      stepNetwork(plan, work, record, next, noise, states != 0 ? entryAt(loop, states, T, t, S) : 0, unitRowsAt(plan, first, trials, t + 1), trials);
      scatterTile(entryAt(loop, outputs, T, t, M), work.result, T * M, M, trials);
      act(loop, work.result, t);
      recordState(loop, t + 1, joint, muscle);
      scatterTile(entryAt(loop, fingertip, T, t, D), cartesianRowsOf(loop.body, blockAt(loop, t + 1)), T * D, D, trials);
    }
  }
}
