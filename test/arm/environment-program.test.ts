// What a program does with an environment: spaces, rewards, mistakes, JSON, gradients, memory, and every backend.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createBody } from '../../src/arm/create-body.js';
import { Environment } from '../../src/arm/environment.js';
import { ConfigError, NumericsError, ShapeError } from '../../src/errors.js';
import { add, multiply, slice, sum, type Tensor, tensor, tidy, valueAndGradients } from '../../src/tensor/index.js';
import { assertClose } from '../support/assert-close.js';
import { backendsUnderTest, disposeBackends } from '../support/backends.js';
import { arm, mass, noisy, reference, within } from '../support/environments.js';
import { skip } from '../support/skip.js';

const { available, missing } = await backendsUnderTest();
test.after(() => disposeBackends(available));
for (const { label, reason } of missing) skip(test, label, reason);

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
