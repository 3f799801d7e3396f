// Layout of the flat parameter vector, parameter counts, defaults that depend on the cell, joining and splitting.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError, ShapeError } from '../../src/errors.js';
import { createModel, joinParameters, resolveModelOptions, splitParameters } from '../../src/models/model.js';
import type { ModelInput } from '../../src/models/options.js';

// Counts of spec models.md §4 (formulae of the original trainers).
const counts: [string, ModelInput, number, number, number][] = [
  ['GRU-128 on the 3-bit flip-flop', { cell: 'gru' }, 3, 3, 51587],
  ['LSTM-128 on the 3-bit flip-flop', { cell: 'lstm' }, 3, 3, 68739],
  ['NODE-3 on the 3-bit flip-flop', { cell: 'node' }, 3, 3, 4818],
  ['LSTM-128 without initial state', { cell: 'lstm', initialState: 'zeros' }, 3, 3, 68483],
  ['vanilla RNN', { cell: 'rnn' }, 3, 3, 17411],
  ['GRU-128 on 17 inputs, 6 outputs', { cell: 'gru' }, 17, 6, 57350],
  ['LSTM-128 on 17 inputs, 6 outputs', { cell: 'lstm' }, 17, 6, 76294],
  ['NODE-3 on 17 inputs, 6 outputs', { cell: 'node' }, 17, 6, 5726],
  ['NODE-3 with two layers of 128', { cell: 'node', layerSizes: [128, 128] }, 3, 3, 17810],
  ['GRU-128 on MultiTask', { cell: 'gru' }, 20, 3, 58115],
  ['Driscoll on MultiTask', { cell: 'driscoll' }, 20, 3, 19459],
];
for (const [name, options, inputs, outputs, count] of counts) {
  test(`${name} has ${count} parameters`, () => {
    const model = createModel(options, inputs, outputs);
    assert.is(model.parameterCount, count);
    assert.is(model.initialise(0).length, count);
  });
}

test('parameters lie in the flat order that the kernels read', () => {
  const names = (options: ModelInput) => createModel(options, 2, 3).parameters.map((view) => view.name);
  const cell = ['cell.weight_ih', 'cell.weight_hh', 'cell.bias_ih', 'cell.bias_hh', 'readout.weight', 'readout.bias'];
  assert.equal(names({ cell: 'gru' }), [...cell, 'latent_ics']);
  assert.equal(names({ cell: 'lstm' }), [...cell, 'latent_ics', 'cell_ics']);
  assert.equal(names({ cell: 'rnn' }), cell);
  assert.equal(names({ cell: 'driscoll' }), ['recW.weight', 'inpW.weight', 'bias', 'readout.weight', 'readout.bias']);
  const node = createModel({ cell: 'node', hiddenSize: 4, layerSizes: [5] }, 2, 3);
  assert.equal(node.parameters.map((view) => view.name).slice(0, 4), [
    'generator.vf_net.0.weight',
    'generator.vf_net.0.bias',
    'generator.vf_net.2.weight',
    'generator.vf_net.2.bias',
  ]);
  assert.equal(node.parameters[0]?.shape, [5, 6]);
  assert.equal(node.parameters[2]?.shape, [4, 5]);
  let offset = 0;
  for (const view of node.parameters) {
    assert.is(view.offset, offset);
    offset += view.length;
  }
});

test('defaults follow the cell', () => {
  const { initialState, initialNoise, stateNoise, readoutInitialisation } = resolveModelOptions({ cell: 'node' });
  assert.equal([initialState, initialNoise, stateNoise, readoutInitialisation], ['trainable', 0, 0, 'small']);
  assert.is(resolveModelOptions({ cell: 'gru' }).initialNoise, 0.05);
  assert.is(resolveModelOptions({ cell: 'rnn' }).initialState, 'zeros');
  const driscoll = createModel({ cell: 'driscoll' }, 1, 1);
  assert.equal(
    [driscoll.stateNoise, driscoll.options.initialisation, driscoll.kernel.params.activation, driscoll.kernel.params.ctdb],
    [0.158, 'driscoll', 0, 0],
  );
  const ctdb = createModel({ cell: 'driscoll', compat: 'ctdb' }, 1, 1);
  assert.equal([ctdb.stateNoise, ctdb.options.initialisation, ctdb.kernel.params.activation, ctdb.kernel.params.ctdb], [0.05, 'pytorch', 1, 1]);
  assert.is(createModel({ cell: 'lstm', hiddenSize: 5 }, 1, 1).stateSize, 10);
  assert.is(createModel({ cell: 'gru' }, 3, 3).forwardFlops, 6 * 128 * 131 + 2 * 128 * 3);
});

test('bad options and sizes are refused in the house format', () => {
  assert.throws(
    () => createModel({ cell: 'gru', hiddenSize: -1 }, 3, 3),
    (error: unknown) => error instanceof ConfigError && error.message.includes('hiddenSize'),
  );
  assert.throws(
    () => createModel({ cell: 'gru', initialNoise: Number.NaN }, 3, 3),
    (error: unknown) => error instanceof ConfigError,
  );
  assert.throws(
    () => createModel({ cell: 'gru' }, 0, 3),
    (error: unknown) => error instanceof ShapeError,
  );
});

test('splitting and joining are inverse, and a missing initial state means zeros', () => {
  const model = createModel({ cell: 'lstm', hiddenSize: 3 }, 2, 2);
  const flat = model.initialise(4).map((value, i) => value + i);
  const tensors = splitParameters(model, flat);
  assert.equal(joinParameters(model, tensors), flat);
  const { latent_ics: _, cell_ics: __, ...rest } = tensors;
  assert.equal([...joinParameters(model, rest).slice(-6)], [0, 0, 0, 0, 0, 0]);
  const { 'readout.bias': ___, ...incomplete } = tensors;
  assert.throws(() => joinParameters(model, incomplete), /readout\.bias/);
  assert.throws(() => joinParameters(model, { ...tensors, 'readout.bias': { shape: [3], data: new Float32Array(3) } }), /\[2\], got \[3\]/);
});

test.run();
