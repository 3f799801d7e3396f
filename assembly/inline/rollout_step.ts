// A time step of the forward pass on a tile of 8 trials, feature-major [feature][8 trials]: what the decoupled rollout and the closed loop have in common.
import { sigmoid4 } from './activation';
import { driscollForward } from './cell_driscoll';
import { gruForward } from './cell_gru';
import { lstmForward } from './cell_lstm';
import { eulerStep, relu } from './cell_node';
import { rnnForward } from './cell_rnn';
import { productTileFrom } from './gemm';
import { at } from './math';
import { GRU, LSTM, Layer, NODE, Plan, RNN, WORKSPACE_ROWS, depthOf, hasOnes, layerAt, rowsOf } from './rollout_plan';
import { changeUnits, scaleUnits, unitRowsAt } from './rollout_units';
import { addRows, clearRows, copyRows, gatherTile, onesRow, rowAt, scatterTile } from './tile';

/** Addresses of what a thread works on. */
@unmanaged
export class Work {
  /** Outputs of the step, a NODE's velocity, state noise: rows [8]. */
  result: usize;
  velocity: usize;
  noise: usize;
  /** The cache, or two records that take turns where there is none. */
  records: usize;
  kept: bool;
}

/** The workspace of a thread; `cache` may be 0. */
export function makeWork(plan: Plan, cache: usize, thread: i32): Work {
  const base = at(plan.weights, plan.packed + thread * plan.forwardWorkspace);
  const work = changetype<Work>(base);
  work.result = rowAt(base, WORKSPACE_ROWS);
  work.velocity = rowAt(work.result, plan.outputRows);
  work.noise = rowAt(work.velocity, plan.hiddenRows);
  work.kept = cache != 0;
  work.records = cache != 0 ? cache : rowAt(work.noise, plan.hiddenRows);
  clearRows(work.noise, plan.hiddenRows);
  return work;
}

/** The first record of the tile that begins with trial `first`: initial state, with what changes in it, and the row of ones. */
export function startTile(plan: Plan, record: usize, initialState: usize, first: i32, trials: i32): void {
  loadState(plan, record, initialState, trials);
  const changed = unitRowsAt(plan, first, trials, 0);
  if (changed != 0) changeUnits(plan, changed, record, trials);
  onesRow(rowAt(record, plan.hiddenRows));
  if (plan.cell == LSTM) loadState(plan, rowAt(record, plan.cellRow), at(initialState, plan.hidden), trials);
}

/** Loads `hidden` features of the initial state into rows, with zeros in the padding. */
function loadState(plan: Plan, to: usize, from: usize, trials: i32): void {
  gatherTile(to, from, plan.state, plan.hidden, trials);
  clearRows(rowAt(to, plan.hidden), plan.hiddenRows - plan.hidden);
}

/** Where the inputs of a step begin in its record, behind the row of ones; their padding is cleared. */
export function inputsOf(plan: Plan, record: usize): usize {
  const to = rowAt(record, plan.hiddenRows + 1);
  clearRows(rowAt(to, plan.inputs), plan.inputRows - 1 - plan.inputs);
  return to;
}

/**
 * Cell and read-out: from a record with state and inputs to the next record's state and `work.result`.
 * `noise` and `states` are those of the tile's first trial at this step, [B, T, …], or 0; `changed` is `unitRowsAt` for the next state.
 */
export function stepNetwork(plan: Plan, work: Work, record: usize, next: usize, noise: usize, states: usize, changed: usize, trials: i32): void {
  onesRow(rowAt(next, plan.hiddenRows));
  if (noise != 0) gatherTile(work.noise, noise, plan.steps * plan.hidden, plan.hidden, trials);
  stepCell(plan, work, record, next, noise != 0);
  if (changed != 0) {
    changeUnits(plan, changed, next, trials);
    if (plan.noisy) scaleUnits(plan, changed, work.noise, trials);
  }
  layerProduct(layerAt(plan, plan.layers - 1), plan.weights, plan.ctdb ? record : next, work.result);
  if (plan.sigmoid) sigmoidRows(work.result, plan.outputRows);
  if (plan.noisy) {
    copyRows(rowAt(record, plan.cleanRow), next, plan.hiddenRows);
    addRows(next, work.noise, plan.hiddenRows);
  }
  if (states == 0) return;
  const stride = plan.steps * plan.state;
  scatterTile(states, next, stride, plan.hidden, trials);
  if (plan.cell == LSTM) scatterTile(at(states, plan.hidden), rowAt(next, plan.cellRow), stride, plan.hidden, trials);
}

function stepCell(plan: Plan, work: Work, record: usize, next: usize, noisy: bool): void {
  const bytes = usize(plan.hiddenRows) << 5;
  if (plan.cell == NODE) {
    networkProducts(plan, record, work.velocity);
    eulerStep(record, work.velocity, plan.stepSize, next, bytes);
    return;
  }
  gateProducts(plan, record);
  const gates = rowAt(record, plan.gateRow);
  if (plan.cell == GRU) gruForward(gates, record, next, bytes);
  else if (plan.cell == LSTM) lstmForward(gates, rowAt(record, plan.cellRow), rowAt(next, plan.cellRow), next, bytes);
  else if (plan.cell == RNN) rnnForward(gates, next, bytes);
  else driscollForward(gates, record, noisy ? work.noise : 0, next, plan.gamma, plan.activation, plan.ctdb != 0, bytes);
}

/** to = weights · operand + bias. */
function layerProduct(layer: Layer, packed: usize, operand: usize, to: usize): void {
  const rows = rowsOf(layer);
  const depth = depthOf(layer);
  const panels = at(packed, layer.packed);
  productTileFrom(panels, rows, rows, operand, depth, hasOnes(layer) ? 0 : at(panels, rows * depth), to);
}

/** Pre-activations of all gates. */
function gateProducts(plan: Plan, record: usize): void {
  for (let index = 0; index < plan.layers - 1; index++) {
    const layer = layerAt(plan, index);
    const operand = layer.previous > 0 ? record : rowAt(record, plan.hiddenRows);
    layerProduct(layer, plan.weights, operand, rowAt(record, layer.row));
  }
}

/** The multi-layer perceptron of a NODE; the last layer's result goes to `velocity`. */
function networkProducts(plan: Plan, record: usize, velocity: usize): void {
  let operand = record;
  for (let index = 0; index < plan.layers - 2; index++) {
    const layer = layerAt(plan, index);
    const to = rowAt(record, layer.row);
    layerProduct(layer, plan.weights, operand, to);
    relu(to, usize(layer.padded) << 5);
    operand = to;
  }
  layerProduct(layerAt(plan, plan.layers - 2), plan.weights, operand, velocity);
}

function sigmoidRows(x: usize, rows: i32): void {
  const bytes = usize(rows) << 5;
  for (let i: usize = 0; i < bytes; i += 16) v128.store(x + i, sigmoid4(v128.load(x + i)));
}
