// Weights packed into panels for `product`, once a launch: forward [k][8 rows], backward transposed. Work is cut into slices, so that threads can share it.
import { at } from './math';
import { pad4 } from './tile';
import { Layer, depthOf, rowsOf } from './rollout_plan';

/** Slices that the packing of a launch is cut into. */
export const SLICES: i32 = 32;

/** First row of slice `slice` of `rows`, on a panel's border. */
// @ts-ignore: decorator
@inline
function sliceStart(rows: i32, slice: i32): i32 {
  const panels = (rows + 7) >> 3;
  return min(rows, ((panels * slice) / SLICES) << 3);
}

/** One row of a layer: panel column `lane` of `to` [depth][height] from the row's weights, bias and input weights. */
function packRow(layer: Layer, parameters: usize, to: usize, height: i32, group: i32, unit: i32): void {
  const step = usize(height) << 2;
  const row = group * layer.real + unit;
  let k = 0;
  if (layer.previous > 0) {
    const source = at(parameters, layer.weight + row * layer.weightStride);
    for (; k < layer.previousReal; k++, to += step) f32.store(to, f32.load(at(source, k)));
    for (; k < layer.previous; k++, to += step) f32.store(to, 0);
  }
  let bias: f32 = layer.biasA < 0 ? 0 : f32.load(at(parameters, layer.biasA + row));
  if (layer.biasB >= 0) bias += f32.load(at(parameters, layer.biasB + row));
  f32.store(to, bias);
  const inputs = at(parameters, layer.inputWeight + row * layer.inputStride);
  for (let i = 0; i < layer.inputs; i++) {
    to += step;
    f32.store(to, f32.load(at(inputs, i)));
  }
}

/** Slices start to end of a layer's panels for the forward pass, at `packed` + layer.packed. */
export function packLayer(layer: Layer, parameters: usize, packed: usize, start: i32, end: i32): void {
  const depth = depthOf(layer);
  const rows = rowsOf(layer);
  const last = sliceStart(rows, end);
  for (let row = sliceStart(rows, start); row < last; row++) {
    const panel = row & ~7;
    const height = min(8, rows - panel);
    const to = at(packed, layer.packed + panel * depth + (row - panel));
    const group = row / layer.padded;
    const unit = row - group * layer.padded;
    if (unit < layer.real) packRow(layer, parameters, to, height, group, unit);
    else for (let k = 0; k < depth; k++) f32.store(to + usize(k * height) * 4, 0);
  }
}

/**
 * Slices of the transposed weights of a layer: result rows are columns [column, column + columns) of a weight matrix, k runs over the layer's rows.
 * Panels of `depth` steps of k lie at `to`; the layer's begin at step `k`.
 */
export function packTransposed(layer: Layer, matrix: usize, stride: i32, columns: i32, to: usize, depth: i32, k: i32, start: i32, end: i32): void {
  const rows = pad4(columns);
  const last = sliceStart(rows, end);
  for (let panel = sliceStart(rows, start); panel < last; panel += 8) {
    const height = min(8, rows - panel);
    let target = at(to, panel * depth + k * height);
    const count = min(height, columns - panel);
    for (let group = 0; group < layer.groups; group++) {
      for (let unit = 0; unit < layer.padded; unit++) {
        if (unit < layer.real && count == 8) {
          const source = at(matrix, (group * layer.real + unit) * stride + panel);
          v128.store(target, v128.load(source));
          v128.store(target, v128.load(source, 16), 16);
        } else {
          for (let j = 0; j < height; j++) f32.store(at(target, j), 0);
          if (unit < layer.real) {
            const source = at(matrix, (group * layer.real + unit) * stride + panel);
            for (let j = 0; j < count; j++) f32.store(at(target, j), f32.load(at(source, j)));
          }
        }
        target += usize(height) << 2;
      }
    }
  }
}
