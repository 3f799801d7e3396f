// rollout_forward: runs a cell and its read-out through all steps of all trials in one launch
// Math      h_{t+1} = cell(x_t, h_t), see inline/cell_*.ts; y_t = W_o h_{t+1} + b_o before state noise is added to h_{t+1}, σ of it where readout_sigmoid is 1;
//           Driscoll: noise inside the activation; its ctdb form reads y_t from h_t; where unit_row says so, h_t is changed before it is read, see inline/rollout_units.ts
// In        inputs [B, T, I]  parameters [P]  initial_state [B, S]  state_noise? [B, T, H]  layer_sizes? [L]  unit_row? [B, N]  unit_gain? [W, H]  unit_shift? [W, H]
// Out       outputs [B, T, O]  states? [B, T, S]  cache? [scratch]: a record a step and tile, read by rollout_backward  scratch [scratch]: plan, packed weights, a workspace a thread
// Mapping   plan: one unit; pack: one unit = a slice of the weights; run: one unit = a tile of 8 trials through all steps, feature-major [feature][8 trials]
// Memory    weights packed once a launch in panels of 6 rows: a step of GRU-128 streams 200 KB of them against an operand of 4 KB
// Limits    L ≤ 32; fewer than 2^30 floats an array
// Numerics  gates by inline/activation (3e-7, n of a GRU 4e-7); states below 1e-25 become 0; same bits for any number of threads
// Twins     src/backends/reference/rollout_forward.ts
import { at } from './inline/math';
import { packForward } from './inline/rollout_pack';
import { makePlan, planOf } from './inline/rollout_plan';
import { inputsOf, makeWork, startTile, stepNetwork } from './inline/rollout_step';
import { setUnits, unitRowsAt } from './inline/rollout_units';
import { TILE, gatherTile, scatterTile } from './inline/tile';

// prettier-ignore
export function rollout_forward_plan(
  variant: i32, inputs: usize, parameters: usize, initial_state: usize, state_noise: usize, layer_sizes: usize, unit_row: usize, unit_gain: usize, unit_shift: usize, outputs: usize, states: usize, cache: usize, scratch: usize,
  B: i32, T: i32, I: i32, P: i32, S: i32, H: i32, L: i32, N: i32, W: i32, O: i32, hidden_size: i32, readout_sigmoid: i32, step_size: f32, gamma: f32, activation: i32, ctdb: i32,
  start: i32, end: i32, thread: i32,
): void {
  const plan = makePlan(scratch, variant, layer_sizes, B, T, I, S, L, O, hidden_size, state_noise != 0, readout_sigmoid, step_size, gamma, activation, ctdb);
  setUnits(plan, unit_row, unit_gain, unit_shift, W);
}

// prettier-ignore
export function rollout_forward_pack(
  variant: i32, inputs: usize, parameters: usize, initial_state: usize, state_noise: usize, layer_sizes: usize, unit_row: usize, unit_gain: usize, unit_shift: usize, outputs: usize, states: usize, cache: usize, scratch: usize,
  B: i32, T: i32, I: i32, P: i32, S: i32, H: i32, L: i32, N: i32, W: i32, O: i32, hidden_size: i32, readout_sigmoid: i32, step_size: f32, gamma: f32, activation: i32, ctdb: i32,
  start: i32, end: i32, thread: i32,
): void {
  packForward(planOf(scratch), parameters, start, end);
}

// prettier-ignore
export function rollout_forward(
  variant: i32, inputs: usize, parameters: usize, initial_state: usize, state_noise: usize, layer_sizes: usize, unit_row: usize, unit_gain: usize, unit_shift: usize, outputs: usize, states: usize, cache: usize, scratch: usize,
  B: i32, T: i32, I: i32, P: i32, S: i32, H: i32, L: i32, N: i32, W: i32, O: i32, hidden_size: i32, readout_sigmoid: i32, step_size: f32, gamma: f32, activation: i32, ctdb: i32,
  start: i32, end: i32, thread: i32,
): void {
  const plan = planOf(scratch);
  const work = makeWork(plan, cache, thread);
  const recordBytes = usize(plan.record) << 2;
  for (let tile = start; tile < end; tile++) {
    const first = tile * TILE;
    const trials = min(TILE, B - first);
    const records = work.kept ? work.records + usize(tile) * usize(T + 1) * recordBytes : work.records;
    startTile(plan, records, at(initial_state, first * S), first, trials);
    for (let t = 0; t < T; t++) {
      const record = records + usize(work.kept ? t : t & 1) * recordBytes;
      const next = records + usize(work.kept ? t + 1 : (t + 1) & 1) * recordBytes;
      const step = usize(first) * usize(T) + usize(t); // of the tile's first trial in [B, T, …]
      gatherTile(inputsOf(plan, record), inputs + step * usize(I << 2), T * I, I, trials);
      const noise = state_noise != 0 ? state_noise + step * usize(hidden_size << 2) : 0;
      const changed = unitRowsAt(plan, first, trials, t + 1);
      stepNetwork(plan, work, record, next, noise, states != 0 ? states + step * usize(S << 2) : 0, changed, trials);
      scatterTile(outputs + step * usize(O << 2), work.result, T * O, O, trials);
    }
  }
}
