// Tests src/cli/run-table.ts.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runTable } from '../../src/cli/run-table.js';
import type { RunRow } from '../../src/jobs/run-rows.js';

const row: RunRow = {
  model: 'GRU-128',
  seed: 0,
  path: 'GRU-128/seed-0',
  status: 'complete',
  reason: 'completed',
  parameterCount: 51587,
  epochs: 500,
  trainLoss: 0.04,
  validationLoss: 0.041,
  metrics: { bitAccuracy: 0.99, trialAccuracy: 0.9 },
  best: { epoch: 480, validationLoss: 0.0405 },
  seconds: 75,
};

test('the table has a row per network, columns to the right', () => {
  assert.equal(runTable([row], Number.POSITIVE_INFINITY), [
    'model    seed  parameters  epochs  train loss  validation loss            best  bitAccuracy  trialAccuracy        time',
    'GRU-128     0      51 587     500     0.04000          0.04100  0.04050 at 480       0.9900         0.9000  1 min 15 s',
  ]);
});

test('on a narrow terminal columns are left out until it fits', () => {
  const lines = runTable([row], 80);
  assert.ok(lines.every((line) => line.length <= 80));
  assert.match(lines[0], 'validation loss');
  assert.not.match(lines[0], 'best');
});

test('scores of reaching come in cm and s, the end-point error to the last', () => {
  const metrics = { endPointError: 0.02314, timeToTarget: 0.62, peakSpeed: 1.31, effort: 0.0213, bumpDeviation: 0.034, bumpReturn: 0.41, catchDeviation: null };
  const reaching: RunRow = { ...row, metrics };
  const [header, values] = runTable([reaching], Number.POSITIVE_INFINITY) as [string, string];
  assert.match(
    header,
    /end-point error \(cm\) {2}time to target \(s\) {2}peak speed \(m\/s\) {2}effort {2}bump deviation \(cm\) {2}bump return \(s\) {2}catch deviation/,
  );
  assert.match(values, /2\.31 +0\.62 +1\.31 +0\.0213 +3\.40 +0\.41 {2}/);
  const narrow = runTable([reaching], 80);
  assert.ok(narrow.every((line) => line.length <= 80));
  assert.match(narrow[0], 'end-point error (cm)');
});

test('a network that did not complete says so, and what it lacks stays empty', () => {
  const failed: RunRow = { ...row, status: 'failed', reason: null, epochs: 3, trainLoss: null, best: null, metrics: { bitAccuracy: null } };
  assert.match(runTable([failed], Number.POSITIVE_INFINITY)[1], '3 (failed)');
});

test.run();
