// Driscoll leaky RNN, as published, or as the Computation-through-Dynamics Benchmark implements it (ctdb: recW also in the leak term, read-out of the old state).
// Math  a = recW h + inpW x + bias + ν; h' = (1 − γ) ℓ + γ f(a), ℓ = h, or recW h with ctdb    (Driscoll, Shenoy & Sussillo 2024, doi:10.1038/s41593-024-01668-6)
//       f = softplus, tanh, relu or retanh = max(tanh a, 0); the noise ν enters inside the activation
// Back  δ = γ d f'(a); ∂bias = δ; ∂inpW = δ xᵀ; published: d_h ← (1 − γ) d + recWᵀ δ; ctdb: ρ = δ + (1 − γ) d, ∂recW = ρ hᵀ, d_h ← recWᵀ ρ
import { addBias, addProduct, addProductBackward, type Cell, sigmoid } from './cell.js';

/** f and f' for the parameter `activation` = 0 … 3: softplus, tanh, relu, retanh. The derivative at a kink is 0. */
const activations: readonly { f(a: number): number; slope(a: number): number }[] = [
  { f: (a) => Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a))), slope: sigmoid },
  { f: Math.tanh, slope: (a) => 1 - Math.tanh(a) ** 2 },
  { f: (a) => (a < 0 ? 0 : a), slope: (a) => (a > 0 ? 1 : 0) },
  { f: (a) => (a < 0 ? 0 : Math.tanh(a)), slope: (a) => (a > 0 ? 1 - Math.tanh(a) ** 2 : 0) },
];

export const driscoll: Cell = {
  statesPerUnit: 1,
  noiseInside: true,
  parameterCount: ({ I, H }) => H * (H + I + 1),
  keptCount: ({ H }) => H, // a

  forward({ I, H, gamma, activation, ctdb }, parameters, { x, state, next, kept }, noise) {
    const { f } = activations[activation];
    const recurrent = new Float64Array(H);
    addProduct(parameters, 0, H, H, state, recurrent);
    kept.set(recurrent);
    addProduct(parameters, H * H, H, I, x, kept);
    addBias(parameters, H * (H + I), kept);
    for (let j = 0; j < H; j++) {
      if (noise) kept[j] += noise[j];
      next[j] = (1 - gamma) * (ctdb ? recurrent[j] : state[j]) + gamma * f(kept[j]);
    }
  },

  backward({ I, H, gamma, activation, ctdb }, parameters, { x, state, kept }, dNext, gradient, dState, dX) {
    const { slope } = activations[activation];
    const delta = new Float64Array(H);
    const rho = new Float64Array(H);
    dX.fill(0);
    for (let j = 0; j < H; j++) {
      delta[j] = gamma * dNext[j] * slope(kept[j]);
      rho[j] = delta[j] + (ctdb ? (1 - gamma) * dNext[j] : 0);
      dState[j] = ctdb ? 0 : (1 - gamma) * dNext[j];
      gradient[H * (H + I) + j] += delta[j];
    }
    addProductBackward(parameters, 0, H, H, state, rho, gradient, dState);
    addProductBackward(parameters, H * H, H, I, x, delta, gradient, dX);
  },
};
