import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sharedSubspaces } from '../../../src/analysis/geometry/shared-subspace.js';
import { trialArray } from '../../../src/analysis/trials.js';
import { normalAt, randomKey } from '../../../src/random.js';

/** 40 trials of 10 steps that vary along two axes of `directions` [2][W], with these deviations, about a mean of their own. */
function plane(seed: number, directions: readonly (readonly number[])[], deviations = [2, 1], mean = 0, noise = 0) {
  const width = directions[0]?.length ?? 0;
  const key = randomKey(seed, 'plane');
  const values = new Float64Array(400 * width);
  for (let row = 0; row < 400; row++)
    for (let i = 0; i < width; i++) {
      let sum = mean + noise * normalAt(key, row, 100 + i);
      directions.forEach((direction, k) => {
        sum += (deviations[k] as number) * normalAt(key, row, k) * (direction[i] as number);
      });
      values[row * width + i] = sum;
    }
  return trialArray(values, [40, 10, width]);
}

const axis = (at: number, width = 6) => Array.from({ length: width }, (_, i) => (i === at ? 1 : 0));

test('identical data share their subspace wholly, whatever their means', async () => {
  const a = plane(1, [axis(0), axis(1)], [2, 1], 0, 0.3);
  const { ratios } = await sharedSubspaces([a, a, { ...a, values: a.values.map((value) => value + 5) }]);
  for (const row of ratios) for (const value of row) assert.ok(value !== null && Math.abs(value - 1) < 1e-9 && value <= 1, `${value}`);
});

test('planes at right angles share nothing, planes with one axis in common the variance along it', async () => {
  const sets = [plane(1, [axis(0), axis(1)]), plane(2, [axis(2), axis(3)]), plane(3, [axis(0), axis(4)], [1, 2])];
  const { ratios, components } = await sharedSubspaces(sets);
  assert.equal(components, [2, 2, 2]);
  const of = (row: number, column: number) => ratios[row]?.[column] as number;
  assert.ok(of(0, 1) < 1e-9 && of(1, 0) < 1e-9);
  // set 2 varies with 1 along the common axis and 4 along its own; set 0 with 4 along the common one
  assert.ok(Math.abs(of(0, 2) - 0.2) < 0.06, `${of(0, 2)}`);
  assert.ok(Math.abs(of(2, 0) - 0.8) < 0.06, `${of(2, 0)}`);
});

test('every ratio lies between 0 and 1, for any number of components', async () => {
  const noisy = [1, 2, 3].map((seed) => plane(seed, [axis(seed), [0.5, 0.5, 0.5, 0.5, 0, 0]], [1, 1], seed, 0.5));
  for (const components of [1, 2, 5, 6]) {
    const { ratios } = await sharedSubspaces(noisy, { components });
    for (const value of ratios.flat()) assert.ok(value !== null && value >= 0 && value <= 1, `${value} with ${components}`);
    if (components === 6) for (const value of ratios.flat()) assert.ok((value as number) > 1 - 1e-9, 'all components hold everything');
  }
});

test('a set that does not vary has no ratio, and other widths are refused', async () => {
  const still = trialArray(new Float64Array(24).fill(3), [2, 2, 6]);
  const { ratios } = await sharedSubspaces([plane(1, [axis(0)], [1]), still]);
  assert.is(ratios[0]?.[1], null);
  let message = '';
  await sharedSubspaces([still, trialArray(new Float64Array(8), [2, 2, 2])], { share: 2 }).catch((error: Error) => {
    message = error.message;
  });
  assert.match(message, /over the same units, got 6, 2\n.*share: expected a number above 0, at most 1, got 2/s);
});

test.run();
