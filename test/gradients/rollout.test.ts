// A loss written with tensors on top of a rollout: the tape's gradient against central differences, for every cell.
import { suite } from 'uvu';
import { createModel } from '../../src/models/model.js';
import type { ModelInput } from '../../src/models/options.js';
import { rolloutTensor } from '../../src/rollout/operation.js';
import * as t from '../../src/tensor/index.js';
import { checkGradients } from '../support/gradient-check.js';
import { normals } from '../support/values.js';

const test = suite('gradients through rollouts');
const [B, T, I, H, O] = [2, 20, 2, 3, 2];

// Smooth cells only where a step of 1e-3 would cross a kink; cells.test.ts covers the others with smaller steps.
const models: readonly ModelInput[] = [
  { cell: 'gru', hiddenSize: H, readout: 'sigmoid' },
  { cell: 'lstm', hiddenSize: H, initialState: 'trainable' },
  { cell: 'rnn', hiddenSize: H, initialState: 'zeros' },
  { cell: 'driscoll', hiddenSize: H, initialState: 'trainable', activation: 'softplus' },
  { cell: 'driscoll', hiddenSize: H, compat: 'ctdb' },
];

for (const options of models) {
  test(`${JSON.stringify(options)}: parameters and inputs, with state noise, through a loss of one's own`, async () => {
    const model = createModel(options, I, O);
    const loss = (parameters: t.Tensor, inputs: t.Tensor) => {
      const stateNoise = t.randomNormal(parameters.backend, [B, T, H], { seed: 3, standardDeviation: 0.1 });
      const { outputs, states } = rolloutTensor(model, { parameters: t.multiply(parameters, 0.9), inputs: t.tanh(inputs), stateNoise });
      const late = t.slice(outputs, [null, [T / 2, null]]);
      const change = t.subtract(t.slice(states, [null, [1, null]]), t.slice(states, [null, [null, -1]]));
      return t.add(t.mean(t.square(late)), t.mean(t.squareRoot(t.add(t.sum(t.square(change), -1), 1))));
    };
    await checkGradients(model.cell, loss, [
      { shape: [model.parameterCount], data: normals(model.parameterCount, 1, 'parameters', 0.4) },
      { shape: [B, T, I], data: normals(B * T * I, 2) },
    ]);
  });
}

test.run();
