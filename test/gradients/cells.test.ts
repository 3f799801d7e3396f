// Back-propagation through time of every cell and option against central differences of fourth order, in f64, over 20 steps; the units of the second trial are changed
// at some of them, the initial state among these.
import { suite } from 'uvu';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { assertClose } from '../support/assert-close.js';
import { type CaseArgument, type KernelCase, runCase } from '../support/cases.js';
import { centralDifferences } from '../support/gradient-check.js';
import { normals } from '../support/values.js';

const test = suite('gradients of cells');
const backend = createReferenceBackend();
test.after(() => backend.dispose());

const [B, T, I, H, O] = [2, 20, 2, 3, 2];
const exact = { atol: 0, rtol: 0, reason: 'not compared here' };

interface Options {
  readonly name: string;
  readonly variant: string;
  readonly params?: Readonly<Record<string, number>>;
  readonly layers?: readonly number[];
  readonly noise?: boolean;
  /** Has kinks: a small step keeps the differences on one side of them. */
  readonly kinked?: boolean;
}

const options: readonly Options[] = [
  ...['gru', 'lstm', 'rnn', 'driscoll'].flatMap((variant): Options[] => [
    { name: variant, variant },
    { name: `${variant} with state noise and a sigmoid read-out`, variant, params: { readout_sigmoid: 1 }, noise: true },
  ]),
  { name: 'node with one layer', variant: 'node', layers: [6], kinked: true },
  {
    name: 'node with three layers, state noise and a sigmoid read-out',
    variant: 'node',
    layers: [5, 7, 3],
    params: { readout_sigmoid: 1, step_size: 0.2 },
    noise: true,
    kinked: true,
  },
  ...[0, 1, 2, 3].map((activation) => ({
    name: `driscoll as in CtDB, activation ${activation}`,
    variant: 'driscoll',
    params: { activation, ctdb: 1, gamma: 0.3 },
    noise: true,
    kinked: activation > 1,
  })),
  ...[1, 2, 3].map((activation) => ({
    name: `driscoll as published, activation ${activation}`,
    variant: 'driscoll',
    params: { activation },
    noise: true,
    kinked: activation > 1,
  })),
];

/** Row n of the second trial at state n: a mixture, a lesion and a stimulation, a clamp; row 0 is never read. */
const unitChanges: Record<string, CaseArgument> = {
  unit_row: { shape: [B, T + 1], data: Array.from({ length: B * (T + 1) }, (_, i) => (i > T ? [1, 0, 2, 0, 0, 3, 0][i % 7] : 0)) },
  unit_gain: { shape: [4, H], data: [Number.NaN, Number.NaN, Number.NaN, 0.7, -0.4, 1.2, 0, 1, 1, 1, 0, 0.5] },
  unit_shift: { shape: [4, H], data: [Number.NaN, Number.NaN, Number.NaN, 0.2, 0.1, -0.1, 0, 0.3, 0, 0, 0.4, 0] },
};

function cellParameterCount(variant: string, layers: readonly number[]): number {
  const gates = { gru: 3, lstm: 4, rnn: 1 }[variant];
  if (gates) return gates * H * (I + H + 2);
  if (variant === 'driscoll') return H * (H + I + 1);
  const widths = [H + I, ...layers, H];
  return widths.slice(1).reduce((sum, width, k) => sum + width * (widths[k] + 1), 0);
}

for (const { name, variant, params, layers = [], noise, kinked } of options) {
  test(`${name}: parameters, trainable initial state, inputs and the path through the states`, async () => {
    const S = variant === 'lstm' ? 2 * H : H;
    const offset = cellParameterCount(variant, layers) + O * (H + 1);
    // A trainable initial state (latent_ics, and cell_ics for the LSTM) stands behind the read-out.
    const parameters = Float64Array.from(normals(offset + S, 1, 'parameters', 0.5));
    const inputs = Float64Array.from(normals(B * T * I, 2, 'inputs'));
    const stateNoise = normals(B * T * H, 3, 'noise', 0.3);
    const weightOfOutputs = normals(B * T * O, 4, 'outputs');
    const weightOfStates = normals(B * T * S, 5, 'states');

    const start = async () =>
      (
        await runCase(backend, {
          kernel: 'initial_state_forward',
          name,
          args: {
            parameters: { shape: [parameters.length], data: parameters },
            noise: { shape: [B, H], data: normals(B * H, 6) },
            initial_state: { shape: [B, S] },
          },
          params: { offset, noise_scale: 0.05 },
          tolerance: exact,
        })
      ).initial_state;
    const common = async (): Promise<Record<string, CaseArgument>> => ({
      inputs: { shape: [B, T, I], data: inputs },
      parameters: { shape: [parameters.length], data: parameters },
      initial_state: { shape: [B, S], data: await start() },
      ...(noise ? { state_noise: { shape: [B, T, H], data: stateNoise } } : {}),
      ...(layers.length > 0 ? { layer_sizes: { shape: [layers.length], data: layers } } : {}),
      ...unitChanges,
    });
    const forward = async (): Promise<KernelCase> => ({
      kernel: 'rollout_forward',
      name,
      variant,
      args: { ...(await common()), outputs: { shape: [B, T, O] }, states: { shape: [B, T, S] } },
      params: { hidden_size: H, ...params },
      tolerance: exact,
    });
    const loss = async () => {
      const { outputs, states } = await runCase(backend, { ...(await forward()), without: ['cache'] });
      return dot(outputs, weightOfOutputs) + dot(states, weightOfStates);
    };

    const before = await forward();
    const { gradient, d_initial_state, d_inputs } = await runCase(backend, {
      ...before,
      kernel: 'rollout_backward',
      before,
      args: {
        ...(await common()),
        d_outputs: { shape: [B, T, O], data: weightOfOutputs },
        d_states: { shape: [B, T, S], data: weightOfStates },
        gradient: { shape: [parameters.length] },
        d_initial_state: { shape: [B, S] },
        d_inputs: { shape: [B, T, I] },
      },
    });
    const total = await runCase(backend, {
      kernel: 'initial_state_backward',
      name,
      args: { d_initial_state: { shape: [B, S], data: d_initial_state }, gradient: { shape: [parameters.length], data: gradient } },
      params: { offset },
      tolerance: exact,
    });
    const h = kinked ? 1e-6 : 1e-4;
    const numeric = await centralDifferences(loss, parameters, h);
    assertClose(total.gradient, numeric, { case: `${name}, parameters`, rtolOfMax: 1e-6 });
    assertClose(total.gradient.slice(offset), numeric.slice(offset), { case: `${name}, initial state`, rtolOfMax: 1e-6 });
    assertClose(d_inputs, await centralDifferences(loss, inputs, h), { case: `${name}, inputs`, rtolOfMax: 1e-6 });
  });
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

test.run();
