// One Euler step of a NODE in f64 and its Jacobian: the derivatives of each layer by state and input, [width, H + I], carried forward through the layers.
import { addBias64, addProduct64, addScaled64, at64, padded64, scaleRow64 } from './math_f64';

/**
 * h' = h + stepSize · MLP(u), u = [h, x] of n = hidden + inputs numbers, linear maps with ReLU between them; ∂h' = δ + stepSize · W_L ∘ … ∘ W_1.
 * `widest`: the widest layer. `work` holds two vectors of it and of n, one matrix [widest, n] for each of two neighbouring layers.
 */
// prettier-ignore
export function nodeJacobian(
  parameters: usize, layerSizes: usize, layers: i32, widest: i32, inputs: i32, hidden: i32, stepSize: f64,
  u: usize, work: usize, next: usize, jacobian: usize, inputJacobian: usize,
): void {
  const n = hidden + inputs;
  const wanted = jacobian != 0 || inputJacobian != 0;
  const row = work;
  let values = at64(row, padded64(n));
  let newValues = at64(values, padded64(widest));
  let derivatives = at64(newValues, padded64(widest));
  let newDerivatives = at64(derivatives, widest * n);
  let weight = parameters;
  let from = u;
  let width = n;
  for (let layer: i32 = 0; layer < layers; layer++) {
    const rows = load<i32>(layerSizes + ((<usize>layer) << 2));
    applyLayer(weight, rows, width, from, newValues);
    for (let i: i32 = 0; i < rows; i++) {
      const value = load<f64>(at64(newValues, i));
      // NaN stays.
      if (value < 0) store<f64>(at64(newValues, i), 0);
      if (!wanted) continue;
      const target = at64(newDerivatives, i * n);
      const w = weight + ((<usize>(i * width)) << 2);
      if (!(value > 0)) memory.fill(target, 0, (<usize>n) << 3);
      else if (layer == 0) scaleRow64(target, n, 1, w);
      else addRows(target, n, w, width, derivatives);
    }
    weight += (<usize>(rows * (width + 1))) << 2;
    width = rows;
    const oldValues = values;
    values = newValues;
    newValues = oldValues;
    from = values;
    const old = derivatives;
    derivatives = newDerivatives;
    newDerivatives = old;
  }
  applyLayer(weight, hidden, width, from, row);
  for (let i: i32 = 0; i < hidden; i++) store<f64>(at64(next, i), load<f64>(at64(u, i)) + stepSize * load<f64>(at64(row, i)));
  if (!wanted) return;
  for (let i: i32 = 0; i < hidden; i++) {
    addRows(row, n, weight + ((<usize>(i * width)) << 2), width, derivatives);
    if (jacobian) {
      for (let k: i32 = 0; k < hidden; k++) store<f64>(at64(jacobian, i * hidden + k), (k == i ? 1.0 : 0.0) + stepSize * load<f64>(at64(row, k)));
    }
    if (inputJacobian) {
      for (let k: i32 = 0; k < inputs; k++) store<f64>(at64(inputJacobian, i * inputs + k), stepSize * load<f64>(at64(row, hidden + k)));
    }
  }
}

/** y = W x + b, the bias behind the weight. */
function applyLayer(weight: usize, rows: i32, columns: i32, x: usize, y: usize): void {
  memory.fill(y, 0, (<usize>rows) << 3);
  addProduct64(weight, rows, columns, x, y);
  addBias64(weight + ((<usize>(rows * columns)) << 2), rows, y);
}

/** y = Σ_k weight[k] x[k], rows of n numbers. */
function addRows(y: usize, n: i32, weight: usize, count: i32, x: usize): void {
  memory.fill(y, 0, (<usize>n) << 3);
  for (let k: i32 = 0; k < count; k++) addScaled64(y, n, <f64>load<f32>(weight + ((<usize>k) << 2)), at64(x, k * n));
}
