// rollout_forward: runs a cell and its linear read-out through all T steps of B trials.
// Math  h'_t = cell(x_t, h_t); y_t = W_o h'_t + b_o, or its sigmoid; h_{t+1} = h'_t + ν_t, which is what `states` records    (equations: cells/)
//       State noise is added after the read-out, for the LSTM to h only; in the Driscoll cell it enters the activation instead.
//       Where unit_row says so, h'_t becomes gain ∘ h'_t + shift before it is read out and ν_t becomes gain ∘ ν_t    (interventions.ts)
import { addBias, addProduct, sigmoid } from './cells/cell.js';
import type { ReferenceCall, Values } from './kernel.js';
import { addNoise, changed, unitChange } from './interventions.js';
import { openRollout, recordLength, recordOf, vectorAt } from './rollout.js';

export function rollout_forward(call: ReferenceCall): void {
  const { args, dims, variant } = call;
  const { B, T, I, O } = dims;
  const { inputs, initial_state, outputs } = args;
  const stateNoise: Values | undefined = args.state_noise;
  const states: Values | undefined = args.states;
  const cache: Values | undefined = args.cache;
  const rollout = openRollout(call);
  const { cell, sizes, S, parameters } = rollout;
  const length = recordLength(variant, sizes);
  for (let b = 0; b < B; b++) {
    let state = changed(unitChange(call, b, 0), vectorAt(initial_state, b, S));
    for (let t = 0; t < T; t++) {
      const step = b * T + t;
      const memory = new Float64Array(length);
      const record = recordOf(rollout, vectorAt(inputs, step, I), memory);
      record.state.set(state);
      const noise = stateNoise ? vectorAt(stateNoise, step, sizes.H) : null;
      cell.forward(sizes, parameters, record, noise);
      const change = unitChange(call, b, t + 1);
      const next = changed(change, record.next);

      const y = new Float64Array(O);
      addProduct(parameters, rollout.readoutWeight, O, sizes.H, rollout.readsOldState ? record.state : next, y);
      addBias(parameters, rollout.readoutBias, y);
      for (let o = 0; o < O; o++) outputs[step * O + o] = rollout.sigmoid ? sigmoid(y[o]) : y[o];

      if (noise && !cell.noiseInside) addNoise(change, noise, next);
      state = next;
      states?.set(state, step * S);
      cache?.set(memory, step * length);
    }
  }
}
