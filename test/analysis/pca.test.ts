// PCA against scikit-learn, against shapes whose answer is known, and at its edges.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { participationRatio, pcaOfRows, project } from '../../src/analysis/pca.js';
import { normalAt, randomKey } from '../../src/random.js';
import { assertClose } from '../support/assert-close.js';
import { golden } from './golden.js';

test('agrees with scikit-learn on the golden data', async () => {
  const { data, shape } = golden('pca.X');
  const dimension = shape[1] as number;
  const pca = await pcaOfRows(data, dimension);
  // the golden numbers were computed from f32 data; measured deviations are below 2.1e-5 in components
  assertClose(pca.mean, golden('pca.mean').data, { case: 'mean', rtolOfMax: 1e-6 });
  assertClose(pca.variances, golden('pca.explained_variance').data, { case: 'variances', rtolOfMax: 1e-6 });
  assertClose(pca.ratios, golden('pca.explained_variance_ratio').data, { case: 'ratios', rtolOfMax: 1e-6 });
  const wanted = golden('pca.components').data;
  const scores = project(pca, data, dimension);
  const wantedScores = golden('pca.transform').data;
  for (let k = 0; k < dimension; k++) {
    const row = pca.components.slice(k * dimension, (k + 1) * dimension);
    const expected = wanted.slice(k * dimension, (k + 1) * dimension);
    const sign = Math.sign(row.reduce((sum, value, i) => sum + value * (expected[i] as number), 0));
    assertClose(
      row,
      expected.map((value) => value * sign),
      { case: `component ${k}`, atol: 5e-4 },
    );
    const column = Float64Array.from({ length: shape[0] as number }, (_, i) => (scores[i * dimension + k] as number) * sign);
    const expectedColumn = Float64Array.from({ length: shape[0] as number }, (_, i) => wantedScores[i * dimension + k] as number);
    assertClose(column, expectedColumn, { case: `scores ${k}`, rtolOfMax: 5e-4 });
  }
});

test('finds the axes and variances of a stretched cloud, the largest loading of each positive', async () => {
  const key = randomKey(3, 'pca test');
  const rows = new Float64Array(40_000 * 3);
  for (let i = 0; i < 40_000; i++) {
    const [a, b] = [3 * normalAt(key, i, 0), normalAt(key, i, 1)];
    // axes (−0.6, 0.8, 0) and (0.8, 0.6, 0), the third direction constant, the mean far from zero
    rows.set([1000 - 0.6 * a + 0.8 * b, 0.8 * a + 0.6 * b, -5], 3 * i);
  }
  const pca = await pcaOfRows(rows, 3);
  assertClose(pca.components.subarray(0, 6), [-0.6, 0.8, 0, 0.8, 0.6, 0], { case: 'components', atol: 0.01 });
  assertClose(pca.ratios, [0.9, 0.1, 0], { case: 'ratios', atol: 0.005 });
  assertClose([participationRatio(pca)], [1 / 0.82], { case: 'participation ratio', rtol: 0.01 });
});

test('gives zero shares to data that do not vary, and draws fewer than three units in three dimensions', async () => {
  const pca = await pcaOfRows(new Float64Array(20).fill(4), 2);
  assert.equal([...pca.ratios], [0, 0]);
  assert.is(participationRatio(pca), 0);
  assert.equal([...project(pca, [4, 4], 3)], [0, 0, 0]);
});

test('refuses values that are not finite, naming sample and feature', async () => {
  const rows = new Float64Array(12).fill(1);
  rows[7] = Number.NaN;
  try {
    await pcaOfRows(rows, 3);
    assert.unreachable();
  } catch (error) {
    assert.is((error as Error).name, 'NumericsError');
    assert.match((error as Error).message, /got NaN in sample 2, feature 1/);
  }
});

test.run();
