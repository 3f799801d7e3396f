// Tests src/cli/numbers.ts.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { byteSize, duration, sparkline } from '../../src/cli/numbers.js';

test('a sparkline falls with the loss, on a logarithmic scale', () => {
  assert.is(sparkline([1, 0.1, 0.01], 10), '█▅▁');
});

test('a sparkline of many values has the asked width and ends with the last value', () => {
  const values = Array.from({ length: 500 }, (_, i) => 500 - i);
  assert.is([...sparkline(values, 12)].length, 12);
  assert.is(sparkline(values, 12).at(-1), '▁');
});

test('a sparkline leaves out values without a logarithm, and is empty without any', () => {
  assert.is(sparkline([Number.NaN, 1, 0], 10), '▁');
  assert.is(sparkline([], 10), '');
});

test('durations read as people say them', () => {
  assert.equal([0.42, 42.3, 185, 59.7, 7803].map(duration), ['0.4 s', '42 s', '3 min 05 s', '1 min 00 s', '2 h 10 min']);
});

test('byte sizes have a unit', () => {
  assert.equal([512, 3_400_000, 1.23e9].map(byteSize), ['1 KB', '3.4 MB', '1.2 GB']);
});

test.run();
