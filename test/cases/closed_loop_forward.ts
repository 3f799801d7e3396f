// Cases of closed_loop_forward: every cell with bodies, delays, noises, frames and loads over batches around a tile of 8 trials. closed_loop_backward builds on them.
import { createBody } from '../../src/arm/create-body.js';
import type { EffectorInput } from '../../src/arm/options.js';
import type { CaseArgument, KernelCase, Tolerance } from '../support/cases.js';
import { normals, uniforms } from '../support/values.js';
import { chosenRows, parameterCount, type RolloutCase, unitChanges } from './rollout_forward.js';

/** What a closed-loop case is made from; defaults are small odd sizes. */
export interface LoopCase {
  readonly name: string;
  readonly cell: RolloutCase['cell'];
  readonly body?: keyof typeof bodies;
  readonly B?: number;
  readonly T?: number;
  /** External inputs E, and how many of them come first. */
  readonly E?: number;
  readonly leading?: number;
  readonly H?: number;
  readonly layers?: readonly number[];
  /** Frames of delay of vision and proprioception. */
  readonly delays?: readonly [number, number];
  readonly frames?: number;
  readonly noises?: readonly Noise[];
  readonly loads?: readonly ('endpoint' | 'joint')[];
  /** What acts on some of the trials, in some of the steps. */
  readonly changes?: readonly ('units' | 'fields' | 'strengths')[];
  readonly states?: boolean;
  readonly inputs?: boolean;
  readonly inputGradients?: boolean;
  /** Gradients of joint and muscle states too. */
  readonly bodyGradients?: boolean;
  /** Without gradients of the end point. */
  readonly blind?: boolean;
  readonly gain?: number;
  readonly params?: Readonly<Record<string, number>>;
  readonly tolerance?: Tolerance;
}

type Noise = 'state' | 'action' | 'vision' | 'proprioception' | 'observation';
const everyNoise: readonly Noise[] = ['state', 'action', 'vision', 'proprioception', 'observation'];

const rigid = (muscle: 'Relu' | 'MujocoHill' | 'RigidTendonHill' | 'RigidTendonHillThelen', more: object = {}): EffectorInput =>
  ({ effector: 'RigidTendonArm26', muscle, ...more }) as EffectorInput;

/** Bodies of the cases: every muscle, geometry and integrator once, M = 3, 4, 5, 6. */
export const bodies = {
  mujoco: rigid('MujocoHill'),
  relu: rigid('Relu'),
  rigidHill: rigid('RigidTendonHill'),
  thelen: rigid('RigidTendonHillThelen', { damping: 0.3 }),
  compliant: { effector: 'CompliantTendonArm26', timeStep: 0.001, ministeps: 3, integrator: 'euler' },
  compliantRk4: { effector: 'CompliantTendonArm26', timeStep: 0.0006 },
  rk4: rigid('MujocoHill', { integrator: 'rk4' }),
  rk4Motornet: rigid('RigidTendonHill', { integrator: 'rk4-motornet' }),
  ministeps: rigid('MujocoHill', { ministeps: 3, damping: 0.2 }),
  pointMass: { effector: 'ReluPointMass24' },
  reacher: { effector: 'Reacher', muscle: 'Relu', muscleParameters: { maximumForce: 20 } },
  paths: {
    effector: 'Custom',
    skeleton: { type: 'TwoDofArm' },
    muscle: 'MujocoHill',
    muscleParameters: { maximumForce: 300, optimalLength: 0.15, tendonLength: 0.1 },
    muscles: [
      { points: [pathPoint('world', -0.05, 0.02), pathPoint('upperArm', 0.15, 0.02)] },
      { points: [pathPoint('world', 0.03, -0.06), pathPoint('upperArm', 0.02, -0.05), pathPoint('forearm', 0.1, -0.02)] },
      { points: [pathPoint('upperArm', 0.1, 0.03), pathPoint('forearm', 0.15, 0.04)] },
    ],
  },
} as const satisfies Readonly<Record<string, EffectorInput>>;

function pathPoint(body: 'world' | 'upperArm' | 'forearm', x: number, y: number) {
  return { body, at: [x, y] as [number, number] };
}

const everyCell: readonly RolloutCase['cell'][] = ['gru', 'lstm', 'rnn', 'node', 'driscoll'];
const everything = { noises: everyNoise, loads: ['endpoint', 'joint'], states: true, inputs: true, inputGradients: true, bodyGradients: true } as const;

const everyChange = ['units', 'fields', 'strengths'] as const;

const compliantTolerance: Tolerance = {
  atol: 2e-4,
  rtol: 2e-3,
  rtolOfMax: 2e-3,
  reason:
    'the eccentric branch of the compliant muscle divides differences of nearly equal numbers by 0.002: rounding grows 500-fold (motor equations, hazard 3)',
};

const options: readonly LoopCase[] = [
  ...everyCell.map(
    (cell): LoopCase => ({
      name: 'size 1: one trial, step, input and unit',
      cell,
      body: 'reacher',
      B: 1,
      T: 1,
      E: 1,
      H: 1,
      layers: [1],
      blind: cell === 'node',
    }),
  ),
  ...everyCell.map(
    (cell): LoopCase => ({ name: 'everything at once, a tile and a remainder', cell, B: 9, T: 8, leading: 1, delays: [5, 2], frames: 2, ...everything }),
  ),
  ...everyCell.map((cell): LoopCase => ({ name: 'no noise, no loads, no cache of more than states', cell, B: 5, T: 6, states: true })),
  ...everyCell.map(
    (cell): LoopCase => ({
      name: 'sigmoid read-out, two tiles and a remainder',
      cell,
      B: 17,
      T: 5,
      leading: 2,
      params: { readout_sigmoid: 1 },
      noises: ['state'],
    }),
  ),
  ...[1, 2, 3, 4, 5].map(
    (delay): LoopCase => ({
      name: `vision after ${delay} frames, proprioception after ${6 - delay}`,
      cell: 'gru',
      B: 5,
      T: 9,
      delays: [delay, 6 - delay],
      noises: ['vision', 'proprioception'],
      inputs: true,
    }),
  ),
  ...everyCell.map(
    (cell): LoopCase => ({ name: 'changed units, fields and strengths', cell, B: 9, T: 7, delays: [2, 3], frames: 1, changes: everyChange, ...everything }),
  ),
  ...(['units', 'fields', 'strengths'] as const).map(
    (change): LoopCase => ({ name: `changed ${change} alone`, cell: 'gru', B: 5, T: 6, changes: [change], inputs: true, inputGradients: true }),
  ),
  ...(['rk4', 'rk4Motornet', 'compliant', 'compliantRk4', 'ministeps', 'pointMass', 'paths'] as const).map(
    (body): LoopCase => ({
      name: `fields and strengths: ${body}`,
      cell: 'rnn',
      body,
      B: 5,
      T: 6,
      changes: ['fields', 'strengths'],
      states: true,
      bodyGradients: true,
      ...(body.startsWith('compliant') ? { tolerance: compliantTolerance } : {}),
    }),
  ),
  { name: 'delays longer than the trial', cell: 'rnn', B: 2, T: 3, delays: [5, 4], frames: 4, ...everything },
  ...[1, 2].map(
    (frames): LoopCase => ({ name: `${frames} earlier actions`, cell: 'gru', B: 5, T: 7, frames, noises: ['action'], inputs: true, inputGradients: true }),
  ),
  ...everyNoise.map((noise): LoopCase => ({ name: `${noise} noise alone`, cell: 'gru', B: 9, T: 5, delays: [2, 1], noises: [noise], inputs: true })),
  { name: 'load on the end point alone', cell: 'gru', B: 8, T: 5, loads: ['endpoint'] },
  { name: 'load on the joints alone', cell: 'lstm', B: 8, T: 5, loads: ['joint'] },
  { name: 'all external inputs first', cell: 'gru', B: 3, T: 4, E: 4, leading: 4, inputs: true, inputGradients: true },
  { name: 'no gradient but that of the outputs', cell: 'gru', B: 3, T: 6, blind: true },
  { name: 'ctdb, noise, frames', cell: 'driscoll', B: 9, T: 7, delays: [3, 1], frames: 1, params: { ctdb: 1, activation: 1 }, ...everything },
  { name: 'ctdb, sigmoid read-out', cell: 'driscoll', B: 2, T: 5, params: { ctdb: 1, activation: 0, readout_sigmoid: 1 }, inputGradients: true },
  ...(Object.keys(bodies) as (keyof typeof bodies)[])
    .filter((body) => body !== 'mujoco')
    .map(
      (body): LoopCase => ({
        name: `body: ${body}`,
        cell: 'gru',
        body,
        B: 9,
        T: 6,
        leading: 1,
        delays: [2, 3],
        frames: 1,
        ...everything,
        ...(body.startsWith('compliant') ? { tolerance: compliantTolerance } : {}),
      }),
    ),
  {
    name: '128 units, more steps than are kept at a time',
    cell: 'gru',
    B: 12,
    T: 40,
    H: 128,
    E: 3,
    delays: [5, 2],
    noises: everyNoise,
    loads: ['endpoint'],
    inputGradients: true,
  },
  { name: 'more tiles than groups of sums', cell: 'rnn', body: 'relu', B: 270, T: 2, H: 4 },
];

export const loopCases: readonly LoopCase[] = options;

const tolerance: Tolerance = {
  atol: 5e-6,
  rtol: 5e-5,
  rtolOfMax: 2e-5,
  reason: 'f32 sums in another order than the f64 reference, gates within 3e-7, f32 constants of the body, fed back through muscles and senses for some steps',
};

/** Sizes of a case: muscles, rows of their state, network inputs. */
export function loopSizes({ body = 'mujoco', E = 3, H = 6, cell, frames = 0 }: LoopCase) {
  const { muscles: M, muscleRows } = createBody(bodies[body]);
  const V = 2 + 2 * M + M * frames;
  return { M, R: muscleRows.length, V, I: E + V, S: cell === 'lstm' ? 2 * H : H };
}

/** Joint states well inside the limits, some at a limit and moving. */
function jointStates(from: LoopCase, seed: number): Float32Array {
  const { body = 'mujoco', B = 4 } = from;
  const { positionLower, positionUpper } = createBody(bodies[body]);
  const draws = uniforms(B * 4, seed, 'joints');
  return draws.map((draw, i) => {
    const joint = i % 4;
    if (joint > 1) return 2 * draw - 1;
    const [low, high] = [positionLower[joint] as number, positionUpper[joint] as number];
    return low + (0.2 + 0.6 * draw) * (high - low);
  });
}

/** Arguments that forward and backward share. */
export function sharedArguments(from: LoopCase, seed: number): Record<string, CaseArgument | null> {
  const { cell, body = 'mujoco', B = 4, T = 5, E = 3, H = 6, layers = [7, 6], noises = [], loads = [], changes = [], gain = 1 } = from;
  const { M, V, I, S } = loopSizes(from);
  const { layout, table } = createBody(bodies[body]);
  const P = parameterCount({ name: '', cell, I, H, O: M, layers });
  const scale = gain / Math.sqrt(cell === 'node' ? Math.max(...layers, H + I) : H);
  const draw = (wanted: boolean, purpose: string, shape: readonly number[], deviation: number): CaseArgument | null =>
    wanted
      ? {
          shape,
          data: normals(
            shape.reduce((n, size) => n * size, 1),
            seed,
            purpose,
            deviation,
          ),
        }
      : null;
  return {
    inputs: draw(true, 'inputs', [B, T, E], 1),
    parameters: { shape: [P], data: uniforms(P, seed, 'parameters', -scale, scale) },
    initial_state: draw(true, 'initial', [B, S], 0.5),
    state_noise: draw(noises.includes('state'), 'state noise', [B, T, H], 0.1),
    layer_sizes: cell === 'node' ? { shape: [layers.length], data: Int32Array.from(layers) } : null,
    body_layout: { shape: [layout.length], data: layout },
    body: { shape: [table.length], data: Float32Array.from(table) },
    joint0: { shape: [B, 4], data: jointStates(from, seed) },
    endpoint_load: draw(loads.includes('endpoint'), 'endpoint load', [B, T, 2], 3),
    joint_load: draw(loads.includes('joint'), 'joint load', [B, T, 2], 0.5),
    action_noise: draw(noises.includes('action'), 'action noise', [B, T, M], 0.1),
    vision_noise: draw(noises.includes('vision'), 'vision noise', [B, T + 2, 2], 0.05),
    proprioception_noise: draw(noises.includes('proprioception'), 'proprioception noise', [B, T + 2, 2 * M], 0.05),
    observation_noise: draw(noises.includes('observation'), 'observation noise', [B, T, V], 0.05),
    ...(changes.includes('units') ? unitChanges(B, T, H, seed) : {}),
    ...(changes.includes('fields') ? fieldChanges(B, T, seed) : {}),
    ...(changes.includes('strengths') ? strengthChanges(B, T, M, seed) : {}),
  };
}

/** A constant force, a curl field, a channel and a field of everything. */
function fieldChanges(B: number, T: number, seed: number): Record<string, CaseArgument> {
  const rows = [
    new Array(12).fill(Number.NaN),
    [3, -2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    [0, 0, 0, 0, 0, 0, 0, 0, 0, -13, 13, 0],
    [0, 0, 0.1, 0.3, -300, 0, 0, 0, -20, 0, 0, 0],
    Array.from(normals(12, seed, 'fields', 5)),
  ];
  return { field_row: chosenRows(B, T, rows.length, seed, 'field row'), fields: { shape: [rows.length, 12], data: rows.flat() } };
}

/** Muscles of no, half and odd strength. */
function strengthChanges(B: number, T: number, M: number, seed: number): Record<string, CaseArgument> {
  const rows = [new Array(M).fill(Number.NaN), new Array(M).fill(0), new Array(M).fill(0.5), Array.from(uniforms(M, seed, 'strengths', 0.2, 1.8))];
  return { strength_row: chosenRows(B, T, rows.length, seed, 'strength row'), strengths: { shape: [rows.length, M], data: rows.flat() } };
}

/** Parameters of a case's launch. */
export function loopParams({ H = 6, params = {}, delays = [1, 1], frames = 0, leading = 0 }: LoopCase): Record<string, number> {
  return { hidden_size: H, vision_delay: delays[0], proprioception_delay: delays[1], action_frames: frames, leading_inputs: leading, ...params };
}

/** The forward call of a case, with its cache for the way back or without. */
export function forwardCase(from: LoopCase, seed: number, cached: boolean): KernelCase {
  const { cell, name, B = 4, T = 5, states = false, inputs = false } = from;
  const { M, R, I, S } = loopSizes(from);
  return {
    kernel: 'closed_loop_forward',
    name: cached ? name : `${name}, without a cache`,
    variant: cell,
    seed,
    args: {
      ...sharedArguments(from, seed),
      outputs: { shape: [B, T, M] },
      fingertip: { shape: [B, T, 2] },
      joint: { shape: [B, T + 1, 4] },
      muscle: { shape: [B, T + 1, R, M] },
      states: states ? { shape: [B, T, S] } : null,
      network_inputs: inputs ? { shape: [B, T, I] } : null,
    },
    params: loopParams(from),
    tolerance: from.tolerance ?? tolerance,
    ...(cached ? {} : { without: ['cache'] }),
  };
}

export const cases: readonly KernelCase[] = loopCases.flatMap((from, i) => [forwardCase(from, i, true), ...(i % 3 === 0 ? [forwardCase(from, i, false)] : [])]);
