// Averages over conditions and cycles, the overlap of subspaces, and layers side by side, on synthetic data with known answers.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TrialArray } from '../../../src/analysis/analysis.js';
import { conditionAverages } from '../../../src/analysis/geometry/conditions.js';
import { cycleAverages, modalLength, periodicOnsets, risingCrossings, swingOnsets } from '../../../src/analysis/geometry/cycles.js';
import { compareLayerTangling } from '../../../src/analysis/geometry/layers.js';
import { subspaceOverlap } from '../../../src/analysis/geometry/overlap.js';
import { trialArray } from '../../../src/analysis/trials.js';
import { normalAt, randomKey, uniformAt } from '../../../src/random.js';
import { orthogonal } from './orthogonal.js';

const message = async (run: () => unknown) => {
  try {
    await run();
    return 'no error';
  } catch (error) {
    return (error as Error).message;
  }
};

test('conditions are averaged over the trials that reach a step, with any labels', () => {
  const trials: TrialArray = { ...trialArray(Float64Array.from([1, 2, 3, 5, 10, 20]), [3, 2, 1]), lengths: Int32Array.from([2, 1, 2]) };
  const { labels, counts, mean, variance } = conditionAverages(trials, ['b', 'b', 'a']);
  assert.equal(labels, ['a', 'b']);
  assert.equal(Array.from(counts), [1, 2]);
  assert.equal(Array.from(mean.values), [10, 20, 2, 2]);
  assert.equal(Array.from(variance.values), [0, 0, 1, 0]);
  assert.equal(conditionAverages(trials, [10, 9, 10]).labels, [9, 10]);
  assert.throws(() => conditionAverages(trials, [1]), /expected a label for each of 3 trials, got 1/);
});

test('cycles of a jittered rhythm: the period is recovered, the mean is within 2 % of the shape', () => {
  const [period, cycles, width] = [40, 30, 2];
  const key = randomKey(1, 'gait');
  const lengths = Array.from({ length: cycles + 1 }, (_, i) => period + (uniformAt(key, 0, i) < 0.3 ? (uniformAt(key, 1, i) < 0.5 ? -1 : 1) : 0));
  const steps = lengths.reduce((sum, length) => sum + length, 0);
  const values = new Float64Array(steps * width);
  const force: number[] = [];
  let at = 0;
  for (const length of lengths) {
    for (let t = 0; t < length; t++, at++) {
      values.set(
        [Math.sin((2 * Math.PI * t) / length) + 0.02 * normalAt(key, 2, at), 2 + Math.cos((2 * Math.PI * t) / length) + 0.02 * normalAt(key, 3, at)],
        at * width,
      );
      force.push(t < length / 2 ? 0 : 300);
    }
  }
  const onsets = swingOnsets(force);
  assert.is(onsets[0], lengths[0]);
  assert.is(modalLength(Array.from(onsets.subarray(1), (onset, i) => onset - (onsets[i] as number))), period);
  const { lengths: modal, kept, found, mean } = cycleAverages(trialArray(values, [1, steps, width]), [onsets], ['walk']);
  assert.equal(Array.from(modal), [period]);
  assert.ok((kept[0] as number) < (found[0] as number) && (kept[0] as number) > 10);
  for (let t = 0; t < period; t++) {
    assert.ok(Math.abs((mean.values[t * width] as number) - Math.sin((2 * Math.PI * t) / period)) < 0.02);
    assert.ok(Math.abs((mean.values[t * width + 1] as number) - 2 - Math.cos((2 * Math.PI * t) / period)) < 0.02);
  }
});

test('onsets: of a known period, of a rising signal; conditions without a whole cycle are named', async () => {
  assert.equal(Array.from(periodicOnsets(10, 2.5, 1)), [1, 4, 6, 9]);
  assert.equal(Array.from(risingCrossings([-1, 0, 1, -1, 2])), [1, 4]);
  assert.is(modalLength([3, 4, 4, 3, 5]), 3);
  const trials = trialArray(new Float64Array(20), [2, 10, 1]);
  assert.match(await message(() => cycleAverages(trials, [[0, 5, 10], [4]], [1, 2])), /expected a whole cycle in every condition, got none in condition 2/);
  assert.match(
    await message(() =>
      cycleAverages(
        trials,
        [
          [5, 2],
          [0, 4],
        ],
        [1, 2],
      ),
    ),
    /expected rising onsets of 0 or more, got 5, 2 in trial 0/,
  );
});

/** Two conditions, each a circle in a plane of `axes` (pairs of rows) with a little noise. */
function planes(width: number, pairs: readonly (readonly [number, number])[], noise = 0): TrialArray {
  const axes = orthogonal(width, 4, 2);
  const steps = 24;
  const key = randomKey(5, 'planes');
  const values = Float64Array.from({ length: pairs.length * steps * width }, (_, i) => {
    const [condition, t, unit] = [Math.floor(i / (steps * width)), Math.floor(i / width) % steps, i % width];
    const [a, b] = pairs[condition] as readonly [number, number];
    const angle = (2 * Math.PI * t) / steps;
    return Math.cos(angle) * (axes[a * width + unit] as number) + 0.7 * Math.sin(angle) * (axes[b * width + unit] as number) + noise * normalAt(key, 0, i);
  });
  return trialArray(values, [pairs.length, steps, width]);
}

test('overlap is 1 of a condition with itself, 0 of planes at right angles, between 0 and 1 when centred', async () => {
  const plain = { normalisation: 'none', components: 2 } as const;
  for (const width of [6, 40]) {
    const found = await subspaceOverlap(
      planes(width, [
        [0, 1],
        [2, 3],
        [0, 2],
      ]),
      plain,
    );
    assert.ok(found.every((row, i) => Math.abs((row[i] as number) - 1) < 1e-12));
    assert.ok(Math.abs(found[0]?.[1] as number) < 1e-7 && Math.abs(found[1]?.[0] as number) < 1e-7);
    const shared = found[0]?.[2] as number;
    assert.ok(shared > 0.1 && shared < 0.9);
  }
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 1, max: 5 }), async (seed, components) => {
      const key = randomKey(seed, 'overlap');
      const noise = trialArray(
        Float64Array.from({ length: 3 * 12 * 6 }, (_, i) => normalAt(key, 0, i)),
        [3, 12, 6],
      );
      for (const row of await subspaceOverlap(noise, { components, centred: true }))
        for (const value of row) assert.ok(value !== null && value >= -1e-12 && value <= 1 + 1e-12);
    }),
    { seed: 4, numRuns: 6 },
  );
});

test('layers of a rhythm at several speeds: a crossing layer is more tangled than a round one, and the axis of speed is found', async () => {
  const [speeds, dt, trials, steps] = [[0.5, 0.8, 1, 1.25, 1.6], 0.02, 10, 260];
  const labels = Array.from({ length: trials }, (_, trial) => speeds[trial % speeds.length] as number);
  const key = randomKey(3, 'layers');
  const layer = (at: (angle: number, speed: number) => number[]) => {
    const width = at(0, 1).length;
    const values = new Float64Array(trials * steps * width);
    for (let trial = 0; trial < trials; trial++) {
      for (let t = 0; t < steps; t++) {
        const speed = labels[trial] as number;
        values.set(at(2 * Math.PI * speed * Math.max(0, t - 10) * dt, speed), (trial * steps + t) * width);
      }
    }
    return trialArray(
      values.map((value, i) => value + 1e-3 * normalAt(key, 0, i)),
      [trials, steps, width],
    );
  };
  const state = layer((a, s) => [3 * Math.cos(a), 3 * Math.sin(a), 2 * s, Math.cos(a + 1)]);
  const muscles = layer((a, s) => [Math.sin(a), Math.sin(2 * a), 0.05 * s]);
  const found = await compareLayerTangling({ state, muscles }, labels, { dt, cycles: { first: 10 } });
  assert.equal(found.labels, speeds);
  // 62.5 samples at 0.8 Hz: as many cycles of 62 as of 63
  assert.equal(found.lengths, [100, 62, 50, 40, 31]);
  assert.ok(found.averaged.every((cycles) => cycles >= 2));
  const [a, b] = found.layers as [(typeof found.layers)[0], (typeof found.layers)[0]];
  for (const recipe of ['russo', 'rush'] as const) {
    assert.ok(a.tangling[recipe].p90 < b.tangling[recipe].p90);
    assert.ok((found.above[recipe][1]?.[0] as number) > 0.9);
    assert.is(found.above[recipe][0]?.[0], 0);
  }
  assert.ok((a.speedAxis?.r2 as number) > 0.99);
  const whole = await compareLayerTangling(
    { state },
    labels.map((speed) => `${speed} Hz`),
    { dt },
  );
  assert.is(whole.layers[0]?.speedAxis, null);
  assert.equal(whole.lengths, [steps, steps, steps, steps, steps]);
  assert.match(
    await message(() => compareLayerTangling({ state }, labels.map(String), { dt, cycles: { first: 0 } })),
    /expected cycles per second as labels, got 0.5 for trial 0/,
  );
});

test.run();
