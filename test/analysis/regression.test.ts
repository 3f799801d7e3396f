// Affine maps between latents: against CtDB's numbers, against known answers, and both ways of counting R².
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { addSamples, columnMeans, createMoments, type Moments, mergeMoments, scatter } from '../../src/analysis/moments.js';
import { pcaOfRows, project } from '../../src/analysis/pca.js';
import { affineR2, affineR2Matrix, fitAffine, varianceWeightedR2 } from '../../src/analysis/regression.js';
import { createReferenceBackend } from '../../src/backends/reference/index.js';
import { normalAt, randomKey } from '../../src/random.js';
import { assertClose } from '../support/assert-close.js';
import { golden } from './golden.js';

/** Joint moments of row-major arrays side by side, each with its width. */
async function jointMoments(parts: readonly { data: ArrayLike<number>; width: number }[], shift?: Float64Array): Promise<Moments> {
  const dimension = parts.reduce((sum, { width }) => sum + width, 0);
  const samples = (parts[0] as { data: ArrayLike<number>; width: number }).data.length / (parts[0] as { width: number }).width;
  const rows = new Float64Array(samples * dimension);
  for (let sample = 0; sample < samples; sample++) {
    let column = 0;
    for (const { data, width } of parts) for (let i = 0; i < width; i++) rows[sample * dimension + column++] = data[sample * width + i] as number;
  }
  const moments = createMoments(dimension, shift ?? columnMeans(rows, dimension));
  await addSamples(moments, rows);
  return moments;
}

const truth = { start: 0, length: 5 };
const inferred = { start: 5, length: 7 };

test('agrees with CtDB on the golden data, both ways', async () => {
  const train = await jointMoments([
    { data: golden('r2.true_train').data, width: 5 },
    { data: golden('r2.pred_train').data, width: 7 },
  ]);
  const validation = await jointMoments([
    { data: golden('r2.true_val').data, width: 5 },
    { data: golden('r2.pred_val').data, width: 7 },
  ]);
  assertClose([affineR2(train, validation, truth, inferred).r2 as number], golden('r2.linear_pred_from_true').data, { case: 'true to inferred', atol: 1e-6 });
  assertClose([affineR2(train, validation, inferred, truth).r2 as number], golden('r2.linear_true_from_pred').data, { case: 'inferred to true', atol: 1e-6 });
});

test('agrees with CtDB on R² without a fit', () => {
  const all = Float64Array.from([...golden('r2.true_train').data, ...golden('r2.true_val').data]);
  assertClose([varianceWeightedR2(all, golden('r2.near').data, 5) as number], golden('r2.signal_r2').data, { case: 'signal R²', atol: 1e-6 });
});

/** N samples of `width` correlated features. */
function cloud(seed: number, samples: number, width: number): Float64Array {
  const key = randomKey(seed, 'regression test');
  const rows = new Float64Array(samples * width);
  for (let i = 0; i < samples; i++) {
    for (let j = 0; j < width; j++) rows[i * width + j] = 2 + normalAt(key, i, j) / (1 + j) + (j > 0 ? 0.5 * (rows[i * width + j - 1] as number) : 0);
  }
  return rows;
}

/** y = x A + b. */
function affineCopy(rows: Float64Array, width: number, outputs: number): Float64Array {
  const key = randomKey(9, 'affine copy');
  const copy = new Float64Array((rows.length / width) * outputs);
  for (let i = 0; i < rows.length / width; i++) {
    for (let k = 0; k < outputs; k++) {
      let sum = 7 * k;
      for (let j = 0; j < width; j++) sum += (rows[i * width + j] as number) * normalAt(key, j, k);
      copy[i * outputs + k] = sum;
    }
  }
  return copy;
}

test('is 1 from latents to themselves and to an affine copy, also where the source has more directions than it uses', async () => {
  const [a, b] = [cloud(1, 400, 4), cloud(2, 100, 4)];
  const train = await jointMoments([
    { data: a, width: 4 },
    { data: affineCopy(a, 4, 6), width: 6 },
  ]);
  const validation = await jointMoments([
    { data: b, width: 4 },
    { data: affineCopy(b, 4, 6), width: 6 },
  ]);
  const [small, wide] = [
    { start: 0, length: 4 },
    { start: 4, length: 6 },
  ];
  for (const [source, target] of [
    [small, small],
    [small, wide],
    [wide, small],
    [wide, wide],
  ] as const) {
    const { r2, perComponent } = affineR2(train, validation, source, target);
    assertClose([r2 as number], [1], { case: 'R²', atol: 1e-9 });
    assertClose([perComponent[0] as number], [1], { case: 'first component', atol: 1e-9 });
  }
  assert.equal(affineR2Matrix(train, validation, [small, wide])[1]?.[0], affineR2(train, validation, wide, small));
});

test('gives the same variance-weighted R² on raw latents and on their principal components', async () => {
  const [xTrain, xVal, yTrain, yVal] = [cloud(1, 300, 5), cloud(2, 200, 5), cloud(3, 300, 3), cloud(4, 200, 3)];
  // a target that depends on the source in part
  const mix = (x: Float64Array, y: Float64Array) => y.map((value, i) => value + (x[Math.floor(i / 3) * 5 + (i % 3)] as number));
  const [zTrain, zVal] = [mix(xTrain, yTrain), mix(xVal, yVal)];
  const raw = affineR2(
    await jointMoments([
      { data: xTrain, width: 5 },
      { data: zTrain, width: 3 },
    ]),
    await jointMoments([
      { data: xVal, width: 5 },
      { data: zVal, width: 3 },
    ]),
    { start: 0, length: 5 },
    { start: 5, length: 3 },
  );
  const [xPca, zPca] = [await pcaOfRows(xTrain, 5), await pcaOfRows(zTrain, 3)];
  const scores = async (x: Float64Array, z: Float64Array) =>
    jointMoments([
      { data: project(xPca, x, 5), width: 5 },
      { data: project(zPca, z, 3), width: 3 },
    ]);
  const rotated = affineR2(await scores(xTrain, zTrain), await scores(xVal, zVal), { start: 0, length: 5 }, { start: 5, length: 3 });
  assert.ok((raw.r2 as number) > 0.2 && (raw.r2 as number) < 0.9, `R² ${raw.r2} says that the case tests something`);
  assertClose([rotated.r2 as number], [raw.r2 as number], { case: 'R² of scores', atol: 1e-10 });
  // per component: the columns of the scores are the components
  const direct = rotated.perComponent as number[];
  assertClose(raw.perComponent as number[], direct, { case: 'R² per component', atol: 1e-8 });
});

test('scores an unrelated target at or below zero and a constant one not at all', async () => {
  const constant = new Float64Array(200).fill(3);
  const train = await jointMoments([
    { data: cloud(1, 200, 3), width: 3 },
    { data: cloud(5, 200, 1), width: 1 },
    { data: constant, width: 1 },
  ]);
  const validation = await jointMoments([
    { data: cloud(2, 200, 3), width: 3 },
    { data: cloud(6, 200, 1), width: 1 },
    { data: constant, width: 1 },
  ]);
  const source = { start: 0, length: 3 };
  assert.ok((affineR2(train, validation, source, { start: 3, length: 1 }).r2 as number) < 0.05);
  assert.is(affineR2(train, validation, source, { start: 4, length: 1 }).r2, null);
  assert.equal([...fitAffine(train, { start: 4, length: 1 }, source).weights], [0, 0, 0]);
});

test('moments of parts add up to those of the whole, on the host and on a backend', async () => {
  const rows = cloud(1, 1300, 6);
  const shift = columnMeans(rows, 6);
  const whole = createMoments(6, shift);
  await addSamples(whole, rows);
  const [first, second] = [createMoments(6, shift), createMoments(6, shift)];
  const backend = createReferenceBackend();
  await addSamples(first, rows.slice(0, 700 * 6), backend);
  await addSamples(second, rows.slice(700 * 6));
  const merged = mergeMoments(first, second);
  assert.is(merged.count, whole.count);
  const all = { start: 0, length: 6 };
  assertClose(scatter(merged, all, all), scatter(whole, all, all), { case: 'scatter', rtolOfMax: 1e-6 });
  assert.is(backend.bytesInUse(), 0);
  await backend.dispose();
  assert.throws(() => mergeMoments(whole, createMoments(6)), /one dimension and shift/);
});

test.run();
