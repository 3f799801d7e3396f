// Checkpoint files: exact round trip, equal bytes for equal states, and nothing but checkpoints accepted.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RunFormatError } from '../../src/errors.js';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/runs/checkpoint.js';
import { writeSafetensors } from '../../src/runs/safetensors.js';
import type { CheckpointState } from '../../src/training/events.js';

const state: CheckpointState = {
  epoch: 12,
  step: 156,
  tensors: {
    'readout.weight': { shape: [2, 3], data: Float32Array.from([1, -0, 1e-45, 3.4e38, 0.1, -2]) },
    'optimizer.moment2.readout.weight': { shape: [2, 3], data: new Float32Array(6).fill(1 / 3) },
    bias: { shape: [1], data: Float32Array.of(7) },
  },
  counters: { 'best.epoch': 3, 'best.validationLoss': 0.1 + 0.2, 'schedule.best': null, 'schedule.learningRate': 1e-310 },
};

test('a state comes back exactly, counters to the last bit', () => {
  assert.equal(decodeCheckpoint(encodeCheckpoint(state), 'last'), state);
});

test('equal states give equal bytes, whatever the order of their keys', () => {
  const reversed = {
    ...state,
    tensors: Object.fromEntries(Object.entries(state.tensors).reverse()),
    counters: Object.fromEntries(Object.entries(state.counters).reverse()),
  };
  assert.equal(encodeCheckpoint(reversed), encodeCheckpoint(state));
});

test('a file cut anywhere is refused by name', () => {
  const bytes = encodeCheckpoint(state);
  for (let length = 0; length < bytes.length; length += 7) {
    assert.throws(
      () => decodeCheckpoint(bytes.subarray(0, length), 'run/last.safetensors'),
      (error: Error) => error instanceof RunFormatError && error.message.startsWith('run/last.safetensors'),
    );
  }
});

test('other safetensors files and edited metadata are refused', () => {
  const metadata = { format: 'motorloop-checkpoint 1', epoch: '1', step: '2', counters: '{}' };
  const tensors = { w: { shape: [1], data: Float32Array.of(1) } };
  const refused = (data: Parameters<typeof writeSafetensors>[0], changes: Record<string, string>, part: RegExp) =>
    assert.throws(
      () => decodeCheckpoint(writeSafetensors(data, { ...metadata, ...changes }), 'file'),
      (error: Error) => error instanceof RunFormatError && part.test(error.message),
    );
  assert.is(decodeCheckpoint(writeSafetensors(tensors, metadata), 'file').epoch, 1);
  assert.throws(() => decodeCheckpoint(writeSafetensors(tensors), 'file'), /got no format; weights of other software/);
  refused({ w: { shape: [1], data: Int32Array.of(1) } }, {}, /expected w as F32/);
  for (const epoch of ['-1', '1.5', '', 'NaN', '1e3', '99999999999999999999']) refused(tensors, { epoch }, /expected epoch as a whole number/);
  for (const counters of ['', '[]', '1', '{"a":"b"}', '{"a":1e999}', '{']) refused(tensors, { counters }, /expected counters/);
});

test.run();
