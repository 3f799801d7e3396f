// A time step of the way back on a tile of 8 trials: what the decoupled rollout and the closed loop have in common.
// Deltas and operands of some tens of steps are kept as panels over time and trials, then one product adds them to a group's sum of weight gradients.
import { driscollBackward } from './cell_driscoll';
import { gruBackward } from './cell_gru';
import { lstmBackward } from './cell_lstm';
import { eulerBackward, reluBackward } from './cell_node';
import { rnnBackward } from './cell_rnn';
import { productPanels, productTile, productTileFrom } from './gemm';
import { at, flushTiny } from './math';
import { GRU, LSTM, NODE, Plan, RNN, WORKSPACE_ROWS, layerAt, rowsOf } from './rollout_plan';
import { scaleUnits, unitRowsAt } from './rollout_units';
import { TILE, addRows, clearRows, gatherTile, pad4, leftTile, panelTile, rowAt, scatterTile } from './tile';

/** Addresses of what a thread works on: rows [8], then panels of plan.slots steps. */
@unmanaged
export class Workspace {
  dh: usize;
  dc: usize;
  deltas: usize;
  /** Deltas of the read-out, the last rows of the deltas. */
  outputDeltas: usize;
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

/** Where the groups' sums begin. */
// @ts-ignore: decorator
@inline
export function sumsOf(plan: Plan): usize {
  return at(plan.weights, plan.returned);
}

/** The workspace of a thread. */
export function makeWorkspace(plan: Plan, thread: i32): Workspace {
  const base = at(sumsOf(plan), plan.groups * plan.partial + thread * plan.backwardWorkspace);
  const work = changetype<Workspace>(base);
  const slots = plan.slots;
  work.dh = rowAt(base, WORKSPACE_ROWS);
  work.dc = rowAt(work.dh, plan.hiddenRows);
  work.deltas = rowAt(work.dc, plan.hiddenRows);
  work.outputDeltas = rowAt(work.deltas, plan.deltaRows - plan.outputRows);
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

/** The sum of weight gradients that a tile adds to, cleared for the first tile of its group. */
export function sumOfTile(plan: Plan, tile: i32): usize {
  const sum = at(sumsOf(plan), (tile / plan.groupTiles) * plan.partial);
  if (tile % plan.groupTiles == 0) clearRows(sum, plan.partial / TILE);
  return sum;
}

/** Gradients behind the last step: none. */
export function startReturn(plan: Plan, work: Workspace): void {
  clearRows(work.dh, 2 * plan.hiddenRows + plan.deltaRows); // and dc, deltas
}

/** Before the steps of a chunk: `behind` is the record behind its last step, `steps` its length. */
export function startChunk(plan: Plan, work: Workspace, behind: usize, steps: i32): void {
  if (!plan.ctdb && !plan.noisy) panelTile(work.states, plan.slots + 1, steps, behind, plan.hiddenRows);
}

/** Gradient of the outputs of a step (its address for the tile's first trial), into the deltas of the read-out. */
export function loadOutputGradient(plan: Plan, work: Workspace, dOutputs: usize, trials: i32): void {
  gatherTile(work.outputDeltas, dOutputs, plan.steps * plan.outputs, plan.outputs, trials);
}

/** Deltas of the read-out from the gradient of its outputs, whose values lie at `outputs`. */
export function finishOutputDelta(plan: Plan, work: Workspace, outputs: usize, trials: i32): void {
  const to = work.outputDeltas;
  if (plan.sigmoid) gatherTile(work.temporary, outputs, plan.steps * plan.outputs, plan.outputs, trials);
  const bytes = usize(plan.outputs) << 5;
  for (let i: usize = 0; i < bytes; i += 16) {
    let d = v128.load(to + i);
    if (plan.sigmoid) {
      const y = v128.load(work.temporary + i);
      d = f32x4.mul(d, f32x4.mul(y, f32x4.sub(f32x4.splat(1), y)));
    }
    v128.store(to + i, flushTiny(d));
  }
}

/** No outputs before the first step. */
export function clearOutputDelta(plan: Plan, work: Workspace): void {
  clearRows(work.outputDeltas, plan.outputRows);
}

/** ∂h += Wᵀ deltas, those of the read-out included. */
export function returnToState(plan: Plan, work: Workspace): void {
  productTile(plan.weights, plan.hiddenRows, rowAt(work.deltas, plan.hiddenDelta), plan.deltaRows - plan.hiddenDelta, work.dh);
}

/** Gradient of at least the first `rows` inputs of a step, in `work.temporary`. */
export function returnToInputs(plan: Plan, work: Workspace, rows: i32): void {
  productTileFrom(at(plan.weights, plan.returnedInputs), pad4(plan.inputs), rows, rowAt(work.deltas, plan.inputDelta), plan.inputDeltaRows, 0, work.temporary);
}

/** Adds the gradient of a step's state, at its address for the tile's first trial. */
export function addStateGradient(plan: Plan, work: Workspace, dStates: usize, trials: i32): void {
  const stride = plan.steps * plan.state;
  gatherTile(work.temporary, dStates, stride, plan.hidden, trials);
  addRows(work.dh, work.temporary, plan.hidden);
  if (plan.cell != LSTM) return;
  gatherTile(work.temporary, at(dStates, plan.hidden), stride, plan.hidden, trials);
  addRows(work.dc, work.temporary, plan.hidden);
}

/**
 * Deltas of the cell at a step from ∂h, of which the part stays that does not pass through weights; keeps them with their operands as `slot` of the chunk.
 * `changed` is `unitRowsAt` for the state behind the step.
 */
export function returnThroughCell(plan: Plan, work: Workspace, record: usize, slot: i32, changed: usize, trials: i32): void {
  if (changed != 0) scaleUnits(plan, changed, work.dh, trials);
  const bytes = usize(plan.hiddenRows) << 5;
  const gates = rowAt(record, plan.gateRow);
  if (plan.cell == GRU) gruBackward(gates, record, work.dh, work.deltas, bytes);
  else if (plan.cell == LSTM) lstmBackward(gates, rowAt(record, plan.cellRow), work.dh, work.dc, work.deltas, bytes);
  else if (plan.cell == RNN) rnnBackward(gates, work.dh, work.deltas, bytes);
  else if (plan.cell == NODE) {
    eulerBackward(work.dh, plan.stepSize, work.deltas, bytes);
    returnThroughNetwork(plan, work, record);
  } else driscollBackward(gates, work.dh, work.deltas, plan.gamma, plan.ctdb != 0, bytes);
  keepStep(plan, work, record, slot);
}

/** Deltas of a NODE's layers from those of the last one. */
function returnThroughNetwork(plan: Plan, work: Workspace, record: usize): void {
  let weights = at(plan.weights, plan.returnedInputs);
  for (let index = plan.layers - 2; index > 0; index--) {
    const layer = layerAt(plan, index);
    const previous = layerAt(plan, index - 1);
    weights -= usize(layer.padded * layer.previous) << 2;
    const to = rowAt(work.deltas, previous.delta);
    productTileFrom(weights, layer.previous, layer.previous, rowAt(work.deltas, layer.delta), layer.padded, 0, to);
    reluBackward(rowAt(record, previous.row), to, usize(layer.previous) << 5);
  }
}

/** Keeps deltas and operands of a step, transposed into panels over time and trials. */
function keepStep(plan: Plan, work: Workspace, record: usize, slot: i32): void {
  const slots = plan.slots;
  for (let index = 0; index < plan.layers; index++) {
    const layer = layerAt(plan, index);
    leftTile(rowAt(work.deltaPanels, layer.delta * slots), slots, slot, rowAt(work.deltas, layer.delta), rowsOf(layer));
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

/** Adds the products of the `steps` kept steps to the sum of weight gradients. */
export function addWeightGradients(plan: Plan, work: Workspace, steps: i32, sum: usize): void {
  for (let index = 0; index < plan.layers; index++) addWeightGradient(plan, work, index, steps, sum);
}

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

/** The gradient of the initial state of the tile that begins with trial `first`, once all steps are behind. */
export function finishReturn(plan: Plan, work: Workspace, to: usize, first: i32, trials: i32): void {
  const changed = unitRowsAt(plan, first, trials, 0);
  if (changed != 0) scaleUnits(plan, changed, work.dh, trials);
  scatterTile(to, work.dh, plan.state, plan.hidden, trials);
  if (plan.cell == LSTM) scatterTile(at(to, plan.hidden), work.dc, plan.state, plan.hidden, trials);
}
