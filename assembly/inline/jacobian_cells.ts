// One step of a cell with one layer of gates in f64, and the rows of its Jacobian: each is a sum of rows of weights with the slopes of that unit's gates as factors.
// States and inputs lie in scratch memory, padded; `work` is what is left of it. Where no derivatives are asked for, their addresses are 0.
import { sigmoid_2, softplus_2, tanh_2 } from './activation_f64';
import { addBias64, addProduct64, at64, blendRow64, blendRows64, madd64, nmadd64, padded64, scaleRow64 } from './math_f64';

// @ts-ignore: decorator
@inline
function one(): v128 {
  return f64x2.splat(1);
}

/** σ's slope from its value. */
// @ts-ignore: decorator
@inline
function slope(y: v128): v128 {
  return f64x2.mul(y, f64x2.sub(one(), y));
}

/** tanh's slope from its value. */
// @ts-ignore: decorator
@inline
function tanhSlope(y: v128): v128 {
  return nmadd64(y, y, one());
}

/** weight_ih x + bias_ih and weight_hh h + bias_hh of `gates` gates; the same address for both adds them up. Returns the address behind the parameters read. */
function gateProducts(gates: i32, parameters: usize, inputs: i32, hidden: i32, x: usize, h: usize, inputSide: usize, hiddenSide: usize): void {
  const rows = gates * hidden;
  const weightHh = parameters + ((<usize>(rows * inputs)) << 2);
  const biasIh = weightHh + ((<usize>(rows * hidden)) << 2);
  memory.fill(inputSide, 0, (<usize>rows) << 3);
  memory.fill(hiddenSide, 0, (<usize>rows) << 3);
  addProduct64(parameters, rows, inputs, x, inputSide);
  addBias64(biasIh, rows, inputSide);
  addProduct64(weightHh, rows, hidden, h, hiddenSide);
  addBias64(biasIh + ((<usize>rows) << 2), rows, hiddenSide);
}

/** GRU: J = α W_hr + β W_hz + γ W_hn + z δ, by rows; α = (1 − z)(1 − n²) c r (1 − r), β = (h − n) z (1 − z), γ = (1 − z)(1 − n²) r. */
export function gruJacobian(parameters: usize, inputs: i32, hidden: i32, x: usize, h: usize, work: usize, next: usize, jacobian: usize, inputJacobian: usize): void {
  const inputSide = work;
  const hiddenSide = at64(work, padded64(3 * hidden));
  gateProducts(3, parameters, inputs, hidden, x, h, inputSide, hiddenSide);
  const step = padded64(hidden);
  const alpha = at64(hiddenSide, padded64(3 * hidden));
  const beta = at64(alpha, step);
  const gamma = at64(beta, step);
  const candidate = at64(gamma, step);
  const keep = at64(candidate, step);
  const result = at64(keep, step);
  for (let j: i32 = 0; j < hidden; j += 2) {
    const r = sigmoid_2(f64x2.add(v128.load(at64(inputSide, j)), v128.load(at64(hiddenSide, j))));
    const z = sigmoid_2(f64x2.add(v128.load(at64(inputSide, hidden + j)), v128.load(at64(hiddenSide, hidden + j))));
    const c = v128.load(at64(hiddenSide, 2 * hidden + j));
    const n = tanh_2(madd64(r, c, v128.load(at64(inputSide, 2 * hidden + j))));
    const old = v128.load(at64(h, j));
    const open = f64x2.sub(one(), z);
    v128.store(at64(result, j), madd64(z, old, f64x2.mul(open, n)));
    const direct = f64x2.mul(open, tanhSlope(n));
    v128.store(at64(candidate, j), direct);
    v128.store(at64(alpha, j), f64x2.mul(f64x2.mul(direct, c), slope(r)));
    v128.store(at64(beta, j), f64x2.mul(f64x2.sub(old, n), slope(z)));
    v128.store(at64(gamma, j), f64x2.mul(direct, r));
    v128.store(at64(keep, j), z);
  }
  memory.copy(next, result, (<usize>hidden) << 3);
  const weightHh = parameters + ((<usize>(3 * hidden * inputs)) << 2);
  if (jacobian) blendGates(jacobian, weightHh, hidden, hidden, alpha, beta, gamma, keep);
  if (inputJacobian) blendGates(inputJacobian, parameters, hidden, inputs, alpha, beta, candidate, 0);
}

/** Row j of y [hidden, columns] = a_j W[j] + b_j W[hidden + j] + c_j W[2 hidden + j], and keep_j on the diagonal where there is a `keep`. */
function blendGates(y: usize, weight: usize, hidden: i32, columns: i32, a: usize, b: usize, c: usize, keep: usize): void {
  const gate = (<usize>(hidden * columns)) << 2;
  for (let j: i32 = 0; j < hidden; j++) {
    const row = at64(y, j * columns);
    const w = weight + ((<usize>(j * columns)) << 2);
    blendRows64(row, columns, load<f64>(at64(a, j)), w, load<f64>(at64(b, j)), w + gate, load<f64>(at64(c, j)), w + 2 * gate);
    if (keep) store<f64>(at64(row, j), load<f64>(at64(row, j)) + load<f64>(at64(keep, j)));
  }
}

/** LSTM, state [h, c]: ∂c' = c f' W_f + g i' W_i + i g' W_g and f δ; ∂h' = o (1 − τ²) ∂c' + τ o' W_o with τ = tanh c'. */
export function lstmJacobian(parameters: usize, inputs: i32, hidden: i32, x: usize, state: usize, work: usize, next: usize, jacobian: usize, inputJacobian: usize): void {
  const gates = work;
  const hiddenSide = at64(gates, padded64(4 * hidden));
  gateProducts(4, parameters, inputs, hidden, x, state, gates, hiddenSide);
  const step = padded64(hidden);
  const ofInput = at64(hiddenSide, padded64(4 * hidden));
  const ofForget = at64(ofInput, step);
  const ofCell = at64(ofForget, step);
  const ofOutput = at64(ofCell, step);
  const through = at64(ofOutput, step);
  const forget = at64(through, step);
  const nextH = at64(forget, step);
  const nextC = at64(nextH, step);
  for (let j: i32 = 0; j < hidden; j += 2) {
    const i = sigmoid_2(f64x2.add(v128.load(at64(gates, j)), v128.load(at64(hiddenSide, j))));
    const f = sigmoid_2(f64x2.add(v128.load(at64(gates, hidden + j)), v128.load(at64(hiddenSide, hidden + j))));
    const g = tanh_2(f64x2.add(v128.load(at64(gates, 2 * hidden + j)), v128.load(at64(hiddenSide, 2 * hidden + j))));
    const o = sigmoid_2(f64x2.add(v128.load(at64(gates, 3 * hidden + j)), v128.load(at64(hiddenSide, 3 * hidden + j))));
    const c = v128.load(at64(state, hidden + j));
    const c1 = madd64(i, g, f64x2.mul(f, c));
    const tau = tanh_2(c1);
    v128.store(at64(nextC, j), c1);
    v128.store(at64(nextH, j), f64x2.mul(o, tau));
    v128.store(at64(ofInput, j), f64x2.mul(g, slope(i)));
    v128.store(at64(ofForget, j), f64x2.mul(c, slope(f)));
    v128.store(at64(ofCell, j), f64x2.mul(i, tanhSlope(g)));
    v128.store(at64(ofOutput, j), f64x2.mul(tau, slope(o)));
    v128.store(at64(through, j), f64x2.mul(o, tanhSlope(tau)));
    v128.store(at64(forget, j), f);
  }
  memory.copy(next, nextH, (<usize>hidden) << 3);
  memory.copy(at64(next, hidden), nextC, (<usize>hidden) << 3);
  const weightHh = parameters + ((<usize>(4 * hidden * inputs)) << 2);
  if (jacobian) {
    blendCell(jacobian, weightHh, hidden, hidden, 2 * hidden, ofInput, ofForget, ofCell, ofOutput, through);
    for (let j: i32 = 0; j < hidden; j++) {
      const ofH = at64(jacobian, 2 * hidden * j + hidden);
      const ofC = at64(jacobian, 2 * hidden * (hidden + j) + hidden);
      memory.fill(ofH, 0, (<usize>hidden) << 3);
      memory.fill(ofC, 0, (<usize>hidden) << 3);
      store<f64>(at64(ofH, j), load<f64>(at64(through, j)) * load<f64>(at64(forget, j)));
      store<f64>(at64(ofC, j), load<f64>(at64(forget, j)));
    }
  }
  if (inputJacobian) blendCell(inputJacobian, parameters, hidden, inputs, inputs, ofInput, ofForget, ofCell, ofOutput, through);
}

/** The first `columns` of rows j (of h') and hidden + j (of c') of y, whose rows are `stride` long. */
function blendCell(y: usize, weight: usize, hidden: i32, columns: i32, stride: i32, ofInput: usize, ofForget: usize, ofCell: usize, ofOutput: usize, through: usize): void {
  const gate = (<usize>(hidden * columns)) << 2;
  for (let j: i32 = 0; j < hidden; j++) {
    const w = weight + ((<usize>(j * columns)) << 2);
    const rowC = at64(y, (hidden + j) * stride);
    blendRows64(rowC, columns, load<f64>(at64(ofInput, j)), w, load<f64>(at64(ofForget, j)), w + gate, load<f64>(at64(ofCell, j)), w + 2 * gate);
    blendRow64(at64(y, j * stride), columns, load<f64>(at64(through, j)), rowC, load<f64>(at64(ofOutput, j)), w + 3 * gate);
  }
}

/** Vanilla RNN: J = (1 − h'²) W_hh, by rows. */
export function rnnJacobian(parameters: usize, inputs: i32, hidden: i32, x: usize, h: usize, work: usize, next: usize, jacobian: usize, inputJacobian: usize): void {
  const hiddenSide = at64(work, padded64(hidden));
  gateProducts(1, parameters, inputs, hidden, x, h, work, hiddenSide);
  const slopes = at64(hiddenSide, padded64(hidden));
  for (let j: i32 = 0; j < hidden; j += 2) {
    const y = tanh_2(f64x2.add(v128.load(at64(work, j)), v128.load(at64(hiddenSide, j))));
    v128.store(at64(work, j), y);
    v128.store(at64(slopes, j), tanhSlope(y));
  }
  memory.copy(next, work, (<usize>hidden) << 3);
  if (jacobian) scaleRows(jacobian, parameters + ((<usize>(hidden * inputs)) << 2), hidden, hidden, slopes);
  if (inputJacobian) scaleRows(inputJacobian, parameters, hidden, inputs, slopes);
}

/** Row j of y [rows, columns] = a_j W[j]. */
function scaleRows(y: usize, weight: usize, rows: i32, columns: i32, a: usize): void {
  for (let j: i32 = 0; j < rows; j++) scaleRow64(at64(y, j * columns), columns, load<f64>(at64(a, j)), weight + ((<usize>(j * columns)) << 2));
}

/** Driscoll: J = γ f'(a) recW + (1 − γ) δ; with ctdb (1 − γ) recW in place of the latter. */
// prettier-ignore
export function driscollJacobian(
  parameters: usize, inputs: i32, hidden: i32, gamma: f64, activation: i32, ctdb: i32,
  x: usize, h: usize, work: usize, next: usize, jacobian: usize, inputJacobian: usize,
): void {
  const step = padded64(hidden);
  const recurrent = work;
  const sum = at64(recurrent, step);
  const slopes = at64(sum, step);
  const inputWeight = parameters + ((<usize>(hidden * hidden)) << 2);
  memory.fill(recurrent, 0, (<usize>hidden) << 3);
  addProduct64(parameters, hidden, hidden, h, recurrent);
  memory.copy(sum, recurrent, (<usize>hidden) << 3);
  addProduct64(inputWeight, hidden, inputs, x, sum);
  addBias64(inputWeight + ((<usize>(hidden * inputs)) << 2), hidden, sum);
  const leak = 1 - gamma;
  for (let j: i32 = 0; j < hidden; j += 2) {
    const a = v128.load(at64(sum, j));
    let y: v128;
    let d: v128;
    if (activation == 0) {
      y = softplus_2(a);
      d = sigmoid_2(a);
    } else if (activation == 1) {
      y = tanh_2(a);
      d = tanhSlope(y);
    } else {
      // pmax takes its second operand where that is larger: NaN in the first passes.
      const positive = f64x2.gt(a, f64x2.splat(0));
      y = f64x2.pmax(a, f64x2.splat(0));
      d = v128.and(one(), positive);
      if (activation == 3) {
        y = tanh_2(y);
        d = v128.and(tanhSlope(y), positive);
      }
    }
    const carried = v128.load(at64(ctdb ? recurrent : h, j));
    v128.store(at64(sum, j), madd64(f64x2.splat(gamma), y, f64x2.mul(f64x2.splat(leak), carried)));
    v128.store(at64(slopes, j), f64x2.mul(f64x2.splat(gamma), d));
  }
  memory.copy(next, sum, (<usize>hidden) << 3);
  if (inputJacobian) scaleRows(inputJacobian, inputWeight, hidden, inputs, slopes);
  if (!jacobian) return;
  if (ctdb) for (let j: i32 = 0; j < hidden; j++) store<f64>(at64(slopes, j), load<f64>(at64(slopes, j)) + leak);
  scaleRows(jacobian, parameters, hidden, hidden, slopes);
  if (!ctdb)
    for (let j: i32 = 0; j < hidden; j++) {
      const diagonal = at64(jacobian, j * hidden + j);
      store<f64>(diagonal, load<f64>(diagonal) + leak);
    }
}
