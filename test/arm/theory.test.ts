// Bodies against theory: free fall, energy, limits, muscle curves, moment arms, order of the integrators, statics. On the f64 reference and on WASM.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createBody } from '../../src/arm/create-body.js';
import { Effector } from '../../src/arm/effector.js';
import { forceIndex } from '../../src/arm/muscle-list.js';
import { type EffectorInput, muscleTypes } from '../../src/arm/options.js';
import { bodyNumber } from '../../src/backends/body-layout.js';
import type { Backend } from '../../src/backends/backend.js';
import { type Tensor, tensor, tidy } from '../../src/tensor/index.js';
import { assertClose } from '../support/assert-close.js';
import { backendsUnderTest, disposeBackends } from '../support/backends.js';
import { skip } from '../support/skip.js';

const { available, missing } = await backendsUnderTest();
test.after(() => disposeBackends(available));
for (const { label, reason } of missing) skip(test, label, reason);
const chosen = available.filter(({ label }) => label === 'reference f64' || label === 'wasm simd');

/** States of an open-loop rollout, per trial and state. */
interface Path {
  joint: ArrayLike<number>;
  muscle: ArrayLike<number>;
  geometry: ArrayLike<number>;
  cartesian: ArrayLike<number>;
}

interface Drive {
  /** [T][M] or one row for all steps. */
  readonly actions: number[] | number[][];
  readonly steps: number;
  readonly endpointLoad?: readonly [number, number];
  readonly jointLoad?: readonly [number, number];
}

/** Rolls one trial out from `joint0`. */
async function roll(backend: Backend, input: EffectorInput, joint0: readonly number[], { actions, steps, endpointLoad, jointLoad }: Drive): Promise<Path> {
  const body = createBody(input);
  const effector = new Effector(backend, body);
  const rows = Array.isArray(actions[0]) ? (actions as number[][]) : Array.from({ length: steps }, () => actions as number[]);
  const load = (force: readonly number[] | undefined) => (force ? tensor(backend, [Array.from({ length: steps }, () => [...force])]) : null);
  const made = tidy(() =>
    effector.rollout(tensor(backend, [[...joint0]]), tensor(backend, [rows]), { endpointLoad: load(endpointLoad), jointLoad: load(jointLoad) }),
  );
  const entries = await Promise.all(Object.entries(made).map(async ([name, values]) => [name, await (values as Tensor).data()]));
  for (const values of Object.values(made)) (values as Tensor).dispose();
  effector.dispose();
  return Object.fromEntries(entries);
}

const at = (values: ArrayLike<number>, row: number, size: number) => Array.from({ length: size }, (_, index) => values[row * size + index] as number);
const arm = { effector: 'RigidTendonArm26', muscle: 'Relu' } as const;
const idle = [0, 0, 0, 0, 0, 0];

for (const { label, backend, precision } of chosen) {
  const exact = precision === 'f64';
  const test_ = (name: string, act: () => Promise<void>) => test(`${label}: ${name}`, act);

  test_('1 N on 1 kg gives 1 m/s and, by explicit Euler, 0.495 m after 100 steps of 0.01 s', async () => {
    const { joint } = await roll(backend, { effector: 'ReluPointMass24' }, [0, 0, 0, 0], { actions: [0, 0, 0, 0], steps: 100, endpointLoad: [1, 0] });
    assertClose(at(joint, 100, 4), [0.495, 0, 1, 0], { case: 'free fall', atol: exact ? 1e-12 : 2e-6 });
  });

  test_('an arm without torque and velocity stays where it is', async () => {
    const { joint } = await roll(backend, arm, [0.8, 1.1, 0, 0], { actions: idle, steps: 50 });
    assertClose(at(joint, 50, 4), [0.8, 1.1, 0, 0], { case: 'rest', atol: exact ? 1e-12 : 1e-6 });
  });

  test_('a joint that reaches its limit stops there and leaves it again under an opposite torque', async () => {
    const { joint } = await roll(backend, arm, [0.05, 1, -2, 0], { actions: idle, steps: 20 });
    const states = Array.from({ length: 21 }, (_, k) => at(joint, k, 4));
    const hit = states.findIndex(([q1]) => q1 === 0);
    assert.ok(hit > 0 && states.every(([q1]) => (q1 as number) >= 0));
    assert.is(states[hit]?.[2], 0);
    const away = await roll(backend, arm, [0, 1, 0, 0], { actions: idle, steps: 20, jointLoad: [0.5, 0] });
    assert.ok((away.joint[20 * 4] as number) > 0.01 && (away.joint[20 * 4 + 2] as number) > 0.1);
  });

  test_('a steady excitation of 0.5 ends at half the maximum force of a Relu muscle', async () => {
    const { muscle } = await roll(backend, { effector: 'ReluPointMass24' }, [0, 0, 0, 0], { actions: [0.5, 0.5, 0.5, 0.5], steps: 150 });
    assertClose(at(muscle, 150, 16).slice(12), [250, 250, 250, 250], { case: 'force', rtol: 1e-5 });
  });

  test_('at 90° and 0° the six-muscle arm has its published lengths and moment arms', async () => {
    const { geometry } = await roll(backend, arm, [Math.PI / 2, 0, 0, 0], { actions: idle, steps: 1 });
    const rows = [0.151, 0.2322, 0.2859, 0.2355, 0.3329, 0.2989, 0, 0, 0, 0, 0, 0, -0.03, 0.03, 0, 0, -0.03, 0.03, 0, 0, -0.014, 0.025, -0.016, 0.03];
    assertClose(at(geometry, 0, 24), rows, { case: 'geometry', atol: exact ? 1e-15 : 1e-7 });
  });

  test_('n ministeps are n smaller steps exactly, with every integrator', async () => {
    for (const integrator of ['euler', 'rk4', 'rk4-motornet'] as const) {
      const actions = [0.02, 0.01, 0.03, 0.015, 0.02, 0.01];
      const one = await roll(backend, { ...arm, integrator, timeStep: 0.01, ministeps: 4 }, [0.8, 1.1, 0.5, -0.3], { actions, steps: 10 });
      const many = await roll(backend, { ...arm, integrator, timeStep: 0.0025 }, [0.8, 1.1, 0.5, -0.3], { actions, steps: 40 });
      assert.equal(at(one.joint, 10, 4), at(many.joint, 40, 4), integrator);
      assert.equal(at(one.muscle, 10, 24), at(many.muscle, 40, 24), integrator);
    }
  });

  test_('a load on the hand is balanced by the torque −JᵀF', async () => {
    const [q1, q2] = [0.8, 1.1];
    const [fx, fy] = [3, -2];
    const [l1, l2] = [0.309, 0.333];
    const [sx, sy] = [-l2 * Math.sin(q1 + q2), l2 * Math.cos(q1 + q2)];
    const torque = [-((-l1 * Math.sin(q1) + sx) * fx + (l1 * Math.cos(q1) + sy) * fy), -(sx * fx + sy * fy)] as const;
    const { joint } = await roll(backend, arm, [q1, q2, 0, 0], { actions: idle, steps: 20, endpointLoad: [fx, fy], jointLoad: torque });
    assertClose(at(joint, 20, 4), [q1, q2, 0, 0], { case: 'balance', atol: exact ? 1e-12 : 2e-5 });
  });
}

const { backend } = chosen[0] as (typeof chosen)[number];

/** Kinetic energy of the bare arm. */
function energyOf(table: Float64Array, joint: readonly number[]): number {
  const [, q2, w1, w2] = joint as [number, number, number, number];
  const [a11, a12, b11, b12] = [bodyNumber.a11, bodyNumber.a12, bodyNumber.b11, bodyNumber.b12].map((index) => table[index] as number) as [
    number,
    number,
    number,
    number,
  ];
  const c = Math.cos(q2);
  return 0.5 * ((a11 + b11 * c) * w1 * w1 + 2 * (a12 + b12 * c) * w1 * w2 + a12 * w2 * w2);
}

test('energy of a free arm drifts in first order of the step with Euler, in fourth with rk4', async () => {
  const start = [1, 1, 0.6, -0.8];
  const drift = async (integrator: 'euler' | 'rk4', timeStep: number) => {
    const input = { ...arm, integrator, timeStep } as const;
    const steps = Math.round(0.4 / timeStep);
    const { joint } = await roll(backend, input, start, { actions: idle, steps });
    const { table } = createBody(input);
    return Math.abs(energyOf(table, at(joint, steps, 4)) - energyOf(table, start));
  };
  const order = async (integrator: 'euler' | 'rk4', timeStep: number) =>
    Math.log2((await drift(integrator, timeStep)) / (await drift(integrator, timeStep / 2)));
  const [first, fourth] = [await order('euler', 0.004), await order('rk4', 0.04)];
  assert.ok(Math.abs(first - 1) < 0.2, `Euler: order ${first}`);
  assert.ok(fourth > 3.5, `rk4: order ${fourth}`);
});

test('the error on a smooth movement falls with the first power of the step with Euler and rk4-motornet, with the fourth with rk4', async () => {
  const actions = [0.02, 0.01, 0.03, 0.015, 0.02, 0.01];
  const end = async (integrator: 'euler' | 'rk4' | 'rk4-motornet', timeStep: number) => {
    const steps = Math.round(0.16 / timeStep);
    const { joint } = await roll(backend, { ...arm, integrator, timeStep }, [0.8, 1.1, 0.5, -0.3], { actions, steps });
    return at(joint, steps, 4);
  };
  const truth = await end('rk4', 0.00025);
  const error = async (integrator: 'euler' | 'rk4' | 'rk4-motornet', timeStep: number) =>
    Math.max(...(await end(integrator, timeStep)).map((value, index) => Math.abs(value - (truth[index] as number))));
  for (const [integrator, order] of [
    ['euler', 1],
    ['rk4-motornet', 1],
    ['rk4', 4],
  ] as const) {
    const measured = Math.log2((await error(integrator, 0.002)) / (await error(integrator, 0.001)));
    assert.ok(Math.abs(measured - order) < (order === 4 ? 0.4 : 0.2), `${integrator}: order ${measured}`);
  }
});

/** A point mass that is a muscle's length: state of all muscles at length and velocity, fully active for long. */
async function hold(muscle: (typeof muscleTypes)[number], length: number, velocity: number, activation: number): Promise<Record<string, number>> {
  const body = createBody({
    effector: 'Custom',
    skeleton: { type: 'PointMass', mass: 1 },
    muscle,
    muscleParameters: muscle === 'Relu' ? { maximumForce: 100 } : { maximumForce: 100, optimalLength: 0.1, tendonLength: 0.2 },
    muscles: [{ name: 'm', polynomial: { constant: 0, linear: [1, 0] } }],
    integrator: 'euler',
    ministeps: 1,
    timeStep: 0.001,
  });
  const effector = new Effector(backend, body);
  const rows = body.muscleRows.length;
  const made = tidy(() => {
    const joint = tensor(backend, [[length, 0, velocity, 0]]);
    const { geometry } = effector.reset(joint);
    const state = new Float64Array(rows);
    state[0] = activation;
    return effector.step({ joint, geometry, muscle: tensor(backend, state, [1, rows, 1], 'f32') }, tensor(backend, [[activation]]));
  });
  const values = await made.muscle.data();
  for (const one of Object.values(made) as Tensor[]) one.dispose();
  effector.dispose();
  return Object.fromEntries(body.muscleRows.map((name, row) => [name, values[row] as number]));
}

test('MuJoCo-Hill: force-length 1 at optimal length, force-velocity 1 at rest and 1.2 lengthening, no passive force when slack', async () => {
  const optimal = await hold('MujocoHill', 0.3, 0, 1);
  assertClose(
    [optimal['force-length CE'] as number, optimal['force-velocity CE'] as number, optimal['force-length PE'] as number, optimal.force as number],
    [1, 1, 0, 100],
    {
      case: 'optimum',
      atol: 1e-9,
    },
  );
  assert.is((await hold('MujocoHill', 0.3, 2, 1))['force-velocity CE'], 1.2);
  assert.is((await hold('MujocoHill', 0.3, -1.5, 1))['force-velocity CE'], 0);
  assert.is((await hold('MujocoHill', 0.28, 0, 0))['force-length PE'], 0);
  assert.ok(((await hold('MujocoHill', 0.33, 0, 0))['force-length PE'] as number) > 0);
  assert.is((await hold('MujocoHill', 0.24, 0, 1))['force-length CE'], 0);
});

test('rigid-tendon Hill and Thelen muscles pull with their maximum force when fully active at optimal length and rest', async () => {
  for (const [muscle, passive] of [
    ['RigidTendonHill', 0.002],
    ['RigidTendonHillThelen', 0.002],
  ] as const) {
    const { force } = await hold(muscle, 0.3, 0, 1);
    assert.ok(Math.abs((force as number) / 100 - 1) < passive, `${muscle}: ${force} N`);
    assert.ok(((await hold(muscle, 0.3, -0.3, 1)).force as number) < 95, `${muscle} shortening`);
    assert.ok(((await hold(muscle, 0.3, 0.3, 1)).force as number) > 101, `${muscle} lengthening`);
  }
});

test('compliant tendons carry what the fibres pull with at reset, and hold still at 0.2 ms', async () => {
  const input = { effector: 'CompliantTendonArm26', compat: 'motornet' } as const;
  const body = createBody(input);
  for (const posture of [
    [0.8, 1.1, 0, 0],
    [1.5, 0.1, 0, 0],
    [0.1, 2.4, 0, 0],
  ]) {
    const { muscle, joint } = await roll(backend, input, posture, { actions: new Array(6).fill(0.01), steps: 250 });
    for (let m = 0; m < 6; m++) {
      const row = (name: string) => muscle[body.muscleRows.indexOf(name) * 6 + m] as number;
      const [tendon, fibre] = [row('force-length SE'), row('force-length PE') + row('active force')];
      // A slack tendon cannot push: its fibre may then be stretched by a hair more than nothing.
      assert.ok(Math.abs(tendon - fibre) <= 1e-3 * Math.max(tendon, 1e-3), `muscle ${m} in ${posture}: tendon ${tendon}, fibre ${fibre}`);
    }
    assert.ok(at(joint, 250, 4).every(Number.isFinite));
    const lengths = at(muscle, 250, 42).slice(6, 12);
    assert.ok(lengths.every((length) => length > 0.01 && length < 0.3));
  }
});

test('activation rises and falls as its equation does: rk4 with 2 ms finds 63% within 5% of Euler with 0.1 ms', async () => {
  const timeTo = async (integrator: 'euler' | 'rk4', timeStep: number, muscle: 'MujocoHill' | 'Relu') => {
    const half = Math.round(0.3 / timeStep);
    const actions = Array.from({ length: 2 * half }, (_, k) => new Array<number>(6).fill(k < half ? 1 : 0));
    const { muscle: states } = await roll(backend, { effector: 'RigidTendonArm26', muscle, integrator, timeStep }, [0.8, 1.1, 0, 0], {
      actions,
      steps: 2 * half,
    });
    const rows = muscle === 'Relu' ? 24 : 42;
    const activation = Array.from({ length: 2 * half + 1 }, (_, k) => states[k * rows] as number);
    const crossing = (level: number, from: number, rising: boolean) => {
      const k = activation.findIndex((value, index) => index > from && (rising ? value >= level : value <= level));
      const [before, after] = [activation[k - 1] as number, activation[k] as number];
      return (k - 1 + (level - before) / (after - before) - from) * timeStep;
    };
    return [crossing(1 - 1 / Math.E, 0, true), crossing(1 / Math.E, half, false)] as const;
  };
  for (const muscle of ['MujocoHill', 'Relu'] as const) {
    const [coarse, fine] = [await timeTo('rk4', 0.002, muscle), await timeTo('euler', 0.0001, muscle)];
    coarse.forEach((time, index) => assert.ok(Math.abs(time / (fine[index] as number) - 1) < 0.05, `${muscle}: ${time} against ${fine[index]} s`));
    assert.ok((fine[1] as number) > 2 * (fine[0] as number), 'deactivation is slower');
  }
});

const paths = {
  effector: 'Custom',
  skeleton: { type: 'TwoDofArm' },
  muscle: 'Relu',
  muscleParameters: { maximumForce: 100 },
  muscles: [
    {
      points: [
        { body: 'world', at: [-0.15, 0.03] },
        { body: 'upperArm', at: [0.093, 0.017] },
      ],
    },
    {
      points: [
        { body: 'world', at: [-0.05, 0.02] },
        { body: 'upperArm', at: [0.03, 0.03] },
        { body: 'upperArm', at: [0.29, 0.024] },
        { body: 'forearm', at: [0.043, 0.012] },
      ],
    },
    {
      points: [
        { body: 'upperArm', at: [0.16, 0.015] },
        { body: 'forearm', at: [0.05, 0.018] },
        { body: 'forearm', at: [0.15, 0.02] },
      ],
    },
  ],
} satisfies EffectorInput;

test('moment arms are derivatives of the lengths, and so are velocities, except on the forearm with compat: motornet (Q5)', async () => {
  const width = 1e-6;
  for (const [input, original] of [
    [paths, false],
    [{ ...paths, compat: 'motornet' }, true],
    [{ effector: 'ReluPointMass24' }, false],
    [{ effector: 'RigidTendonArm26' }, false],
  ] as const) {
    const body = createBody(input as EffectorInput);
    const effector = new Effector(backend, body);
    const start = body.skeleton === 'arm' ? [0.8, 1.1, 0.7, -0.4] : [0.3, -0.2, 0.7, -0.4];
    const shifted = [start, ...[0, 1].flatMap((joint) => [1, -1].map((sign) => start.map((value, index) => value + (index === joint ? sign * width : 0))))];
    const along = [1, -1].map((sign) => start.map((value, index) => (index < 2 ? value + sign * width * (start[index + 2] as number) : value)));
    const state = tidy(() => effector.reset(tensor(backend, [...shifted, ...along])));
    const geometry = await state.geometry.data();
    const { muscles } = body;
    const value = (row: number, kind: number, muscle: number) => geometry[(row * 4 + kind) * muscles + muscle] as number;
    for (let m = 0; m < muscles; m++) {
      for (const joint of [0, 1]) {
        const numeric = (value(1 + 2 * joint, 0, m) - value(2 + 2 * joint, 0, m)) / (2 * width);
        assert.ok(Math.abs(numeric - value(0, 2 + joint, m)) < 1e-8, `${body.name} muscle ${m}, joint ${joint}`);
      }
      const speed = (value(5, 0, m) - value(6, 0, m)) / (2 * width);
      const extra = original ? value(0, 3, m) * (start[2] as number) : 0;
      assert.ok(Math.abs(speed + extra - value(0, 1, m)) < 1e-8, `${body.name} muscle ${m}: velocity ${value(0, 1, m)}, dL/dt ${speed}`);
      if (original && m > 0) assert.ok(Math.abs(extra) > 1e-3);
    }
    for (const one of Object.values(state) as Tensor[]) one.dispose();
    effector.dispose();
  }
});

test('every muscle moves the arm the way its moment arms say', async () => {
  for (const muscle of muscleTypes) {
    const input = { effector: 'RigidTendonArm26', muscle, ...(muscle === 'CompliantTendonHill' ? {} : { timeStep: 0.005 }) } as const;
    const body = createBody(input);
    for (const [index, sign] of [
      [0, 1],
      [1, -1],
    ] as const) {
      const actions = new Array<number>(6).fill(0).map((_, m) => (m === index ? 0.8 : 0));
      const { joint, muscle: states } = await roll(backend, input, [1, 1.4, 0, 0], { actions, steps: 6 });
      assert.ok(Math.sign(joint[6 * 4 + 2] as number) === sign, `${muscle}: ${body.muscleNames[index]}`);
      assert.ok((states[(6 * body.muscleRows.length + forceIndex(body)) * 6 + index] as number) > 5, `${muscle} pulls`);
    }
  }
});

test.run();
