// What an environment gives and when: observations, delays, noise, time, starts and goals.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Environment, type Numbers } from '../../src/arm/environment.js';
import { inverseKinematics } from '../../src/arm/kinematics.js';
import { tensor, tidy } from '../../src/tensor/index.js';
import { assertClose } from '../support/assert-close.js';
import { arm, felt, mass, noisy, problemsOf, reference, within } from '../support/environments.js';

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

test.run();
