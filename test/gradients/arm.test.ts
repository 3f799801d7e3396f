// Back-propagation through bodies against central differences of fourth order, in f64: every skeleton, geometry, muscle and integrator, loads, limits, ties.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Body } from '../../src/arm/body.js';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { assertClose } from '../support/assert-close.js';
import { bodyArguments, bodyNames, type Common, integrators, isCompliant, muscleTypes, rowCount, testBody } from '../support/bodies.js';
import { type CaseArgument, runCase } from '../support/cases.js';
import { centralDifferences } from '../support/gradient-check.js';
import { normals, sizeOf, uniforms } from '../support/values.js';

const test = suite('gradients of bodies');
const backend = createReferenceBackend();
test.after(() => backend.dispose());

const M = 3;
const exact = { atol: 0, rtol: 0, reason: 'not compared here' };
/** Small against the distance to the next kink, large against rounding. Loads act weakly over the short steps of compliant tendons: they take a hundred times as much. */
const h = 2e-5;

type Arrays = Readonly<Record<string, Float64Array>>;
type Shapes = Readonly<Record<string, readonly number[]>>;

async function run(kernel: string, body: Body, args: Readonly<Record<string, CaseArgument>>) {
  return await runCase(backend, { kernel, name: kernel, args: { ...bodyArguments(body), ...args }, tolerance: exact });
}

const withData = (shapes: Shapes, data: Readonly<Record<string, ArrayLike<number>>>) =>
  Object.fromEntries(Object.entries(data).map(([name, values]) => [name, { shape: shapes[name], data: values }]));
const withoutData = (shapes: Shapes, prefix = '') => Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [`${prefix}${name}`, { shape }]));

/** Random weights of the outputs; forces and accelerations count less, being larger numbers. */
function weightsOf(outputs: Shapes, rows: number, seed: number): Arrays {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, shape], i) => {
      const weights = Float64Array.from(normals(sizeOf(shape), seed + i, `weights ${name}`));
      if (name.includes('muscle')) weights.forEach((w, k) => (weights[k] = Math.floor(k / M) % rows === rows - 1 ? w / 50 : w));
      if (name === 'acceleration') weights.forEach((w, k) => (weights[k] = w / 50));
      return [name, weights];
    }),
  );
}

/** Compares every gradient that `backward` gives for `inputs` with differences of Σ weights · outputs of `forward`. */
async function check(
  title: string,
  body: Body,
  kernels: { forward: string; backward: string; before?: boolean },
  inputShapes: Shapes,
  inputs: Arrays,
  outputShapes: Shapes,
  weights: Arrays,
): Promise<void> {
  const forward = () => run(kernels.forward, body, { ...withData(inputShapes, inputs), ...withoutData(outputShapes) });
  const loss = async () => {
    const outputs = await forward();
    return Object.entries(weights).reduce((sum, [name, w]) => sum + w.reduce((s, weight, i) => s + weight * outputs[name][i], 0), 0);
  };
  const made = kernels.before ? await forward() : {};
  const kept = Object.keys(made).filter((name) => name === 'joint' || name === 'muscle');
  const given = kernels.before ? Object.entries(inputs).filter(([name]) => name !== 'joint0') : Object.entries(inputs);
  const gradients = await run(kernels.backward, body, {
    ...withData(inputShapes, Object.fromEntries(given)),
    ...withData(outputShapes, Object.fromEntries(kept.map((name) => [name, made[name]]))),
    ...Object.fromEntries(Object.entries(weights).map(([name, w]) => [`d_${name}`, { shape: outputShapes[name], data: w }])),
    ...withoutData(inputShapes, 'd_'),
  });
  for (const [name, values] of Object.entries(inputs)) {
    const numeric = await centralDifferences(loss, values, name.endsWith('load') && isCompliant(body) ? 100 * h : h);
    assertClose(gradients[`d_${name}`], numeric, { case: `${title}, d_${name}`, rtolOfMax: 1e-6, atol: 1e-9 });
  }
}

/** A step that each body can take with Hill muscles' curves still smooth over it; compliant tendons are stiff. */
function stepOf(muscle: string): Common {
  return muscle === 'CompliantTendonHill' ? { timeStep: 0.0006, ministeps: 2 } : { timeStep: 0.01, ministeps: 2 };
}

function startOf(body: Body, seed: number): number[] {
  const middle = body.skeleton === 'arm' ? [0.9, 1.2] : [0.1, -0.2];
  return Array.from(normals(4, seed, 'joint', 0.3), (value, i) => (i < 2 ? middle[i] + value * 0.5 : value));
}

async function checkRollout(title: string, body: Body, seed: number, T = 2, start = startOf(body, seed)): Promise<void> {
  const R = rowCount(body);
  const inputShapes = { actions: [1, T, M], joint0: [1, 4], endpoint_load: [1, T, 2], joint_load: [1, T, 2] };
  const inputs = {
    actions: Float64Array.from(uniforms(T * M, seed, 'actions', -0.1, 1.1)),
    joint0: Float64Array.from(start),
    endpoint_load: Float64Array.from(normals(2 * T, seed, 'end point')),
    joint_load: Float64Array.from(normals(2 * T, seed, 'joint load')),
  };
  const outputs = { joint: [1, T + 1, 4], muscle: [1, T + 1, R, M], cartesian: [1, T + 1, 4], geometry: [1, T + 1, 4, M] };
  const kernels = { forward: 'effector_rollout_forward', backward: 'effector_rollout_backward', before: true };
  await check(title, body, kernels, inputShapes, inputs, outputs, weightsOf(outputs, R, seed));
}

for (const name of bodyNames) {
  for (const muscle of muscleTypes) {
    test(`${name}, ${muscle}: actions, loads and initial joint state, with every integrator`, async () => {
      for (const [i, integrator] of integrators.entries()) {
        const body = testBody(name, muscle, { ...stepOf(muscle), integrator, damping: 0.2, compat: i === 1 ? 'none' : 'motornet' });
        // `rk4` means the original's under compat: motornet; here every integrator is named outright.
        await checkRollout(`${name}, ${muscle}, ${integrator}`, body, 11 + i);
      }
    });
  }
}

test('paths on the forearm have the right gradient with the corrected velocity and with that of MotorNet', async () => {
  for (const compat of ['none', 'motornet'] as const) {
    await checkRollout(`compat ${compat}`, testBody('path arm', 'RigidTendonHill', { compat, integrator: 'euler' }), 31);
  }
});

for (const integrator of integrators) {
  test(`gradients pass joint limits that are reached on the way (${integrator})`, async () => {
    const limits: Common = { integrator, positionLower: [0.2, 0.3], positionUpper: [2, 1.5] };
    const T = 8;
    for (const [start, reached] of [
      [[1.93, 1.35, 1.9, -1.2], 0],
      [[1, 0.33, 1, -2.3], 1],
    ] as const) {
      const body = testBody('polynomial arm', 'MujocoHill', limits);
      const { joint } = await run('effector_rollout_forward', body, {
        joint0: { shape: [1, 4], data: start },
        actions: { shape: [1, T, M], data: uniforms(T * M, 41, 'actions', -0.1, 1.1) },
        joint: { shape: [1, T + 1, 4] },
        muscle: { shape: [1, T + 1, 7, M] },
      });
      const bound = reached === 0 ? 2 : 0.3;
      assert.ok(
        Array.from({ length: T }, (_, t) => joint[(t + 1) * 4 + reached]).some((q) => q === bound),
        `joint ${reached} reaches ${bound}`,
      );
      await checkRollout(`limit of joint ${reached}, ${integrator}`, body, 41, T, [...start]);
    }
  });
}

test('gradients stop where velocities are bounded', async () => {
  const body = testBody('polynomial arm', 'MujocoHill', { velocityLower: -0.2, velocityUpper: [0.3, 5] });
  const start = [0.9, 1.2, 0.25, -0.15];
  const { joint } = await run('effector_rollout_forward', body, {
    joint0: { shape: [1, 4], data: start },
    actions: { shape: [1, 4, M], data: uniforms(4 * M, 43, 'actions', -0.1, 1.1) },
    joint: { shape: [1, 5, 4] },
    muscle: { shape: [1, 5, 7, M] },
  });
  assert.ok(joint.some((w, i) => i % 4 > 1 && (w === -0.2 || w === 0.3)));
  await checkRollout('velocity bounds', body, 43, 4, start);
});

test('a position exactly on its limit passes half of its gradient, a velocity out of it none', async () => {
  const body = testBody('constant mass', 'Relu', { positionLower: -1, positionUpper: 1, timeStep: 0.01 });
  const d = await run('effector_step_backward', body, {
    action: { shape: [1, M], data: [0, 0, 0] },
    joint: { shape: [1, 4], data: [1, -1, 0, 0] },
    muscle: { shape: [1, 4, M], data: new Float64Array(12) },
    geometry: { shape: [1, 4, M], data: new Float64Array(12) },
    endpoint_load: { shape: [1, 2], data: [1, 1] },
    d_next_joint: { shape: [1, 4], data: [1, 1, 1, 1] },
    d_action: { shape: [1, M] },
    d_joint: { shape: [1, 4] },
    d_muscle: { shape: [1, 4, M] },
    d_geometry: { shape: [1, 4, M] },
    d_endpoint_load: { shape: [1, 2] },
  });
  const carried = 0.5 * 0.01;
  assertClose(d.d_joint, [0.5, 0.5, carried, 1 + carried], { case: 'd_joint', atol: 1e-15 });
  assertClose(d.d_endpoint_load, [0, 0.01 / 0.6], { case: 'd_endpoint_load', atol: 1e-15 });
});

test('actions outside their bounds pass no gradient, those on a bound all of it', async () => {
  const body = testBody('polynomial arm', 'Relu');
  const T = 1;
  const gradient = async (actions: number[]) => {
    const forward = await run('effector_rollout_forward', body, {
      joint0: { shape: [1, 4], data: startOf(body, 3) },
      actions: { shape: [1, T, M], data: actions },
      joint: { shape: [1, T + 1, 4] },
      muscle: { shape: [1, T + 1, 4, M] },
    });
    const d_muscle = new Float64Array(2 * 4 * M);
    d_muscle.fill(1, 4 * M, 5 * M);
    const { d_actions } = await run('effector_rollout_backward', body, {
      actions: { shape: [1, T, M], data: actions },
      joint: { shape: [1, T + 1, 4], data: forward.joint },
      muscle: { shape: [1, T + 1, 4, M], data: forward.muscle },
      d_muscle: { shape: [1, T + 1, 4, M], data: d_muscle },
      d_actions: { shape: [1, T, M] },
      d_joint0: { shape: [1, 4] },
    });
    return [...d_actions].map((d) => d !== 0);
  };
  assert.equal(await gradient([0.2, -0.01, 0]), [true, false, true]);
});

for (const muscle of muscleTypes) {
  test(`one step from any state, ${muscle}: action, joint, muscle and geometry state, loads, and the acceleration at its start`, async () => {
    for (const [i, integrator] of integrators.entries()) {
      const body = testBody('polynomial arm', muscle, { ...stepOf(muscle), integrator, damping: 0.1 });
      const R = rowCount(body);
      const seed = 51 + i;
      const reset = await run('effector_reset', body, {
        joint: { shape: [1, 4], data: startOf(body, seed) },
        muscle: { shape: [1, R, M] },
        geometry: { shape: [1, 4, M] },
        cartesian: { shape: [1, 4] },
      });
      // Away from rest: every row is moved by some percent, activations into the middle.
      const moved = (values: ArrayLike<number>, purpose: string) => {
        const change = normals(values.length, seed, purpose, 0.05);
        return Float64Array.from(values, (value, k) => value * (1 + change[k]) + (isCompliant(body) ? 0 : 0.01 * change[k]));
      };
      const state = moved(reset.muscle, 'muscle');
      state.set([0.27, 0.55, 0.15], 0); // not 0.3, where a Hill constant has a kink
      if (isCompliant(body)) state.set([0.2, 0.1, 0.4], 5 * M);
      const inputShapes = { action: [1, M], joint: [1, 4], muscle: [1, R, M], geometry: [1, 4, M], endpoint_load: [1, 2], joint_load: [1, 2] };
      const inputs = {
        action: Float64Array.from(uniforms(M, seed, 'action', 0.1, 0.9)),
        joint: Float64Array.from(startOf(body, seed)),
        muscle: state,
        geometry: moved(reset.geometry, 'geometry'),
        endpoint_load: Float64Array.from(normals(2, seed, 'end point')),
        joint_load: Float64Array.from(normals(2, seed, 'joint load')),
      };
      const outputs = { next_joint: [1, 4], next_muscle: [1, R, M], next_geometry: [1, 4, M], next_cartesian: [1, 4], acceleration: [1, 2] };
      const kernels = { forward: 'effector_step', backward: 'effector_step_backward' };
      await check(`${muscle}, ${integrator}`, body, kernels, inputShapes, inputs, outputs, weightsOf(outputs, R, seed));
    }
  });
}

test('muscles, geometry and end point at rest, and path points, by the joint state', async () => {
  for (const name of bodyNames) {
    for (const compat of ['none', 'motornet'] as const) {
      const body = testBody(name, 'CompliantTendonHill', { compat });
      const joint = { joint: Float64Array.from(startOf(body, 61)) };
      const rest = { muscle: [1, 7, M], geometry: [1, 4, M], cartesian: [1, 4] };
      await check(
        `reset of ${name}`,
        body,
        { forward: 'effector_reset', backward: 'effector_reset_backward' },
        { joint: [1, 4] },
        joint,
        rest,
        weightsOf(rest, 7, 62),
      );
      const N = body.points;
      if (N === 0) continue;
      const points = { point: [1, 2, N], velocity: [1, 2, N], derivative: [1, 2, 2, N] };
      await check(
        `points of ${name}`,
        body,
        { forward: 'effector_points', backward: 'effector_points_backward' },
        { joint: [1, 4] },
        joint,
        points,
        weightsOf(points, 1, 63),
      );
    }
  }
});

test('a muscle whose points coincide has finite geometry and gradients', async () => {
  const body = testBody('path mass', 'Relu');
  const at = [1 - 0.05, 1, 0.3, 0.4]; // the mass's point of the first muscle on its world point
  const result = await run('effector_reset', body, {
    joint: { shape: [1, 4], data: at },
    muscle: { shape: [1, 4, M] },
    geometry: { shape: [1, 4, M] },
    cartesian: { shape: [1, 4] },
  });
  const { d_joint } = await run('effector_reset_backward', body, {
    joint: { shape: [1, 4], data: at },
    d_geometry: { shape: [1, 4, M], data: normals(4 * M, 5) },
    d_joint: { shape: [1, 4] },
  });
  assert.ok([...result.geometry, ...d_joint].every(Number.isFinite));
});

test.run();
