// Learning rates over epochs, and that a saved schedule goes on where it was.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createSchedule } from '../../src/training/schedule.js';

const near = (actual: number, expected: number) => assert.ok(Math.abs(actual - expected) < 1e-15, `expected ${expected}, got ${actual}`);

test('a constant schedule is constant', () => {
  const schedule = createSchedule({ name: 'constant' }, 1e-3, 10);
  assert.equal(
    [0, 5, 9].map((epoch) => schedule.learningRate(epoch)),
    [1e-3, 1e-3, 1e-3],
  );
  assert.equal(schedule.save(), {});
});

test('a cosine warms up, starts at the full rate, passes the middle halfway and ends near the minimum', () => {
  const schedule = createSchedule({ name: 'cosine', minimum: 0.1, warmupEpochs: 4 }, 1, 104);
  assert.equal(
    [0, 1, 2, 3].map((epoch) => schedule.learningRate(epoch)),
    [0.25, 0.5, 0.75, 1],
  );
  near(schedule.learningRate(4), 1);
  near(schedule.learningRate(54), 0.55);
  near(schedule.learningRate(104), 0.1);
  for (let epoch = 4; epoch < 104; epoch++) near(schedule.learningRate(epoch), 0.1 + 0.45 * (1 + Math.cos((Math.PI * (epoch - 4)) / 100)));
});

test('a plateau cuts the rate after more than `patience` epochs without improvement, down to the minimum', () => {
  const schedule = createSchedule({ name: 'plateau', factor: 0.5, patience: 2, minimum: 0.3 }, 1, 100);
  const rates: number[] = [];
  for (const loss of [1, 0.9, 0.95, 0.95, 0.90001, 0.8, 0.9, 0.9, 0.9, 0.9]) {
    schedule.finishEpoch(loss);
    rates.push(schedule.learningRate(0));
  }
  assert.equal(rates, [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.3, 0.3]);
});

test('a plateau goes on from its saved state', () => {
  const options = { name: 'plateau', factor: 0.5, patience: 2, minimum: 0 } as const;
  const [whole, first, second] = [createSchedule(options, 1, 9), createSchedule(options, 1, 9), createSchedule(options, 1, 9)];
  const losses = [1, 2, 2, 2, 2, 2, 2];
  for (const loss of losses) whole.finishEpoch(loss);
  for (const loss of losses.slice(0, 3)) first.finishEpoch(loss);
  second.load(JSON.parse(JSON.stringify(first.save())));
  for (const loss of losses.slice(3)) second.finishEpoch(loss);
  assert.equal(second.save(), whole.save());
  second.load(createSchedule(options, 1, 9).save());
  assert.is(second.learningRate(0), 1);
});

test.run();
