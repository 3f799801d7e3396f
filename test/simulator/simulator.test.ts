import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { trialArray } from '../../src/analysis/trials.js';
import { ConfigError, NumericsError, ShapeError } from '../../src/errors.js';
import { normalAt, randomKey } from '../../src/random.js';
import { keptSteps, resolveSimulator } from '../../src/simulator/options.js';
import { NeuralSimulator } from '../../src/simulator/simulator.js';
import { expectedVariance } from '../../src/simulator/statistics.js';

/** Latents [S, T, H] of normal numbers, each unit with a mean and a spread of its own. */
function latentsOf(trials: number, steps: number, units: number, lengths: Int32Array | null = null) {
  const key = randomKey(5, 'latents');
  const values = Float32Array.from({ length: trials * steps * units }, (_, i) => 0.1 * (i % units) + (1 + 0.05 * (i % units)) * normalAt(key, 0, i));
  return trialArray(values, [trials, steps, units], lengths);
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  const product = (x: readonly number[], mx: number, y: readonly number[], my: number) =>
    x.reduce((sum, value, i) => sum + (value - mx) * ((y[i] as number) - my), 0);
  return product(a, ma, b, mb) / Math.sqrt(product(a, ma, a, ma) * product(b, mb, b, mb));
}

const column = (values: ArrayLike<number>, width: number, at: number): number[] =>
  Array.from({ length: values.length / width }, (_, i) => values[i * width + at] as number);

test('the log of a rate is an affine copy of exactly one unit, and neurons beyond the units begin again', () => {
  const latents = latentsOf(4, 50, 7);
  const simulator = new NeuralSimulator({ neurons: 18, seed: 3 });
  const { rates } = simulator.simulate({ latents });
  const { perm, mean, std } = simulator.embedding as NonNullable<typeof simulator.embedding>;
  for (const start of [0, 7]) assert.equal([...perm.subarray(start, start + 7)].sort(), [0, 1, 2, 3, 4, 5, 6]);
  assert.is(new Set(perm.subarray(14)).size, 4);
  for (let k = 0; k < 18; k++) {
    const logs = column(rates.values, 18, k).map(Math.log);
    const units = Array.from({ length: 7 }, (_, unit) => correlation(logs, column(latents.values, 7, unit)));
    assert.ok((units[perm[k] as number] as number) > 1 - 1e-9, `neuron ${k} and its unit correlate by ${units[perm[k] as number]}`);
    assert.ok(units.filter((value) => value > 0.9).length === 1, `neuron ${k} copies one unit`);
    logs.forEach((value, i) => assert.ok(Math.abs(value - ((latents.values[i * 7 + (perm[k] as number)] as number) - mean) / (2 * std)) < 1e-6));
  }
});

test('standardised activity has mean 0 and the standard deviation 1 / scaling over all neurons', () => {
  for (const scaling of [2, 4]) {
    const { rates } = new NeuralSimulator({ scaling, neurons: 60 }).simulate({ latents: latentsOf(5, 40, 64) });
    const activity = Array.from(rates.values, Math.log);
    const mean = activity.reduce((sum, value) => sum + value, 0) / activity.length;
    const std = Math.sqrt(activity.reduce((sum, value) => sum + (value - mean) ** 2, 0) / activity.length);
    assert.ok(Math.abs(mean) < 1e-6, `mean ${mean}`);
    assert.ok(Math.abs(std * scaling - 1) < 1e-6, `std ${std}`);
  }
});

for (const dispersion of [0.5, 1, 2]) {
  test(`counts of dispersion ${dispersion} have the mean of their rates and the variance that goes with it`, () => {
    const { spikes, rates } = new NeuralSimulator({ dispersion, neurons: 50, heldOut: 0, seed: 1 }).simulate({ latents: latentsOf(10, 800, 50) });
    let [rate, count, squares, expected] = [0, 0, 0, 0];
    spikes.forEach((value, i) => {
      const mean = rates.values[i] as number;
      rate += mean;
      count += value;
      squares += (value - mean) ** 2;
      expected += expectedVariance(mean, dispersion);
    });
    assert.ok(Math.abs(count / rate - 1) < 0.005, `mean ratio ${count / rate}`);
    assert.ok(Math.abs(squares / expected - 1) < 0.02, `Fano factor ${squares / rate}, expected ${expected / rate}`);
  });
}

test('a dispersion of one half gives a Fano factor of one half where twice the rate is whole, and more elsewhere', () => {
  assert.is(expectedVariance(3, 0.5), 1.5);
  assert.is(expectedVariance(0.25, 0.5), 0.125 + 0.25 * 0.25);
});

test('rate functions are the published ones', () => {
  const latents = trialArray(Float64Array.of(-3, -1, 0, 1, 3, 6), [1, 6, 1]);
  const a = Array.from(latents.values, (value) => (value - 1) / (2 * Math.sqrt(50 / 6)));
  const rates = (rate: 'exp' | 'sigmoid' | 'softplus', neurons: number) => new NeuralSimulator({ rate, neurons }).simulate({ latents }).rates.values;
  const close = (values: ArrayLike<number>, expected: readonly number[]) =>
    expected.forEach((value, i) => assert.ok(Math.abs((values[i] as number) - value) < 2e-7 * Math.max(1, value), `${values[i]} for ${value}`));
  close(rates('exp', 1), a.map(Math.exp));
  close(
    rates('softplus', 1),
    a.map((value) => Math.log(1 + Math.exp(value))),
  );
  const gains = [10 ** 0.2, 10 ** 0.6, 10];
  close(
    rates('sigmoid', 3),
    a.flatMap((value) => gains.map((gain) => 2 / (1 + Math.exp(-gain * value)))),
  );
});

test('the same seed gives the same spikes, another seed or other data others', () => {
  const latents = latentsOf(3, 20, 8);
  const spikes = (seed: number, stream = '') => Array.from(new NeuralSimulator({ seed, neurons: 8 }).simulate({ latents, stream }).spikes);
  assert.equal(spikes(0), spikes(0));
  assert.not.equal(spikes(0), spikes(1));
  assert.not.equal(spikes(0), spikes(0, 'data 1'));
});

test('a second call keeps units and scale, and a trial has the same spikes wherever it stands', () => {
  const latents = latentsOf(6, 20, 8);
  const simulator = new NeuralSimulator({ neurons: 12 });
  const whole = simulator.simulate({ latents });
  const first = simulator.embedding;
  const part = trialArray(latents.values.slice(4 * 20 * 8), [2, 20, 8]);
  const again = simulator.simulate({ latents: part, indices: Int32Array.of(4, 5) });
  assert.is(simulator.embedding, first);
  assert.equal(again.spikes, whole.spikes.slice(4 * 20 * 12));
  assert.equal(again.rates.values, whole.rates.values.slice(4 * 20 * 12));
  const fresh = new NeuralSimulator({ neurons: 12 }, first).simulate({ latents: part, indices: Int32Array.of(4, 5) });
  assert.equal(fresh.spikes, again.spikes);
});

test('after trimming, event marks still stand at the sample that they marked', () => {
  const [trials, steps, units] = [3, 30, 4];
  const latents = latentsOf(trials, steps, units);
  // the input jumps where the event is
  const onsets = [10, 3, 29];
  const inputs = trialArray(
    Float32Array.from({ length: trials * steps }, (_, i) => (i % steps >= (onsets[Math.floor(i / steps)] as number) ? 1 : 0)),
    [trials, steps, 1],
  );
  const extra = trialArray(Float32Array.from(onsets.flatMap((step) => [step, -1, 12.5])), [trials, 1, 3]);
  const simulator = new NeuralSimulator({ neurons: 4, trim: [5, -1] });
  const trimmed = simulator.simulate({ latents, inputs, extra, events: [0, 1] });
  assert.is(trimmed.rates.steps, 25);
  assert.equal(column((trimmed.extra as { values: Float32Array }).values, 3, 0), [6, -1, -1]);
  assert.equal(column((trimmed.extra as { values: Float32Array }).values, 3, 1), [-1, -1, -1]);
  assert.equal(column((trimmed.extra as { values: Float32Array }).values, 3, 2), [12.5, 12.5, 12.5]);
  const given = (trimmed.inputs as { values: Float32Array }).values;
  assert.equal([given[5], given[6]], [0, 1]);
  const all = new NeuralSimulator({ neurons: 4 }, simulator.embedding).simulate({ latents });
  assert.equal(trimmed.spikes.slice(0, 25 * 4), all.spikes.slice(4 * 4, 29 * 4), 'the spikes of the steps that are kept do not depend on the trim');
});

test('what lies behind the end of a trial counts for nothing and holds no spike', () => {
  const lengths = Int32Array.of(20, 12);
  const values = latentsOf(2, 20, 5).values.slice();
  values.fill(1e6, (20 + 12) * 5);
  const simulator = new NeuralSimulator({ neurons: 5 });
  const { spikes, rates } = simulator.simulate({ latents: trialArray(values, [2, 20, 5], lengths) });
  assert.ok((simulator.embedding?.std ?? 1e9) < 10);
  assert.ok(spikes.subarray((20 + 12) * 5).every((count) => count === 0) && rates.values.subarray((20 + 12) * 5).every((rate) => rate === 0));
  assert.equal(rates.lengths, lengths);
});

test('options, shapes and activity that cannot be are refused with their reasons', () => {
  assert.throws(
    () => resolveSimulator({ neurons: 0, scaling: -1, dispersion: Number.NaN, trim: [0, 5] }),
    (error: Error) => error instanceof ConfigError && /neurons.*\n.*scaling.*\n.*dispersion.*\n.*trim/s.test(error.message),
  );
  assert.throws(() => keptSteps([5, -1], 5), /trim: expected some of 5 steps, got 5,-1/);
  assert.equal(keptSteps([5, -1], 100), { first: 4, end: 99 });
  assert.equal(keptSteps([1, 100], 100), { first: 0, end: 100 });
  const flat = trialArray(new Float32Array(12), [2, 3, 2]);
  assert.throws(
    () => new NeuralSimulator().simulate({ latents: flat }),
    (error: Error) => error instanceof NumericsError && /varies/.test(error.message),
  );
  const simulator = new NeuralSimulator({ neurons: 4 });
  simulator.simulate({ latents: latentsOf(2, 5, 3) });
  assert.throws(
    () => simulator.simulate({ latents: latentsOf(2, 5, 4) }),
    (error: Error) => error instanceof ShapeError && /3 units/.test(error.message),
  );
  assert.throws(() => simulator.simulate({ latents: latentsOf(2, 5, 3), indices: Int32Array.of(1) }), /expected 2 indices, one a trial, got 1/);
  assert.throws(() => new NeuralSimulator({ scaling: 0.01 }).simulate({ latents: latentsOf(2, 50, 3) }), /rates of at most 1000000 spikes a bin/);
  assert.throws(() => new NeuralSimulator({ neurons: 9 }, simulator.embedding), /neurons: expected 4, as in the embedding, got 9/);
});

test.run();
