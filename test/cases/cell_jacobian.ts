// Cases of cell_jacobian: every cell and option over sizes around a vector of two and blocks of four.
import type { KernelCase, Tolerance } from '../support/cases.js';
import { normals, uniforms } from '../support/values.js';
import { parameterCount, type RolloutCase } from './rollout_forward.js';

const everyCell: readonly RolloutCase['cell'][] = ['gru', 'lstm', 'rnn', 'node', 'driscoll'];

interface JacobianCase extends RolloutCase {
  /** Which derivatives are asked for. Default both. */
  readonly wants?: 'both' | 'state' | 'input' | 'none';
  /** Standard deviation of the states. */
  readonly stateScale?: number;
}

const sizes: readonly Omit<JacobianCase, 'cell'>[] = [
  { name: 'size 1 throughout', B: 1, I: 1, H: 1, layers: [1] },
  { name: 'one below a block of four', B: 2, I: 2, H: 3, layers: [7, 3] },
  { name: 'a block of four', B: 3, I: 4, H: 4, layers: [4, 8] },
  { name: 'one above two blocks of four', B: 5, I: 5, H: 9, layers: [9] },
  { name: 'two blocks and a remainder, many inputs', B: 7, I: 37, H: 21, layers: [18, 5, 12] },
];

const options: readonly JacobianCase[] = [
  ...everyCell.flatMap((cell) => [
    { name: 'no derivatives', cell, B: 4, H: 7, wants: 'none' as const },
    { name: 'state derivatives', cell, B: 4, H: 6, wants: 'state' as const, more: 11 },
    { name: 'input derivatives', cell, B: 4, H: 6, wants: 'input' as const },
    { name: 'saturated gates', cell, B: 4, H: 6, inputScale: 1e4 },
    { name: 'tiny states and inputs', cell, B: 3, H: 5, inputScale: 1e-9, stateScale: 1e-9 },
  ]),
  ...[0, 1, 2, 3].flatMap((activation): JacobianCase[] =>
    [0, 1].map((ctdb) => ({
      name: `activation ${activation}${ctdb ? ', ctdb' : ''}`,
      cell: 'driscoll',
      B: 5,
      H: 10,
      stateScale: 2,
      params: { activation, ctdb, gamma: 0.3 },
    })),
  ),
  { name: 'another step size, five layers', cell: 'node', B: 5, layers: [4, 9, 1, 6, 8], params: { step_size: 0.37 } },
  { name: '128 units', cell: 'gru', B: 3, H: 128 },
  { name: 'layers of 64', cell: 'node', B: 9, H: 3, layers: [64, 64] },
];

const tolerance: Tolerance = {
  atol: 1e-14,
  rtol: 1e-13,
  rtolOfMax: 1e-14,
  reason: 'sums of f64 products in another order, and functions within a few units in the last place',
};

function make(from: JacobianCase, seed: number): KernelCase {
  const { cell, name, B = 4, I = 3, H = 5, layers = [7, 6], gain = 1.2, inputScale = 1, stateScale = 0.5, more = 0, wants = 'both', params = {} } = from;
  const S = cell === 'lstm' ? 2 * H : H;
  const P = parameterCount({ ...from, O: 2 }) + more;
  const scale = gain / Math.sqrt(cell === 'node' ? Math.max(...layers, H + I) : H);
  return {
    kernel: 'cell_jacobian',
    name,
    variant: cell,
    seed,
    args: {
      inputs: { shape: [B, I], data: Float64Array.from(normals(B * I, seed, 'inputs', inputScale), (x) => x / 3) },
      parameters: { shape: [P], data: uniforms(P, seed, 'parameters', -scale, scale) },
      states: { shape: [B, S], data: Float64Array.from(normals(B * S, seed, 'states', stateScale), (x) => x / 3) },
      layer_sizes: cell === 'node' ? { shape: [layers.length], data: Int32Array.from(layers) } : null,
      next: { shape: [B, S] },
      jacobian: wants === 'both' || wants === 'state' ? { shape: [B, S, S] } : null,
      input_jacobian: wants === 'both' || wants === 'input' ? { shape: [B, S, I] } : null,
    },
    params: { hidden_size: H, ...params },
    tolerance,
  };
}

export const cases: readonly KernelCase[] = [...sizes.flatMap((size) => everyCell.map((cell) => ({ ...size, cell }))), ...options].map(make);
