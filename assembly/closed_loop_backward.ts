// closed_loop_backward: runs time in reverse through network, senses, delays and body; gradient of every parameter, of the initial state and of the inputs
// Math      back-propagation through time, as in rollout_backward; the output of step k owes to state k + 1 of the body (inline/body_step.ts), to the samples of it and to
//           the observations that hold the action (inline/loop_return.ts). Noise, loads, tables and state 0 are constants.
// In        inputs [B, T, E]  parameters [P]  initial_state [B, S]  state_noise? [B, T, H]  layer_sizes? [L]  body_layout [K]  body [Q]  joint0 [B, J]  endpoint_load? [B, T, D]
//           joint_load? [B, T, D]  action_noise? [B, T, M]  vision_noise? [B, U, D]  proprioception_noise? [B, U, F]  observation_noise? [B, T, V]  unit_row? [B, N]  unit_gain? [W, H]
//           unit_shift? [W, H]  field_row? [B, T]  fields? [X, Z]  strength_row? [B, T]  strengths? [Y, M]  outputs [B, T, M]  joint [B, N, J]
//           muscle [B, N, R, M]  cache [scratch]  d_outputs [B, T, M]  d_fingertip? [B, T, D]  d_joint? [B, N, J]  d_muscle? [B, N, R, M]  d_states? [B, T, S]
// Out       gradient [P] += …  d_initial_state [B, S]  d_inputs? [B, T, E]  scratch [scratch]: plans, transposed weights, a sum a group of tiles, a workspace a thread
// Mapping   plan: one unit; pack: one unit = a slice of the weights; run: one unit = a group of tiles, one after another; reduce: one unit = a slice of the gradient's rows
// Memory    as rollout_backward; states of the body are read from the cache by tiles, not from joint and muscle
// Limits    L ≤ 32; delays of at least one frame (0 counts as 1); fewer than 2^30 floats an array
// Numerics  those of rollout_backward and effector_step_backward; sums in a fixed order: same bits for any number of threads
// Twins     src/backends/reference/closed_loop_backward.ts
import { loopOf, makeLoop, observationRows, setArrays, setChanges } from './inline/loop_plan';
import { makeLoopGradients, returnThroughBody, returnThroughSenses, startLoopReturn } from './inline/loop_return';
import { entryAt, makeLoopWork, openTile } from './inline/loop_step';
import { at } from './inline/math';
import { packReturn } from './inline/rollout_pack';
import { makePlan, planOf } from './inline/rollout_plan';
import { reduceGradients } from './inline/rollout_reduce';
import {
  addStateGradient, addWeightGradients, clearOutputDelta, finishOutputDelta, finishReturn, loadOutputGradient, makeWorkspace, returnThroughCell, returnToInputs, returnToState,
  startChunk, startReturn, sumOfTile,
} from './inline/rollout_return';
import { setUnits, unitRowsAt } from './inline/rollout_units';
import { TILE, pad4, rowAt, scatterTile } from './inline/tile';

// prettier-ignore
export function closed_loop_backward_plan(
  variant: i32, inputs: usize, parameters: usize, initial_state: usize, state_noise: usize, layer_sizes: usize, body_layout: usize, body: usize, joint0: usize, endpoint_load: usize,
  joint_load: usize, action_noise: usize, vision_noise: usize, proprioception_noise: usize, observation_noise: usize,
  unit_row: usize, unit_gain: usize, unit_shift: usize, field_row: usize, fields: usize, strength_row: usize, strengths: usize,
  outputs: usize, joint: usize, muscle: usize, cache: usize, d_outputs: usize, d_fingertip: usize, d_joint: usize, d_muscle: usize, d_states: usize,
  gradient: usize, d_initial_state: usize, d_inputs: usize, scratch: usize,
  B: i32, T: i32, E: i32, P: i32, S: i32, H: i32, L: i32, K: i32, Q: i32, J: i32, D: i32, M: i32, U: i32, F: i32, V: i32, N: i32, W: i32, X: i32, Z: i32, Y: i32, R: i32,
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
export function closed_loop_backward_pack(
  variant: i32, inputs: usize, parameters: usize, initial_state: usize, state_noise: usize, layer_sizes: usize, body_layout: usize, body: usize, joint0: usize, endpoint_load: usize,
  joint_load: usize, action_noise: usize, vision_noise: usize, proprioception_noise: usize, observation_noise: usize,
  unit_row: usize, unit_gain: usize, unit_shift: usize, field_row: usize, fields: usize, strength_row: usize, strengths: usize,
  outputs: usize, joint: usize, muscle: usize, cache: usize, d_outputs: usize, d_fingertip: usize, d_joint: usize, d_muscle: usize, d_states: usize,
  gradient: usize, d_initial_state: usize, d_inputs: usize, scratch: usize,
  B: i32, T: i32, E: i32, P: i32, S: i32, H: i32, L: i32, K: i32, Q: i32, J: i32, D: i32, M: i32, U: i32, F: i32, V: i32, N: i32, W: i32, X: i32, Z: i32, Y: i32, R: i32,
  hidden_size: i32, readout_sigmoid: i32, step_size: f32, gamma: f32, activation: i32, ctdb: i32, vision_delay: i32, proprioception_delay: i32,
  action_frames: i32, leading_inputs: i32,
  start: i32, end: i32, thread: i32,
): void {
  packReturn(planOf(scratch), parameters, start, end);
}

// prettier-ignore
export function closed_loop_backward(
  variant: i32, inputs: usize, parameters: usize, initial_state: usize, state_noise: usize, layer_sizes: usize, body_layout: usize, body: usize, joint0: usize, endpoint_load: usize,
  joint_load: usize, action_noise: usize, vision_noise: usize, proprioception_noise: usize, observation_noise: usize,
  unit_row: usize, unit_gain: usize, unit_shift: usize, field_row: usize, fields: usize, strength_row: usize, strengths: usize,
  outputs: usize, joint: usize, muscle: usize, cache: usize, d_outputs: usize, d_fingertip: usize, d_joint: usize, d_muscle: usize, d_states: usize,
  gradient: usize, d_initial_state: usize, d_inputs: usize, scratch: usize,
  B: i32, T: i32, E: i32, P: i32, S: i32, H: i32, L: i32, K: i32, Q: i32, J: i32, D: i32, M: i32, U: i32, F: i32, V: i32, N: i32, W: i32, X: i32, Z: i32, Y: i32, R: i32,
  hidden_size: i32, readout_sigmoid: i32, step_size: f32, gamma: f32, activation: i32, ctdb: i32, vision_delay: i32, proprioception_delay: i32,
  action_frames: i32, leading_inputs: i32,
  start: i32, end: i32, thread: i32,
): void {
  const plan = planOf(scratch);
  const work = makeWorkspace(plan, thread);
  const loop = makeLoopWork(plan, at(changetype<usize>(work), loopOf(plan).backwardPart));
  makeLoopGradients(loop);
  const recordBytes = usize(plan.record) << 2;
  const early = plan.ctdb != 0; // y_t is read from h_t, not from h_{t+1}
  const behind = leading_inputs + loop.plan.observation; // first of the inputs that follow the observation
  const returned = pad4(d_inputs != 0 ? plan.inputs : behind);
  for (let tile = start * plan.groupTiles; tile < min(plan.tiles, end * plan.groupTiles); tile++) {
    const sum = sumOfTile(plan, tile);
    const first = tile * TILE;
    const trials = min(TILE, B - first);
    const records = cache + usize(tile) * (usize(loop.plan.tileFloats) << 2);
    openTile(loop, records, first, trials);
    startReturn(plan, work);
    startLoopReturn(loop);
    if (!early) {
      loadOutputGradient(plan, work, entryAt(loop, d_outputs, T, T - 1, M), trials);
      returnThroughBody(loop, T - 1, d_joint, d_muscle, d_fingertip, work.outputDeltas);
      finishOutputDelta(plan, work, entryAt(loop, outputs, T, T - 1, M), trials);
      returnToState(plan, work);
    }
    for (let stop = T; stop > 0; stop -= plan.slots) {
      const begin = max(0, stop - plan.slots);
      startChunk(plan, work, records + usize(stop) * recordBytes, stop - begin);
      for (let t = stop - 1; t >= begin; t--) {
        if (d_states != 0) addStateGradient(plan, work, entryAt(loop, d_states, T, t, S), trials);
        if (early) {
          loadOutputGradient(plan, work, entryAt(loop, d_outputs, T, t, M), trials);
          returnThroughBody(loop, t, d_joint, d_muscle, d_fingertip, work.outputDeltas);
          finishOutputDelta(plan, work, entryAt(loop, outputs, T, t, M), trials);
        }
        returnThroughCell(plan, work, records + usize(t) * recordBytes, t - begin, unitRowsAt(plan, first, trials, t + 1), trials);
        returnToInputs(plan, work, returned);
        returnThroughSenses(loop, t, work.temporary);
        if (d_inputs != 0) {
          const to = entryAt(loop, d_inputs, T, t, E);
          scatterTile(to, work.temporary, T * E, leading_inputs, trials);
          scatterTile(at(to, leading_inputs), rowAt(work.temporary, behind), T * E, E - leading_inputs, trials);
        }
        if (!early && t > 0) {
          loadOutputGradient(plan, work, entryAt(loop, d_outputs, T, t - 1, M), trials);
          returnThroughBody(loop, t - 1, d_joint, d_muscle, d_fingertip, work.outputDeltas);
          finishOutputDelta(plan, work, entryAt(loop, outputs, T, t - 1, M), trials);
        } else if (!early) clearOutputDelta(plan, work);
        returnToState(plan, work);
      }
      addWeightGradients(plan, work, stop - begin, sum);
    }
    finishReturn(plan, work, at(d_initial_state, first * S), first, trials);
  }
}

// prettier-ignore
export function closed_loop_backward_reduce(
  variant: i32, inputs: usize, parameters: usize, initial_state: usize, state_noise: usize, layer_sizes: usize, body_layout: usize, body: usize, joint0: usize, endpoint_load: usize,
  joint_load: usize, action_noise: usize, vision_noise: usize, proprioception_noise: usize, observation_noise: usize,
  unit_row: usize, unit_gain: usize, unit_shift: usize, field_row: usize, fields: usize, strength_row: usize, strengths: usize,
  outputs: usize, joint: usize, muscle: usize, cache: usize, d_outputs: usize, d_fingertip: usize, d_joint: usize, d_muscle: usize, d_states: usize,
  gradient: usize, d_initial_state: usize, d_inputs: usize, scratch: usize,
  B: i32, T: i32, E: i32, P: i32, S: i32, H: i32, L: i32, K: i32, Q: i32, J: i32, D: i32, M: i32, U: i32, F: i32, V: i32, N: i32, W: i32, X: i32, Z: i32, Y: i32, R: i32,
  hidden_size: i32, readout_sigmoid: i32, step_size: f32, gamma: f32, activation: i32, ctdb: i32, vision_delay: i32, proprioception_delay: i32,
  action_frames: i32, leading_inputs: i32,
  start: i32, end: i32, thread: i32,
): void {
  reduceGradients(planOf(scratch), gradient, start, end);
}
