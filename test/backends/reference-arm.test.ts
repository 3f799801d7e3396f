// Bodies on the reference backend: theory that the equations must obey (order of integrators, energy, moment arms, lag of the rows).
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Body } from '../../src/arm/body.js';
import { bodyNumber } from '../../src/backends/body-layout.js';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { assertClose } from '../support/assert-close.js';
import { bodyArguments, bodyNames, type Common, muscleTypes, rowCount, testBody } from '../support/bodies.js';
import { type CaseArgument, type KernelCase, runCase } from '../support/cases.js';

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

test.run();
