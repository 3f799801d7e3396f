// Weights packed into the panels of gemm.ts, once a launch: as they are for the forward pass, transposed for the way back. Work is cut into slices, so that threads can share it.
import { panelHeight, panelStart, panelsOf, rowsInSixes } from './gemm';
import { at } from './math';
import { TILE, fillRow, pad4 } from './tile';
import { Layer, NODE, Plan, depthOf, hasOnes, layerAt, rowsOf } from './rollout_plan';

/** Slices that the packing of a launch is cut into. */
export const SLICES: i32 = 32;

/** First row of slice `slice` of `rows`. */
// @ts-ignore: decorator
@inline
function sliceStart(rows: i32, slice: i32): i32 {
  return (rows * slice) / SLICES;
}

/** Writes `value` at `to` and returns the address of the panel's next step of k. */
// @ts-ignore: decorator
@inline
function put(to: usize, step: usize, value: f32): usize {
  f32.store(to, value);
  return to + step;
}

/** A row of a panel, at `to` with `step` bytes from one k to the next, from row `row` of a layer's weights, bias and input weights. Returns the bias. */
function packRow(layer: Layer, parameters: usize, to: usize, step: usize, row: i32): f32 {
  const source = at(parameters, layer.weight + row * layer.weightStride);
  for (let k = 0; k < layer.previousReal; k++) to = put(to, step, f32.load(at(source, k)));
  for (let k = layer.previousReal; k < layer.previous; k++) to = put(to, step, 0);
  let bias: f32 = layer.biasA < 0 ? 0 : f32.load(at(parameters, layer.biasA + row));
  if (layer.biasB >= 0) bias += f32.load(at(parameters, layer.biasB + row));
  if (!hasOnes(layer)) return bias;
  to = put(to, step, bias);
  const inputs = at(parameters, layer.inputWeight + row * layer.inputStride);
  for (let i = 0; i < layer.inputs; i++) to = put(to, step, f32.load(at(inputs, i)));
  return bias;
}

/** Slices start to end of all weights for the forward pass. */
export function packForward(plan: Plan, parameters: usize, start: i32, end: i32): void {
  for (let index = 0; index < plan.layers; index++) packLayer(layerAt(plan, index), parameters, plan.weights, start, end);
}

/** Slices start to end of a layer's panels for the forward pass, at `packed` + layer.packed. */
function packLayer(layer: Layer, parameters: usize, packed: usize, start: i32, end: i32): void {
  const depth = depthOf(layer);
  const rows = rowsOf(layer);
  const last = sliceStart(rows, end);
  const sixes = rowsInSixes(rows);
  for (let row = sliceStart(rows, start); row < last; row++) {
    const height = row < sixes ? 6 : 4;
    const lane = row < sixes ? row % 6 : (row - sixes) & 3;
    const to = at(packed, layer.packed + (row - lane) * depth + lane);
    const step = usize(height) << 2;
    const group = row / layer.padded;
    const unit = row - group * layer.padded;
    let bias: f32 = 0;
    if (unit < layer.real) bias = packRow(layer, parameters, to, step, group * layer.real + unit);
    else for (let k = 0; k < depth; k++) f32.store(to + usize(k) * step, 0);
    if (!hasOnes(layer)) fillRow(at(packed, layer.packed + rows * depth + row * TILE), bias);
  }
}

/** A step of k of a panel: `height` (6 or 4) weights of a row from column `column` on, zeros beyond `columns`. */
// @ts-ignore: decorator
@inline
function packColumns(to: usize, row: usize, column: i32, columns: i32, height: i32): void {
  if (column + height <= columns) {
    v128.store(to, v128.load(at(row, column)));
    if (height == 6) i64.store(to, i64.load(at(row, column + 4)), 16);
    return;
  }
  for (let lane = 0; lane < height; lane++) f32.store(at(to, lane), column + lane < columns ? f32.load(at(row, column + lane)) : 0);
}

/**
 * Slices of the transposed weights of a layer: result rows are columns [0, columns) of a weight matrix, k runs over the layer's rows.
 * Panels of `depth` steps of k lie at `to`; the layer's begin at step `k`.
 */
function packTransposed(layer: Layer, matrix: usize, stride: i32, columns: i32, to: usize, depth: i32, k: i32, start: i32, end: i32): void {
  const rows = pad4(columns);
  const panels = panelsOf(rows);
  const last = sliceStart(panels, end);
  for (let panel = sliceStart(panels, start); panel < last; panel++) {
    const first = panelStart(rows, panel);
    const height = panelHeight(rows, first);
    const step = usize(height) << 2;
    let target = at(to, first * depth + k * height);
    for (let group = 0; group < layer.groups; group++) {
      let row = at(matrix, group * layer.real * stride);
      for (let unit = 0; unit < layer.real; unit++) {
        packColumns(target, row, first, columns, height);
        row = at(row, stride);
        target += step;
      }
      const padding = usize(layer.padded - layer.real) * step;
      memory.fill(target, 0, padding);
      target += padding;
    }
  }
}

/** Slices start to end of all weights for the way back: those that lead to h, those between a network's layers, those that lead to the inputs. */
export function packReturn(plan: Plan, parameters: usize, start: i32, end: i32): void {
  const packed = plan.weights;
  const depth = plan.deltaRows - plan.hiddenDelta;
  let inner = at(packed, plan.hiddenRows * depth);
  for (let index = 0; index < plan.layers; index++) {
    const layer = layerAt(plan, index);
    const weights = at(parameters, layer.weight);
    if (plan.cell == NODE && index > 0 && index < plan.layers - 1) {
      packTransposed(layer, weights, layer.weightStride, layer.previousReal, inner, layer.padded, 0, start, end);
      inner = at(inner, layer.padded * layer.previous);
    } else if (layer.previous > 0) {
      packTransposed(layer, weights, layer.weightStride, layer.previousReal, packed, depth, layer.delta - plan.hiddenDelta, start, end);
    }
    if (layer.inputs > 0) {
      const inputWeights = at(parameters, layer.inputWeight);
      packTransposed(layer, inputWeights, layer.inputStride, layer.inputs, at(packed, plan.returnedInputs), plan.inputDeltaRows, layer.delta - plan.inputDelta, start, end);
    }
  }
}
