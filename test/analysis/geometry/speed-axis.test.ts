// Speed axes on ellipses whose axis is known: the closed form, its variants, and regression as the alternative.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TrialArray } from '../../../src/analysis/analysis.js';
import { speedAxes, speedAxis } from '../../../src/analysis/geometry/speed-axis.js';
import { targetedAxes } from '../../../src/analysis/geometry/targeted-axes.js';
import { normalAt, randomKey } from '../../../src/random.js';
import { orthogonal } from './orthogonal.js';

const [units, samples] = [64, 40];
const directions = orthogonal(units, 3);
const direction = (k: number) => directions.subarray(k * units, (k + 1) * units);

/** a cos ωt e₁ + b sin ωt e₂ + s e_third + noise, one condition a speed; lengths may differ. */
function ellipses(speeds: readonly number[], { third = 2, noise = 0.02, lengths = speeds.map(() => samples), seed = 0 } = {}): TrialArray {
  const key = randomKey(seed, 'ellipses');
  const steps = Math.max(...lengths);
  const values = new Float64Array(speeds.length * steps * units);
  for (const [c, speed] of speeds.entries()) {
    for (let t = 0; t < (lengths[c] as number); t++) {
      const angle = (2 * Math.PI * t) / (lengths[c] as number);
      for (let i = 0; i < units; i++) {
        const [e1, e2, e3] = [direction(0)[i], direction(1)[i], direction(third)[i]] as [number, number, number];
        const at = (c * steps + t) * units + i;
        values[at] = 3 * Math.cos(angle) * e1 + 2 * Math.sin(angle) * e2 + speed * e3 + noise * normalAt(key, c, t * units + i);
      }
    }
  }
  return { trials: speeds.length, steps, width: units, values, lengths: Int32Array.from(lengths) };
}

const cosine = (a: Float64Array, b: ArrayLike<number>) => {
  const dot = (x: ArrayLike<number>, y: ArrayLike<number>) => Array.from(x).reduce((sum, value, i) => sum + value * (y[i] as number), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
};

const speeds = [0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

test('the axis is the direction that speed shifts the ellipses along, and projections rise with speed on a straight line', async () => {
  const found = await speedAxis(ellipses(speeds), speeds, { normalisation: 'none' });
  assert.ok(cosine(found.axis, direction(2)) > 0.99, `cosine ${cosine(found.axis, direction(2))}`);
  assert.ok(found.projections.every((value, c) => c === 0 || value > (found.projections[c - 1] as number)));
  assert.ok((found.r2 as number) > 0.99);
  assert.ok((found.share as number) > 0.99);
});

test('with z-scored units, as published, it is the image of that direction', async () => {
  const found = await speedAxis(ellipses(speeds), speeds);
  // what scaling makes of the direction, outside the plane
  const image = direction(2).map((value, i) => value / (found.scaling.scale[i] as number));
  for (let k = 0; k < 2; k++) {
    const axis = found.plane.subarray(k * units, (k + 1) * units);
    const along = image.reduce((sum, value, i) => sum + value * (axis[i] as number), 0);
    for (let i = 0; i < units; i++) image[i] = (image[i] as number) - along * (axis[i] as number);
  }
  assert.ok(cosine(found.axis, image) > 0.99, `cosine ${cosine(found.axis, image)}`);
  assert.ok((found.r2 as number) > 0.99);
});

test('the axis is a unit vector at right angles to the plane, to 1e-8', async () => {
  const { axis, plane } = await speedAxis(ellipses(speeds, { noise: 0.3 }), speeds);
  assert.ok(Math.abs(Math.hypot(...axis) - 1) < 1e-8);
  for (let k = 0; k < 2; k++) assert.ok(Math.abs(axis.reduce((sum, value, i) => sum + value * (plane[k * units + i] as number), 0)) < 1e-8);
});

test('unequal lengths: centred and plain axes differ a little, equal lengths: not at all', async () => {
  const unequal = ellipses(speeds, { lengths: [70, 66, 61, 57, 52, 48, 44], noise: 0.1 });
  const [plain, centred] = [await speedAxis(unequal, speeds), await speedAxis(unequal, speeds, { centred: true })];
  assert.ok(cosine(plain.axis, centred.axis) > 0.999);
  assert.not.equal(Array.from(plain.axis), Array.from(centred.axis));
  const equal = ellipses(speeds, { noise: 0.1 });
  const same = cosine((await speedAxis(equal, speeds)).axis, (await speedAxis(equal, speeds, { centred: true })).axis);
  assert.ok(Math.abs(same - 1) < 1e-9);
});

test('falling speeds turn the axis round', async () => {
  const { axis, projections } = await speedAxis(ellipses(speeds), [...speeds].reverse(), { normalisation: 'none' });
  assert.ok(cosine(axis, direction(2)) < -0.99);
  assert.ok((projections[0] as number) > (projections[6] as number));
});

test('several series give an axis each and the angles between them', async () => {
  const other = orthogonal(units, 4).subarray(3 * units);
  assert.ok(Math.abs(cosine(Float64Array.from(other), direction(2))) < 1e-9);
  const { axes, angles } = await speedAxes({
    forward: { conditions: ellipses(speeds), speeds },
    again: { conditions: ellipses(speeds, { seed: 3 }), speeds },
    backward: { conditions: ellipses(speeds), speeds: speeds.map((speed) => -speed) },
  });
  assert.equal(Object.keys(axes), ['forward', 'again', 'backward']);
  assert.is(angles[0]?.[0], 0);
  assert.ok((angles[0]?.[1] as number) < 0.15);
  assert.ok((angles[0]?.[2] as number) > 3);
});

test('regression on the speeds finds the same direction', async () => {
  const { axes, r2 } = await targetedAxes(ellipses(speeds), [speeds], { normalisation: 'none' });
  assert.ok(Math.abs(cosine(axes, direction(2))) > 0.99);
  assert.ok((r2[0] as number) > 0.99);
});

test('conditions and components that cannot be are named', async () => {
  const message = async (run: Promise<unknown>) =>
    run.then(
      () => 'no error',
      (error: Error) => error.message,
    );
  assert.match(await message(speedAxis(ellipses([1]), [1])), /speedAxis: expected a speed for each of 2 or more conditions, got 1 for 1/);
  assert.match(await message(speedAxis(ellipses(speeds), speeds, { components: 2 })), /expected more than 2 components, which the plane takes, got 2 of 64/);
  assert.match(await message(targetedAxes(ellipses(speeds), [speeds, speeds.map((speed) => 2 * speed)])), /variables that differ over conditions/);
});

test.run();
