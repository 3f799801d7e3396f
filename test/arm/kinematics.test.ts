// Host-side kinematics and drawing paths against the kernels' own kinematics and against each other.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createBody } from '../../src/arm/create-body.js';
import { Effector } from '../../src/arm/effector.js';
import { cartesianOf, fingertipOf, inverseKinematics, jointLimits, linkLengths, linkPositions } from '../../src/arm/kinematics.js';
import { musclePaths } from '../../src/arm/muscle-paths.js';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { ShapeError } from '../../src/errors.js';
import { tensor, tidy } from '../../src/tensor/index.js';
import { assertClose } from '../support/assert-close.js';

const arm = createBody({ effector: 'RigidTendonArm26' });
const mass = createBody({ effector: 'ReluPointMass24' });
const postures = [0.8, 1.1, 0.5, -0.3, 0, 0, 1, 1, 2.2, 2.6, -3, 4, 1.2, 0.01, 0, 0];

test('fingertipOf and cartesianOf agree with effector_reset', async () => {
  const backend = createReferenceBackend();
  for (const body of [arm, mass]) {
    const effector = new Effector(backend, body);
    const state = tidy(() => effector.reset(tensor(backend, postures, [4, 4])));
    const expected = await state.cartesian.data();
    assertClose(cartesianOf(body, postures, 4), expected, { case: 'cartesianOf', rtol: 1e-6, atol: 1e-7 });
    const positions = [0, 1, 2, 3].flatMap((row) => [expected[4 * row] as number, expected[4 * row + 1] as number]);
    assertClose(fingertipOf(body, postures, 4), positions, { case: 'fingertipOf', rtol: 1e-6, atol: 1e-7 });
    for (const one of Object.values(state)) one.dispose();
    effector.dispose();
  }
  assert.is(backend.bytesInUse(), 0);
});

test('at 90° and 0° the hand of the six-muscle arm is 0.642 m above the shoulder', () => {
  assertClose(fingertipOf(arm, [Math.PI / 2, 0], 1), [0, 0.642], { case: 'hand', atol: 1e-7 });
  assertClose(linkPositions(arm, [Math.PI / 2, 0]).flat(), [0, 0, 0, 0.309, 0, 0.642], { case: 'links', atol: 1e-12 });
  assert.equal(linkPositions(mass, [0.3, -0.2]), [[0.3, -0.2]]);
  assert.equal(linkLengths(arm), [0.309, 0.333]);
  assert.equal(jointLimits(mass), { lower: [-1, -1], upper: [1, 1] });
});

test('inverse kinematics finds the angles again and refuses what is out of reach', () => {
  for (const [q1, q2] of [
    [0.3, 0.4],
    [1.5, 2.2],
    [2.2, 0.01],
  ] as const) {
    const [x, y] = fingertipOf(arm, [q1, q2], 1) as unknown as [number, number];
    assertClose(inverseKinematics(arm, x, y) ?? [], [q1, q2], { case: 'angles', atol: 2e-5 });
  }
  assert.is(inverseKinematics(arm, 0.65, 0), null);
  assert.is(inverseKinematics(arm, 0.01, 0), null);
  assert.equal(inverseKinematics(mass, 0.65, 0), [0.65, 0]);
});

test('joint states of another length are refused', () => {
  assert.throws(
    () => fingertipOf(arm, [1, 2, 3], 1),
    (error: Error) => error instanceof ShapeError,
  );
  assert.throws(
    () => cartesianOf(arm, [1, 2], 1),
    (error: Error) => error instanceof ShapeError,
  );
  assert.is(fingertipOf(arm, [], 0).length, 0);
});

test('paths of muscles are drawn where effector_points has their points', async () => {
  const body = createBody({
    effector: 'Custom',
    skeleton: { type: 'TwoDofArm' },
    muscle: 'Relu',
    muscleParameters: { maximumForce: 1 },
    muscles: [
      {
        points: [
          { body: 'world', at: [-0.1, 0.05] },
          { body: 'upperArm', at: [0.15, 0.03] },
          { body: 'forearm', at: [0.06, 0.01] },
        ],
      },
      {
        points: [
          { body: 'upperArm', at: [0.2, -0.02] },
          { body: 'forearm', at: [-0.03, -0.01] },
        ],
      },
    ],
  });
  const backend = createReferenceBackend();
  const effector = new Effector(backend, body);
  const made = tidy(() => effector.points(tensor(backend, [[0.8, 1.1, 0, 0]])));
  const points = await made.point.data();
  const drawn = musclePaths(body, [0.8, 1.1]);
  assert.equal(
    drawn.map((path) => path?.length),
    [3, 2],
  );
  const flat = drawn.flatMap((path) => path ?? []);
  assertClose([...flat.map(([x]) => x), ...flat.map(([, y]) => y)], points, { case: 'points', atol: 1e-12 });
  for (const one of Object.values(made)) one.dispose();
  effector.dispose();
});

test('every muscle of the arm has a path to draw: flexors get shorter in flexion, extensors longer; constant arms have none', () => {
  const lengthOf = (muscle: number, joint: readonly number[]) => {
    const path = musclePaths(arm, joint)[muscle] ?? [];
    return path.slice(1).reduce((sum, [x, y], index) => sum + Math.hypot(x - (path[index]?.[0] as number), y - (path[index]?.[1] as number)), 0);
  };
  const shoulder = { pectoralis: -1, deltoid: 1, brachioradialis: 0, tricepslat: 0, biceps: -1, tricepslong: 1 };
  const elbow = { pectoralis: 0, deltoid: 0, brachioradialis: -1, tricepslat: 1, biceps: -1, tricepslong: 1 };
  arm.muscleNames.forEach((name, muscle) => {
    const overShoulder = lengthOf(muscle, [1.3, 1]) - lengthOf(muscle, [0.5, 1]);
    const overElbow = lengthOf(muscle, [0.8, 1.6]) - lengthOf(muscle, [0.8, 0.6]);
    const sign = (value: number) => (Math.abs(value) < 1e-9 ? 0 : Math.sign(value));
    assert.is(sign(overShoulder), shoulder[name as keyof typeof shoulder], `${name} over the shoulder`);
    assert.is(sign(overElbow), elbow[name as keyof typeof elbow], `${name} over the elbow`);
  });
  assert.equal(musclePaths(createBody({ effector: 'Reacher' }), [1, 1]), [null, null, null, null]);
});

test.run();
