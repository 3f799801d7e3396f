// metrics.jsonl: rows survive the round trip, a line cut short is dropped, damage is named.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatMetrics, type MetricsRow, parseMetrics } from '../../src/runs/metrics.js';

const row = (epoch: number): MetricsRow => ({
  epoch,
  step: 13 * epoch,
  trainLoss: 0.1 + 1 / 3 ** epoch,
  validationLoss: 1e-7 / epoch,
  learningRate: 1e-3,
  gradientNorm: 12.5,
  metrics: { bitAccuracy: 0.9 },
  seconds: 0.25,
});

test('rows come back exactly as they were written', () => {
  const rows = [row(1), row(2), row(3)];
  assert.equal(parseMetrics(rows.map(formatMetrics).join(''), 'metrics.jsonl'), rows);
  assert.equal(parseMetrics('', 'metrics.jsonl'), []);
});

test('a metric that is not a number is kept as null', () => {
  const [read] = parseMetrics(formatMetrics({ ...row(1), metrics: { bitAccuracy: Number.NaN } }), 'metrics.jsonl');
  assert.equal(read?.metrics, { bitAccuracy: null });
});

test('a loss without a value is null in the file and NaN again when it is read', () => {
  const line = formatMetrics({ ...row(1), trainLoss: Number.NaN, validationLoss: Number.NaN });
  assert.match(line, '"trainLoss":null,"validationLoss":null');
  const [read] = parseMetrics(line, 'metrics.jsonl');
  assert.ok(Number.isNaN(read?.trainLoss) && Number.isNaN(read?.validationLoss));
  assert.throws(() => parseMetrics(line.replace('"trainLoss":null,', ''), 'metrics.jsonl'), /line 1/);
});

test('a last line cut anywhere is left out', () => {
  const text = formatMetrics(row(1)) + formatMetrics(row(2));
  for (let end = formatMetrics(row(1)).length; end < text.length; end++) assert.equal(parseMetrics(text.slice(0, end), 'metrics.jsonl'), [row(1)]);
});

test('a damaged line, a missing epoch and a wrong type are named with their line', () => {
  const damaged = (text: string) => () => parseMetrics(text, 'run/metrics.jsonl');
  assert.throws(damaged(`${formatMetrics(row(1))}{"epoch":\n${formatMetrics(row(3))}`), /run\/metrics\.jsonl, line 2: expected the metrics of epoch 2/);
  assert.throws(damaged(formatMetrics(row(1)) + formatMetrics(row(3))), /line 2/);
  assert.throws(damaged(formatMetrics(row(1)).replace('0.25', '"0.25"')), /line 1/);
  assert.throws(damaged(formatMetrics(row(1)).replace('{"bitAccuracy":0.9}', '3')), /line 1/);
  assert.throws(damaged('null\n'), /line 1/);
});

test.run();
