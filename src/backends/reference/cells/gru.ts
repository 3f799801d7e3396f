// GRU, gates in the order r, z, n; the reset gate is applied after the product and includes its bias.
// Math  r = σ(W_ir x + b_ir + W_hr h + b_hr), z = σ(W_iz x + b_iz + W_hz h + b_hz), c = W_hn h + b_hn,
//       n = tanh(W_in x + b_in + r ∘ c), h' = (1 − z) ∘ n + z ∘ h    (Cho et al. 2014, eq. 5–8; n-gate as in PyTorch's GRUCell)
// Back  a_n = d (1 − z)(1 − n²), a_z = d (h − n) z (1 − z), a_r = a_n c r (1 − r); input side [a_r, a_z, a_n], hidden side [a_r, a_z, a_n r]
import { addBias, addProduct, addProductBackward, type Cell, gateOffsets, sigmoid } from './cell.js';

export const gru: Cell = {
  statesPerUnit: 1,
  noiseInside: false,
  parameterCount: (sizes) => gateOffsets(3, sizes).end,
  keptCount: ({ H }) => 4 * H, // r, z, n, c

  forward(sizes, parameters, { x, state, next, kept }) {
    const { I, H } = sizes;
    const { weightIh, weightHh, biasIh, biasHh } = gateOffsets(3, sizes);
    const inputSide = new Float64Array(3 * H);
    const hiddenSide = new Float64Array(3 * H);
    addProduct(parameters, weightIh, 3 * H, I, x, inputSide);
    addBias(parameters, biasIh, inputSide);
    addProduct(parameters, weightHh, 3 * H, H, state, hiddenSide);
    addBias(parameters, biasHh, hiddenSide);
    for (let j = 0; j < H; j++) {
      const r = sigmoid(inputSide[j] + hiddenSide[j]);
      const z = sigmoid(inputSide[H + j] + hiddenSide[H + j]);
      const c = hiddenSide[2 * H + j];
      const n = Math.tanh(inputSide[2 * H + j] + r * c);
      next[j] = (1 - z) * n + z * state[j];
      kept[j] = r;
      kept[H + j] = z;
      kept[2 * H + j] = n;
      kept[3 * H + j] = c;
    }
  },

  backward(sizes, parameters, { x, state, kept }, dNext, gradient, dState, dX) {
    const { I, H } = sizes;
    const { weightIh, weightHh, biasIh, biasHh } = gateOffsets(3, sizes);
    const inputSide = new Float64Array(3 * H);
    const hiddenSide = new Float64Array(3 * H);
    dX.fill(0);
    for (let j = 0; j < H; j++) {
      const r = kept[j];
      const z = kept[H + j];
      const n = kept[2 * H + j];
      const c = kept[3 * H + j];
      const aN = dNext[j] * (1 - z) * (1 - n * n);
      const aZ = dNext[j] * (state[j] - n) * z * (1 - z);
      const aR = aN * c * r * (1 - r);
      inputSide[j] = hiddenSide[j] = aR;
      inputSide[H + j] = hiddenSide[H + j] = aZ;
      inputSide[2 * H + j] = aN;
      hiddenSide[2 * H + j] = aN * r;
      dState[j] = dNext[j] * z;
    }
    addProductBackward(parameters, weightIh, 3 * H, I, x, inputSide, gradient, dX);
    addProductBackward(parameters, weightHh, 3 * H, H, state, hiddenSide, gradient, dState);
    for (let row = 0; row < 3 * H; row++) {
      gradient[biasIh + row] += inputSide[row];
      gradient[biasHh + row] += hiddenSide[row];
    }
  },
};
