// Cases of rollout_forward: every cell and option over sizes around a vector of 4, a panel of 8 and a tile of 8 trials. rollout_backward builds on them.
import type { CaseArgument, KernelCase, Tolerance } from '../support/cases.js';
import { normals, uniforms } from '../support/values.js';

/** What a rollout case is made from; defaults are small odd sizes. */
export interface RolloutCase {
  readonly name: string;
  readonly cell: 'gru' | 'lstm' | 'rnn' | 'node' | 'driscoll';
  readonly B?: number;
  readonly T?: number;
  readonly I?: number;
  readonly H?: number;
  readonly O?: number;
  /** Hidden widths of a NODE. */
  readonly layers?: readonly number[];
  readonly noise?: boolean;
  /** Changed units in some of the trials, at some of the states; the first trial is left alone. */
  readonly changes?: boolean;
  readonly states?: boolean;
  readonly inputGradients?: boolean;
  readonly params?: Readonly<Record<string, number>>;
  /** Standard deviation of the weights, times 1/√fan-in. */
  readonly gain?: number;
  readonly inputScale?: number;
  /** Bound on the gradient where the usual one does not apply. */
  readonly gradientTolerance?: Tolerance;
  /** Further parameters behind those of cell and read-out (trainable initial states), whose gradient is not this kernel's. */
  readonly more?: number;
}

const gates = { gru: 3, lstm: 4, rnn: 1 };

/** Number of parameters of cell and read-out. */
export function parameterCount({ cell, I = 3, H = 5, O = 3, layers = [7, 6] }: RolloutCase): number {
  const readout = O * (H + 1);
  if (cell === 'driscoll') return H * (H + I + 1) + readout;
  if (cell === 'node') {
    const widths = [...layers, H];
    return widths.reduce((total, width, i) => total + width * ((i === 0 ? H + I : (widths[i - 1] as number)) + 1), readout);
  }
  return gates[cell] * H * (I + H + 2) + readout;
}

const everyCell: readonly RolloutCase['cell'][] = ['gru', 'lstm', 'rnn', 'node', 'driscoll'];

const sizes: readonly Omit<RolloutCase, 'cell'>[] = [
  { name: 'size 1 throughout', B: 1, T: 1, I: 1, H: 1, O: 1, layers: [1] },
  { name: 'one below a vector, a panel and a tile', B: 7, T: 3, I: 2, H: 3, O: 3, layers: [7, 3] },
  { name: 'a vector, a panel and a tile', B: 8, T: 4, I: 3, H: 8, O: 4, layers: [8, 8] },
  { name: 'one above a vector, a panel and a tile', B: 9, T: 5, I: 4, H: 9, O: 5, layers: [9] },
  { name: 'two tiles and a remainder, many inputs and outputs', B: 19, T: 6, I: 37, H: 21, O: 11, layers: [18, 5, 12] },
  { name: 'one trial, more steps than are kept at a time', B: 1, T: 67, I: 3, H: 5, O: 2, layers: [12] },
];

/** 1 − n² of a gate within 3e-7 of ±1 is up to 6e-7 instead of 0; times inputs of 1e4 and a few of those summed. */
const saturated: Tolerance = { atol: 0.06, rtol: 1e-4, reason: 'slopes of saturated gates keep the absolute error of the gates, times inputs of 1e4' };

const options: readonly RolloutCase[] = [
  ...everyCell.map(
    (cell): RolloutCase => ({
      name: 'state noise, states, input gradients, further parameters',
      cell,
      B: 10,
      T: 7,
      H: 12,
      noise: true,
      states: true,
      inputGradients: true,
      more: 24,
    }),
  ),
  ...everyCell.map((cell): RolloutCase => ({ name: 'sigmoid read-out, states', cell, B: 3, T: 5, H: 6, states: true, params: { readout_sigmoid: 1 } })),
  ...everyCell.map((cell): RolloutCase => ({ name: 'input gradients of odd sizes', cell, B: 9, T: 4, I: 11, H: 7, inputGradients: true })),
  ...[0, 1, 2, 3].map(
    (activation): RolloutCase => ({
      name: `activation ${activation}`,
      cell: 'driscoll',
      B: 9,
      T: 9,
      H: 10,
      states: true,
      inputGradients: true,
      params: { activation, gamma: 0.3 },
    }),
  ),
  ...[0, 1, 3].map(
    (activation): RolloutCase => ({
      name: `ctdb, activation ${activation}, noise`,
      cell: 'driscoll',
      B: 11,
      T: 6,
      H: 9,
      noise: true,
      states: true,
      inputGradients: true,
      params: { activation, ctdb: 1 },
    }),
  ),
  { name: 'ctdb, sigmoid read-out', cell: 'driscoll', B: 2, T: 3, H: 4, params: { ctdb: 1, readout_sigmoid: 1, activation: 1 } },
  { name: 'one layer, another step size', cell: 'node', B: 9, T: 12, layers: [33], params: { step_size: 0.37 }, states: true },
  { name: 'five layers, noise', cell: 'node', B: 5, T: 3, layers: [4, 9, 1, 6, 8], noise: true, inputGradients: true },
  ...everyCell.map(
    (cell): RolloutCase => ({
      name: 'extreme inputs: saturated gates',
      cell,
      B: 4,
      T: 4,
      H: 9,
      states: true,
      ...(cell === 'node' || cell === 'driscoll' ? { inputScale: 30 } : { inputScale: 1e4, gradientTolerance: saturated }),
    }),
  ),
  ...everyCell.map((cell): RolloutCase => ({ name: 'changed units', cell, B: 11, T: 6, H: 9, changes: true, states: true, inputGradients: true })),
  ...everyCell.map((cell): RolloutCase => ({ name: 'changed units under noise', cell, B: 2, T: 4, H: 4, changes: true, noise: true })),
  { name: 'ctdb, changed units, noise', cell: 'driscoll', B: 9, T: 5, H: 7, changes: true, noise: true, states: true, params: { activation: 1, ctdb: 1 } },
  { name: '128 units, two tiles and a remainder', cell: 'gru', B: 20, T: 24, H: 128, inputGradients: true },
  { name: '128 units', cell: 'lstm', B: 8, T: 21, H: 128 },
  { name: 'three units, layers of 64', cell: 'node', B: 20, T: 30, H: 3, layers: [64, 64] },
  { name: 'more tiles than groups of sums', cell: 'rnn', B: 300, T: 2, H: 4 },
];

export const rolloutCases: readonly RolloutCase[] = [...sizes.flatMap((size) => everyCell.map((cell) => ({ ...size, cell }))), ...options];

const tolerance: Tolerance = {
  atol: 2e-6,
  rtol: 1e-5,
  rtolOfMax: 2e-6,
  reason: 'sums of f32 products in another order than the f64 reference, and gates within 3e-7, carried through the steps',
};

/** Rows that every third entry or so chooses from a table of `count` rows, one of them beyond it; the first trial chooses none. */
export function chosenRows(B: number, entries: number, count: number, seed: number, purpose: string): CaseArgument {
  const draws = uniforms(B * entries, seed, purpose, 0, 3 * count + 1);
  return { shape: [B, entries], data: Int32Array.from(draws, (draw, i) => (i < entries || draw > count + 1 ? 0 : Math.floor(draw))) };
}

/** Changed units: a lesion of every other one, clamped ones, stimulation, and a mixture. */
export function unitChanges(B: number, T: number, H: number, seed: number): Record<string, CaseArgument> {
  const rows = [0, 1, 2, 3, 4];
  const odd = Array.from({ length: H }, (_, j) => j % 2);
  const gain = [odd.map(() => Number.NaN), odd, odd.map(() => 0), odd.map(() => 1), Array.from(uniforms(H, seed, 'unit gain', -1.5, 1.5))];
  const shift = [odd.map(() => Number.NaN), odd.map(() => 0), ...[2, 3, 4].map((row) => Array.from(normals(H, seed, `unit shift ${row}`, 0.5)))];
  return {
    unit_row: chosenRows(B, T + 1, rows.length, seed, 'unit row'),
    unit_gain: { shape: [rows.length, H], data: gain.flat() },
    unit_shift: { shape: [rows.length, H], data: shift.flat() },
  };
}

/** Arguments that forward and backward share. */
export function sharedArguments(from: RolloutCase, seed: number): Record<string, CaseArgument | null> {
  const { cell, B = 4, T = 5, I = 3, H = 5, layers = [7, 6], noise = false, changes = false, gain = 1.2, inputScale = 1, more = 0 } = from;
  const S = cell === 'lstm' ? 2 * H : H;
  const P = parameterCount(from) + more;
  const scale = gain / Math.sqrt(cell === 'node' ? Math.max(...layers, H + I) : H);
  return {
    inputs: { shape: [B, T, I], data: normals(B * T * I, seed, 'inputs', inputScale) },
    parameters: { shape: [P], data: uniforms(P, seed, 'parameters', -scale, scale) },
    initial_state: { shape: [B, S], data: normals(B * S, seed, 'initial', 0.5) },
    state_noise: noise ? { shape: [B, T, H], data: normals(B * T * H, seed, 'noise', 0.1) } : null,
    layer_sizes: cell === 'node' ? { shape: [layers.length], data: Int32Array.from(layers) } : null,
    ...(changes ? unitChanges(B, T, H, seed) : {}),
  };
}

/** The forward call of a rollout case, with its record for the way back (`cache`) or without. */
export function forwardCase(from: RolloutCase, seed: number, cached: boolean): KernelCase {
  const { cell, name, B = 4, T = 5, H = 5, O = 3, states = false, params = {} } = from;
  return {
    kernel: 'rollout_forward',
    name: cached ? name : `${name}, without a cache`,
    variant: cell,
    seed,
    args: {
      ...sharedArguments(from, seed),
      outputs: { shape: [B, T, O] },
      states: states ? { shape: [B, T, cell === 'lstm' ? 2 * H : H] } : null,
    },
    params: { hidden_size: H, ...params },
    tolerance,
    ...(cached ? {} : { without: ['cache'] }),
  };
}

export const cases: readonly KernelCase[] = rolloutCases.flatMap((from, i) => [
  forwardCase(from, i, true),
  ...(i % 3 === 0 ? [forwardCase(from, i, false)] : []),
]);
