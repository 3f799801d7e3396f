// rollout_forward: runs a cell and its read-out through all steps of all trials in one launch
// Math      h_{t+1} = cell(x_t, h_t), see inline/cell_*.ts; y_t = W_o h_{t+1} + b_o before state noise is added to h_{t+1}, σ of it where readout_sigmoid is 1;
//           Driscoll: noise inside the activation; its ctdb form reads y_t from h_t
// In        inputs [B, T, I]  parameters [P]  initial_state [B, S]  state_noise? [B, T, H]  layer_sizes? [L]
// Out       outputs [B, T, O]  states? [B, T, S]  cache? [scratch]: a record a step and tile, read by rollout_backward  scratch [scratch]: plan, packed weights, a workspace a thread
// Mapping   plan: one unit; pack: one unit = a slice of the weights; run: one unit = a tile of 8 trials through all steps, feature-major [feature][8 trials]
// Memory    weights packed once a launch in panels of 4 rows: a step of GRU-128 streams 200 KB of them against an operand of 4 KB
// Limits    L ≤ 32; fewer than 2^30 floats an array
// Numerics  gates by inline/activation (3e-7); states below 1e-25 become 0; same bits for any number of threads
// Twins     src/backends/reference/rollout_forward.ts
import { sigmoid4 } from './inline/activation';
import { driscollForward } from './inline/cell_driscoll';
import { gruForward } from './inline/cell_gru';
import { lstmForward } from './inline/cell_lstm';
import { eulerStep, relu } from './inline/cell_node';
import { rnnForward } from './inline/cell_rnn';
import { productTile } from './inline/gemm';
import { at } from './inline/math';
import { packLayer } from './inline/rollout_pack';
import { GRU, LSTM, Layer, NODE, PLAN_BYTES, Plan, RNN, depthOf, hasOnes, layerAt, makePlan, planOf, rowsOf } from './inline/rollout_plan';
import { TILE, addRows, clearRows, copyRows, fillRows, gatherTile, onesRow, rowAt, scatterTile } from './inline/tile';

// prettier-ignore
export function rollout_forward_plan(
  variant: i32, inputs: usize, parameters: usize, initial_state: usize, state_noise: usize, layer_sizes: usize, outputs: usize, states: usize, cache: usize, scratch: usize,
  B: i32, T: i32, I: i32, P: i32, S: i32, H: i32, L: i32, O: i32, hidden_size: i32, readout_sigmoid: i32, step_size: f32, gamma: f32, activation: i32, ctdb: i32,
  start: i32, end: i32, thread: i32,
): void {
  makePlan(scratch, variant, layer_sizes, B, T, I, S, L, O, hidden_size, state_noise != 0, ctdb);
}

// prettier-ignore
export function rollout_forward_pack(
  variant: i32, inputs: usize, parameters: usize, initial_state: usize, state_noise: usize, layer_sizes: usize, outputs: usize, states: usize, cache: usize, scratch: usize,
  B: i32, T: i32, I: i32, P: i32, S: i32, H: i32, L: i32, O: i32, hidden_size: i32, readout_sigmoid: i32, step_size: f32, gamma: f32, activation: i32, ctdb: i32,
  start: i32, end: i32, thread: i32,
): void {
  const plan = planOf(scratch);
  for (let index = 0; index < plan.layers; index++) packLayer(layerAt(plan, index), parameters, scratch + PLAN_BYTES, start, end);
}

// prettier-ignore
export function rollout_forward(
  variant: i32, inputs: usize, parameters: usize, initial_state: usize, state_noise: usize, layer_sizes: usize, outputs: usize, states: usize, cache: usize, scratch: usize,
  B: i32, T: i32, I: i32, P: i32, S: i32, H: i32, L: i32, O: i32, hidden_size: i32, readout_sigmoid: i32, step_size: f32, gamma: f32, activation: i32, ctdb: i32,
  start: i32, end: i32, thread: i32,
): void {
  const plan = planOf(scratch);
  const packed = scratch + PLAN_BYTES;
  const result = at(packed, plan.packed + thread * plan.forwardWorkspace);
  const velocity = rowAt(result, plan.outputRows);
  const noise = rowAt(velocity, plan.hiddenRows);
  // Without a cache two records take turns.
  const kept = cache != 0;
  const records = kept ? cache : rowAt(noise, plan.hiddenRows);
  const recordBytes = usize(plan.record) << 2;
  const readout = layerAt(plan, plan.layers - 1);
  const hiddenBytes = usize(plan.hiddenRows) << 5;
  if (state_noise != 0) clearRows(noise, plan.hiddenRows);
  for (let tile = start; tile < end; tile++) {
    const first = tile * TILE;
    const trials = min(TILE, B - first);
    const base = kept ? records + usize(tile) * usize(T + 1) * recordBytes : records;
    startTile(plan, base, at(initial_state, first * S), trials);
    for (let t = 0; t < T; t++) {
      const record = base + usize(kept ? t : t & 1) * recordBytes;
      const next = base + usize(kept ? t + 1 : (t + 1) & 1) * recordBytes;
      const step = usize(first) * usize(T) + usize(t); // of the tile's first trial in [B, T, …]
      loadInputs(plan, record, inputs + step * usize(I << 2), trials);
      onesRow(rowAt(next, plan.hiddenRows));
      if (state_noise != 0) gatherTile(noise, state_noise + step * usize(hidden_size << 2), T * hidden_size, hidden_size, trials);
      if (variant == NODE) networkStep(plan, packed, record, velocity);
      else gateProducts(plan, packed, record);
      const gates = rowAt(record, plan.gateRow);
      if (variant == GRU) gruForward(gates, record, next, hiddenBytes);
      else if (variant == LSTM) lstmForward(gates, rowAt(record, plan.cellRow), rowAt(next, plan.cellRow), next, hiddenBytes);
      else if (variant == RNN) rnnForward(gates, next, hiddenBytes);
      else if (variant == NODE) eulerStep(record, velocity, step_size, next, hiddenBytes);
      else driscollForward(gates, record, state_noise != 0 ? noise : 0, next, gamma, activation, plan.ctdb != 0, hiddenBytes);
      layerProduct(readout, packed, plan.ctdb ? record : next, result);
      if (readout_sigmoid) sigmoidRows(result, plan.outputRows);
      scatterTile(outputs + step * usize(O << 2), result, T * O, O, trials);
      if (plan.noisy) {
        copyRows(rowAt(record, plan.cleanRow), next, plan.hiddenRows);
        addRows(next, noise, plan.hiddenRows);
      }
      if (states != 0) {
        const to = states + step * usize(S << 2);
        scatterTile(to, next, T * S, hidden_size, trials);
        if (variant == LSTM) scatterTile(at(to, hidden_size), rowAt(next, plan.cellRow), T * S, hidden_size, trials);
      }
    }
  }
}

/** Loads `hidden` features of the initial state into rows, with zeros in the padding. */
function loadState(plan: Plan, to: usize, from: usize, trials: i32): void {
  gatherTile(to, from, plan.state, plan.hidden, trials);
  clearRows(rowAt(to, plan.hidden), plan.hiddenRows - plan.hidden);
}

/** The first record of a tile: initial state and the row of ones. */
function startTile(plan: Plan, record: usize, initialState: usize, trials: i32): void {
  loadState(plan, record, initialState, trials);
  onesRow(rowAt(record, plan.hiddenRows));
  if (plan.cell == LSTM) loadState(plan, rowAt(record, plan.cellRow), at(initialState, plan.hidden), trials);
}

/** Inputs of one step, behind the row of ones of the record; zeros in the padding. */
function loadInputs(plan: Plan, record: usize, inputs: usize, trials: i32): void {
  const to = rowAt(record, plan.hiddenRows + 1);
  gatherTile(to, inputs, plan.steps * plan.inputs, plan.inputs, trials);
  clearRows(rowAt(to, plan.inputs), plan.inputRows - 1 - plan.inputs);
}

/** to = weights · operand + bias. */
function layerProduct(layer: Layer, packed: usize, operand: usize, to: usize): void {
  const rows = rowsOf(layer);
  const depth = depthOf(layer);
  const panels = at(packed, layer.packed);
  if (hasOnes(layer)) clearRows(to, rows);
  else fillRows(to, at(panels, rows * depth), rows);
  productTile(panels, rows, operand, depth, to);
}

/** Pre-activations of all gates. */
function gateProducts(plan: Plan, packed: usize, record: usize): void {
  for (let index = 0; index < plan.layers - 1; index++) {
    const layer = layerAt(plan, index);
    const operand = layer.previous > 0 ? record : rowAt(record, plan.hiddenRows);
    layerProduct(layer, packed, operand, rowAt(record, layer.row));
  }
}

/** The multi-layer perceptron of a NODE; the last layer's result goes to `velocity`. */
function networkStep(plan: Plan, packed: usize, record: usize, velocity: usize): void {
  let operand = record;
  for (let index = 0; index < plan.layers - 2; index++) {
    const layer = layerAt(plan, index);
    const to = rowAt(record, layer.row);
    layerProduct(layer, packed, operand, to);
    relu(to, usize(layer.padded) << 5);
    operand = to;
  }
  layerProduct(layerAt(plan, plan.layers - 2), packed, operand, velocity);
}

function sigmoidRows(x: usize, rows: i32): void {
  const bytes = usize(rows) << 5;
  for (let i: usize = 0; i < bytes; i += 16) v128.store(x + i, sigmoid4(v128.load(x + i)));
}
