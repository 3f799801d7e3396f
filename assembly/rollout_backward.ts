// rollout_backward: runs time in reverse through the records of rollout_forward; gradient of every parameter, of the initial state and of the inputs
// Math      back-propagation through time, see inline/cell_*.ts; with delta_t the gradients of pre-activations: ∂W = Σ_t delta_t ⊗ [h_t; 1; x_t], ∂h_t = direct part + Wᵀ delta_t
// In        inputs [B, T, I]  parameters [P]  initial_state [B, S]  state_noise? [B, T, H]  layer_sizes? [L]  unit_row? [B, N]  unit_gain? [W, H]  unit_shift? [W, H]  outputs [B, T, O]  cache [scratch]  d_outputs [B, T, O]  d_states? [B, T, S]
// Out       gradient [P] += …  d_initial_state [B, S]  d_inputs? [B, T, I]  scratch [scratch]: plan, transposed weights, a sum a group of tiles, a workspace a thread
// Mapping   plan: one unit; pack: one unit = a slice of the weights; run: one unit = a group of tiles, one after another; reduce: one unit = a slice of the gradient's rows
// Memory    deltas and operands of some tens of steps are kept as panels, then one product adds them to the group's sum of weight gradients
// Limits    L ≤ 32; fewer than 2^30 floats an array
// Numerics  deltas below 1e-25 become 0, as denormal operands are a hundred times slower; sums in a fixed order: same bits for any number of threads
// Twins     src/backends/reference/rollout_backward.ts
import { at } from './inline/math';
import { packReturn } from './inline/rollout_pack';
import { makePlan, planOf } from './inline/rollout_plan';
import { reduceGradients } from './inline/rollout_reduce';
import {
  addStateGradient, addWeightGradients, clearOutputDelta, finishOutputDelta, finishReturn, loadOutputGradient, makeWorkspace, returnThroughCell, returnToInputs, returnToState,
  startChunk, startReturn, sumOfTile,
} from './inline/rollout_return';
import { setUnits, unitRowsAt } from './inline/rollout_units';
import { TILE, pad4, scatterTile } from './inline/tile';

// prettier-ignore
export function rollout_backward_plan(
  variant: i32, inputs: usize, parameters: usize, initial_state: usize, state_noise: usize, layer_sizes: usize, unit_row: usize, unit_gain: usize, unit_shift: usize, outputs: usize, cache: usize, d_outputs: usize, d_states: usize,
  gradient: usize, d_initial_state: usize, d_inputs: usize, scratch: usize,
  B: i32, T: i32, I: i32, P: i32, S: i32, H: i32, L: i32, N: i32, W: i32, O: i32, hidden_size: i32, readout_sigmoid: i32, step_size: f32, gamma: f32, activation: i32, ctdb: i32,
  start: i32, end: i32, thread: i32,
): void {
  const plan = makePlan(scratch, variant, layer_sizes, B, T, I, S, L, O, hidden_size, state_noise != 0, readout_sigmoid, step_size, gamma, activation, ctdb);
  setUnits(plan, unit_row, unit_gain, unit_shift, W);
}

// prettier-ignore
export function rollout_backward_pack(
  variant: i32, inputs: usize, parameters: usize, initial_state: usize, state_noise: usize, layer_sizes: usize, unit_row: usize, unit_gain: usize, unit_shift: usize, outputs: usize, cache: usize, d_outputs: usize, d_states: usize,
  gradient: usize, d_initial_state: usize, d_inputs: usize, scratch: usize,
  B: i32, T: i32, I: i32, P: i32, S: i32, H: i32, L: i32, N: i32, W: i32, O: i32, hidden_size: i32, readout_sigmoid: i32, step_size: f32, gamma: f32, activation: i32, ctdb: i32,
  start: i32, end: i32, thread: i32,
): void {
  packReturn(planOf(scratch), parameters, start, end);
}

// prettier-ignore
export function rollout_backward(
  variant: i32, inputs: usize, parameters: usize, initial_state: usize, state_noise: usize, layer_sizes: usize, unit_row: usize, unit_gain: usize, unit_shift: usize, outputs: usize, cache: usize, d_outputs: usize, d_states: usize,
  gradient: usize, d_initial_state: usize, d_inputs: usize, scratch: usize,
  B: i32, T: i32, I: i32, P: i32, S: i32, H: i32, L: i32, N: i32, W: i32, O: i32, hidden_size: i32, readout_sigmoid: i32, step_size: f32, gamma: f32, activation: i32, ctdb: i32,
  start: i32, end: i32, thread: i32,
): void {
  const plan = planOf(scratch);
  const work = makeWorkspace(plan, thread);
  const recordBytes = usize(plan.record) << 2;
  const early = plan.ctdb != 0; // y_t is read from h_t, not from h_{t+1}
  for (let tile = start * plan.groupTiles; tile < min(plan.tiles, end * plan.groupTiles); tile++) {
    const sum = sumOfTile(plan, tile);
    const first = tile * TILE;
    const trials = min(TILE, B - first);
    const row = usize(first) * usize(T); // of the tile's first trial and step in [B, T, …]
    const records = cache + usize(tile) * usize(T + 1) * recordBytes;
    startReturn(plan, work);
    if (!early) {
      const offset = (row + usize(T - 1)) * usize(O << 2);
      loadOutputGradient(plan, work, d_outputs + offset, trials);
      finishOutputDelta(plan, work, outputs + offset, trials);
      returnToState(plan, work);
    }
    for (let stop = T; stop > 0; stop -= plan.slots) {
      const begin = max(0, stop - plan.slots);
      startChunk(plan, work, records + usize(stop) * recordBytes, stop - begin);
      for (let t = stop - 1; t >= begin; t--) {
        const step = row + usize(t);
        if (d_states != 0) addStateGradient(plan, work, d_states + step * usize(S << 2), trials);
        if (early) {
          loadOutputGradient(plan, work, d_outputs + step * usize(O << 2), trials);
          finishOutputDelta(plan, work, outputs + step * usize(O << 2), trials);
        }
        returnThroughCell(plan, work, records + usize(t) * recordBytes, t - begin, unitRowsAt(plan, first, trials, t + 1), trials);
        if (d_inputs != 0) {
          returnToInputs(plan, work, pad4(I));
          scatterTile(d_inputs + step * usize(I << 2), work.temporary, T * I, I, trials);
        }
        if (!early && t > 0) {
          loadOutputGradient(plan, work, d_outputs + (step - 1) * usize(O << 2), trials);
          finishOutputDelta(plan, work, outputs + (step - 1) * usize(O << 2), trials);
        } else if (!early) clearOutputDelta(plan, work);
        returnToState(plan, work);
      }
      addWeightGradients(plan, work, stop - begin, sum);
    }
    finishReturn(plan, work, at(d_initial_state, first * S), first, trials);
  }
}

// prettier-ignore
export function rollout_backward_reduce(
  variant: i32, inputs: usize, parameters: usize, initial_state: usize, state_noise: usize, layer_sizes: usize, unit_row: usize, unit_gain: usize, unit_shift: usize, outputs: usize, cache: usize, d_outputs: usize, d_states: usize,
  gradient: usize, d_initial_state: usize, d_inputs: usize, scratch: usize,
  B: i32, T: i32, I: i32, P: i32, S: i32, H: i32, L: i32, N: i32, W: i32, O: i32, hidden_size: i32, readout_sigmoid: i32, step_size: f32, gamma: f32, activation: i32, ctdb: i32,
  start: i32, end: i32, thread: i32,
): void {
  reduceGradients(planOf(scratch), gradient, start, end);
}
