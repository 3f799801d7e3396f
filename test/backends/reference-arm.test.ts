// Bodies on the reference backend: theory that the equations must obey (order of integrators, energy, moment arms, delays of the rows), and the calls that are refused.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Body } from '../../src/arm/body.js';
import { bodyNumber, bodyWord } from '../../src/backends/body-layout.js';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { KernelError, ShapeError } from '../../src/errors.js';
import { assertClose } from '../support/assert-close.js';
import { bodyArguments, bodyNames, type Common, muscleTypes, rowCount, testBody } from '../support/bodies.js';
import { type CaseArgument, type KernelCase, runCase } from '../support/cases.js';
import { normals } from '../support/values.js';

const test = suite('bodies on the reference backend');
const backend = createReferenceBackend();
test.after(() => backend.dispose());

const M = 3;
const exact = { atol: 0, rtol: 0, reason: 'not compared here' };
type Args = Readonly<Record<string, CaseArgument>>;
type Integrator = NonNullable<Common['integrator']>;

async function run(kernel: string, body: Body, args: Args, more: Partial<KernelCase> = {}) {
  return await runCase(backend, { kernel, name: kernel, args: { ...bodyArguments(body), ...args }, tolerance: exact, ...more });
}

interface State {
  joint: ArrayLike<number>;
  muscle: ArrayLike<number>;
  geometry: ArrayLike<number>;
}

async function reset(body: Body, joint: readonly number[]): Promise<State> {
  const R = rowCount(body);
  const { muscle, geometry } = await run('effector_reset', body, {
    joint: { shape: [1, 4], data: joint },
    muscle: { shape: [1, R, M] },
    geometry: { shape: [1, 4, M] },
    cartesian: { shape: [1, 4] },
  });
  return { joint, muscle, geometry };
}

async function step(body: Body, { joint, muscle, geometry }: State, action: readonly number[], load = [0, 0]): Promise<State> {
  const R = rowCount(body);
  const next = await run('effector_step', body, {
    action: { shape: [1, M], data: action },
    joint: { shape: [1, 4], data: joint },
    muscle: { shape: [1, R, M], data: muscle },
    geometry: { shape: [1, 4, M], data: geometry },
    endpoint_load: { shape: [1, 2], data: load },
    next_joint: { shape: [1, 4] },
    next_muscle: { shape: [1, R, M] },
    next_geometry: { shape: [1, 4, M] },
    next_cartesian: { shape: [1, 4] },
  });
  return { joint: next.next_joint, muscle: next.next_muscle, geometry: next.next_geometry };
}

/** Order of an integrator from three step sizes: log₂ |x(h) − x(h/2)| / |x(h/2) − x(h/4)|, for joint state and every muscle row together. */
async function orderOf(make: (timeStep: number) => Body, joint: readonly number[], steps: number, duration: number): Promise<number> {
  const start = await reset(make(duration / steps), joint);
  const ends: number[][] = [];
  for (const count of [steps, 2 * steps, 4 * steps]) {
    const body = make(duration / count);
    let state = start;
    for (let i = 0; i < count; i++) state = await step(body, state, [0.25, 0.15, 0.2], [0.5, -0.3]);
    ends.push([...Array.from(state.joint), ...Array.from(state.muscle)]);
  }
  const distance = (a: number[], b: number[]) => Math.sqrt(a.reduce((sum, x, i) => sum + ((x - b[i]) / (1 + Math.abs(x))) ** 2, 0));
  return Math.log2(distance(ends[0], ends[1]) / distance(ends[1], ends[2]));
}

for (const [integrator, order] of [
  ['euler', 1],
  ['rk4-motornet', 1],
  ['rk4', 4],
] as const satisfies readonly (readonly [Integrator, number])[]) {
  test(`${integrator} is of order ${order}`, async () => {
    const steps = order === 4 ? 12 : 96;
    const arm = await orderOf((timeStep) => testBody('path arm', 'Relu', { integrator, timeStep, damping: 0.2 }), [0.9, 1.2, 0.3, -0.2], steps, 0.06);
    assertClose([arm], [order], { case: 'path arm, Relu', atol: 0.2 });
    const mass = await orderOf((timeStep) => testBody('path mass', 'Relu', { integrator, timeStep }), [0.1, -0.2, 0.3, 0.2], steps, 0.06);
    assertClose([mass], [order], { case: 'path mass, Relu', atol: 0.2 });
    const compliant = await orderOf(
      (timeStep) => testBody('polynomial arm', 'CompliantTendonHill', { integrator, timeStep }),
      [0.9, 1.2, 0.3, -0.2],
      steps,
      0.002,
    );
    assertClose([compliant], [order], { case: 'polynomial arm, CompliantTendonHill', atol: 0.2 });
  });
}

test('ministeps are time steps: two of them equal two steps of half the length', async () => {
  for (const integrator of ['euler', 'rk4', 'rk4-motornet'] as const) {
    for (const muscle of muscleTypes) {
      const common = { integrator, damping: 0.1 };
      const short = muscle === 'CompliantTendonHill' ? 0.0004 : 0.01;
      const whole = testBody('polynomial arm', muscle, { ...common, timeStep: short, ministeps: 2 });
      const half = testBody('polynomial arm', muscle, { ...common, timeStep: short / 2 });
      const start = await reset(half, [0.9, 1.2, 0.3, -0.2]);
      const action = [0.3, 0.6, 0.9];
      const once = await step(whole, start, action);
      const twice = await step(half, await step(half, start, action), action);
      assert.equal(
        [...Array.from(once.joint), ...Array.from(once.muscle)],
        [...Array.from(twice.joint), ...Array.from(twice.muscle)],
        `${integrator} ${muscle}`,
      );
    }
  }
});

test('moment arms are the derivatives of the lengths; velocities are their rates, but not those that MotorNet gives forearm points', async () => {
  const at = [0.9, 1.2, 0.4, -0.7];
  const delta = 1e-6;
  for (const name of bodyNames) {
    for (const compat of ['none', 'motornet'] as const) {
      const body = testBody(name, 'Relu', { compat });
      const { geometry } = await reset(body, at);
      for (let m = 0; m < M; m++) {
        let rate = 0;
        for (let j = 0; j < 2; j++) {
          const lengths: number[] = [];
          for (const sign of [1, -1])
            lengths.push(
              (
                await reset(
                  body,
                  at.map((q, i) => (i === j ? q + sign * delta : q)),
                )
              ).geometry[m],
            );
          const slope = (lengths[0] - lengths[1]) / (2 * delta);
          rate += slope * at[2 + j];
          if (!name.startsWith('constant')) assertClose([geometry[(2 + j) * M + m]], [slope], { case: `${name}, arm ${j} of muscle ${m}`, atol: 1e-8 });
        }
        const agrees = Math.abs(geometry[M + m] - rate) < 1e-8;
        const crossesElbow = name === 'path arm' && m > 0;
        assert.is(agrees, compat === 'none' || !crossesElbow, `${name}, ${compat}, muscle ${m}`);
      }
    }
  }
});

/** Kinetic energy of an arm. */
function energy({ table }: Body, [, q2, w1, w2]: ArrayLike<number> & Iterable<number>): number {
  const [a11, a12, b11, b12] = [bodyNumber.a11, bodyNumber.a12, bodyNumber.b11, bodyNumber.b12].map((i) => table[i]);
  return 0.5 * (a11 + b11 * Math.cos(q2)) * w1 * w1 + (a12 + b12 * Math.cos(q2)) * w1 * w2 + 0.5 * a12 * w2 * w2;
}

test('an arm that nothing moves keeps its energy; rk4 keeps it better than euler, viscosity and damping take it away', async () => {
  const drift = async (common: Common, viscosity = 0) => {
    const body = testBody('polynomial arm', 'Relu', { ...common, timeStep: 0.005, positionLower: -50, positionUpper: 50 });
    body.table[bodyNumber.viscosity] = viscosity;
    let state = await reset(body, [0.5, 1, 2, -3]);
    const before = energy(body, Array.from(state.joint));
    for (let i = 0; i < 40; i++) state = await step(body, state, [0, 0, 0]);
    return energy(body, Array.from(state.joint)) / before - 1;
  };
  assert.ok(Math.abs(await drift({ integrator: 'rk4' })) < 1e-7);
  assert.ok(Math.abs(await drift({ integrator: 'euler' })) > 1e-4);
  assert.ok((await drift({ integrator: 'rk4', damping: 0.1 })) < -0.1);
  assert.ok((await drift({ integrator: 'rk4' }, 0.1)) < -0.1);
});

test('muscle rows of euler and rk4-motornet lag the joints by one step; those of rk4 do not', async () => {
  for (const [integrator, lags] of [
    ['euler', true],
    ['rk4-motornet', true],
    ['rk4', false],
  ] as const) {
    const body = testBody('polynomial arm', 'Relu', { integrator, timeStep: 0.01 });
    const start = await reset(body, [0.9, 1.2, 0.8, -0.9]);
    const next = await step(body, start, [0.5, 0.5, 0.5]);
    const lengths = (geometry: ArrayLike<number>) => Array.from(geometry).slice(0, 2 * M);
    assert.equal(Array.from(next.muscle).slice(M, 3 * M), lengths(lags ? start.geometry : next.geometry), integrator);
  }
});

test('muscles at rest start at their minimum activation, ReLU without force', async () => {
  const body = testBody('polynomial arm', 'Relu');
  body.table.set([0.2], bodyNumber.muscles);
  const { muscle } = await reset(body, [0.9, 1.2, 0, 0]);
  assert.equal([muscle[0], muscle[1], muscle[3 * M]], [0.2, 0, 0]);
});

test('a rigid Hill muscle without activation and motion has no force instead of 0/0', async () => {
  const body = testBody('polynomial arm', 'RigidTendonHill');
  for (let m = 0; m < M; m++) body.table[bodyNumber.muscles + 16 * m] = 0;
  const { muscle } = await reset(body, [0.9, 1.2, 0, 0]);
  assert.ok(Array.from(muscle).every(Number.isFinite));
});

interface Refusal {
  readonly what: string;
  readonly kernel?: string;
  readonly args?: Readonly<Record<string, CaseArgument | null>>;
  readonly params?: Readonly<Record<string, number>>;
  readonly error: typeof ShapeError | typeof KernelError;
  readonly says: RegExp;
}

const body = testBody('path arm', 'MujocoHill');
const [B, T, E, H, R] = [2, 3, 2, 2, 7];
const rolloutArguments: Args = {
  ...bodyArguments(body),
  joint0: { shape: [B, 4], data: normals(B * 4, 1) },
  actions: { shape: [B, T, M] },
  joint: { shape: [B, T + 1, 4] },
  muscle: { shape: [B, T + 1, R, M] },
};
const loopArguments: Args = {
  ...bodyArguments(body),
  inputs: { shape: [B, T, E] },
  parameters: { shape: [3 * H * (E + 8 + H + 2) + M * (H + 1)] },
  initial_state: { shape: [B, H] },
  joint0: rolloutArguments.joint0,
  outputs: { shape: [B, T, M] },
  fingertip: { shape: [B, T, 2] },
  joint: rolloutArguments.joint,
  muscle: rolloutArguments.muscle,
};
const layoutWith = (word: number, value: number) => ({ body_layout: { shape: [body.layout.length], data: body.layout.with(word, value) } });
const shaped = (shape: readonly number[]): CaseArgument => ({ shape });
const firstBody = bodyWord.paths + M + 1;

const refusals: readonly Refusal[] = [
  { what: 'N ≠ T + 1', args: { joint: shaped([B, T, 4]), muscle: shaped([B, T, R, M]) }, error: ShapeError, says: /N = T \+ 1 = 4/ },
  { what: 'J ≠ 4', args: { joint0: shaped([B, 2]), joint: shaped([B, T + 1, 2]) }, error: ShapeError, says: /expected joint0 with J=4, got J=2/ },
  { what: 'D ≠ 2', args: { joint_load: shaped([B, T, 3]) }, error: ShapeError, says: /expected joint_load with D=2, got D=3/ },
  { what: 'G ≠ 4', args: { geometry: shaped([B, T + 1, 3, M]) }, error: ShapeError, says: /expected geometry with G=4/ },
  { what: 'rows that no muscle has', args: { muscle: shaped([B, T + 1, 5, M]) }, error: ShapeError, says: /expected muscle with R=4 or 7, got R=5/ },
  { what: 'rows of another muscle', args: { muscle: shaped([B, T + 1, 4, M]) }, error: ShapeError, says: /7 rows of muscle state for this body, got 4/ },
  {
    what: 'another number of muscles',
    args: { actions: shaped([B, T, 2]), muscle: shaped([B, T + 1, R, 2]) },
    error: ShapeError,
    says: /3 muscles for this body, got 2/,
  },
  { what: 'a short layout', args: { body_layout: shaped([7]) }, error: ShapeError, says: /body_layout of at least 8 words/ },
  { what: 'a short table', args: { body: shaped([60]) }, error: ShapeError, says: /body of at least 68 numbers/ },
  { what: 'a table of another length', args: { body: shaped([70]) }, error: KernelError, says: /body of 84 numbers for 3 muscles and 8 path points, got 70/ },
  { what: 'an unknown muscle', args: layoutWith(bodyWord.muscle, 5), error: KernelError, says: /a muscle among 0, 1, 2, 3, 4, got 5/ },
  { what: 'no ministep', args: layoutWith(bodyWord.ministeps, 0), error: KernelError, says: /at least 1 ministep, got 0/ },
  { what: 'a point on an unknown body', args: layoutWith(firstBody, 3), error: KernelError, says: /path point 0 on body 0, 1 or 2, got 3/ },
  { what: 'a muscle with one point', args: layoutWith(bodyWord.paths + 1, 1), error: KernelError, says: /at least 2 path points for muscle 0, got 1/ },
  {
    what: 'points that belong to no muscle',
    args: layoutWith(bodyWord.paths + M, 7),
    error: KernelError,
    says: /share out the path points 0 to 8, got 0 to 7/,
  },
  {
    what: 'another number of path points',
    kernel: 'effector_points',
    args: { joint: shaped([B, 4]), point: shaped([B, 2, 5]), velocity: shaped([B, 2, 5]), derivative: shaped([B, 2, 2, 5]) },
    error: ShapeError,
    says: /arrays of 8 path points for this body, got 5/,
  },
  { what: 'U ≠ T + 2', kernel: 'closed_loop_forward', args: { vision_noise: shaped([B, T + 1, 2]) }, error: ShapeError, says: /vision_noise with U=5/ },
  { what: 'F ≠ 2M', kernel: 'closed_loop_forward', args: { proprioception_noise: shaped([B, T + 2, 5]) }, error: ShapeError, says: /F=6/ },
  { what: 'V', kernel: 'closed_loop_forward', args: { observation_noise: shaped([B, T, 9]) }, error: ShapeError, says: /observation_noise with V=8/ },
  { what: 'I ≠ E + V', kernel: 'closed_loop_forward', args: { network_inputs: shaped([B, T, 9]) }, error: ShapeError, says: /network_inputs with I=10/ },
  { what: 'too few states', kernel: 'closed_loop_forward', args: { joint: shaped([B, T, 4]), muscle: shaped([B, T, R, M]) }, error: ShapeError, says: /N=4/ },
  {
    what: 'parameters for fewer inputs',
    kernel: 'closed_loop_forward',
    params: { action_frames: 1 },
    error: ShapeError,
    says: /at least 111 parameters for I=13, hidden_size 2 and O=3, got 93/,
  },
  { what: 'a delay of no frame', kernel: 'closed_loop_forward', params: { vision_delay: 0 }, error: ShapeError, says: /vision_delay of at least 1, got 0/ },
  { what: 'half a frame', kernel: 'closed_loop_forward', params: { action_frames: 0.5 }, error: ShapeError, says: /action_frames of at least 0, got 0.5/ },
  {
    what: 'leading inputs that are not there',
    kernel: 'closed_loop_forward',
    params: { leading_inputs: 3 },
    error: ShapeError,
    says: /at most E=2 leading_inputs/,
  },
];

for (const { what, kernel = 'effector_rollout_forward', args = {}, params = {}, error, says } of refusals) {
  test(`${kernel} refuses ${what}`, async () => {
    const valid = kernel === 'closed_loop_forward' ? loopArguments : kernel === 'effector_points' ? bodyArguments(body) : rolloutArguments;
    const call = {
      kernel,
      name: what,
      args: { ...valid, ...args },
      params: kernel.startsWith('closed') ? { hidden_size: H, ...params } : {},
      tolerance: exact,
    };
    let caught: unknown = null;
    try {
      await runCase(backend, call);
    } catch (thrown) {
      caught = thrown;
    }
    assert.instance(caught, error);
    assert.match((caught as Error).message, says);
    assert.match((caught as Error).message, /: expected .*, got /);
  });
}

test('the calls that the refused ones were made from run', async () => {
  await runCase(backend, { kernel: 'effector_rollout_forward', name: 'valid', args: rolloutArguments, tolerance: exact });
  await runCase(backend, { kernel: 'closed_loop_forward', name: 'valid', args: loopArguments, params: { hidden_size: H }, tolerance: exact });
});

test.run();
