// Canonical correlations, Procrustes, cycle consistency, rates, spikes, decoding, alignment and the fork's metrics: known answers and invariances.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pcaOfRows, participationRatio, project } from '../../../src/analysis/pca.js';
import { align, alignToReference } from '../../../src/analysis/similarity/align.js';
import { cca } from '../../../src/analysis/similarity/canonical.js';
import { cycleConsistencies, cycleConsistency, latentsFromRatesR2 } from '../../../src/analysis/similarity/cycle-consistency.js';
import { decode } from '../../../src/analysis/similarity/decode.js';
import { forkMetrics } from '../../../src/analysis/similarity/fork-metrics.js';
import { procrustes } from '../../../src/analysis/similarity/procrustes.js';
import { rateR2 } from '../../../src/analysis/similarity/rates.js';
import { bitsPerSpike, coBitsPerSpike } from '../../../src/analysis/similarity/spikes.js';
import { svd } from '../../../src/analysis/svd.js';
import { trialArray } from '../../../src/analysis/trials.js';
import { normalAt, randomKey } from '../../../src/random.js';
import { orthogonal } from '../geometry/orthogonal.js';
import { latents, mapped, matrix, permuted, split } from './synthetic.js';

const near = (a: number | null | undefined, b: number, within = 1e-9) =>
  assert.ok(typeof a === 'number' && Math.abs(a - b) <= within, `expected ${b} within ${within}, got ${a}`);
const message = async (run: Promise<unknown>) =>
  run.then(
    () => 'no error',
    (error: Error) => error.message,
  );

test('canonical correlations are 1 under invertible affine maps, and as before when either side is mapped', async () => {
  const [a, b] = [latents(1, 10, 12, 4), latents(2, 10, 12, 5)];
  const mixed = { ...b, values: b.values.map((value, i) => value + 0.6 * (a.values[Math.floor(i / 5) * 4 + (i % 4)] as number)) };
  const plain = await cca(a, mixed);
  assert.is(plain.correlations.length, 4);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 1000 }), async (seed) => {
      near((await cca(a, mapped(a, matrix(seed, 4, 4), 4, 2))).mean, 1, 1e-9);
      near((await cca(mapped(a, matrix(seed, 4, 4), 4), mapped(mixed, matrix(seed + 1, 5, 5), 5))).mean, plain.mean as number, 1e-8);
    }),
    { seed: 1, numRuns: 5 },
  );
  near((await cca(mixed, a)).mean, plain.mean as number, 1e-12);
  assert.ok(((await cca(a, permuted(a, 3))).mean as number) < 0.3);
});

test('a share of the variance leaves small directions out of the canonical correlations (SVCCA)', async () => {
  const small = latents(3, 10, 12, 3);
  const faint = { ...small, values: small.values.map((value, i) => (i % 3 === 2 ? 1e-3 * normalAt(randomKey(1, 'faint'), 0, i) : value)) };
  assert.is((await cca(faint, faint, { variance: 0.99 })).correlations.length, 2);
  assert.is((await cca(faint, faint)).correlations.length, 3);
});

test('Procrustes disparity is 0 under shift, scaling, rotation and reflection, with zeros for missing columns, and symmetric', async () => {
  const [a, b] = [latents(4, 10, 12, 4), latents(5, 10, 12, 4)];
  const plain = (await procrustes(a, b)) as number;
  assert.ok(plain > 0.5 && plain <= 1);
  near(await procrustes(b, a), plain, 1e-12);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 1000 }), fc.double({ min: 0.1, max: 10, noNaN: true }), async (seed, scale) => {
      const turn = orthogonal(4, 4, seed).map((value) => scale * value);
      near(await procrustes(a, mapped(a, turn, 4, 5)), 0, 1e-9);
      near(await procrustes(a, mapped(b, turn, 4, 5)), plain, 1e-9);
    }),
    { seed: 2, numRuns: 5 },
  );
  // into seven dimensions: the first four rows of an orthogonal matrix
  near(await procrustes(a, mapped(a, orthogonal(7, 4, 1), 7)), 0, 1e-9);
  assert.ok(
    ((await procrustes(
      a,
      mapped(
        a,
        matrix(3, 4, 4).map((value) => value ** 3),
        4,
      ),
    )) as number) > 1e-3,
  );
  assert.is(await procrustes(a, { ...a, values: new Float64Array(a.values.length) }), null);
});

/** Rates whose logarithms are a linear map of latents. */
const ratesOf = (array: Parameters<typeof mapped>[0], map: Float64Array, neurons: number) => {
  const logs = mapped(array, map, neurons, -1);
  return { ...logs, values: logs.values.map((value) => Math.exp(0.3 * value)) };
};

test('cycle consistency is 1 when log-rates are an invertible map of the latents, and falls with latents that the rates lack', async () => {
  const own = latents(6, 20, 10, 4);
  const rates = split(ratesOf(own, matrix(5, 4, 10), 10));
  near((await cycleConsistency(split(own), rates, { threshold: 1e-6 })).r2, 1, 1e-9);
  near((await latentsFromRatesR2(split(own), rates)).r2, 1, 1e-9);
  const scores: number[] = [];
  for (const extra of [0, 2, 6]) {
    const noise = latents(7, 20, 10, 6);
    const width = 4 + extra;
    const wide = trialArray(
      Float64Array.from({ length: 200 * width }, (_, i) =>
        i % width < 4 ? (own.values[Math.floor(i / width) * 4 + (i % width)] as number) : (noise.values[Math.floor(i / width) * 6 + (i % width) - 4] as number),
      ),
      [20, 10, width],
    );
    scores.push((await cycleConsistency(split(wide), rates)).r2 as number);
  }
  assert.ok((scores[0] as number) > (scores[1] as number) && (scores[1] as number) > (scores[2] as number), scores.join(', '));
});

test('a larger threshold keeps fewer directions; no threshold keeps directions without a counterpart in the rates', async () => {
  const own = latents(8, 20, 10, 4);
  const rates = split(ratesOf(own, matrix(6, 4, 2), 2));
  const found = await cycleConsistencies(split(own), rates, [0, 0.01, 0.9]);
  assert.equal(
    found.map(({ kept }) => kept),
    [2, 2, 1],
  );
  assert.ok((found[0]?.r2 as number) < 1 && (found[2]?.r2 as number) < (found[0]?.r2 as number));
});

test('rates without a logarithm and impossible thresholds are named', async () => {
  const own = latents(9, 10, 5, 2);
  const rates = ratesOf(own, matrix(1, 2, 3), 3);
  rates.values[(2 * 5 + 1) * 3 + 2] = 0;
  assert.match(
    await message(cycleConsistency(split(own), split(rates))),
    /cycleConsistency: expected positive, finite rates, whose logarithm is compared, got 0 in trial 2, step 1, neuron 2/,
  );
  assert.match(await message(cycleConsistency(split(own), split(rates), { threshold: 1 })), /expected a threshold from 0 to below 1, got 1/);
});

test('rate R² is variance-weighted, and its mean over neurons is not', () => {
  const truth = trialArray(Float64Array.from([0, 0, 10, 1, 20, 0, 30, 1]), [1, 4, 2]);
  const inferred = trialArray(Float64Array.from([0, 0.5, 10, 0.5, 20, 0.5, 30, 0.5]), [1, 4, 2]);
  const { r2, mean, perNeuron } = rateR2(truth, inferred);
  assert.equal(perNeuron, [1, 0]);
  near(mean, 0.5);
  near(r2, 1 - 1 / 501);
});

test('bits per spike are 0 for the mean count and as by hand for a doubled rate; held-out neurons alone for co-bps', () => {
  const spikes = trialArray(Float64Array.from([2, 0, 0, 4, 2, 0, 0, 4]), [2, 2, 2]);
  const means = trialArray(Float64Array.from([1, 2, 1, 2, 1, 2, 1, 2]), [2, 2, 2]);
  near(bitsPerSpike(means, spikes), 0);
  // perfect rates of the first neuron: every spike at twice the mean, 1 bit a spike; of the second as well
  const perfect = trialArray(Float64Array.from([2, 1e-12, 1e-12, 4, 2, 1e-12, 1e-12, 4]), [2, 2, 2]);
  near(bitsPerSpike(perfect, spikes), 1, 1e-9);
  const half = trialArray(Float64Array.from([2, 2, 1e-12, 2, 2, 2, 1e-12, 2]), [2, 2, 2]);
  near(bitsPerSpike(half, spikes, { start: 0, length: 1 }), 1, 1e-9);
  near(coBitsPerSpike(half, spikes, { heldIn: 1 }), 0, 1e-9);
  near(coBitsPerSpike(half, spikes, { heldIn: 0 }), 4 / 12, 1e-9);
  assert.throws(() => coBitsPerSpike(half, spikes), /expected 0 to 1 held-in of 2 neurons, got 50/);
  assert.is(bitsPerSpike(means, { ...spikes, values: new Float64Array(8) }), null);
});

test('decoding reads what is linear in the latents, output by output, in-sample and held out', async () => {
  const own = latents(10, 20, 10, 4);
  const linear = mapped(own, matrix(8, 4, 2), 2);
  const key = randomKey(4, 'unrelated');
  const targets = { ...linear, values: linear.values.map((value, i) => (i % 2 === 0 ? value : normalAt(key, 0, i))) };
  const { inSample, heldOut } = await decode(split(own), split(targets));
  near(inSample.perOutput[0], 1);
  near(heldOut.perOutput[0], 1);
  assert.ok((heldOut.perOutput[1] as number) < 0.1 && (inSample.perOutput[1] as number) < 0.2);
  const constant = { ...targets, values: targets.values.map((value, i) => (i % 2 === 0 ? value : 3)) };
  assert.is((await decode(split(own), split(constant))).heldOut.perOutput[1], null);
});

test('a copy is aligned onto the reference itself, in its principal components', async () => {
  const reference = latents(11, 10, 10, 5);
  const copy = mapped(reference, matrix(9, 5, 7), 7, 2);
  const alignment = await alignToReference(copy, reference);
  near(alignment.r2, 1);
  const scores = project(await pcaOfRows(Float64Array.from(reference.values), 5), reference.values, 3);
  const aligned = align(alignment, copy.values);
  assert.ok(aligned.every((value, i) => Math.abs(value - (scores[i] as number)) < 1e-9));
  assert.is((await alignToReference(reference, mapped(reference, matrix(1, 5, 2), 2))).components, 2);
  assert.throws(() => align(alignment, new Float64Array(8)), /expected rows of 7 values, got 8 values in all/);
});

test("the fork's metrics are 1, and 0 for the disparity, of rotated copies; of unequal widths two of them are not defined", async () => {
  const own = latents(12, 10, 10, 4);
  const turned = await forkMetrics(own, mapped(own, orthogonal(4, 4, 2), 4, 1));
  near(turned.stateR2, 1);
  near(turned.vaf, 1);
  near(turned.procrustes, 0);
  near(turned.ccaR2, 1);
  const narrow = await forkMetrics(
    own,
    mapped(
      own,
      orthogonal(4, 4, 3)
        .slice(0, 8)
        .map((value) => value),
      2,
    ),
  );
  assert.ok((narrow.stateR2 as number) < 1);
  assert.is(narrow.procrustes, null);
  assert.is(narrow.ccaR2, null);
});

test('ratios of principal components sum to 1 and agree with singular values to 1e-6; the participation ratio of a ball is its dimension', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 1, max: 6 }), async (seed, width) => {
      const values = Float64Array.from(latents(seed, 4, 10, width).values);
      const { ratios } = await pcaOfRows(values, width);
      near(
        ratios.reduce((sum, ratio) => sum + ratio, 0),
        1,
        1e-12,
      );
      const mean = Array.from({ length: width }, (_, j) => values.reduce((sum, value, i) => (i % width === j ? sum + value / 40 : sum), 0));
      const singular = svd(
        values.map((value, i) => value - (mean[i % width] as number)),
        40,
        width,
        'test',
      ).values;
      const total = singular.reduce((sum, value) => sum + value ** 2, 0);
      ratios.forEach((ratio, k) => near(ratio, (singular[k] as number) ** 2 / total, 1e-6));
    }),
    { seed: 3, numRuns: 8 },
  );
  const cube = Float64Array.from({ length: 8 * 3 }, (_, i) => ((Math.floor(i / 3) >> (i % 3)) & 1 ? 1 : -1));
  near(participationRatio(await pcaOfRows(cube, 3)), 3);
});

test.run();
