// The numbers that `preview` prints, against counts by hand.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { generateTrials } from '../../src/tasks/data.js';
import { createTask } from '../../src/tasks/index.js';
import { taskOptions } from '../../src/tasks/options.js';
import { trialStatistics } from '../../src/tasks/statistics.js';

const task = createTask(taskOptions.parse({ name: 'flipflop', bits: 1, steps: 12, noise: 0, switchProbability: 0.01 }));

test('pulses, changes, counted share and baselines of a trial by hand', () => {
  const trueInputs = new Float32Array(12);
  trueInputs[6] = 1;
  trueInputs[8] = 1;
  const targets = new Float32Array(12).fill(1, 6);
  const set = { trials: 1, steps: 12, inputs: trueInputs.slice(), trueInputs, targets, conditions: new Int32Array(1), extra: new Float32Array(0) };
  const value = Object.fromEntries(trialStatistics(task, set).map((statistic) => [statistic.name, statistic.value]));
  assert.is(value.pulseProbability, 0.02);
  assert.is(value.pulses, 2);
  assert.is(value.changes, 1);
  assert.is(value.countedShare, 3 / 12);
  assert.is(value.lossOfHalf, (3 * 0.25) / 12);
  assert.is(value.lossOfZero, 2 / 12);
  assert.is(value.inputNoise, 0);
  assert.is(value.targetMean, 0.5);
});

test('the total pulse probability is stated as twice the switch probability', () => {
  const usual = createTask(taskOptions.parse({ name: 'flipflop' }));
  const said = trialStatistics(usual, generateTrials(usual, 0, 0, 50)).find((statistic) => statistic.name === 'pulseProbability');
  assert.match(said?.text ?? '', /^3\.0 % per channel and step \(2 × 0\.015: 1\.5 % up, 1\.5 % down\)/);
});

test('reaching trials: shares, times, distances and forces', () => {
  const reach = createTask(taskOptions.parse({ name: 'random-target', steps: 100, effector: { effector: 'ReluPointMass24' } }));
  const steps = 100;
  const targets = new Float32Array(2 * steps * 2);
  const endpointLoads = new Float32Array(2 * steps * 2);
  // trial 0: from (0, 0) to (0.3, 0.4) at step 50, 6 N over ten steps; trial 1: a catch trial at (0, 0)
  for (let step = 50; step < steps; step++) targets.set([0.3, 0.4], 2 * step);
  for (let step = 60; step < 70; step++) endpointLoads.set([0, -6], 2 * step);
  const inputs = new Float32Array(2 * steps * 3);
  const set = {
    trials: 2,
    steps,
    inputs,
    trueInputs: inputs,
    targets,
    conditions: Int32Array.of(0, 1),
    extra: Float32Array.of(20, 50, 20, -1),
    joints: new Float32Array(8),
    endpointLoads,
  };
  const value = Object.fromEntries(trialStatistics(reach, set).map((statistic) => [statistic.name, statistic.value]));
  const expected = {
    catchShare: 0.5,
    goTime: 0.5,
    reachDistance: 0.5,
    pushShare: 0.5,
    pushForce: 6,
    pushDuration: 0.1,
    errorOfStaying: 0.25 * (0.25 / 2),
    countedShare: 1,
  };
  for (const [name, number] of Object.entries(expected))
    assert.ok(Math.abs((value[name] as number) - number) < 1e-6, `${name}: ${value[name]}, expected ${number}`);
  assert.is(value.lossOfZero, undefined);
});

test('a task without weights counts everything, and another task has no pulses', () => {
  const echo = { ...task, name: 'echo', loss: { kind: 'squared error' as const, scale: 1 / 12, weights: () => null } };
  const names = trialStatistics(echo, generateTrials(echo, 0, 0, 2)).map(({ name }) => name);
  assert.not.ok(names.includes('pulses'));
  assert.is(trialStatistics(echo, generateTrials(echo, 0, 0, 2)).find(({ name }) => name === 'countedShare')?.value, 1);
});

test.run();
