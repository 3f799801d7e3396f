// LSTM, gates in the order i, f, g, o; the state is [h, c].
// Math  i, f, o = σ(·), g = tanh(·) of W_i x + b_i + W_h h + b_h; c' = f ∘ c + i ∘ g; h' = o ∘ tanh(c')    (Gers, Schmidhuber & Cummins 2000; PyTorch's LSTMCell)
// Back  τ = tanh(c'); d_c ← d_c + d_h o (1 − τ²); a_i = d_c g i (1 − i), a_f = d_c c f (1 − f), a_g = d_c i (1 − g²), a_o = d_h τ o (1 − o); d_c ← d_c f
import { addBias, addProduct, addProductBackward, type Cell, gateOffsets, sigmoid } from './cell.js';

export const lstm: Cell = {
  statesPerUnit: 2,
  noiseInside: false,
  parameterCount: (sizes) => gateOffsets(4, sizes).end,
  keptCount: ({ H }) => 4 * H, // i, f, g, o

  forward(sizes, parameters, { x, state, next, kept }) {
    const { I, H } = sizes;
    const { weightIh, weightHh, biasIh, biasHh } = gateOffsets(4, sizes);
    const gates = new Float64Array(4 * H);
    addProduct(parameters, weightIh, 4 * H, I, x, gates);
    addProduct(parameters, weightHh, 4 * H, H, state, gates);
    addBias(parameters, biasIh, gates);
    addBias(parameters, biasHh, gates);
    for (let j = 0; j < H; j++) {
      const i = sigmoid(gates[j]);
      const f = sigmoid(gates[H + j]);
      const g = Math.tanh(gates[2 * H + j]);
      const o = sigmoid(gates[3 * H + j]);
      const c = f * state[H + j] + i * g;
      next[j] = o * Math.tanh(c);
      next[H + j] = c;
      kept[j] = i;
      kept[H + j] = f;
      kept[2 * H + j] = g;
      kept[3 * H + j] = o;
    }
  },

  backward(sizes, parameters, { x, state, next, kept }, dNext, gradient, dState, dX) {
    const { I, H } = sizes;
    const { weightIh, weightHh, biasIh, biasHh } = gateOffsets(4, sizes);
    const dGates = new Float64Array(4 * H);
    dX.fill(0);
    dState.fill(0);
    for (let j = 0; j < H; j++) {
      const i = kept[j];
      const f = kept[H + j];
      const g = kept[2 * H + j];
      const o = kept[3 * H + j];
      const tau = Math.tanh(next[H + j]);
      const dC = dNext[H + j] + dNext[j] * o * (1 - tau * tau);
      dGates[j] = dC * g * i * (1 - i);
      dGates[H + j] = dC * state[H + j] * f * (1 - f);
      dGates[2 * H + j] = dC * i * (1 - g * g);
      dGates[3 * H + j] = dNext[j] * tau * o * (1 - o);
      dState[H + j] = dC * f;
    }
    addProductBackward(parameters, weightIh, 4 * H, I, x, dGates, gradient, dX);
    addProductBackward(parameters, weightHh, 4 * H, H, state, dGates, gradient, dState);
    for (let row = 0; row < 4 * H; row++) {
      gradient[biasIh + row] += dGates[row];
      gradient[biasHh + row] += dGates[row];
    }
  },
};
