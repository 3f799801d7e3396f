// A network with known fixed points for benchmarks, where no trained one is given: three groups of units each hold a bit, as in a trained flip-flop network.
// The mean m of a group (with signs that are random for each unit) goes its own way, m' ≈ tanh(gain m): two stable points and one between them, so that the
// network has 27 fixed points, 8 of them stable, 12 with one unstable direction, 6 with two, 1 with three. Small random weights between all units make it generic.
import { createModel, type Model } from '../../models/model.js';
import { normalAt, randomKey, uniformAt } from '../../random.js';

export const threeBitCells = ['gru', 'lstm', 'rnn'] as const;
export type ThreeBitCell = (typeof threeBitCells)[number];

/** Gates of a cell, which of them carries the bits, and its weight: reset, input and forget gates are half open. */
const carriers: Readonly<Record<ThreeBitCell, { readonly gates: number; readonly gate: number; readonly weight: number }>> = {
  gru: { gates: 3, gate: 2, weight: 4 },
  lstm: { gates: 4, gate: 2, weight: 6 },
  rnn: { gates: 1, gate: 0, weight: 2 },
};
/** Standard deviation of all recurrent weights, times 1/√H, and of the input weights. */
const smallWeight = 0.1;

/** The model of such a network with three inputs and outputs, and its parameters, the same for every call. */
export function threeBitNetwork(cell: ThreeBitCell, hidden: number): { model: Model; parameters: Float32Array } {
  const model = createModel({ cell, hiddenSize: hidden, initialState: 'zeros' }, 3, 3);
  const parameters = new Float32Array(model.parameterCount);
  const { gates, gate, weight } = carriers[cell];
  const key = randomKey(0, 'bench fixed-points weights');
  const sizes = [0, 1, 2].map((group) => Math.floor((hidden + 2 - group) / 3));
  for (let row = 0; row < gates * hidden; row++) {
    for (let i = 0; i < 3; i++) parameters[3 * row + i] = smallWeight * normalAt(key, row, hidden + i);
    for (let k = 0; k < hidden; k++) {
      const j = row - gate * hidden;
      const together = j >= 0 && j < hidden && j % 3 === k % 3;
      const own = together ? (weight * signOf(j) * signOf(k)) / (sizes[k % 3] as number) : 0;
      parameters[gates * hidden * 3 + row * hidden + k] = own + (smallWeight / Math.sqrt(hidden)) * normalAt(key, row, k);
    }
  }
  return { model, parameters };
}

/** Starts anywhere between the stable points: each group's mean uniform on [−1, 1), with noise of 0.1 on every unit [count, state size]. */
export function threeBitStarts(model: Model, count: number): Float64Array {
  const [mean, noise] = [randomKey(0, 'bench fixed-points means'), randomKey(0, 'bench fixed-points noise')];
  const S = model.stateSize;
  return Float64Array.from({ length: count * S }, (_, at) => {
    const [k, i] = [Math.floor(at / S), at % S];
    const unit = i % model.hiddenSize;
    return signOf(unit) * (2 * uniformAt(mean, k, unit % 3) - 1) + 0.1 * normalAt(noise, k, i);
  });
}

function signOf(unit: number): number {
  return uniformAt(randomKey(0, 'bench fixed-points signs'), unit, 0) < 0.5 ? -1 : 1;
}
