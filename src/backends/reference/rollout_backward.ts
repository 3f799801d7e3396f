// rollout_backward: back-propagation through time over the whole trial, without truncation.
// Math  from t = T − 1 down: d = ∂L/∂h_{t+1} + d_states_t; g = d_outputs_t, times y (1 − y) with the sigmoid read-out;
//       ∂W_o += g h'ᵀ, ∂b_o += g, d += W_oᵀ g (to the old state's gradient with ctdb); then the cell's own step (cells/)
//       Noise is additive and passes the gradient unchanged; where unit_row says so, d becomes gain ∘ d before the cell's own step.
//       Adds to `gradient`; overwrites d_initial_state and d_inputs.
import { addProductBackward } from './cells/cell.js';
import type { ReferenceCall, Values } from './kernel.js';
import { changed, changedBackward, unitChange } from './interventions.js';
import { openRollout, recordLength, recordOf, vectorAt } from './rollout.js';

export function rollout_backward(call: ReferenceCall): void {
  const { args, dims, variant } = call;
  const { B, T, I, O, P } = dims;
  const { inputs, outputs, cache, d_outputs, gradient, d_initial_state } = args;
  const d_states: Values | undefined = args.d_states;
  const d_inputs: Values | undefined = args.d_inputs;
  const rollout = openRollout(call);
  const { cell, sizes, S, parameters } = rollout;
  const length = recordLength(variant, sizes);
  const total = new Float64Array(P);
  for (let b = 0; b < B; b++) {
    let carry = new Float64Array(S);
    for (let t = T - 1; t >= 0; t--) {
      const step = b * T + t;
      const record = recordOf(rollout, vectorAt(inputs, step, I), vectorAt(cache, step, length));
      const dNext = carry;
      if (d_states) {
        for (let s = 0; s < S; s++) dNext[s] += d_states[step * S + s];
      }
      const change = unitChange(call, b, t + 1);
      const g = vectorAt(d_outputs, step, O);
      for (let o = 0; o < O; o++) {
        const y = outputs[step * O + o];
        if (rollout.sigmoid) g[o] *= y * (1 - y);
        total[rollout.readoutBias + o] += g[o];
      }
      const dRead = new Float64Array(sizes.H);
      const read = rollout.readsOldState ? record.state : changed(change, record.next);
      addProductBackward(parameters, rollout.readoutWeight, O, sizes.H, read, g, total, dRead);
      const dState = new Float64Array(S);
      const dX = new Float64Array(I);
      if (!rollout.readsOldState) for (let j = 0; j < sizes.H; j++) dNext[j] += dRead[j];
      changedBackward(change, dNext);
      cell.backward(sizes, parameters, record, dNext, total, dState, dX);
      if (rollout.readsOldState) for (let j = 0; j < sizes.H; j++) dState[j] += dRead[j];
      d_inputs?.set(dX, step * I);
      carry = dState;
    }
    changedBackward(unitChange(call, b, 0), carry);
    d_initial_state.set(carry, b * S);
  }
  for (let p = 0; p < P; p++) gradient[p] += total[p];
}
