// The Environment stepped by hand and the closed-loop kernels are one plant: under the same actions, seeds and loads a network sees the same numbers.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createPlant, type PlantInput, sensorInputOf } from '../../src/arm/create-plant.js';
import { Environment } from '../../src/arm/environment.js';
import { observationSize } from '../../src/arm/plant.js';
import { createModel } from '../../src/models/model.js';
import { fillNormal, randomKey } from '../../src/random.js';
import { trainingKeys } from '../../src/rollout/noise.js';
import { Rollout } from '../../src/rollout/rollout.js';
import { Workspace } from '../../src/rollout/workspace.js';
import { assertClose } from '../support/assert-close.js';
import { backendsUnderTest, disposeBackends } from '../support/backends.js';
import { skip } from '../support/skip.js';

const { available, missing } = await backendsUnderTest();
test.after(() => disposeBackends(available));
for (const { label, reason } of missing) skip(test, label, reason);

const plants: [string, PlantInput][] = [
  [
    'every delay and noise',
    {
      effector: { effector: 'RigidTendonArm26' },
      sensors: {
        visionDelay: 0.05,
        proprioceptionDelay: 0.02,
        visionNoise: [0.01, 0.02],
        proprioceptionNoise: 0.02,
        actionNoise: 0.05,
        observationNoise: 0.01,
        actionFrames: 2,
      },
    },
  ],
  [
    'shared noise, other muscles',
    {
      effector: { effector: 'RigidTendonArm26', muscle: 'RigidTendonHillThelen', integrator: 'rk4', damping: 0.1 },
      sensors: { visionDelay: 0.03, proprioceptionDelay: 0.04, visionNoise: 0.01, proprioceptionNoise: 0.02, sensoryNoise: 'shared' },
    },
  ],
];

for (const { label, backend, precision } of available.filter(({ label }) => label === 'reference f64' || label === 'wasm simd')) {
  for (const [name, input] of plants) {
    test(`${label}: a closed loop senses what the Environment senses: ${name}`, async () => {
      const [trials, steps, seed] = [5, 12, 17];
      const plant = createPlant(input);
      const observed = observationSize(plant);
      const model = createModel({ cell: 'gru', hiddenSize: 8, initialNoise: 0 }, observed, plant.body.muscles);
      const parameters = new Float32Array(model.parameterCount);
      fillNormal(parameters, randomKey(1, 'parameters'), 0);
      const joints = Float32Array.from({ length: trials * 4 }, (_, index) => [0.8, 1.1, 0.2, -0.1][index % 4] as number);
      const loads = Float32Array.from({ length: trials * steps * 2 }, (_, index) => (index % 2 === 0 ? 1 : -0.5));

      const workspace = new Workspace(backend);
      const rollout = new Rollout({ backend, model, plant, trials, steps, networkInputs: true });
      const { outputs, networkInputs, fingertip } = rollout.forward({
        parameters: workspace.upload(
          parameters.map((value) => value * 0.3),
          [model.parameterCount],
        ),
        inputs: workspace.upload(new Float32Array(0), [trials, steps, 0]),
        trialIndices: workspace.upload(Int32Array.of(0, 1, 2, 3, 4), [trials], 'i32'),
        keys: trainingKeys(seed, 0),
        joints: workspace.upload(joints, [trials, 4]),
        endpointLoads: workspace.upload(loads, [trials, steps, 2]),
      });
      const [actions, seen, ends] = await Promise.all([outputs, networkInputs, fingertip].map((argument) => backend.read((argument as typeof outputs).buffer)));

      const environment = new Environment({ backend, effector: plant.body, sensors: sensorInputOf(plant), goal: 'none' });
      let { observation } = await environment.reset({ seed, jointState: joints, batchSize: trials });
      const row = (values: ArrayLike<number> | undefined, step: number, size: number) =>
        Array.from({ length: trials * size }, (_, index) => values?.[(Math.floor(index / size) * steps + step) * size + (index % size)] as number);
      const bound = precision === 'f64' ? { atol: 1e-6 } : { atol: 2e-5, rtol: 1e-5 };
      for (let step = 0; step < steps; step++) {
        assertClose(observation, row(seen, step, observed), { case: `what the network sees in step ${step}`, backend: label, ...bound });
        const result = await environment.step(row(actions, step, plant.body.muscles), { endpointLoad: [1, -0.5] });
        assertClose(result.info.states.fingertip, row(ends, step, 2), { case: `end point of step ${step}`, backend: label, ...bound });
        observation = result.observation;
      }
      assert.ok(new Set(row(actions, 3, 6)).size > 6);
      environment.dispose();
      rollout.dispose();
      workspace.dispose();
      assert.is(backend.bytesInUse(), 0);
    });
  }
}

test.run();
