// Vanilla RNN.
// Math  h' = tanh(W_ih x + b_ih + W_hh h + b_hh)    (Elman 1990; PyTorch's RNNCell)
// Back  δ = d (1 − h'²) for both sides and both biases
import { addBias, addProduct, addProductBackward, type Cell, gateOffsets } from './cell.js';

export const rnn: Cell = {
  statesPerUnit: 1,
  noiseInside: false,
  parameterCount: (sizes) => gateOffsets(1, sizes).end,
  keptCount: () => 0,

  forward(sizes, parameters, { x, state, next }) {
    const { I, H } = sizes;
    const { weightIh, weightHh, biasIh, biasHh } = gateOffsets(1, sizes);
    next.fill(0);
    addProduct(parameters, weightIh, H, I, x, next);
    addProduct(parameters, weightHh, H, H, state, next);
    addBias(parameters, biasIh, next);
    addBias(parameters, biasHh, next);
    for (let j = 0; j < H; j++) next[j] = Math.tanh(next[j]);
  },

  backward(sizes, parameters, { x, state, next }, dNext, gradient, dState, dX) {
    const { I, H } = sizes;
    const { weightIh, weightHh, biasIh, biasHh } = gateOffsets(1, sizes);
    const delta = new Float64Array(H);
    dX.fill(0);
    dState.fill(0);
    for (let j = 0; j < H; j++) {
      delta[j] = dNext[j] * (1 - next[j] * next[j]);
      gradient[biasIh + j] += delta[j];
      gradient[biasHh + j] += delta[j];
    }
    addProductBackward(parameters, weightIh, H, I, x, delta, gradient, dX);
    addProductBackward(parameters, weightHh, H, H, state, delta, gradient, dState);
  },
};
