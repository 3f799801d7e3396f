import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TrialArray } from '../../../src/analysis/analysis.js';
import { inputsAt, sampleStates } from '../../../src/analysis/fixed-points/sample.js';
import { distanceOutliers, startCloud, uniquePoints } from '../../../src/analysis/fixed-points/unique.js';
import { NumericsError, ShapeError } from '../../../src/errors.js';
import { normals } from '../../support/values.js';

/** Each state says where it is: [trial, step]. */
function placed(trials: number, steps: number, lengths: Int32Array | null = null): TrialArray {
  const values = Float64Array.from({ length: trials * steps * 2 }, (_, i) => (i % 2 === 0 ? Math.floor(i / (2 * steps)) : Math.floor(i / 2) % steps));
  return { trials, steps, width: 2, values, lengths };
}

test('samples are uniform over valid trials and steps, and never from behind the end of a trial or outside the mask', () => {
  const lengths = Int32Array.from([5, 2, 0, 4]);
  const mask = new Uint8Array(20).fill(1);
  mask[0] = 0;
  const trajectories = placed(4, 5, lengths);
  const { states, trials, steps } = sampleStates(trajectories, { count: 10_000, seed: 5, mask });
  const counts = new Map<string, number>();
  for (let k = 0; k < trials.length; k++) {
    assert.equal([states[2 * k], states[2 * k + 1]], [trials[k], steps[k]]);
    const bin = `${trials[k]} ${steps[k]}`;
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
  }
  assert.is(counts.size, 10);
  assert.not.ok(counts.has('0 0'));
  assert.not.ok([...counts.keys()].some((bin) => bin.startsWith('2 ') || bin === '1 2' || bin === '3 4'));
  // χ² with 9 degrees of freedom is below 27.9 in 999 of 1000 cases
  const chi = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  assert.ok(chi < 27.9, `χ² ${chi}`);
  assert.equal(sampleStates(trajectories, { count: 10_000, seed: 5, mask }).states, states);
  assert.not.equal(sampleStates(trajectories, { count: 10_000, seed: 6, mask }).states, states);
});

test('noise has the standard deviation that was asked for, in every unit, and moves nothing else', () => {
  const trajectories = placed(3, 4);
  const plain = sampleStates(trajectories, { count: 5000, seed: 1 });
  const noisy = sampleStates(trajectories, { count: 5000, seed: 1, noise: 0.5 });
  assert.equal(noisy.trials, plain.trials);
  for (const unit of [0, 1]) {
    const differences = Array.from({ length: 5000 }, (_, k) => (noisy.states[2 * k + unit] as number) - (plain.states[2 * k + unit] as number));
    const mean = differences.reduce((sum, value) => sum + value, 0) / 5000;
    const deviation = Math.sqrt(differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 4999);
    // four standard errors
    assert.ok(Math.abs(mean) < (4 * 0.5) / Math.sqrt(5000), `mean ${mean}`);
    assert.ok(Math.abs(deviation - 0.5) < (4 * 0.5) / Math.sqrt(10_000), `deviation ${deviation}`);
  }
});

test('inputs are those of the same trial and step', () => {
  const sample = sampleStates(placed(6, 7), { count: 200 });
  const paired = inputsAt({ ...placed(6, 7) }, sample);
  assert.equal(paired, sample.states);
});

test('samples of nothing, of other sizes and of what is not finite are refused', () => {
  const broken = placed(2, 2);
  broken.values.fill(Number.NaN, 2);
  const refused: [() => unknown, typeof ShapeError | typeof NumericsError, RegExp][] = [
    [() => sampleStates(placed(2, 2, Int32Array.of(0, 0)), { count: 1 }), ShapeError, /at least one valid step/],
    [() => sampleStates(placed(2, 2), { count: 1, mask: [1] }), ShapeError, /mask \[2, 2\]/],
    [() => sampleStates(placed(2, 2), { count: 0 }), ShapeError, /count/],
    [() => sampleStates(placed(2, 2), { count: 1, noise: -1 }), NumericsError, /noise/],
    [() => sampleStates(broken, { count: 50 }), NumericsError, /NaN in trial \d, step \d, unit 0/],
    [() => sampleStates({ ...placed(2, 2), width: 3 }, { count: 1 }), ShapeError, /\[2, 2, 3\]/],
    [() => inputsAt(placed(1, 1), sampleStates(placed(5, 5), { count: 9 })), ShapeError, /same trials/],
    [() => inputsAt(broken, sampleStates(placed(2, 2), { count: 50 })), NumericsError, /finite inputs/],
  ];
  for (const [call, type, pattern] of refused) {
    assert.throws(call, (error: unknown) => error instanceof type && pattern.test((error as Error).message), String(pattern));
  }
});

test('duplicates within the tolerance become the one of least speed; state and input count together', () => {
  const states = Float64Array.of(0, 5e-4, 1, 1.0005, 2);
  const speed = Float64Array.of(1e-3, 1e-9, 1e-4, 1e-4, 0);
  const same = uniquePoints({ states, inputs: new Float64Array(0), speed }, 1e-3);
  assert.equal(Array.from(same.kept), [1, 2, 4]);
  assert.equal(Array.from(same.owner), [0, 0, 1, 1, 2]);
  const inputs = Float64Array.of(0, 0, 0, 1, 0);
  assert.equal(Array.from(uniquePoints({ states, inputs, speed }, 1e-3).kept), [1, 2, 3, 4]);
  assert.equal(Array.from(uniquePoints({ states: new Float64Array(0), inputs: new Float64Array(0), speed: new Float64Array(0) }, 1e-3).kept), []);
  assert.throws(
    () => uniquePoints({ states, inputs, speed: speed.subarray(1) }, 1e-3),
    (error: unknown) => error instanceof ShapeError,
  );
});

test('1024 ends of 128 units at 40 places are told apart', () => {
  const places = normals(40 * 128, 1);
  const jitter = normals(1024 * 128, 2, 'jitter', 1e-5);
  const states = Float64Array.from(jitter, (value, i) => value + (places[((Math.floor(i / 128) * 7) % 40) * 128 + (i % 128)] as number));
  const { kept, owner } = uniquePoints({ states, inputs: new Float64Array(0), speed: Float64Array.from(normals(1024, 3), Math.abs) }, 1e-3);
  assert.is(kept.length, 40);
  for (let k = 0; k < 1024; k++) assert.is(((kept[owner[k] as number] as number) * 7) % 40, (k * 7) % 40);
});

test('outliers are as far as ten mean radii from the centroid of the starts', () => {
  const cloud = startCloud(Float64Array.of(1, 1, -1, -1, 1, -1, -1, 1), 2);
  assert.equal([Array.from(cloud.centroid), cloud.radius], [[0, 0], Math.SQRT2]);
  assert.equal(distanceOutliers(Float64Array.of(9, 9, 11, 11), cloud, 10), [false, true]);
  assert.equal(distanceOutliers(Float64Array.of(9), startCloud(Float64Array.of(1, 1), 1), 10), [false]);
});

test.run();
