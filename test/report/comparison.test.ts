// The page of a comparison and its files: self-contained, safe with hostile names, labelled, and readable where little is known.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Comparison } from '../../src/analysis/comparison.js';
import type { ComparisonSummary } from '../../src/analysis/comparison-data.js';
import type { PointSummary } from '../../src/analysis/dynamics-data.js';
import { comparisonArrays, comparisonTables, writeComparison } from '../../src/report/comparison-files.js';
import { renderComparison } from '../../src/report/comparison-page.js';
import { comparisonVerdicts } from '../../src/report/comparison-sentences.js';
import { memoryStorage } from '../../src/runs/memory-storage.js';
import { readNpy } from '../../src/runs/npy.js';
import { affine, environment, rotations, synthetic } from '../analysis/compared.js';
import { checkMarkup } from './markup.js';

const hostile = `</script><script>alert(1)</script><img src=x onerror="alert('2')">&\u0000\u2028`;

const point = (unstable: number, x: number): PointSummary => ({
  ...{ scores: [x, 0.1, 0], speed: 1e-25, unstable, eigenvalues: [[0.9, 0]], timeConstants: [9.5], readout: [0.1, 0.9] },
  ...{ corner: '01', distance: 0.01, far: false, starts: 40, modes: unstable > 0 ? [[0.1, 0, 0]] : [] },
});

const counts = { starts: 66, seeded: 2, converged: 60, slow: 6, outliers: 0, unique: 2, uniqueSlow: 0, stable: 1, byIndex: [1, 1] };

/** Three analyses with everything that a page can show. */
async function fullSummary(): Promise<ComparisonSummary> {
  const base = rotations(4);
  const targets = affine(base, 4, 2, 30);
  const inputs = affine(base, 4, 3, 31);
  const rates = affine(base, 4, 7, 40).map((value) => Math.exp(0.3 * value));
  const more = { targets, inputs, trueInputs: inputs };
  const summary = await new Comparison()
    .load(synthetic('base', base, { ...more, rates }))
    .load(synthetic('copy', affine(base, 4, 6), { ...more, rates: rates.map((value) => 1.1 * value) }))
    .load(
      synthetic(
        'part',
        base.filter((_, i) => i % 4 < 2),
        { ...more, group: 'small' },
      ),
    )
    .regroup()
    .summarise({ environment, dsa: null, fixedPoints: null, shownTrials: 3 });
  const scores = [
    [0, 0.2, 0.5],
    [0.2, 0, 0.4],
    [0.5, 0.4, 0],
  ];
  return {
    ...summary,
    analyses: summary.analyses.map((each, i) => ({ ...each, loss: 0.02 + i / 100, fixedPoints: counts })),
    aligned: summary.aligned.map((each) => ({ ...each, points: [point(0, 0.5), point(1, -0.5)] })),
    dsa: {
      metric: 'angular',
      settings: { delays: 20, rank: 50 },
      scores,
      spread: scores.map((row) => row.map((value) => value / 100)),
      splitHalf: [0.05, 0.06, null],
    },
    notes: ['Something was left out.'],
  };
}

const full = await fullSummary();
const page = renderComparison(full);
const without = (summary: ComparisonSummary): ComparisonSummary => ({
  ...summary,
  ...{ aligned: [], dsa: null, decoding: null, stateR2PerComponent: [], samples: [0, 0] },
  ...Object.fromEntries((['stateR2', 'cca', 'procrustes'] as const).map((name) => [name, summary[name].map((row) => row.map(() => null))])),
  againstReference: Object.fromEntries(
    Object.entries(summary.againstReference).map(([name, row]) => [name, row.map(() => null)]),
  ) as unknown as ComparisonSummary['againstReference'],
  trials: { ...summary.trials, inputs: null, targets: null },
});

test('is one well-formed file that names no address outside itself, the same every time', () => {
  checkMarkup(page);
  assert.not.match(page, /https?:\/\/(?!www\.w3\.org)|<link|@import|url\(|fetch\(|XMLHttpRequest|import\(/);
  assert.is(page, renderComparison(JSON.parse(JSON.stringify(full))));
  assert.is(page.match(/<script/g)?.length, 2);
});

test('has every section, and one view a network that turn together on common limits', () => {
  for (const id of ['states', 'components', 'space', 'trials', 'dynamics', 'likeness', 'decoding', 'dimensions', 'numbers', 'method'])
    assert.match(page, `<section id="${id}">`);
  const data = JSON.parse(/id="report-data">(.*?)<\/script>/s.exec(page)?.[1] ?? 'null');
  assert.equal(
    data.scenes.map(({ link }: { link: string }) => link),
    ['aligned', 'aligned', 'aligned'],
  );
  assert.is(new Set(data.scenes.map(({ scene }: { scene: { center: number[]; radius: number } }) => JSON.stringify([scene.center, scene.radius]))).size, 1);
  assert.is(page.match(/class="point point0"/g)?.length, 3);
  assert.is(page.match(/class="point point1"/g)?.length, 3);
});

test('labels the axes of every chart, with units, and tells the numbers as text', () => {
  const charts = [...page.matchAll(/<svg class="(chart|trial|space)"[\s\S]*?<\/svg>/g)];
  assert.ok(charts.length > 15);
  for (const [svg, kind] of charts) {
    assert.match(svg, /<title>[^<]{10,}<\/title>/);
    if (kind === 'space') continue;
    const labels = [...svg.matchAll(/class="label"[^>]*>([^<]*)</g)].map((match) => match[1] as string);
    assert.ok(labels.length >= 2, svg.slice(0, 200));
    if (!svg.includes('class="heat"')) for (const label of labels) assert.match(label, /\((dimensionless|step|s|number|name|%|rad|counts a step)\)$/);
  }
  assert.match(page, /0\.500 ± 0\.005/);
  assert.match(page, 'R² from reference');
});

test('says in sentences what the numbers say', () => {
  const [states, dynamics, points] = comparisonVerdicts(full) as [string, string, string];
  assert.match(
    states,
    /^Of 2 networks copy is most like the reference: a straight-line map from the states of base explains 100.% of the variance of those of copy/,
  );
  assert.match(
    dynamics,
    /^Nearest by their dynamics are base and copy, 0\.200 rad apart \(DSA, angular\); two sets of trials of one network are up to 0\.0600 rad apart\.$/,
  );
  assert.match(points, /^base has 2 fixed points, 1 of them stable; copy has/);
  const chance = comparisonVerdicts({ ...full, dsa: { ...(full.dsa as NonNullable<typeof full.dsa>), splitHalf: [0.3, 0.1, 0.1] } });
  assert.match(chance[1] as string, /no more than chance/);
});

test('shows hostile names as text and lets none of them become markup', () => {
  const attacked = renderComparison({
    ...full,
    analyses: full.analyses.map((each, i) => ({ ...each, name: `${hostile}${i}`, group: hostile })),
    environment: { ...environment, version: hostile, runtime: hostile, machine: hostile, command: hostile },
    trials: { ...full.trials, inputLabels: [hostile, hostile, hostile], targetLabels: [hostile, hostile] },
    decoding: { variables: [hostile, hostile], r2: full.decoding?.r2 ?? [] },
    notes: [hostile],
  });
  checkMarkup(attacked);
  assert.not.match(attacked, /<img|onerror="|<script>alert/);
  assert.match(attacked, /&lt;script&gt;alert/);
});

test('without common trials only dynamics and dimensions are shown', () => {
  const little = renderComparison(without(full));
  checkMarkup(little);
  for (const id of ['states', 'components', 'space', 'trials', 'likeness', 'decoding']) assert.not.match(little, `<section id="${id}">`);
  for (const id of ['dynamics', 'dimensions', 'numbers']) assert.match(little, `<section id="${id}">`);
});

test('writes tables, arrays and figures, comparison.json last', async () => {
  const storage = memoryStorage();
  const written = await writeComparison(storage, full, () => new Uint8Array([1]));
  assert.is(written.at(-1), 'comparison.json');
  for (const path of [
    'comparison.html',
    'tables/state_r2.csv',
    'tables/fixed_points.csv',
    'arrays/aligned_1.npy',
    'figures/states-all-pairs.svg',
    'figures/states-all-pairs.png',
  ])
    assert.ok(written.includes(path), path);
  assert.equal(JSON.parse(new TextDecoder().decode(await storage.read('comparison.json'))), full);
  const { shape, data } = readNpy(await storage.read('arrays/aligned_2.npy'), 'aligned_2.npy');
  assert.equal(shape, full.aligned[1]?.trajectories.shape);
  assert.equal(Array.from(data), full.aligned[1]?.trajectories.values);
});

test('tables name every pair and leave out what nobody knows', () => {
  const tables = comparisonTables(full);
  assert.match(tables.dsa as string, /^from,to,distance,spread\nbase,base,0,0\nbase,copy,0\.2,0\.002\n/);
  assert.match(tables.fixed_points as string, /^name,starts,converged,unique,stable,unstable_directions_0,unstable_directions_1\nbase,66,60,2,1,1,1\n/);
  assert.match(tables.against_reference as string, /\npart,[\d.]+,[\d.]+,[\d.]+,,\n/);
  const little = comparisonTables(without(full));
  assert.equal([little.dsa, little.decoding, little.state_r2_components], [undefined, undefined, undefined]);
  assert.match(little.state_r2 as string, /\nbase,copy,\n/);
  assert.equal(comparisonArrays(full).state_r2?.shape, [3, 3]);
});

test.run();
