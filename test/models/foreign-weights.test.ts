// Weights of PyTorch: networks that PyTorch ran give the same numbers here, whatever a module is called; what does not fit is named.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { ShapeError } from '../../src/errors.js';
import { type ForeignTensor, foreignWeights } from '../../src/models/foreign-weights.js';
import { createModel } from '../../src/models/model.js';
import type { ModelInput } from '../../src/models/options.js';
import { evaluate } from '../../src/rollout/evaluate.js';
import { type ArrayTensor, readSafetensors } from '../../src/runs/safetensors.js';
import { assertClose } from '../support/assert-close.js';

const golden = (name: string) => readSafetensors(new Uint8Array(readFileSync(`test/golden/model_${name}.safetensors`)), name).tensors;

/** The parameters of a golden file under names that people give them. */
function renamed(tensors: ReadonlyMap<string, ArrayTensor>, cell: (name: string) => string, readout: string): Map<string, ForeignTensor> {
  const given = new Map<string, ForeignTensor>();
  for (const [name, tensor] of tensors) {
    if (!name.startsWith('param.')) continue;
    const parameter = name.slice('param.'.length);
    given.set(parameter.replace(/^cell\.(.*)$/, (_, end: string) => cell(end)).replace(/^readout/, readout), tensor);
  }
  return given;
}

const cases: [string, ModelInput, (name: string) => string, string][] = [
  ['gru', { cell: 'gru', hiddenSize: 12, initialNoise: 0 }, (name) => `model.generator.rnn.${name}_l0`, 'model.readout'],
  ['lstm', { cell: 'lstm', hiddenSize: 12, initialNoise: 0 }, (name) => `${name}_l0`, 'fc'],
  ['vanilla', { cell: 'rnn', hiddenSize: 12 }, (name) => `encoder.cell.${name}`, 'net.linear'],
];
for (const [name, options, cell, readout] of cases) {
  test(`a network of PyTorch gives the outputs that PyTorch gave: ${name}`, async () => {
    const tensors = golden(name);
    const model = createModel(options, 4, 3);
    const given = renamed(tensors, cell, readout);
    given.set('optimizer.step', { shape: [], data: [1] });
    const { parameters, ignored, used } = foreignWeights(model, given, 'weights');
    assert.equal(ignored, ['optimizer.step']);
    assert.is(used['cell.weight_ih'], cell('weight_ih'));
    const inputs = tensors.get('inputs')?.data as Float32Array;
    const targets = tensors.get('targets')?.data as Float32Array;
    const set = { trials: 5, steps: 30, inputs, trueInputs: inputs, targets, conditions: new Int32Array(5), extra: new Float32Array(0) };
    const backend = createReferenceBackend();
    const { outputs } = await evaluate(backend, model, parameters, set, { seed: 0, noise: { initial: false } });
    await backend.dispose();
    assertClose(outputs, tensors.get('outputs')?.data as Float64Array, { case: name, atol: 1e-6 });
  });
}

const model = createModel({ cell: 'gru', hiddenSize: 2 }, 1, 1);
const tensor = (shape: readonly number[], value = 0.5): ForeignTensor => ({
  shape,
  data: new Float32Array(shape.reduce((product, n) => product * n, 1)).fill(value),
});
const whole = (): Map<string, ForeignTensor> =>
  new Map([
    ['gru.weight_ih_l0', tensor([6, 1])],
    ['gru.weight_hh_l0', tensor([6, 2])],
    ['fc.weight', tensor([1, 2])],
  ]);

test('biases and initial states that a file does not have are zero, and said to be', () => {
  const { zeros, parameters } = foreignWeights(model, whole().set('ics.latent_ics', tensor([1, 2], 3)), 'w');
  assert.equal(zeros, ['cell.bias_ih', 'cell.bias_hh', 'readout.bias']);
  assert.equal([...parameters.subarray(model.initialStateOffset)], [3, 3]);
});

test('all that does not fit is named at once', () => {
  const refused = (change: (tensors: Map<string, ForeignTensor>) => void, part: RegExp) => {
    const tensors = whole();
    change(tensors);
    assert.throws(
      () => foreignWeights(model, tensors, 'w.safetensors'),
      (error: unknown) =>
        error instanceof ShapeError && /^w\.safetensors: expected the weights of a gru with 2 units, got /.test(error.message) && part.test(error.message),
    );
  };
  refused((tensors) => tensors.delete('fc.weight'), /readout\.weight \[1, 2\]: expected a name that ends like readout\.weight, got none/);
  refused((tensors) => tensors.set('fc.weight', tensor([2, 1])), /fc\.weight: expected shape \[1, 2\] for readout\.weight, got \[2, 1\] \(transposed/);
  refused((tensors) => tensors.set('gru.weight_ih_l1', tensor([6, 2])), /expected one layer in one direction, got gru\.weight_ih_l1/);
  refused((tensors) => tensors.set('gru.weight_hh_l0_reverse', tensor([6, 2])), /one direction/);
  refused((tensors) => tensors.set('other.weight_hh', tensor([6, 2])), /cell\.weight_hh: expected one tensor, got gru\.weight_hh_l0 and other\.weight_hh/);
  refused((tensors) => tensors.set('gru.weight_hh_l0', tensor([6, 2], Number.NaN)), /gru\.weight_hh_l0: expected finite numbers, got NaN at entry 0/);
  refused((tensors) => tensors.set('gru.weight_hh_l0', tensor([8, 2])).delete('fc.weight'), /gru\.weight_hh_l0: expected shape.*readout\.weight/);
});

test.run();
