// The last phase of a rollout's way back: sums of weight gradients into the gradient, four groups of tiles at a time, in order. Work is cut into slices of rows.
// Where a group is one tile, that is 32 trials at a time: the same bits however a batch is cut into micro-batches of whole 32.
import { at } from './math';
import { SLICES } from './rollout_pack';
import { Layer, Plan, layerAt, rowsOf } from './rollout_plan';
import { sumsOf } from './rollout_return';
import { pad4 } from './tile';

/** Groups that are added up before they are added to the gradient. */
const TOGETHER: i32 = 4;

/** Slices start to end of every layer's rows: gradient += sums. */
export function reduceGradients(plan: Plan, gradient: usize, start: i32, end: i32): void {
  const sums = sumsOf(plan);
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
    const target = at(to, column);
    v128.store(target, addGroups(plan, at(sums, blockOffset(rows, layer.previous, row, column)), v128.load(target)));
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

/** Four neighbouring elements of a gradient with the groups' sums added, which begin at `from`. */
function addGroups(plan: Plan, from: usize, gradient: v128): v128 {
  for (let first = 0; first < plan.groups; first += TOGETHER) {
    let total = v128.load(from);
    from = at(from, plan.partial);
    for (let group = first + 1; group < min(plan.groups, first + TOGETHER); group++) {
      total = f32x4.add(total, v128.load(from));
      from = at(from, plan.partial);
    }
    gradient = f32x4.add(gradient, total);
  }
  return gradient;
}

/** The same for one element. */
function addTotal(plan: Plan, from: usize, to: usize): void {
  let gradient = f32.load(to);
  for (let first = 0; first < plan.groups; first += TOGETHER) {
    let total = f32.load(from);
    from = at(from, plan.partial);
    for (let group = first + 1; group < min(plan.groups, first + TOGETHER); group++) {
      total += f32.load(from);
      from = at(from, plan.partial);
    }
    gradient += total;
  }
  f32.store(to, gradient);
}
