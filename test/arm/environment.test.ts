// The Environment by hand: observations, delays in steps, starts, goals, termination, quirks and switches, gradients, memory; on every backend.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createBody } from '../../src/arm/create-body.js';
import { Environment, type EnvironmentConfig, type Numbers, type StepInfo } from '../../src/arm/environment.js';
import { inverseKinematics } from '../../src/arm/kinematics.js';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { ConfigError, NumericsError, ShapeError } from '../../src/errors.js';
import { add, multiply, slice, sum, type Tensor, tensor, tidy, valueAndGradients } from '../../src/tensor/index.js';
import { assertClose } from '../support/assert-close.js';
import { backendsUnderTest, disposeBackends } from '../support/backends.js';
import { skip } from '../support/skip.js';

const { available, missing } = await backendsUnderTest();
test.after(() => disposeBackends(available));
for (const { label, reason } of missing) skip(test, label, reason);

const reference = createReferenceBackend();
const arm = { effector: 'RigidTendonArm26' } as const;
const mass = { effector: 'ReluPointMass24' } as const;
const noisy = { visionNoise: 0.01, proprioceptionNoise: 0.02, actionNoise: 0.03, observationNoise: 0.04 };

/** Runs `body` with an environment that is disposed afterwards. */
async function within<Result>(config: EnvironmentConfig, body: (environment: Environment) => Promise<Result> | Result, backend = reference): Promise<Result> {
  const environment = new Environment({ backend, ...config });
  try {
    return await body(environment);
  } finally {
    environment.dispose();
  }
}

const problemsOf = async (act: () => unknown): Promise<readonly string[]> => {
  try {
    await act();
  } catch (error) {
    assert.instance(error, ConfigError);
    return (error as ConfigError).problems;
  }
  return [];
};

/** Normalised lengths, then velocities, of one trial as MuJoCo-Hill muscles of the arm report them. */
function felt(info: StepInfo<Numbers>, trial = 0): number[] {
  const optimal = [0.134, 0.14, 0.092, 0.093, 0.137, 0.127];
  const row = (at: number) => Array.from(info.states.muscle.slice((trial * 7 + at) * 6, (trial * 7 + at + 1) * 6));
  return [...row(1).map((length, m) => length / (optimal[m] as number)), ...row(2).map((velocity) => velocity / 1.5)];
}

test('an observation is goal, vision, lengths and velocities of the muscles, earlier actions', () =>
  within({ effector: arm, sensors: { actionFrames: 2 } }, async (environment) => {
    const start = await environment.reset({ jointState: [0.8, 1.1, 0.5, -0.3], goal: [0.1, 0.4] });
    assert.equal([environment.observationSpace.shape, start.observation.length], [[28], 28]);
    assertClose(start.observation, [0.1, 0.4, ...start.info.states.fingertip, ...felt(start.info), ...new Array(12).fill(0)], { case: 'reset', atol: 1e-12 });
    const action = [0.1, 0.2, 1.3, -0.4, 0.5, 0.6];
    await environment.step([0.6, 0, 0, 0, 0, 0]);
    const { observation, info } = await environment.step(action);
    assertClose(observation, [0.1, 0.4, ...info.states.fingertip, ...felt(info), 0.6, 0, 0, 0, 0, 0, ...action], { case: 'step', atol: 1e-12 });
  }));

test('a delay of n frames returns the sample of n − 1 steps ago, of the initial state at first, in each sense', async () => {
  for (const vision of [1, 2, 3, 5, 8]) {
    for (const proprioception of [1, 2, 4]) {
      await within({ effector: arm, goal: 'none', sensors: { visionDelay: vision / 100, proprioceptionDelay: proprioception / 100 } }, async (environment) => {
        let { observation, info } = await environment.reset({ jointState: [0.8, 1.1, 0.5, -0.3] });
        const seen: Numbers[] = [];
        const states: number[][] = [];
        const touched: number[][] = [];
        for (let k = 0; k <= 10; k++) {
          states.push([...info.states.fingertip]);
          touched.push(felt(info));
          seen.push(observation);
          ({ observation, info } = await environment.step([0.1, 0.7, 0.2, 0.9, 0.4, 0.05]));
        }
        seen.forEach((values, k) => {
          const at = (delay: number) => Math.max(0, k - (delay - 1));
          const expected = [...(states[at(vision)] as number[]), ...(touched[at(proprioception)] as number[])];
          assertClose(values, expected, { case: `state ${k} with delays ${vision}, ${proprioception}`, atol: 1e-12 });
        });
      });
    }
  }
});

test('noise is drawn once, when a sample enters its buffer: two readings of the initial state, one of every later one', () =>
  within({ effector: mass, goal: 'none', sensors: { visionDelay: 0.03, visionNoise: 0.01 } }, async (environment) => {
    // At rest, with equal pulls, the mass stays where it is: what is seen is position plus noise.
    const seen = [(await environment.reset({ seed: 3, jointState: [0, 0] })).observation];
    for (let k = 0; k < 8; k++) seen.push((await environment.step([0, 0, 0, 0])).observation);
    const x = seen.map((values) => values[0] as number);
    assert.is(x[0], x[1]); // three frames hold the first reading, twice seen
    assert.is(new Set(x).size, x.length - 1);
    await within({ effector: mass, goal: 'none', sensors: { visionNoise: 0.01 } }, async (prompt) => {
      const now = [(await prompt.reset({ seed: 3, jointState: [0, 0] })).observation[0]];
      for (let k = 0; k < 6; k++) now.push((await prompt.step([0, 0, 0, 0])).observation[0]);
      // Without delay the second reading comes first; delayed, the same draws arrive two steps later.
      assert.equal(x.slice(2), now);
    });
  }));

test('noise repeats with the seed, differs between seeds, episodes and trials, and is the same in any batch', () =>
  within({ effector: mass, sensors: noisy }, async (environment) => {
    const run = async (options: object) => {
      const values = [...(await environment.reset(options)).observation];
      for (let k = 0; k < 3; k++) values.push(...(await environment.step([0.2, 0.2, 0.2, 0.2])).observation);
      return values;
    };
    const first = await run({ seed: 5 });
    const second = await run({});
    assert.equal(await run({ seed: 5 }), first);
    assert.equal(await run({}), second);
    assert.not.equal(second, first);
    assert.not.equal(await run({ seed: 6 }), first);
    const size = environment.observationSpace.shape[0];
    const many = [...(await environment.reset({ seed: 5, batchSize: 4 })).observation];
    assert.equal(many.slice(0, size), first.slice(0, size));
    assert.is(new Set([0, 1, 2, 3].map((trial) => many[trial * size + 2])).size, 4);
  }));

test('deterministic removes all noise; with compat: motornet that of actions in step and of observations in reset (Q12)', async () => {
  for (const compat of ['none', 'motornet'] as const) {
    await within({ effector: mass, sensors: noisy, compat }, async (environment) => {
      const jointState = [0.1, 0.2, 0, 0];
      const isNoisy = (observed: Numbers, at: number, exact: number) => Math.abs((observed[at] as number) - exact) > 1e-9;
      const quiet = await environment.reset({ seed: 1, jointState, deterministic: true });
      const loud = await environment.reset({ seed: 1, jointState });
      const step = await environment.step([0.3, 0.3, 0.3, 0.3], { deterministic: true });
      const heard = await environment.step([0.3, 0.3, 0.3, 0.3]);
      const original = compat === 'motornet';
      // The goal's zeros carry observation noise only, vision its own as well.
      assert.equal([isNoisy(quiet.observation, 0, 0), isNoisy(quiet.observation, 2, 0.1)], [false, original]);
      assert.equal([isNoisy(loud.observation, 0, 0), isNoisy(loud.observation, 2, 0.1)], [true, true]);
      assert.equal(
        [
          isNoisy(step.observation, 0, 0),
          isNoisy(step.observation, 2, step.info.states.fingertip[0] as number),
          isNoisy(step.info.noisyAction as Numbers, 0, 0.3),
        ],
        [original, original, false],
      );
      assert.ok(isNoisy(heard.info.noisyAction as Numbers, 0, 0.3));
    });
  }
  await within({ effector: { ...mass, compat: 'motornet' } }, (environment) => assert.is(environment.compat, 'motornet'));
});

test('time is added up in double precision: 1, 1.55, 2 and 3 s end on steps 100, 155, 200 and 301 (Q18)', async () => {
  for (const [maxDuration, last] of [
    [1, 100],
    [1.55, 155],
    [2, 200],
    [3, 301],
  ] as const) {
    await within({ effector: mass, maxDuration }, (environment) => {
      const ends: number[] = [];
      tidy(() => {
        environment.resetTensors();
        const action = tensor(reference, [[0, 0, 0, 0]]);
        for (let k = 1; k <= last; k++) {
          const { terminated, truncated } = tidy(() => environment.stepTensors(action));
          if (terminated) ends.push(k);
          assert.is(truncated, false);
        }
      });
      assert.equal(ends, [last]);
    });
  }
});

test('episodes start anywhere within the limits, at rest, evenly', () =>
  within({ effector: arm }, async (environment) => {
    const count = 4000;
    const { info } = await environment.reset({ seed: 2, batchSize: count });
    const { positionLower, positionUpper } = environment.body;
    for (const joint of [0, 1] as const) {
      const values = Array.from({ length: count }, (_, trial) => info.states.joint[trial * 4 + joint] as number);
      assert.ok(values.every((value) => value >= positionLower[joint] && value <= positionUpper[joint]));
      const range = positionUpper[joint] - positionLower[joint];
      const mean = values.reduce((total, value) => total + value, 0) / count;
      const variance = values.reduce((total, value) => total + (value - mean) ** 2, 0) / count;
      assert.ok(Math.abs(mean - range / 2) < (4 * range) / Math.sqrt(12 * count), `mean ${mean}`);
      // The variance of a uniform's sample variance is range⁴ / (180 n).
      assert.ok(Math.abs(variance - range ** 2 / 12) < (4 * range ** 2) / Math.sqrt(180 * count), `variance ${variance}`);
    }
    assert.ok(Array.from({ length: count }, (_, trial) => info.states.joint[trial * 4 + 2]).every((value) => value === 0));
  }));

test('starts can be given: one for all trials, one each, with or without velocities; outside the limits they are refused', () =>
  within({ effector: arm, initialJoint: [0.5, 0.6] }, async (environment) => {
    const joints = async (options: object) => [...(await environment.reset(options)).info.states.joint];
    assertClose(await joints({ batchSize: 2 }), [0.5, 0.6, 0, 0, 0.5, 0.6, 0, 0], { case: 'initialJoint', atol: 1e-12 });
    assertClose(await joints({ jointState: [1, 1.2, -1, 2] }), [1, 1.2, -1, 2], { case: 'one', atol: 1e-12 });
    const two = [1, 1.2, 0, 0, 0.7, 0.8, 0, 0];
    assertClose(
      await joints({
        jointState: [
          [1, 1.2],
          [0.7, 0.8],
        ],
      }),
      two,
      { case: 'rows', atol: 1e-12 },
    );
    assertClose(await joints({ jointState: Float64Array.from(two), batchSize: 2 }), two, { case: 'flat', atol: 1e-12 });
    assertClose(await joints({ jointState: Float32Array.of(2.3561945, 2.7052603) }), [2.3561945, 2.7052603, 0, 0], { case: 'limits in f32', atol: 1e-7 });
    assert.equal(
      await problemsOf(() =>
        environment.reset({
          jointState: [
            [0.1, 200],
            [0.1, 3],
            [-0.2, 1, 0, 2000],
          ],
        }),
      ),
      [
        'jointState.0.1: expected elbow position within its limits, 0 to 2.705260340591211, got 200; angles are in radians',
        'jointState.1.1: expected elbow position within its limits, 0 to 2.705260340591211, got 3',
        'jointState.2.0: expected shoulder position within its limits, 0 to 2.356194490192345, got -0.2',
        'jointState.2.3: expected elbow velocity within its limits, -1000 to 1000, got 2000',
      ],
    );
    assert.is((await problemsOf(() => environment.reset({ jointState: [Number.NaN, 1] }))).length, 1);
    assert.is((await problemsOf(() => environment.reset({ jointState: [1, 2, 3] }))).length, 1);
    assert.is(
      (
        await problemsOf(() =>
          environment.reset({
            jointState: [
              [1, 1],
              [1, 1],
            ],
            batchSize: 3,
          }),
        )
      ).length,
      1,
    );
    assert.is((await problemsOf(() => environment.reset({ batchSize: 0, seed: -1 }))).length, 2);
    assert.is((await problemsOf(() => new Environment({ backend: reference, effector: arm, initialJoint: [9, 1] }))).length, 1);
  }));

test("goals of RandomTargetReach are end points of postures drawn evenly; observation noise spares them but not the base class's zeros", async () => {
  await within({ effector: arm, goal: 'random', sensors: { observationNoise: 0.1 } }, async (environment) => {
    const count = 2000;
    const { observation, info } = await environment.reset({ seed: 4, batchSize: count });
    const goal = info.goal as Numbers;
    const size = environment.observationSpace.shape[0];
    const elbows: number[] = [];
    for (let trial = 0; trial < count; trial++) {
      assert.equal([observation[trial * size], observation[trial * size + 1]], [goal[2 * trial], goal[2 * trial + 1]]);
      const angles = inverseKinematics(environment.body, goal[2 * trial] as number, goal[2 * trial + 1] as number);
      elbows.push(angles?.[1] ?? Number.NaN);
    }
    const range = environment.body.positionUpper[1];
    const mean = elbows.reduce((total, value) => total + value, 0) / count;
    assert.ok(Math.abs(mean - range / 2) < (4 * range) / Math.sqrt(12 * count), `mean elbow angle ${mean}`);
    // Starts and goals are different draws.
    assert.not.equal([info.states.fingertip[0], info.states.fingertip[1]], [goal[0], goal[1]]);
  });
  await within({ effector: arm, goal: 'none' }, async (environment) => {
    assert.equal(environment.observationSpace.shape, [14]);
    assert.match((await problemsOf(() => environment.reset({ goal: [0, 0] })))[0] as string, /expected an environment with a goal/);
  });
});

test('spaces say what goes in and what comes out', () =>
  within({ effector: arm }, (environment) => {
    const { actionSpace, observationSpace } = environment;
    assert.equal([actionSpace.shape, [...actionSpace.low], [...actionSpace.high]], [[6], [0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1]]);
    assert.equal([observationSpace.shape, observationSpace.low[0]], [[16], Number.NEGATIVE_INFINITY]);
    const sample = actionSpace.sample(1);
    assert.ok(actionSpace.contains(sample) && !actionSpace.contains([1.1, 0, 0, 0, 0, 0]) && !actionSpace.contains([0]));
    assert.equal(actionSpace.sample(1), sample);
    assert.not.equal(actionSpace.sample(2), sample);
    assert.is(observationSpace.sample(1).length, 16);
  }));

test('rewards are zeros, or what the program says of observation and states', async () => {
  await within({ effector: mass }, async (environment) => {
    await environment.reset({ batchSize: 2 });
    assert.equal([...((await environment.step([0, 0, 0, 0])).reward ?? [])], [0, 0]);
  });
  const environment = new Environment({
    backend: reference,
    effector: mass,
    reward: (_observation, { states }) => [-Math.hypot(states.fingertip[0] as number, states.fingertip[1] as number)],
  });
  await environment.reset({ jointState: [0.3, -0.4] });
  assertClose((await environment.step([0, 0, 0, 0])).reward ?? [], [-0.5], { case: 'reward', atol: 1e-7 });
  await environment.reset({ batchSize: 2 });
  let message = '';
  await environment.step([0, 0, 0, 0]).catch((error: Error) => {
    message = error.message;
  });
  assert.match(message, 'expected a reward for each of 2 trials, got 1');
  environment.dispose();
});

test('mistakes in a step are refused: no reset, wrong length, numbers that are not finite', () =>
  within({ effector: mass }, async (environment) => {
    const failure = async (act: () => Promise<unknown>) => {
      let caught: unknown = null;
      await act().catch((error) => {
        caught = error;
      });
      return caught;
    };
    assert.instance(await failure(() => environment.step([0, 0, 0, 0])), ConfigError);
    await environment.reset({ batchSize: 3 });
    for (const action of [
      [0],
      [
        [0, 0, 0],
        [0, 0, 0, 0],
        [0, 0, 0, 0, 0],
      ],
      new Array(8).fill(0),
      3,
    ]) {
      assert.instance(await failure(() => environment.step(action as number[])), ShapeError);
    }
    assert.instance(await failure(() => environment.step([0, Number.NaN, 0, 0])), NumericsError);
    assert.instance(await failure(() => environment.step([0, 0, 0, 0], { endpointLoad: [1] })), ShapeError);
    assert.instance(await failure(() => environment.step([0, 0, 0, 0], { jointLoad: [Number.POSITIVE_INFINITY, 0] })), NumericsError);
  }));

test('a configuration written as JSON makes an environment that behaves the same', async () => {
  const config = {
    effector: createBody({ ...arm, damping: 0.1 }),
    goal: 'random',
    maxDuration: 0.5,
    seed: 7,
    name: 'reach',
    sensors: { ...noisy, visionDelay: 0.03 },
  } as const;
  const run = async (environment: Environment) => {
    const values = [...(await environment.reset({ batchSize: 2 })).observation];
    for (let k = 0; k < 4; k++) values.push(...(await environment.step([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], { endpointLoad: [1, 2] })).observation);
    return values;
  };
  const [text, first] = await within(config, async (environment) => [JSON.stringify(environment), await run(environment)] as const);
  const second = await within(JSON.parse(text), run);
  assert.equal(second, first);
  assert.is(await within(JSON.parse(text), (environment) => JSON.stringify(environment)), text);
});

test('gradients flow through body, delays, noise and stacked actions: they agree with central differences in f64', () =>
  within(
    { effector: { ...arm, integrator: 'rk4', ministeps: 2 }, sensors: { ...noisy, visionDelay: 0.03, proprioceptionDelay: 0.02, actionFrames: 1 } },
    async (environment) => {
      const steps = 12;
      const weights = Float64Array.from({ length: environment.observationSpace.shape[0] }, (_, index) => Math.sin(1 + index));
      const start = Float64Array.of(0.8, 1.1, 0.5, -0.3);
      const actions = Float64Array.from({ length: 6 }, (_, m) => 0.3 + 0.05 * m);
      const loss = (action: Tensor, joint: Tensor) => {
        environment.resetTensors({ seed: 9, jointState: joint });
        const terms: Tensor[] = [];
        for (let k = 0; k < steps; k++) {
          // The first action is what is varied; a small constant drive follows.
          const result = environment.stepTensors(k === 0 ? action : tensor(reference, [[0.2, 0.25, 0.3, 0.2, 0.15, 0.2]]), {
            endpointLoad: tensor(reference, [[0.5, 0.2]]),
          });
          terms.push(sum(multiply(result.observation, tensor(reference, weights, [1, weights.length], 'f32'))));
          if (k === steps - 1) terms.push(sum(slice(result.info.states.cartesian, [null, [0, 2]])));
        }
        return terms.reduce((total, term) => add(total, term));
      };
      const upload = () => [tensor(reference, actions, [1, 6], 'f32'), tensor(reference, start, [1, 4], 'f32')] as const;
      const inputs = upload();
      const { value, gradients } = valueAndGradients((action, joint) => loss(action as Tensor, joint as Tensor), [...inputs]);
      const analytic = [...((await gradients[0]?.data()) ?? []), ...((await gradients[1]?.data()) ?? [])];
      for (const one of [value, ...gradients, ...inputs]) one.dispose();
      const valueNow = async () => {
        const result = tidy(() => loss(...upload()));
        const number = await result.item();
        result.dispose();
        return number;
      };
      const numeric: number[] = [];
      for (const [values, index] of [
        ...Array.from(actions, (_, index) => [actions, index] as const),
        ...Array.from(start, (_, index) => [start, index] as const),
      ]) {
        const middle = values[index] as number;
        const width = 1e-6;
        values[index] = middle + width;
        const above = await valueNow();
        values[index] = middle - width;
        numeric.push((above - (await valueNow())) / (2 * width));
        values[index] = middle;
      }
      assertClose(analytic, numeric, { case: 'gradient', rtol: 1e-5, rtolOfMax: 1e-6 });
      assert.ok(analytic.every((gradient) => gradient !== 0));
    },
  ));

test('stepping leaves no memory behind, and dispose gives back all of it', async () => {
  const before = reference.bytesInUse();
  await within({ effector: arm, sensors: { ...noisy, visionDelay: 0.05, actionFrames: 3 }, goal: 'random' }, async (environment) => {
    await environment.reset({ batchSize: 3 });
    const held = reference.bytesInUse();
    for (let k = 0; k < 5; k++) await environment.step([0, 0, 0, 0, 0, 0]);
    await environment.reset({ batchSize: 3 });
    assert.is(reference.bytesInUse(), held);
    environment.dispose();
  });
  assert.is(reference.bytesInUse(), before);
});

for (const { label, backend, precision } of available) {
  test(`${label}: an episode agrees with the f64 reference`, async () => {
    const config = {
      effector: { ...arm, muscle: 'RigidTendonHill' },
      sensors: { ...noisy, visionDelay: 0.02, actionFrames: 1, sensoryNoise: 'shared' },
      goal: 'random',
    } as const;
    const run = async (environment: Environment) => {
      const values = [...(await environment.reset({ seed: 11, batchSize: 5 })).observation];
      for (let k = 0; k < 12; k++) {
        const { observation, info } = await environment.step([0.1, 0.3, 0.2, 0.1, 0.2, 0.05], { endpointLoad: [0.3, -0.2], jointLoad: [0.02, 0.01] });
        values.push(...observation, ...info.states.joint);
      }
      return values;
    };
    const expected = await within(config, run);
    assertClose(await within(config, run, backend), expected, { case: 'episode', backend: label, atol: precision === 'f64' ? 1e-12 : 2e-5, rtol: 1e-5 });
  });
}

test.run();
