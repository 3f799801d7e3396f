// rollout_backward: runs time in reverse through the records of rollout_forward; gradient of every parameter, of the initial state and of the inputs
// Math      back-propagation through time, see inline/cell_*.ts; with delta_t the gradients of pre-activations: ∂W = Σ_t delta_t ⊗ [h_t; 1; x_t], ∂h_t = direct part + Wᵀ delta_t
// In        inputs [B, T, I]  parameters [P]  initial_state [B, S]  state_noise? [B, T, H]  layer_sizes? [L]  outputs [B, T, O]  cache [scratch]  d_outputs [B, T, O]  d_states? [B, T, S]
// Out       gradient [P] += …  d_initial_state [B, S]  d_inputs? [B, T, I]  scratch [scratch]: plan, transposed weights, a sum a group of tiles, a workspace a thread
// Mapping   plan: one unit; pack: one unit = a slice of the weights; run: one unit = a group of tiles, one after another; reduce: one unit = a slice of the gradient's rows
// Memory    deltas and operands of some tens of steps are kept as panels, then one product adds them to the group's sum of weight gradients
// Limits    L ≤ 32; fewer than 2^30 floats an array
// Numerics  deltas below 1e-25 become 0, as denormal operands are a hundred times slower; sums in a fixed order: same bits for any number of threads
// Twins     src/backends/reference/rollout_backward.ts
import { driscollBackward } from './inline/cell_driscoll';
import { gruBackward } from './inline/cell_gru';
import { lstmBackward } from './inline/cell_lstm';
import { eulerBackward, reluBackward } from './inline/cell_node';
import { rnnBackward } from './inline/cell_rnn';
import { productPanels, productTile } from './inline/gemm';
import { at, flushTiny } from './inline/math';
import { SLICES, packTransposed } from './inline/rollout_pack';
import { GRU, LSTM, Layer, NODE, PLAN_BYTES, Plan, RNN, WORKSPACE_ROWS, layerAt, makePlan, planOf, rowsOf } from './inline/rollout_plan';
import { TILE, addRows, clearRows, gatherTile, pad4, pairTile, panelTile, rowAt, scatterTile } from './inline/tile';

// prettier-ignore
export function rollout_backward_plan(
  variant: i32, inputs: usize, parameters: usize, initial_state: usize, state_noise: usize, layer_sizes: usize, outputs: usize, cache: usize, d_outputs: usize, d_states: usize,
  gradient: usize, d_initial_state: usize, d_inputs: usize, scratch: usize,
  B: i32, T: i32, I: i32, P: i32, S: i32, H: i32, L: i32, O: i32, hidden_size: i32, readout_sigmoid: i32, step_size: f32, gamma: f32, activation: i32, ctdb: i32,
  start: i32, end: i32, thread: i32,
): void {
  makePlan(scratch, variant, layer_sizes, B, T, I, S, L, O, hidden_size, state_noise != 0, ctdb);
}

// prettier-ignore
export function rollout_backward_pack(
  variant: i32, inputs: usize, parameters: usize, initial_state: usize, state_noise: usize, layer_sizes: usize, outputs: usize, cache: usize, d_outputs: usize, d_states: usize,
  gradient: usize, d_initial_state: usize, d_inputs: usize, scratch: usize,
  B: i32, T: i32, I: i32, P: i32, S: i32, H: i32, L: i32, O: i32, hidden_size: i32, readout_sigmoid: i32, step_size: f32, gamma: f32, activation: i32, ctdb: i32,
  start: i32, end: i32, thread: i32,
): void {
  const plan = planOf(scratch);
  const packed = scratch + PLAN_BYTES;
  const depth = plan.deltaRows - plan.hiddenDelta;
  let inner = at(packed, plan.hiddenRows * depth);
  for (let index = 0; index < plan.layers; index++) {
    const layer = layerAt(plan, index);
    const weights = at(parameters, layer.weight);
    if (variant == NODE && index > 0 && index < plan.layers - 1) {
      packTransposed(layer, weights, layer.weightStride, layer.previousReal, inner, layer.padded, 0, start, end);
      inner = at(inner, layer.padded * layer.previous);
    } else if (layer.previous > 0) {
      packTransposed(layer, weights, layer.weightStride, layer.previousReal, packed, depth, layer.delta - plan.hiddenDelta, start, end);
    }
    if (layer.inputs > 0) {
      packTransposed(layer, at(parameters, layer.inputWeight), layer.inputStride, layer.inputs, at(packed, plan.returnedInputs), plan.inputDeltaRows, layer.delta - plan.inputDelta, start, end);
    }
  }
}

/** Addresses of what a thread works on: rows [8], then panels of plan.slots steps. */
@unmanaged
class Workspace {
  dh: usize;
  dc: usize;
  deltas: usize;
  temporary: usize;
  /** Panels of h_t; one slot more than the others, for the state behind the last step of a chunk. */
  states: usize;
  inputs: usize;
  clean: usize;
  /** Panels of a network's activations, layer after layer. */
  activations: usize;
  ones: usize;
  deltaPanels: usize;
}

function makeWorkspace(plan: Plan, at: usize): Workspace {
  const work = changetype<Workspace>(at);
  const slots = plan.slots;
  work.dh = rowAt(at, WORKSPACE_ROWS);
  work.dc = rowAt(work.dh, plan.hiddenRows);
  work.deltas = rowAt(work.dc, plan.hiddenRows);
  work.temporary = rowAt(work.deltas, plan.deltaRows);
  work.states = rowAt(work.temporary, plan.temporaryRows);
  work.inputs = rowAt(work.states, plan.hiddenRows * (slots + 1));
  work.clean = rowAt(work.inputs, plan.inputRows * slots);
  work.ones = rowAt(work.clean, plan.noisy * plan.hiddenRows * slots);
  work.deltaPanels = rowAt(work.ones, 4 * slots);
  work.activations = rowAt(work.deltaPanels, plan.deltaRows * slots);
  // Operand of biases: a block of four columns of which the first is one.
  for (let k = 0; k < slots * TILE; k++) v128.store(work.ones + (usize(k) << 4), f32x4.replace_lane(f32x4.splat(0), 0, 1));
  return work;
}

// prettier-ignore
export function rollout_backward(
  variant: i32, inputs: usize, parameters: usize, initial_state: usize, state_noise: usize, layer_sizes: usize, outputs: usize, cache: usize, d_outputs: usize, d_states: usize,
  gradient: usize, d_initial_state: usize, d_inputs: usize, scratch: usize,
  B: i32, T: i32, I: i32, P: i32, S: i32, H: i32, L: i32, O: i32, hidden_size: i32, readout_sigmoid: i32, step_size: f32, gamma: f32, activation: i32, ctdb: i32,
  start: i32, end: i32, thread: i32,
): void {
  const plan = planOf(scratch);
  const packed = scratch + PLAN_BYTES;
  const sums = at(packed, plan.returned);
  const work = makeWorkspace(plan, at(sums, plan.groups * plan.partial + thread * plan.backwardWorkspace));
  const dh = work.dh;
  const recordBytes = usize(plan.record) << 2;
  const hiddenBytes = usize(plan.hiddenRows) << 5;
  const early = plan.ctdb != 0; // y_t is read from h_t, not from h_{t+1}
  const y = readout_sigmoid ? outputs : 0;
  const gateDeltas = rowAt(work.deltas, 0);
  for (let tile = start * plan.groupTiles; tile < min(plan.tiles, end * plan.groupTiles); tile++) {
    const sum = at(sums, (tile / plan.groupTiles) * plan.partial);
    if (tile % plan.groupTiles == 0) clearRows(sum, plan.partial / TILE);
    const first = tile * TILE;
    const trials = min(TILE, B - first);
    const row = usize(first) * usize(T); // of the tile's first trial and step in [B, T, …]
    const records = cache + usize(tile) * usize(T + 1) * recordBytes;
    clearRows(dh, 2 * plan.hiddenRows + plan.deltaRows); // and dc, deltas
    if (!early) {
      loadReadoutDelta(plan, work, d_outputs, y, row + usize(T - 1), trials);
      returnToState(plan, work, packed);
    }
    for (let stop = T; stop > 0; stop -= plan.slots) {
      const begin = max(0, stop - plan.slots);
      if (!early && !plan.noisy) panelTile(work.states, plan.slots + 1, stop - begin, records + usize(stop) * recordBytes, plan.hiddenRows);
      for (let t = stop - 1; t >= begin; t--) {
        const record = records + usize(t) * recordBytes;
        const step = row + usize(t);
        if (d_states != 0) addStateGradient(plan, work, d_states + step * usize(S << 2), trials);
        if (early) loadReadoutDelta(plan, work, d_outputs, y, step, trials);
        const gates = rowAt(record, plan.gateRow);
        if (variant == GRU) gruBackward(gates, record, dh, gateDeltas, hiddenBytes);
        else if (variant == LSTM) lstmBackward(gates, rowAt(record, plan.cellRow), dh, work.dc, gateDeltas, hiddenBytes);
        else if (variant == RNN) rnnBackward(gates, dh, gateDeltas, hiddenBytes);
        else if (variant == NODE) {
          eulerBackward(dh, step_size, gateDeltas, hiddenBytes);
          networkBackward(plan, work, packed, record);
        } else driscollBackward(gates, dh, gateDeltas, gamma, early, hiddenBytes);
        keepStep(plan, work, record, t - begin);
        if (!early) {
          if (t > 0) loadReadoutDelta(plan, work, d_outputs, y, step - 1, trials);
          else clearRows(rowAt(work.deltas, plan.deltaRows - plan.outputRows), plan.outputRows);
        }
        returnToState(plan, work, packed);
        if (d_inputs != 0) {
          clearRows(work.temporary, pad4(I));
          productTile(at(packed, plan.returnedInputs), pad4(I), rowAt(work.deltas, plan.inputDelta), plan.inputDeltaRows, work.temporary);
          scatterTile(d_inputs + step * usize(I << 2), work.temporary, T * I, I, trials);
        }
      }
      for (let index = 0; index < plan.layers; index++) addWeightGradient(plan, work, index, stop - begin, sum);
    }
    const to = at(d_initial_state, first * S);
    scatterTile(to, dh, S, hidden_size, trials);
    if (variant == LSTM) scatterTile(at(to, hidden_size), work.dc, S, hidden_size, trials);
  }
}

/** ∂h += Wᵀ deltas, those of the read-out included. */
function returnToState(plan: Plan, work: Workspace, packed: usize): void {
  productTile(packed, plan.hiddenRows, rowAt(work.deltas, plan.hiddenDelta), plan.deltaRows - plan.hiddenDelta, work.dh);
}

/** Deltas of the read-out at one step, the last rows of the deltas; `outputs` is 0 where the read-out is linear. */
function loadReadoutDelta(plan: Plan, work: Workspace, dOutputs: usize, outputs: usize, step: usize, trials: i32): void {
  const size = plan.outputs;
  const to = rowAt(work.deltas, plan.deltaRows - plan.outputRows);
  gatherTile(to, dOutputs + step * usize(size << 2), plan.steps * size, size, trials);
  if (outputs != 0) gatherTile(work.temporary, outputs + step * usize(size << 2), plan.steps * size, size, trials);
  const bytes = usize(size) << 5;
  for (let i: usize = 0; i < bytes; i += 16) {
    let d = v128.load(to + i);
    if (outputs != 0) {
      const y = v128.load(work.temporary + i);
      d = f32x4.mul(d, f32x4.mul(y, f32x4.sub(f32x4.splat(1), y)));
    }
    v128.store(to + i, flushTiny(d));
  }
}

function addStateGradient(plan: Plan, work: Workspace, dStates: usize, trials: i32): void {
  const stride = plan.steps * plan.state;
  gatherTile(work.temporary, dStates, stride, plan.hidden, trials);
  addRows(work.dh, work.temporary, plan.hidden);
  if (plan.cell != LSTM) return;
  gatherTile(work.temporary, at(dStates, plan.hidden), stride, plan.hidden, trials);
  addRows(work.dc, work.temporary, plan.hidden);
}

/** Deltas of a NODE's layers from those of the last one. */
function networkBackward(plan: Plan, work: Workspace, packed: usize, record: usize): void {
  let weights = at(packed, plan.returnedInputs);
  for (let index = plan.layers - 2; index > 0; index--) {
    const layer = layerAt(plan, index);
    const previous = layerAt(plan, index - 1);
    weights -= usize(layer.padded * layer.previous) << 2;
    const to = rowAt(work.deltas, previous.delta);
    clearRows(to, layer.previous);
    productTile(weights, layer.previous, rowAt(work.deltas, layer.delta), layer.padded, to);
    reluBackward(rowAt(record, previous.row), to, usize(layer.previous) << 5);
  }
}

/** Keeps deltas and operands of a step, transposed into panels over time and trials. */
function keepStep(plan: Plan, work: Workspace, record: usize, slot: i32): void {
  const slots = plan.slots;
  for (let index = 0; index < plan.layers; index++) {
    const layer = layerAt(plan, index);
    pairTile(rowAt(work.deltaPanels, layer.delta * slots), slots, slot, rowAt(work.deltas, layer.delta), rowsOf(layer));
  }
  panelTile(work.states, slots + 1, slot, record, plan.hiddenRows);
  panelTile(work.inputs, slots, slot, rowAt(record, plan.hiddenRows), plan.inputRows);
  if (plan.noisy) panelTile(work.clean, slots, slot, rowAt(record, plan.cleanRow), plan.hiddenRows);
  if (plan.cell == NODE) {
    let to = work.activations;
    for (let index = 0; index < plan.layers - 2; index++) {
      const layer = layerAt(plan, index);
      panelTile(to, slots, slot, rowAt(record, layer.row), layer.padded);
      to = rowAt(to, layer.padded * slots);
    }
  }
}

/** Adds the products of the last `steps` kept steps to a layer's weight gradient. */
function addWeightGradient(plan: Plan, work: Workspace, index: i32, steps: i32, sum: usize): void {
  const layer = layerAt(plan, index);
  const stride = plan.slots * TILE;
  const depth = steps * TILE;
  const rows = rowsOf(layer);
  const deltas = rowAt(work.deltaPanels, layer.delta * plan.slots);
  const to = at(sum, layer.gradient);
  if (layer.previous > 0) {
    let operand = work.states;
    let operandStride = stride + TILE;
    let skip = 0;
    if (index == plan.layers - 1) {
      if (plan.noisy) {
        operand = work.clean;
        operandStride = stride;
      } else if (!plan.ctdb) skip = TILE;
    } else if (plan.cell == NODE && index > 0) {
      operand = work.activations;
      operandStride = stride;
      for (let before = 0; before < index - 1; before++) operand = rowAt(operand, layerAt(plan, before).padded * plan.slots);
    }
    productPanels(deltas, stride, rows, operand, operandStride, skip, layer.previous, depth, to);
  }
  if (layer.biasA >= 0) {
    const external = layer.inputs > 0 || layer.previous == 0;
    productPanels(deltas, stride, rows, external ? work.inputs : work.ones, stride, 0, pad4(1 + layer.inputs), depth, at(to, rows * layer.previous));
  }
}

// prettier-ignore
export function rollout_backward_reduce(
  variant: i32, inputs: usize, parameters: usize, initial_state: usize, state_noise: usize, layer_sizes: usize, outputs: usize, cache: usize, d_outputs: usize, d_states: usize,
  gradient: usize, d_initial_state: usize, d_inputs: usize, scratch: usize,
  B: i32, T: i32, I: i32, P: i32, S: i32, H: i32, L: i32, O: i32, hidden_size: i32, readout_sigmoid: i32, step_size: f32, gamma: f32, activation: i32, ctdb: i32,
  start: i32, end: i32, thread: i32,
): void {
  const plan = planOf(scratch);
  const sums = at(scratch + PLAN_BYTES, plan.returned);
  for (let index = 0; index < plan.layers; index++) {
    const layer = layerAt(plan, index);
    const rows = rowsOf(layer);
    const last = (rows * end) / SLICES;
    for (let row = (rows * start) / SLICES; row < last; row++) {
      const group = row / layer.padded;
      if (row - group * layer.padded < layer.real) reduceRow(plan, layer, at(sums, layer.gradient), row, group * layer.real + row - group * layer.padded, gradient);
    }
  }
}

/** Adds the groups' sums of one row of a layer to the gradient; `unit` is the row without padding. */
function reduceRow(plan: Plan, layer: Layer, sums: usize, row: i32, unit: i32, gradient: usize): void {
  const rows = rowsOf(layer);
  const to = at(gradient, layer.weight + unit * layer.weightStride);
  let column = 0;
  for (; column + 4 <= layer.previousReal; column += 4) {
    let from = at(sums, blockOffset(rows, layer.previous, row, column));
    let total = v128.load(from);
    for (let group = 1; group < plan.groups; group++) {
      from = at(from, plan.partial);
      total = f32x4.add(total, v128.load(from));
    }
    const target = at(to, column);
    v128.store(target, f32x4.add(v128.load(target), total));
  }
  for (; column < layer.previousReal; column++) addTotal(plan, at(sums, blockOffset(rows, layer.previous, row, column)), at(to, column));
  if (layer.biasA < 0) return;
  const columns = pad4(1 + layer.inputs);
  const tail = at(sums, rows * layer.previous);
  const bias = at(tail, blockOffset(rows, columns, row, 0));
  addTotal(plan, bias, at(gradient, layer.biasA + unit));
  if (layer.biasB >= 0) addTotal(plan, bias, at(gradient, layer.biasB + unit));
  for (let i = 0; i < layer.inputs; i++) addTotal(plan, at(tail, blockOffset(rows, columns, row, i + 1)), at(gradient, layer.inputWeight + unit * layer.inputStride + i));
}

/** Where an element of a product's result lies: block after block of 8 (or 4) columns. */
// @ts-ignore: decorator
@inline
function blockOffset(rows: i32, columns: i32, row: i32, column: i32): i32 {
  const block = column & ~7;
  return block * rows + row * min(8, columns - block) + (column - block);
}

/** Adds one element's sums over the groups, in their order. */
function addTotal(plan: Plan, from: usize, to: usize): void {
  let total = f32.load(from);
  for (let group = 1; group < plan.groups; group++) {
    from = at(from, plan.partial);
    total += f32.load(from);
  }
  f32.store(to, f32.load(to) + total);
}
