// Weights packed into the panels of gemm.ts, once a launch: as they are for the forward pass, transposed for the way back. Work is cut into slices, so that threads can share it.
import { at, loadPartial } from './math';
import { TILE, fillRow, pad4 } from './tile';
import { Layer, NODE, Plan, depthOf, hasOnes, layerAt, rowsOf } from './rollout_plan';

/** Slices that the packing of a launch is cut into. */
export const SLICES: i32 = 32;

/** First row of slice `slice` of `rows`, on a panel's border. */
// @ts-ignore: decorator
@inline
function sliceStart(rows: i32, slice: i32): i32 {
  return (((rows >> 2) * slice) / SLICES) << 2;
}

/** Where element (k, row) of a panel of 4 rows lies in it. */
// @ts-ignore: decorator
@inline
function pairOffset(k: i32, row: i32): i32 {
  return ((k >> 1) << 3) + ((row >> 1) << 2) + ((row & 1) << 1) + (k & 1);
}

// @ts-ignore: decorator
@inline
function put(panel: usize, k: i32, row: i32, value: f32): void {
  f32.store(at(panel, pairOffset(k, row)), value);
}

/** Row `lane` of a panel, from row `row` of a layer's weights, bias and input weights. Returns the bias. */
function packRow(layer: Layer, parameters: usize, panel: usize, lane: i32, row: i32): f32 {
  let k = 0;
  const source = at(parameters, layer.weight + row * layer.weightStride);
  for (; k < layer.previousReal; k++) put(panel, k, lane, f32.load(at(source, k)));
  for (; k < layer.previous; k++) put(panel, k, lane, 0);
  let bias: f32 = layer.biasA < 0 ? 0 : f32.load(at(parameters, layer.biasA + row));
  if (layer.biasB >= 0) bias += f32.load(at(parameters, layer.biasB + row));
  if (!hasOnes(layer)) return bias;
  put(panel, k++, lane, bias);
  const inputs = at(parameters, layer.inputWeight + row * layer.inputStride);
  for (let i = 0; i < layer.inputs; i++) put(panel, k++, lane, f32.load(at(inputs, i)));
  if (k & 1) put(panel, k, lane, 0);
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
  for (let row = sliceStart(rows, start); row < last; row++) {
    const lane = row & 3;
    const panel = at(packed, layer.packed + (row - lane) * depth);
    const group = row / layer.padded;
    const unit = row - group * layer.padded;
    let bias: f32 = 0;
    if (unit < layer.real) bias = packRow(layer, parameters, panel, lane, group * layer.real + unit);
    else for (let k = 0; k < depth; k++) put(panel, k, lane, 0);
    if (!hasOnes(layer)) fillRow(at(packed, layer.packed + rows * depth + row * TILE), bias);
  }
}

/** Four weights of one row from column `column` on, zeros beyond `columns`. */
// @ts-ignore: decorator
@inline
function fourWeights(row: usize, column: i32, columns: i32): v128 {
  return column + 4 <= columns ? v128.load(at(row, column)) : loadPartial(at(row, column), columns - column);
}

/**
 * Slices of the transposed weights of a layer: result rows are columns [0, columns) of a weight matrix, k runs over the layer's rows.
 * Panels of `depth` steps of k lie at `to`; the layer's begin at step `k`.
 */
function packTransposed(layer: Layer, matrix: usize, stride: i32, columns: i32, to: usize, depth: i32, k: i32, start: i32, end: i32): void {
  const rows = pad4(columns);
  const zero = f32x4.splat(0);
  const last = sliceStart(rows, end);
  for (let panel = sliceStart(rows, start); panel < last; panel += 4) {
    let target = at(to, panel * depth + k * 4);
    for (let group = 0; group < layer.groups; group++) {
      for (let unit = 0; unit < layer.padded; unit += 2) {
        const row = at(matrix, (group * layer.real + unit) * stride);
        const first = unit < layer.real ? fourWeights(row, panel, columns) : zero;
        const second = unit + 1 < layer.real ? fourWeights(at(row, stride), panel, columns) : zero;
        v128.store(target, v128.shuffle<f32>(first, second, 0, 4, 1, 5));
        v128.store(target, v128.shuffle<f32>(first, second, 2, 6, 3, 7), 16);
        target += 32;
      }
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
