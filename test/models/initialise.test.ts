// Distributions of fresh parameters: bounds, means, deviations, orthogonality; repeatable by seed.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { orthonormalise } from '../../src/models/initialise.js';
import { createModel, type NamedArray, splitParameters } from '../../src/models/model.js';
import type { ModelInput } from '../../src/models/options.js';
import { fillNormal, randomKey } from '../../src/random.js';

function fresh(options: ModelInput, inputs = 20, outputs = 10, seed = 1): Record<string, NamedArray> {
  const model = createModel(options, inputs, outputs);
  return splitParameters(model, model.initialise(seed));
}
function statistics(values: Float32Array) {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length);
  return { mean, deviation, largest: values.reduce((most, x) => Math.max(most, Math.abs(x)), 0) };
}
const all = (tensor: NamedArray | undefined) => statistics((tensor as NamedArray).data);

test('PyTorch cells are uniform within 1/√H', () => {
  const bound = 1 / Math.sqrt(128);
  const { mean, deviation, largest } = all(fresh({ cell: 'gru' })['cell.weight_hh']);
  assert.ok(largest <= bound && largest > 0.999 * bound);
  assert.ok(Math.abs(mean) < 0.02 * bound);
  assert.ok(Math.abs(deviation / (bound / Math.sqrt(3)) - 1) < 0.02);
  const biases = fresh({ cell: 'lstm' })['cell.bias_ih'] as NamedArray;
  assert.ok(all(biases).largest > 0.95 * bound && all(biases).largest <= bound);
});

test('a NODE layer is uniform within 1/√fan_in, its bias too, and its read-out is small', () => {
  const node = fresh({ cell: 'node', hiddenSize: 5, layerSizes: [400, 300] });
  assert.ok(Math.abs(all(node['generator.vf_net.0.weight']).largest - 1 / Math.sqrt(25)) < 1e-3);
  assert.ok(Math.abs(all(node['generator.vf_net.0.bias']).largest - 1 / Math.sqrt(25)) < 5e-3);
  assert.ok(Math.abs(all(node['generator.vf_net.2.bias']).largest - 1 / Math.sqrt(400)) < 1e-3);
  assert.ok(all(node['readout.weight']).largest < 0.05);
  assert.is(all(node['readout.bias']).largest, 0);
  assert.ok(all(fresh({ cell: 'node', readoutInitialisation: 'linear' })['readout.weight']).largest > 0.3);
});

test('small weights have deviation 0.01 and Xavier weights ±√(6/(fan_in + fan_out)) of a gate', () => {
  assert.ok(Math.abs(all(fresh({ cell: 'gru', initialisation: 'small' })['cell.weight_hh']).deviation / 0.01 - 1) < 0.02);
  const xavier = fresh({ cell: 'gru', initialisation: 'xavier' });
  assert.ok(Math.abs(all(xavier['cell.weight_hh']).largest / Math.sqrt(6 / 256) - 1) < 1e-3);
  assert.is(all(xavier['cell.bias_hh']).largest, 0);
});

function deviationFromIdentity(data: ArrayLike<number>, size: number, scale: number): number {
  let worst = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      let dot = 0;
      for (let k = 0; k < size; k++) dot += (data[i * size + k] as number) * (data[j * size + k] as number);
      worst = Math.max(worst, Math.abs(dot - (i === j ? scale : 0)));
    }
  }
  return worst;
}

test('orthogonal recurrent weights are orthogonal gate by gate; Driscoll starts at 0.8 × orthogonal with inputs N(0, 1/I)', () => {
  const hh = (fresh({ cell: 'lstm', hiddenSize: 24, initialisation: 'orthogonal' })['cell.weight_hh'] as NamedArray).data;
  for (let gate = 0; gate < 4; gate++) assert.ok(deviationFromIdentity(hh.subarray(gate * 576, (gate + 1) * 576), 24, 1) < 1e-6);
  const driscoll = fresh({ cell: 'driscoll', hiddenSize: 64 });
  assert.ok(deviationFromIdentity((driscoll['recW.weight'] as NamedArray).data, 64, 0.64) < 1e-6);
  assert.ok(Math.abs(all(driscoll['inpW.weight']).deviation * Math.sqrt(20) - 1) < 0.05);
  assert.is(all(driscoll.bias).largest, 0);
});

test("motornet: Xavier bounds and orthonormal columns over the stacked gates, as in MotorNet's PolicyGRU with its 4 548 parameters", () => {
  const options: ModelInput = {
    cell: 'gru',
    hiddenSize: 32,
    initialState: 'zeros',
    initialisation: 'motornet',
    readout: 'sigmoid',
    readoutInitialisation: 'xavier',
    readoutBias: -5,
  };
  assert.is(createModel(options, 12, 4).parameterCount, 4548);
  const policy = fresh(options, 12, 4);
  const bound = Math.sqrt(6 / (12 + 96));
  assert.ok(all(policy['cell.weight_ih']).largest <= bound && all(policy['cell.weight_ih']).largest > 0.98 * bound);
  const hh = (policy['cell.weight_hh'] as NamedArray).data;
  const transposed = Float64Array.from({ length: 32 * 96 }, (_, i) => hh[(i % 96) * 32 + Math.floor(i / 96)] as number);
  for (let a = 0; a < 32; a++) {
    for (let b = 0; b < 32; b++) {
      let dot = 0;
      for (let row = 0; row < 96; row++) dot += (transposed[a * 96 + row] as number) * (transposed[b * 96 + row] as number);
      assert.ok(Math.abs(dot - (a === b ? 1 : 0)) < 1e-6);
    }
  }
  assert.is(all(policy['cell.bias_hh']).largest, 0);
  assert.equal([...(policy['readout.bias'] as NamedArray).data], [-5, -5, -5, -5]);
});

test('a matrix with more rows than columns gets orthonormal columns', () => {
  const matrix = new Float64Array(15);
  fillNormal(matrix, randomKey(2, 'test'), 0);
  orthonormalise(matrix, 5, 3);
  for (let a = 0; a < 3; a++) {
    for (let b = 0; b < 3; b++) {
      let dot = 0;
      for (let row = 0; row < 5; row++) dot += (matrix[row * 3 + a] as number) * (matrix[row * 3 + b] as number);
      assert.ok(Math.abs(dot - (a === b ? 1 : 0)) < 1e-14);
    }
  }
});

test('a seed repeats, another differs, and the initial state and a stated read-out bias are exact', () => {
  const model = createModel({ cell: 'gru', hiddenSize: 16, readoutBias: 0.5 }, 3, 3);
  assert.equal(model.initialise(7), model.initialise(7));
  assert.not.equal(model.initialise(7), model.initialise(8));
  const tensors = splitParameters(model, model.initialise(7));
  assert.equal([...(tensors['readout.bias'] as NamedArray).data], [0.5, 0.5, 0.5]);
  assert.is(all(tensors.latent_ics).largest, 0);
});

test.run();
