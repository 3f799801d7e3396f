// NODE: one explicit Euler step of a neural ordinary differential equation per time bin.
// Math  u = [h, x]; v = MLP(u), linear maps with ReLU between them; h' = h + step_size · v    (Chen et al. 2018, arXiv:1806.07366; MLPCell of CtDB)
// Back  d_v = step_size · d through the MLP, ReLU passing where its output is above 0; d_h ← d + ∂u[0 … H), d_x = ∂u[H …)
import { addBias, addProduct, addProductBackward, type Cell, type CellSizes } from './cell.js';

/** Widths of all layers from u to v, and the offset of each linear map's weight; its bias follows it. */
function network({ I, H, layers }: CellSizes): { widths: number[]; offsets: number[]; end: number } {
  const widths = [H + I, ...layers, H];
  const offsets: number[] = [];
  let end = 0;
  for (let layer = 0; layer + 1 < widths.length; layer++) {
    offsets.push(end);
    end += widths[layer + 1] * (widths[layer] + 1);
  }
  return { widths, offsets, end };
}

/** u, then the output of every hidden layer, from what the forward step kept. */
function activations(sizes: CellSizes, x: Float64Array, state: Float64Array, kept: Float64Array): Float64Array[] {
  const all: Float64Array[] = [Float64Array.of(...state, ...x)];
  let start = 0;
  for (const width of sizes.layers) {
    all.push(kept.subarray(start, start + width));
    start += width;
  }
  return all;
}

export const node: Cell = {
  statesPerUnit: 1,
  noiseInside: false,
  parameterCount: (sizes) => network(sizes).end,
  keptCount: ({ layers }) => layers.reduce((sum, width) => sum + width, 0),

  forward(sizes, parameters, { x, state, next, kept }) {
    const { widths, offsets } = network(sizes);
    const inputsOf = activations(sizes, x, state, kept);
    for (let layer = 0; layer < offsets.length; layer++) {
      const last = layer === offsets.length - 1;
      const y = last ? next : inputsOf[layer + 1];
      y.fill(0);
      addProduct(parameters, offsets[layer], widths[layer + 1], widths[layer], inputsOf[layer], y);
      addBias(parameters, offsets[layer] + widths[layer + 1] * widths[layer], y);
      for (let j = 0; j < y.length; j++) y[j] = last ? state[j] + sizes.stepSize * y[j] : y[j] < 0 ? 0 : y[j];
    }
  },

  backward(sizes, parameters, { x, state, kept }, dNext, gradient, dState, dX) {
    const { widths, offsets } = network(sizes);
    const inputsOf = activations(sizes, x, state, kept);
    let dY = dNext.map((d) => sizes.stepSize * d);
    for (let layer = offsets.length - 1; layer >= 0; layer--) {
      const bias = offsets[layer] + widths[layer + 1] * widths[layer];
      for (let j = 0; j < dY.length; j++) gradient[bias + j] += dY[j];
      const dInput = new Float64Array(widths[layer]);
      addProductBackward(parameters, offsets[layer], widths[layer + 1], widths[layer], inputsOf[layer], dY, gradient, dInput);
      dY = layer === 0 ? dInput : dInput.map((d, j) => (inputsOf[layer][j] > 0 ? d : 0));
    }
    for (let j = 0; j < sizes.H; j++) dState[j] = dNext[j] + dY[j];
    for (let i = 0; i < sizes.I; i++) dX[i] = dY[sizes.H + i];
  },
};
