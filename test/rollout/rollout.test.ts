// One micro-batch on the backend: every cell's gradient against central differences, micro-batch sizes, memory, use of the pieces.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { createModel } from '../../src/models/model.js';
import type { ModelInput } from '../../src/models/options.js';
import { trainingKeys } from '../../src/rollout/noise.js';
import { microBatchSize, rolloutBytes } from '../../src/rollout/plan.js';
import { Rollout } from '../../src/rollout/rollout.js';
import { Workspace } from '../../src/rollout/workspace.js';
import { addLatentNorm, addSquaredError } from '../../src/training/loss.js';
import { assertClose } from '../support/assert-close.js';
import { centralDifferences } from '../support/gradient-check.js';
import { normals } from '../support/values.js';

const backend = createReferenceBackend();
const [B, T, I, O] = [2, 20, 2, 2];

const models: readonly ModelInput[] = [
  { cell: 'gru', hiddenSize: 3, stateNoise: 0.1, readout: 'sigmoid' },
  { cell: 'lstm', hiddenSize: 3, stateNoise: 0.1 },
  { cell: 'rnn', hiddenSize: 3, initialState: 'trainable', initialNoise: 0.1, stateNoise: 0.1 },
  { cell: 'node', hiddenSize: 3, layerSizes: [4, 5], stateNoise: 0.1, readoutInitialisation: 'linear' },
  { cell: 'driscoll', hiddenSize: 3 },
];
for (const options of models) {
  test(`${options.cell}: squared error plus latent norm, all noise on: gradient of every parameter as by central differences`, async () => {
    const model = createModel(options, I, O);
    const workspace = new Workspace(backend);
    const rollout = new Rollout({ backend, model, trials: B, steps: T, gradients: true, states: true, inputNoise: 0.1 });
    const inputs = workspace.upload(normals(B * T * I, 1), [B, T, I]);
    const target = workspace.upload(normals(B * T * O, 2), [B, T, O]);
    const trialIndices = workspace.upload([5, 2], [B], 'i32');
    const values = Float64Array.from(model.initialise(3), (value, i) => value + 0.05 * Math.sin(i));
    const gradient = workspace.allocate([model.parameterCount]);
    const run = async (wantGradient: boolean) => {
      const trialLoss = workspace.allocate([B]);
      const parameters = workspace.upload(values, [model.parameterCount]);
      const { outputs, states } = rollout.forward({ parameters, inputs, trialIndices, keys: trainingKeys(1, 1) });
      const { dOutputs, dStates } = rollout.clearGradients();
      addSquaredError(backend, { prediction: outputs, target, weight: null, trialLoss, dPrediction: dOutputs }, 1 / (B * T * O));
      addLatentNorm(backend, { states: states as NonNullable<typeof states>, trialLoss, dStates }, 0.1, model.hiddenSize, B);
      if (wantGradient) rollout.backward(gradient);
      const losses = await backend.read(trialLoss.buffer);
      return (losses[0] as number) + (losses[1] as number);
    };
    await run(true);
    const analytic = Float64Array.from(await backend.read(gradient.buffer));
    const numeric = await centralDifferences(() => run(false), values, 1e-5);
    for (const { name, offset, length } of model.parameters) {
      assertClose(analytic.subarray(offset, offset + length), numeric.subarray(offset, offset + length), {
        case: `${options.cell} ${name}`,
        rtolOfMax: 1e-6,
        atol: 1e-10,
      });
    }
    rollout.dispose();
    workspace.dispose();
    assert.is(backend.bytesInUse(), 0);
  });
}

test('micro-batches hold a multiple of 32 trials, or the whole batch', () => {
  const model = createModel({ cell: 'gru', hiddenSize: 16 }, 3, 3);
  const size = (batch: number, bytes: number) => microBatchSize({ backend, model, steps: 50 }, batch, bytes);
  assert.is(size(7, 1), 7);
  assert.is(size(1000, 1), 32);
  assert.is(size(1000, 2 ** 40), 1000);
  const between = size(1000, 2 ** 21);
  assert.ok(between > 32 && between < 1000 && between % 32 === 0, `${between}`);
  assert.is(backend.bytesInUse(), 0);
});

test('memory is what the estimate says, and a failed allocation leaves nothing behind', () => {
  const model = createModel({ cell: 'node', stateNoise: 0.1 }, 3, 3);
  const single = createReferenceBackend({ precision: 'f32' });
  const options = { backend: single, model, trials: 9, steps: 11, gradients: true, states: true, inputGradients: true, inputNoise: 1 };
  const rollout = new Rollout(options);
  assert.ok(Math.abs(single.bytesInUse() - rolloutBytes(options)) <= 4 * 2);
  rollout.dispose();
  assert.throws(() => new Rollout({ ...options, trials: 2 ** 40 }));
  assert.is(single.bytesInUse(), 0);
});

test.run();
