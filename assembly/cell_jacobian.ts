// cell_jacobian: one step of a cell in f64 and its derivatives by state and input, for many states at once
// Math      next = F(state, input); jacobian[i, j] = ∂next_i/∂state_j, input_jacobian[i, j] = ∂next_i/∂input_j, from the cells' equations (inline/jacobian_*.ts)
// In        inputs [B, I] (f64)  parameters [P]  states [B, S] (f64)  layer_sizes [L] (i32, NODE)
// Out       next [B, S] (f64)  jacobian [B, S, S] (f64, may be absent)  input_jacobian [B, S, I] (f64, may be absent)  scratch: a workspace a thread
// Mapping   one unit = one state; rows of the Jacobian are sums of rows of weights, two f64 lanes at a time
// Memory    a workspace of some 12 vectors of H (NODE: two matrices of derivatives); the weights are read once a state, and stay in the caches
// Limits    S² B < 2^31; layers of a NODE below 2^31 / (H + I)
// Numerics  max |error| vs reference 1e-14 at H = 128; functions within two units in the last place (inline/activation_f64.ts)
// Twins     src/backends/reference/cell_jacobian.ts
import { driscollJacobian, gruJacobian, lstmJacobian, rnnJacobian } from './inline/jacobian_cells';
import { nodeJacobian } from './inline/jacobian_node';
import { at64, padded64 } from './inline/math_f64';

/** Elements (f64) of a thread's workspace behind state and input; src/backends/wasm/fixed-point-table.ts says the same. */
function workspaceLength(variant: i32, hidden: i32, inputs: i32, widest: i32): i32 {
  if (variant == 3) return padded64(hidden + inputs) + 2 * padded64(widest) + 2 * widest * (hidden + inputs);
  return 2 * padded64(4 * hidden) + 8 * padded64(hidden);
}

// prettier-ignore
export function cell_jacobian(
  variant: i32, inputs: usize, parameters: usize, states: usize, layerSizes: usize, next: usize, jacobian: usize, inputJacobian: usize, scratch: usize,
  _b: i32, I: i32, _p: i32, S: i32, L: i32,
  hidden: i32, _sigmoid: i32, stepSize: f64, gamma: f64, activation: i32, ctdb: i32, start: i32, end: i32, thread: i32,
): void {
  let widest: i32 = 0;
  if (variant == 3) for (let l: i32 = 0; l < L; l++) widest = max(widest, load<i32>(layerSizes + ((<usize>l) << 2)));
  // State and input side by side, as a NODE takes them; room for a vector behind each.
  const length = padded64(S + I) + padded64(S) + workspaceLength(variant, hidden, I, widest);
  const joint = at64(scratch, thread * length);
  const state = at64(joint, padded64(S + I));
  const work = at64(state, padded64(S));
  for (let b = start; b < end; b++) {
    memory.copy(joint, at64(states, b * S), (<usize>S) << 3);
    memory.copy(at64(joint, S), at64(inputs, b * I), (<usize>I) << 3);
    memory.copy(state, joint, (<usize>S) << 3);
    const x = at64(joint, S);
    const y = at64(next, b * S);
    const J = jacobian ? at64(jacobian, b * S * S) : 0;
    const JI = inputJacobian ? at64(inputJacobian, b * S * I) : 0;
    if (variant == 0) gruJacobian(parameters, I, hidden, x, state, work, y, J, JI);
    else if (variant == 1) lstmJacobian(parameters, I, hidden, x, state, work, y, J, JI);
    else if (variant == 2) rnnJacobian(parameters, I, hidden, x, state, work, y, J, JI);
    else if (variant == 3) nodeJacobian(parameters, layerSizes, L, widest, I, hidden, stepSize, joint, work, y, J, JI);
    else driscollJacobian(parameters, I, hidden, gamma, activation, ctdb, x, state, work, y, J, JI);
  }
}
