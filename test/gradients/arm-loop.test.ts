// Back-propagation through closed loops against central differences of fourth order, in f64: every cell, body and integrator, with delays, frames and all noise,
// and with changed units, force fields and muscle strengths in some of the steps.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Body } from '../../src/arm/body.js';
import { observationCount } from '../../src/backends/relations.js';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { assertClose } from '../support/assert-close.js';
import { bodyArguments, type Common, isCompliant, rowCount, testBody } from '../support/bodies.js';
import { type CaseArgument, type KernelCase, runCase } from '../support/cases.js';
import { centralDifferences } from '../support/gradient-check.js';
import { normals, sizeOf } from '../support/values.js';

const test = suite('gradients of closed loops');
const backend = createReferenceBackend();
test.after(() => backend.dispose());

const [T, E, H, M] = [7, 3, 2, 3];
const exact = { atol: 0, rtol: 0, reason: 'not compared here' };
type Data = Readonly<Record<string, CaseArgument>>;

interface Loop {
  readonly variant: string;
  readonly body: Body;
  readonly start?: readonly number[];
  readonly params?: Readonly<Record<string, number>>;
  readonly layers?: readonly number[];
  readonly seed?: number;
  readonly B?: number;
  readonly changed?: boolean;
}

/** Rows of a table that the steps of every trial choose from; row 0 is never read. */
function chosen(B: number, rows: readonly number[], table: readonly (readonly number[])[]): [CaseArgument, CaseArgument] {
  const width = (table[0] as readonly number[]).length;
  return [
    { shape: [B, rows.length], data: Array.from({ length: B }, () => rows).flat() },
    { shape: [table.length + 1, width], data: [new Array(width).fill(Number.NaN), ...table].flat() },
  ];
}

/** Changed units (one of them lesioned, one clamped), a curl field, a channel and a field of everything, weak, strong and silent muscles. */
function changes(B: number): Data {
  const rows = [1, 0, 2, 0, 0, 3, 0, 1];
  const [unit_row, unit_gain] = chosen(B, rows, [
    [0.7, -0.4],
    [0, 1],
    [1, 0],
  ]);
  const [, unit_shift] = chosen(B, rows, [
    [0.2, 0.1],
    [0, -0.2],
    [0.3, 0.5],
  ]);
  const [field_row, fields] = chosen(
    B,
    [1, 0, 2, 2, 0, 3, 1],
    [
      [0, 0, 0, 0, 0, 0, 0, 0, 0, -3, 3, 0],
      [0, 0, 0.1, 0.3, -30, 0, 0, 0, -5, 0, 0, 0],
      [1, -2, 0.2, 0.1, 4, -3, 2, 5, 0.5, -0.7, 0.3, 0.2],
    ],
  );
  const [strength_row, strengths] = chosen(
    B,
    [0, 1, 0, 2, 2, 0, 1],
    [
      [0.5, 1, 0.8],
      [1.3, 0, 0.9],
    ],
  );
  return { unit_row, unit_gain, unit_shift, field_row, fields, strength_row, strengths };
}

/** Parameters of the smallest cells that show every path. */
function parameterCount(variant: string, I: number, layers: readonly number[]): number {
  const gates = { gru: 3, lstm: 4, rnn: 1 }[variant];
  const widths = [H + I, ...layers, H];
  const node = widths.slice(1).reduce((sum, width, k) => sum + width * (widths[k] + 1), 0);
  const cell = gates ? gates * H * (I + H + 2) : variant === 'driscoll' ? H * (H + I + 1) : node;
  return cell + M * (H + 1);
}

function prepare({ variant, body, start, params = {}, layers = [], seed = 1, B = 1, changed = false }: Loop) {
  const R = rowCount(body);
  const S = variant === 'lstm' ? 2 * H : H;
  const all: Record<string, number> = { hidden_size: H, vision_delay: 4, proprioception_delay: 2, action_frames: 2, leading_inputs: 1, ...params };
  const V = observationCount(M, all.action_frames);
  const P = parameterCount(variant, E + V, layers);
  // The read-out's bias keeps the actions inside their bounds, where they act.
  const parameters = Float64Array.from(normals(P, seed, 'parameters', 0.3)).map((value, p) => (p >= P - M && !all.readout_sigmoid ? 0.5 + 0.1 * value : value));
  const inputs = Float64Array.from(normals(B * T * E, seed, 'inputs'));
  const initial = Float64Array.from(normals(B * S, seed, 'state'));
  const middle = body.skeleton === 'arm' ? [0.9, 1.2, 0.4, -0.3] : [0.1, -0.2, 0.3, 0.2];
  const reads: Data = {
    inputs: { shape: [B, T, E], data: inputs },
    parameters: { shape: [P], data: parameters },
    initial_state: { shape: [B, S], data: initial },
    state_noise: { shape: [B, T, H], data: normals(B * T * H, seed, 'state noise', 0.1) },
    ...(layers.length > 0 ? { layer_sizes: { shape: [layers.length], data: layers } } : {}),
    ...bodyArguments(body),
    joint0: { shape: [B, 4], data: Array.from({ length: B }, (_, b) => (start ?? middle).map((value) => value + 0.02 * b)).flat() },
    endpoint_load: { shape: [B, T, 2], data: normals(B * T * 2, seed, 'end point') },
    joint_load: { shape: [B, T, 2], data: normals(B * T * 2, seed, 'joint load') },
    action_noise: { shape: [B, T, M], data: normals(B * T * M, seed, 'action noise', 0.01) },
    vision_noise: { shape: [B, T + 2, 2], data: normals(B * (T + 2) * 2, seed, 'vision', 0.1) },
    proprioception_noise: { shape: [B, T + 2, 2 * M], data: normals(B * (T + 2) * 2 * M, seed, 'proprioception', 0.1) },
    observation_noise: { shape: [B, T, V], data: normals(B * T * V, seed, 'observation', 0.05) },
    ...(changed ? changes(B) : {}),
  };
  const forward: KernelCase = {
    kernel: 'closed_loop_forward',
    name: variant,
    variant,
    params: all,
    tolerance: exact,
    args: {
      ...reads,
      outputs: { shape: [B, T, M] },
      fingertip: { shape: [B, T, 2] },
      joint: { shape: [B, T + 1, 4] },
      muscle: { shape: [B, T + 1, R, M] },
      states: { shape: [B, T, S] },
      network_inputs: { shape: [B, T, E + V] },
    },
  };
  return { R, S, V, P, reads, forward, parameters, inputs, initial };
}

async function check(title: string, loop: Loop, h: number): Promise<void> {
  const { R, S, P, reads, forward, parameters, inputs, initial } = prepare(loop);
  const { seed = 1, B = 1 } = loop;
  const weights: Record<string, Float64Array> = {
    outputs: Float64Array.from(normals(B * T * M, seed, 'd outputs')),
    fingertip: Float64Array.from(normals(B * T * 2, seed, 'd fingertip', 5)),
    joint: Float64Array.from(normals(B * (T + 1) * 4, seed, 'd joint')),
    muscle: Float64Array.from(normals(B * (T + 1) * R * M, seed, 'd muscle', 0.1)).map((w, i) => (Math.floor(i / M) % R === R - 1 ? w / 50 : w)),
    states: Float64Array.from(normals(B * T * S, seed, 'd states')),
  };
  const loss = async () => {
    const outputs = await runCase(backend, { ...forward, without: ['cache'] });
    return Object.entries(weights).reduce((sum, [name, w]) => sum + w.reduce((s, weight, i) => s + weight * outputs[name][i], 0), 0);
  };
  const given = Object.fromEntries(Object.entries(weights).map(([name, data]) => [`d_${name}`, { shape: forward.args[name]?.shape ?? [], data }]));
  const { gradient, d_initial_state, d_inputs } = await runCase(backend, {
    ...forward,
    kernel: 'closed_loop_backward',
    before: forward,
    args: { ...reads, ...given, gradient: { shape: [P] }, d_initial_state: { shape: [B, S] }, d_inputs: { shape: [B, T, E] } },
  });
  const step = isCompliant(loop.body) ? 10 * h : h;
  for (const [name, actual, at] of [
    ['parameters', gradient, parameters],
    ['initial state', d_initial_state, initial],
    ['inputs', d_inputs, inputs],
  ] as const) {
    assertClose(actual, await centralDifferences(loss, at, step), { case: `${title}, ${name}`, rtolOfMax: 1e-6 });
  }
}

/** Trial b of every array of a call: those whose first axis is the batch. */
function trial(args: Data, b: number): Data {
  return Object.fromEntries(
    Object.entries(args).map(([name, { shape, data }]) => {
      if (['parameters', 'gradient', 'layer_sizes', 'body_layout', 'body', 'unit_gain', 'unit_shift', 'fields', 'strengths'].includes(name))
        return [name, { shape, ...(data ? { data } : {}) }];
      const size = sizeOf(shape.slice(1));
      return [name, { shape: [1, ...shape.slice(1)], ...(data ? { data: Array.from(data).slice(b * size, (b + 1) * size) } : {}) }];
    }),
  );
}

test('a batch gives what its trials give alone', async () => {
  const B = 3;
  const loop: Loop = { variant: 'gru', body: testBody('path arm', 'MujocoHill', { integrator: 'rk4' }), seed: 9, B, changed: true };
  const { R, S, P, reads, forward } = prepare(loop);
  const gradients: Data = {
    d_outputs: { shape: [B, T, M], data: normals(B * T * M, 1) },
    d_fingertip: { shape: [B, T, 2], data: normals(B * T * 2, 2) },
    d_joint: { shape: [B, T + 1, 4], data: normals(B * (T + 1) * 4, 3) },
    d_muscle: { shape: [B, T + 1, R, M], data: normals(B * (T + 1) * R * M, 4) },
    d_states: { shape: [B, T, S], data: normals(B * T * S, 5) },
    gradient: { shape: [P] },
    d_initial_state: { shape: [B, S] },
    d_inputs: { shape: [B, T, E] },
  };
  const backward: KernelCase = { ...forward, kernel: 'closed_loop_backward', args: { ...reads, ...gradients } };
  const run = async (pick: (args: Data) => Data) => {
    const before = { ...forward, args: pick(forward.args as Data) };
    return { ...(await runCase(backend, before)), ...(await runCase(backend, { ...backward, before, args: pick(backward.args as Data) })) };
  };
  const together = await run((args) => args);
  const total = new Float64Array(P);
  for (let b = 0; b < B; b++) {
    const alone = await run((args) => trial(args, b));
    for (const [name, values] of Object.entries(alone)) {
      if (name === 'gradient') values.forEach((value, p) => (total[p] += value));
      else assert.equal([...together[name].slice(b * values.length, (b + 1) * values.length)], [...values], `${name} of trial ${b}`);
    }
  }
  assertClose(together.gradient, total, { case: 'gradient', rtolOfMax: 1e-13 });
});

const cells: readonly Omit<Loop, 'body'>[] = [
  { variant: 'gru' },
  { variant: 'lstm', params: { readout_sigmoid: 1 } },
  { variant: 'rnn', params: { leading_inputs: 0, vision_delay: 1, proprioception_delay: 1 } },
  { variant: 'node', layers: [4, 3], params: { leading_inputs: 3 } },
  { variant: 'driscoll', params: { action_frames: 3 } },
  { variant: 'driscoll', params: { ctdb: 1, activation: 1, readout_sigmoid: 1 } },
];
for (const cell of cells) {
  test(`${cell.variant} ${JSON.stringify(cell.params ?? {})}: parameters, initial state and inputs, through an arm with delays, frames, every noise and every change`, async () => {
    await check(cell.variant, { ...cell, body: testBody('polynomial arm', 'MujocoHill', { damping: 0.1 }), changed: true }, 1e-5);
  });
}

const bodies: readonly (readonly [string, Body])[] = [
  ['path arm with Hill muscles and two ministeps', testBody('path arm', 'RigidTendonHill', { ministeps: 2, timeStep: 0.01 })],
  ['arm with Thelen muscles and rk4', testBody('polynomial arm', 'RigidTendonHillThelen', { integrator: 'rk4', timeStep: 0.01 })],
  ['arm with compliant tendons and rk4', testBody('polynomial arm', 'CompliantTendonHill', { integrator: 'rk4', timeStep: 0.0006, ministeps: 2 })],
  ['arm with compliant tendons', testBody('polynomial arm', 'CompliantTendonHill', { timeStep: 0.0006, ministeps: 2 })],
  ['point mass with the original rk4', testBody('path mass', 'Relu', { integrator: 'rk4-motornet', timeStep: 0.01 })],
  ['point mass with constant moment arms', testBody('constant mass', 'Relu', { timeStep: 0.01 })],
];
for (const [name, body] of bodies) {
  test(`a ${name} passes gradients to the network`, () => check(name, { variant: 'gru', body, seed: 3, changed: true }, 1e-5));
}

test('gradients pass joint limits and action bounds that are met on the way', async () => {
  const limits: Common = { positionLower: [0.1, 0.1], positionUpper: [0.92, 1.22] };
  const loop: Loop = { variant: 'rnn', body: testBody('polynomial arm', 'MujocoHill', limits), start: [0.91, 1.19, 0.9, 1.3], seed: 5 };
  const { forward, parameters } = prepare(loop);
  parameters.set([-0.2, 0.6, 1.4], parameters.length - M);
  const { joint, outputs } = await runCase(backend, forward);
  assert.ok(joint.some((q) => q === 0.92) && joint.some((q) => q === 1.22), 'both limits are met');
  assert.ok(outputs.some((u) => u > 0 && u < 1));
  await check('limits', loop, 1e-5);
});

test('what the network sees follows delays, frames, noise and leading inputs', async () => {
  const { forward, V, reads } = prepare({ variant: 'gru', body: testBody('polynomial arm', 'MujocoHill'), seed: 7 });
  const { network_inputs: x, outputs, fingertip, joint, muscle } = await runCase(backend, forward);
  const noise = (name: string) => reads[name].data as Float32Array;
  const reading = (k: number, delay: number) => (k < delay - 1 ? [0, 0] : k === delay - 1 ? [0, 1] : [k - delay + 1, k - delay + 2]);
  const optimal = [0.13, 0.11, 0.16];
  const [R, I] = [7, E + V];
  const start = Float64Array.from([0, 1], (i) => 0.309 * [Math.cos, Math.sin][i](joint[0]) + 0.26 * [Math.cos, Math.sin][i](joint[0] + joint[1]));
  for (let k = 0; k < T; k++) {
    const seen = Array.from(x.subarray(k * I, (k + 1) * I));
    const external = (reads.inputs.data as Float64Array).subarray(k * E, (k + 1) * E);
    assert.equal([seen[0], ...seen.slice(1 + V)], [...external]);
    const clean = seen.slice(1, 1 + V).map((value, i) => value - noise('observation_noise')[k * V + i]);
    const [visionState, visionReading] = reading(k, 4);
    const tip = visionState === 0 ? start : fingertip.subarray((visionState - 1) * 2, visionState * 2);
    const [feltState, feltReading] = reading(k, 2);
    const row = (r: number) => muscle.subarray((feltState * R + r) * M, (feltState * R + r + 1) * M);
    const felt = [...row(1)].map((length, m) => length / optimal[m]).concat([...row(2)].map((velocity) => velocity / 1.5));
    const actions = [k - 2, k - 1].flatMap((j) => Array.from({ length: M }, (_, m) => (j < 0 ? 0 : outputs[j * M + m] + noise('action_noise')[j * M + m])));
    const expected = [
      ...Array.from(tip, (value, i) => value + noise('vision_noise')[visionReading * 2 + i]),
      ...felt.map((value, i) => value + noise('proprioception_noise')[feltReading * 2 * M + i]),
      ...actions,
    ];
    assertClose(clean, expected, { case: `observation ${k}`, atol: 1e-12 });
  }
});

test('a closed loop moves its body as effector_rollout_forward does with the same noisy actions', async () => {
  const body = testBody('path arm', 'RigidTendonHill', { integrator: 'rk4', ministeps: 2 });
  const B = 2;
  const { forward, reads } = prepare({ variant: 'lstm', body, seed: 8, B });
  const loop = await runCase(backend, forward);
  const actions = loop.outputs.map((y, i) => y + (reads.action_noise.data as Float32Array)[i]);
  const open = await runCase(backend, {
    kernel: 'effector_rollout_forward',
    name: 'open loop',
    tolerance: exact,
    args: {
      ...bodyArguments(body),
      joint0: reads.joint0,
      actions: { shape: [B, T, M], data: actions },
      endpoint_load: reads.endpoint_load,
      joint_load: reads.joint_load,
      joint: { shape: [B, T + 1, 4] },
      muscle: { shape: [B, T + 1, 7, M] },
    },
  });
  assert.equal([...loop.joint], [...open.joint]);
  assert.equal([...loop.muscle], [...open.muscle]);
});

test.run();
