// What the phases of a rollout agree on: sizes, offsets of parameters, layout of a time step's record and of packed weights. All in floats unless it says bytes.
// src/backends/wasm/rollout-table.ts repeats the totals, to allocate them; test/kernels holds both to it with guarded buffers.
import { pad4, TILE } from './tile';

/** Cells in the order of the catalogue's variants. */
export const GRU: i32 = 0;
export const LSTM: i32 = 1;
export const RNN: i32 = 2;
export const NODE: i32 = 3;
export const DRISCOLL: i32 = 4;

/** More layers than the model options allow; each plan has room for them. */
export const MAXIMUM_LAYERS: i32 = 32;

/**
 * A layer of the forward pass: rows = weights · [previous; 1; inputs], where any of the three may be missing.
 * Rows come as `groups` (gates) of `real` rows, each padded to `padded`.
 */
@unmanaged
export class Layer {
  groups: i32;
  real: i32;
  padded: i32;
  /** Rows of the operand before the row of ones, and how many of them are real; 0: none. */
  previous: i32;
  previousReal: i32;
  /** Columns of inputs behind the row of ones. */
  inputs: i32;
  /** Where weights of [previous] and of the inputs start in the parameters, and their row lengths. */
  weight: i32;
  weightStride: i32;
  inputWeight: i32;
  inputStride: i32;
  /** Up to two biases that add up; -1: none. */
  biasA: i32;
  biasB: i32;
  /** Offset of the packed panels; biases that results start from lie behind them. */
  packed: i32;
  /** First row in the record of a step (forward) and in the deltas (backward). */
  row: i32;
  delta: i32;
  /** Offset of its weight gradient [rows][previous + padded (1 + inputs)] in a group's sum. */
  gradient: i32;
}

/** Whether a layer's operand is [previous; 1; inputs], which holds its bias; otherwise it is [previous], and the result starts from the bias. */
// @ts-ignore: decorator
@inline
export function hasOnes(layer: Layer): bool {
  return layer.inputs > 0 || layer.previous == 0;
}

/** Steps of k of a layer's product. */
// @ts-ignore: decorator
@inline
export function depthOf(layer: Layer): i32 {
  return hasOnes(layer) ? layer.previous + 1 + layer.inputs : layer.previous;
}

/** Rows of a layer's result. */
// @ts-ignore: decorator
@inline
export function rowsOf(layer: Layer): i32 {
  return layer.groups * layer.padded;
}

@unmanaged
export class Plan {
  cell: i32;
  trials: i32;
  steps: i32;
  inputs: i32;
  outputs: i32;
  hidden: i32;
  state: i32;
  ctdb: i32;
  noisy: i32;
  /** Hidden units and outputs, padded. */
  hiddenRows: i32;
  outputRows: i32;
  /** Rows [1; inputs], padded. */
  inputRows: i32;
  /** The record of a step: operand [h; 1; inputs], then c (LSTM), then gates or layers, then h before the noise. */
  cellRow: i32;
  gateRow: i32;
  cleanRow: i32;
  record: i32;
  /** Layers of the cell, the read-out behind them. */
  layers: i32;
  packed: i32;
  /** Rows of deltas: all layers of the cell, then those of the read-out. */
  deltaRows: i32;
  tiles: i32;
  /** Workspace of a thread: forward, backward. */
  forwardWorkspace: i32;
  backwardWorkspace: i32;
  /** Transposed weights: all of them, and where those that lead to the inputs start. */
  returned: i32;
  returnedInputs: i32;
  /** Time steps whose deltas are kept until their product with the states is added to the weight gradient. */
  slots: i32;
  /** Tiles whose weight gradients are summed one after another (1 unless the sums take too much memory), number of such groups, size of one's sum. */
  groupTiles: i32;
  groups: i32;
  partial: i32;
  /** First row of the deltas that reach h (they go on to the end), first row and number of those that reach the inputs. */
  hiddenDelta: i32;
  inputDelta: i32;
  inputDeltaRows: i32;
  temporaryRows: i32;
  /** What the cell and the read-out need besides sizes. */
  stepSize: f32;
  gamma: f32;
  activation: i32;
  sigmoid: i32;
  /** Address of the packed weights, behind everything that describes the launch. */
  weights: usize;
  /** Changed units (rollout_units.ts): which row each trial and state has, or 0; gains and shifts, rows of them. */
  unitRows: usize;
  unitGain: usize;
  unitShift: usize;
  unitCount: i32;
}

/** Bytes of a plan's own fields; its layers follow them. */
const LAYERS_AT: usize = 192;

/** Bytes of a plan with its layers. */
export const PLAN_BYTES: usize = LAYERS_AT + 64 * 36;

/** The plan that the first phase of a launch left in its scratch memory. */
// @ts-ignore: decorator
@inline
export function planOf(scratch: usize): Plan {
  return changetype<Plan>(scratch);
}

// @ts-ignore: decorator
@inline
export function layerAt(plan: Plan, index: i32): Layer {
  return changetype<Layer>(changetype<usize>(plan) + LAYERS_AT + (usize(index) << 6));
}

function addLayer(plan: Plan, groups: i32, real: i32, previousReal: i32, previous: i32, inputs: i32): Layer {
  const layer = layerAt(plan, plan.layers++);
  layer.groups = groups;
  layer.real = real;
  layer.padded = pad4(real);
  layer.previous = previous;
  layer.previousReal = previousReal;
  layer.inputs = inputs;
  layer.weight = -1;
  layer.weightStride = previousReal;
  layer.inputWeight = -1;
  layer.inputStride = inputs;
  layer.biasA = -1;
  layer.biasB = -1;
  layer.packed = plan.packed;
  plan.packed += rowsOf(layer) * (depthOf(layer) + (hasOnes(layer) ? 0 : TILE));
  return layer;
}

/**
 * Gates of a cell whose recurrent and input parts add up before the activation (`joint` of them), or stay apart (0 or 1: GRU's n, Driscoll's ctdb form).
 * Order of rows: joint gates, recurrent part, input part in a record; input part first in the deltas, so that those of the inputs and those of h each lie together.
 */
function planGates(plan: Plan, gates: i32, joint: i32, apart: i32): i32 {
  const hidden = plan.hidden;
  const rows = plan.hiddenRows;
  const inputs = plan.inputs;
  const driscoll = plan.cell == DRISCOLL;
  const size = gates * hidden;
  const weight = driscoll ? 0 : size * inputs;
  const inputWeight = driscoll ? size * hidden : 0;
  const bias = size * (inputs + hidden);
  let row = plan.gateRow;
  if (joint > 0) {
    const layer = addLayer(plan, joint, hidden, hidden, rows, inputs);
    layer.weight = weight;
    layer.inputWeight = inputWeight;
    layer.biasA = bias;
    layer.biasB = driscoll ? -1 : bias + size;
    layer.row = row;
    layer.delta = apart * rows;
    row += joint * rows;
  }
  if (apart > 0) {
    const recurrent = addLayer(plan, 1, hidden, hidden, rows, 0);
    recurrent.weight = weight + joint * hidden * hidden;
    recurrent.biasA = driscoll ? -1 : bias + size + joint * hidden;
    recurrent.row = row;
    recurrent.delta = (1 + joint) * rows;
    const external = addLayer(plan, 1, hidden, 0, 0, inputs);
    external.inputWeight = inputWeight + joint * hidden * inputs;
    external.biasA = bias + joint * hidden;
    external.row = row + rows;
    external.delta = 0;
    row += 2 * rows;
  }
  plan.deltaRows = (joint + 2 * apart) * rows;
  plan.hiddenDelta = apart * rows;
  plan.inputDelta = 0;
  plan.inputDeltaRows = (joint + apart) * rows;
  plan.cleanRow = row;
  return bias + (driscoll ? size : 2 * size);
}

/** The multi-layer perceptron of a NODE: each layer's record holds its activations; the last one's result is not recorded. */
function planNetwork(plan: Plan, layerSizes: usize, count: i32): i32 {
  let previousReal = plan.hidden;
  let previous = plan.hiddenRows;
  let offset = 0;
  let row = plan.gateRow;
  for (let i = 0; i <= count; i++) {
    const real: i32 = i < count ? i32.load(layerSizes + (usize(i) << 2)) : plan.hidden;
    const inputs = i == 0 ? plan.inputs : 0;
    const layer = addLayer(plan, 1, real, previousReal, previous, inputs);
    layer.weight = offset;
    layer.weightStride = previousReal + inputs;
    layer.inputWeight = offset + previousReal;
    layer.inputStride = previousReal + inputs;
    offset += real * (previousReal + inputs);
    layer.biasA = offset;
    offset += real;
    layer.row = row;
    if (i < count) row += layer.padded;
    previousReal = real;
    previous = layer.padded;
  }
  // Deltas in reverse: those of the first layer end next to the read-out's, as both reach h in one product.
  let delta = 0;
  for (let i = count; i >= 0; i--) {
    const layer = layerAt(plan, i);
    layer.delta = delta;
    delta += layer.padded;
  }
  plan.deltaRows = delta;
  const entry = layerAt(plan, 0);
  plan.hiddenDelta = entry.delta;
  plan.inputDelta = entry.delta;
  plan.inputDeltaRows = entry.padded;
  plan.cleanRow = row;
  return offset;
}

/** Fills in a plan at `to` from the arguments that all rollout kernels share. */
export function makePlan(
  to: usize,
  cell: i32,
  layerSizes: usize,
  trials: i32,
  steps: i32,
  inputs: i32,
  state: i32,
  layerCount: i32,
  outputs: i32,
  hidden: i32,
  noisy: bool,
  sigmoid: i32,
  stepSize: f32,
  gamma: f32,
  activation: i32,
  ctdb: i32,
): Plan {
  const plan = changetype<Plan>(to);
  plan.weights = to + PLAN_BYTES;
  plan.sigmoid = sigmoid;
  plan.stepSize = stepSize;
  plan.gamma = gamma;
  plan.activation = activation;
  plan.cell = cell;
  plan.trials = trials;
  plan.steps = steps;
  plan.inputs = inputs;
  plan.outputs = outputs;
  plan.hidden = hidden;
  plan.state = state;
  plan.ctdb = cell == DRISCOLL ? ctdb : 0;
  plan.noisy = noisy && cell != DRISCOLL ? 1 : 0;
  plan.hiddenRows = pad4(hidden);
  plan.outputRows = pad4(outputs);
  plan.inputRows = pad4(1 + inputs);
  plan.tiles = (trials + TILE - 1) / TILE;
  plan.cellRow = plan.hiddenRows + plan.inputRows;
  plan.gateRow = plan.cellRow + (cell == LSTM ? plan.hiddenRows : 0);
  plan.layers = 0;
  plan.packed = 0;
  let offset = 0;
  if (cell == GRU) offset = planGates(plan, 3, 2, 1);
  else if (cell == LSTM) offset = planGates(plan, 4, 4, 0);
  else if (cell == RNN) offset = planGates(plan, 1, 1, 0);
  else if (cell == NODE) offset = planNetwork(plan, layerSizes, layerCount);
  else offset = planGates(plan, 1, plan.ctdb ? 0 : 1, plan.ctdb ? 1 : 0);
  if (cell == LSTM) plan.cleanRow += plan.hiddenRows; // tanh(c') stands behind the gates
  plan.record = (plan.cleanRow + plan.noisy * plan.hiddenRows) * TILE;
  const readout = addLayer(plan, 1, outputs, hidden, plan.hiddenRows, 0);
  readout.weight = offset;
  readout.biasA = offset + outputs * hidden;
  readout.delta = plan.deltaRows;
  plan.deltaRows += plan.outputRows;
  plan.forwardWorkspace = (WORKSPACE_ROWS + plan.outputRows + 2 * plan.hiddenRows) * TILE + 2 * plan.record;
  planBackward(plan);
  return plan;
}

/** Floats of deltas and operands that a thread keeps for the weight gradient: small enough for a second-level cache of 1 MB, with weights beside them. */
const SLOT_FLOATS: i32 = 98304;
/** Floats that the groups' sums may take together, where two groups need less. */
const PARTIAL_FLOATS: i32 = 33554432;

/** Rows that a workspace keeps its addresses in. */
export const WORKSPACE_ROWS: i32 = 2;

/** Rows of operands kept beside the deltas: h, inputs, h before the noise, activations of a network's layers, ones. */
function operandRows(plan: Plan): i32 {
  let rows = (1 + plan.noisy) * plan.hiddenRows + plan.inputRows + 4;
  if (plan.cell == NODE) for (let i = 0; i < plan.layers - 2; i++) rows += layerAt(plan, i).padded;
  return rows;
}

function planBackward(plan: Plan): void {
  plan.partial = 0;
  plan.returned = plan.hiddenRows * (plan.deltaRows - plan.hiddenDelta);
  for (let i = 0; i < plan.layers; i++) {
    const layer = layerAt(plan, i);
    layer.gradient = plan.partial;
    plan.partial += rowsOf(layer) * (layer.previous + pad4(1 + layer.inputs));
    if (plan.cell == NODE && i > 0 && i < plan.layers - 1) plan.returned += layer.padded * layer.previous;
  }
  plan.returnedInputs = plan.returned;
  plan.returned += pad4(plan.inputs) * plan.inputDeltaRows;
  const rows = plan.deltaRows + operandRows(plan);
  plan.slots = min(plan.steps, max(4, min(64, SLOT_FLOATS / (rows * TILE))));
  plan.temporaryRows = max(plan.hiddenRows, max(plan.outputRows, pad4(plan.inputs)));
  plan.backwardWorkspace = (WORKSPACE_ROWS + 3 * plan.hiddenRows + plan.deltaRows + plan.temporaryRows + plan.slots * rows) * TILE;
  const limit = max(2, PARTIAL_FLOATS / plan.partial);
  plan.groupTiles = (plan.tiles + limit - 1) / limit;
  plan.groups = (plan.tiles + plan.groupTiles - 1) / plan.groupTiles;
}
