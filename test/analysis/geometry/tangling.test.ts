// Tangling: curves whose numbers are known, what it must not depend on, every way of computing it, and trajectories that cannot have any.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TrialArray } from '../../../src/analysis/analysis.js';
import { distributionOf, shareAbove } from '../../../src/analysis/geometry/distribution.js';
import { tangling, tanglingRecipes } from '../../../src/analysis/geometry/tangling.js';
import { trialArray } from '../../../src/analysis/trials.js';
import { createReferenceBackend } from '../../../src/backends/reference/index.js';
import { normalAt, randomKey } from '../../../src/random.js';
import { assertClose } from '../../support/assert-close.js';
import { golden } from '../golden.js';
import { orthogonal } from './orthogonal.js';

const samples = 200;
/** One period of a closed curve, period 1. */
function curve(at: (angle: number) => number[]): TrialArray {
  const points = Array.from({ length: samples }, (_, i) => at((2 * Math.PI * i) / samples));
  return trialArray(Float64Array.from(points.flat()), [1, samples, (points[0] as number[]).length]);
}
const circle = curve((a) => [Math.cos(a), Math.sin(a)]);
const eight = curve((a) => [Math.sin(a), Math.sin(2 * a)]);
const lifted = curve((a) => [Math.sin(a), Math.sin(2 * a), Math.cos(a)]);
const periodic = { dt: 1 / samples, derivative: 'periodic' } as const;

/** Smooth random trajectories [C, T, W]. */
function wander(seed: number, conditions: number, steps: number, width: number): TrialArray {
  const key = randomKey(seed, 'wander');
  const values = new Float64Array(conditions * steps * width);
  for (let c = 0; c < conditions; c++) {
    for (let k = 0; k < width; k++) {
      const [a, b, phase] = [normalAt(key, c, 3 * k) / (1 + k), normalAt(key, c, 3 * k + 1) / (1 + k), normalAt(key, c, 3 * k + 2)];
      for (let t = 0; t < steps; t++)
        values[(c * steps + t) * width + k] = a * Math.sin((2 * Math.PI * t) / steps + phase) + b * Math.cos((4 * Math.PI * t) / steps);
    }
  }
  return trialArray(values, [conditions, steps, width]);
}

test('agrees with the golden numbers in both variants', async () => {
  const { data, shape } = golden('tangling.x');
  const x = trialArray(data, shape as unknown as [number, number, number]);
  for (const [epsilon, name, constant] of [
    ['population', 'tangling.Q', 'tangling.eps'],
    ['second-moment', 'tangling.Q_eps_second_moment', 'tangling.eps_second_moment'],
  ] as const) {
    const found = await tangling(x, { dt: 0.01, epsilon });
    assertClose(found.values, golden(name).data, { case: name, atol: 1e-8 });
    assertClose([found.epsilon], golden(constant).data, { case: constant, atol: 1e-12 });
  }
});

test('a circle has the same tangling everywhere, as theory says and as published', async () => {
  const { values } = await tangling(circle, periodic);
  const k = (2 * Math.sin(Math.PI / samples) * samples) ** 2;
  const epsilon = (0.1 * samples) / (samples - 1);
  for (const value of values) assert.ok(Math.abs(value - (4 * k) / (4 + epsilon)) < 1e-9);
  assert.is((values[0] as number).toFixed(2), '38.51');
  assert.is(((await tangling(circle, { ...periodic, epsilon: 'rush' })).values[0] as number).toFixed(2), '38.99');
});

test('a figure of eight is most tangled at its crossing, less when a third dimension parts it', async () => {
  const numbers = async (x: TrialArray, epsilon: 'russo' | 'rush') => {
    const { max, median, p90 } = distributionOf((await tangling(x, { ...periodic, epsilon })).values);
    return [max, median, p90].map((value) => Number(value.toFixed(1)));
  };
  assert.equal(await numbers(eight, 'russo'), [1570.7, 804.3, 875.9]);
  assert.equal(await numbers(eight, 'rush'), [3157.2, 912.9, 1222.6]);
  assert.is((await numbers(lifted, 'russo'))[0], 460.7);
  // 539.446: published as 539.5
  assert.is((await numbers(lifted, 'rush'))[0], 539.4);
  const { values, partner } = await tangling(eight, periodic);
  assert.is(values.indexOf(Math.max(...values)) % 100, 0);
  assert.is(partner[0], 100);
});

test('scaling and turning change nothing; half the time step makes it four times as large', async () => {
  const x = wander(1, 2, 20, 3);
  for (const epsilon of ['russo', 'population', 'second-moment', 'rush'] as const) {
    const { values } = await tangling(x, { dt: 0.01, epsilon });
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), async (scale) => {
        const scaled = await tangling({ ...x, values: x.values.map((value) => scale * value) }, { dt: 0.01, epsilon });
        scaled.values.forEach((value, i) => assert.ok(Math.abs(value / (values[i] as number) - 1) < 1e-9));
        const faster = await tangling(x, { dt: 0.005, epsilon });
        faster.values.forEach((value, i) => assert.ok(Math.abs(value / (values[i] as number) - 4) < 1e-9));
      }),
      { seed: 1, numRuns: 3 },
    );
  }
  // into more dimensions than are compared at once
  const turn = orthogonal(20, 3);
  const embedded = trialArray(
    Float64Array.from({ length: 40 * 20 }, (_, i) => {
      const [row, column] = [Math.floor(i / 20), i % 20];
      return [0, 1, 2].reduce((sum, k) => sum + (x.values[row * 3 + k] as number) * (turn[k * 20 + column] as number), 0);
    }),
    [2, 20, 20],
  );
  const [plain, wide] = [await tangling(x, { dt: 0.01 }), await tangling(embedded, { dt: 0.01 })];
  assertClose(wide.values, plain.values, { case: 'embedded', atol: 1e-6 });
  const three = await tangling(embedded, { dt: 0.01, components: { variance: 0.999999 } });
  assert.is(three.components, 3);
  assertClose(three.values, plain.values, { case: 'three components', atol: 1e-6 });
});

test('pairs are found exactly, on the host and with a backend, within and across conditions', async () => {
  const x = wander(2, 3, 30, 19);
  const backend = createReferenceBackend({ precision: 'f32' });
  for (const sameCondition of [false, true]) {
    const options = { dt: 0.02, epsilon: 'rush', derivative: 'backward-copied', sameCondition } as const;
    const { values, condition, epsilon, step } = await tangling(x, options);
    const velocity = (i: number, k: number) => {
      const row = Math.max(1, step[i] as number) + (condition[i] as number) * 30;
      return ((x.values[row * 19 + k] as number) - (x.values[(row - 1) * 19 + k] as number)) / 0.02;
    };
    for (let i = 0; i < values.length; i += 7) {
      let largest = 0;
      for (let j = 0; j < values.length; j++) {
        if (sameCondition && condition[i] !== condition[j]) continue;
        let [apart, faster] = [epsilon, 0];
        for (let k = 0; k < 19; k++) {
          apart += ((x.values[i * 19 + k] as number) - (x.values[j * 19 + k] as number)) ** 2;
          faster += (velocity(i, k) - velocity(j, k)) ** 2;
        }
        largest = Math.max(largest, faster / apart);
      }
      assert.ok(Math.abs((values[i] as number) / largest - 1) < 1e-9);
    }
    assertClose((await tangling(x, { ...options, backend })).values, values, { case: 'backend', atol: 1e-7 });
  }
  assert.is(backend.bytesInUse(), 0);
  await backend.dispose();
});

test('derivatives, sampling and conditions of unequal length give the samples that they say', async () => {
  const x: TrialArray = { ...wander(3, 2, 12, 2), lengths: Int32Array.from([12, 9]) };
  const count = async (options: object) => {
    const { condition } = await tangling(x, { dt: 1, ...options });
    return [0, 1].map((c) => condition.filter((own) => own === c).length);
  };
  assert.equal(await count({}), [11, 8]);
  assert.equal(await count({ derivative: 'periodic' }), [12, 9]);
  assert.equal(await count({ derivative: 'backward-copied', timeStep: 4 }), [3, 3]);
  const { values } = await tangling(x, { dt: 1, derivative: 'backward-copied', normalisation: 'z-score', epsilon: 'rush' });
  assert.is(values.length, 21);
  assert.ok(Math.abs((await tangling(x, { dt: 1, ...tanglingRecipes.rush })).epsilon - 0.1) < 1e-12);
});

test('distributions count samples: quantiles are samples, and layers are compared sample by sample', () => {
  const { median, p90, max, quantiles, mean } = distributionOf([4, 1, 3, 2]);
  assert.equal([median, p90, max, mean], [3, 4, 4, 2.5]);
  assert.equal([quantiles.length, quantiles[0], quantiles[100]], [101, 1, 4]);
  assert.is(shareAbove([1, 2, 3, 4], [2, 1, 1, 4]), 0.5);
  assert.throws(() => shareAbove([1], [1, 2]), /expected two lists of equal length, got 1 and 2 values/);
  assert.throws(() => distributionOf([]), /expected 1 or more values, got none/);
});

test('what cannot be tangled is named', async () => {
  const message = async (run: Promise<unknown>) =>
    run.then(
      () => 'no error',
      (error: Error) => error.message,
    );
  assert.match(await message(tangling(circle, { dt: 0 })), /expected dt, the seconds between samples, above 0, got 0/);
  assert.match(await message(tangling({ ...circle, values: new Float64Array(400).fill(2) }, { dt: 1 })), /expected trajectories that move, got constant ones/);
  assert.match(
    await message(tangling({ ...circle, lengths: Int32Array.from([1]) }, { dt: 1 })),
    /expected conditions of 2 samples or more, got fewer in condition 0/,
  );
  const broken = { ...circle, values: circle.values.slice() };
  broken.values[7] = Number.POSITIVE_INFINITY;
  assert.match(await message(tangling(broken, { dt: 1 })), /expected finite values, got Infinity in conditions, trial 0, step 3, column 1/);
});

test.run();
