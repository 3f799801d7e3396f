// Differences between experiments are named by path.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { describeDifference, differences } from '../../src/runs/difference.js';

test('equal values have no differences, whatever the order of their keys', () => {
  assert.equal(differences({ a: 1, b: { c: [1, 2] } }, { b: { c: [1, 2] }, a: 1 }), []);
});

test('every difference is listed with its path and both values', () => {
  const was = { seed: 0, models: [{ cell: 'gru', hiddenSize: 128 }, { cell: 'node' }], gone: null };
  const is = { seed: 1, models: [{ cell: 'gru', hiddenSize: 64 }], added: { x: 1 } };
  assert.equal(differences(was, is).map(describeDifference), [
    'seed was 0, now 1',
    'models.0.hiddenSize was 128, now 64',
    'models.1 was {"cell":"node"}, now nothing',
    'gone was null, now nothing',
    'added was nothing, now {"x":1}',
  ]);
});

test('a list is not an object with the same keys, and inherited names are not values', () => {
  assert.is(differences({ a: [1] }, { a: { 0: 1 } }).length, 1);
  assert.equal(differences({}, { toString: 1 }).map(describeDifference), ['toString was nothing, now 1']);
});

test.run();
