// The report's sections on dynamics: numbers as text equal to the data, sentences honest when a network is not as hoped, safe, and absent without data.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { FixedPointSummary, PointSummary } from '../../src/analysis/dynamics-data.js';
import type { ExperimentSummary, RunSummary } from '../../src/analysis/summary-data.js';
import { summaryTables } from '../../src/report/downloads.js';
import { drawScene } from '../../src/report/draw-scene.js';
import type { PageData } from '../../src/report/page-script.js';
import { findingSentences, firstThreshold, searchSentence } from '../../src/report/point-sentences.js';
import { pointSpace } from '../../src/report/point-space.js';
import { renderReport } from '../../src/report/report.js';
import { checkMarkup } from './markup.js';
import { syntheticSummary } from './synthetic.js';
import { syntheticFixedPoints, withDynamics } from './synthetic-dynamics.js';

const small = { trials: 2, steps: 20, epochs: 3 };
const summary = withDynamics(syntheticSummary(small));
const page = renderReport(summary);
const section = (id: string, text = page) => new RegExp(`<section id="${id}">[\\s\\S]*?</section>`).exec(text)?.[0] ?? '';
const dataOf = (text: string): PageData => JSON.parse(/id="report-data">([^<]*)</.exec(text)?.[1] as string);

/** The summary with other fixed points in its first network. */
function withPoints(change: (found: FixedPointSummary) => FixedPointSummary): ExperimentSummary {
  return {
    ...summary,
    runs: summary.runs.map((run, i) => {
      const found = run.dynamics?.fixedPoints;
      return i > 0 || !run.dynamics || !found ? run : { ...run, dynamics: { ...run.dynamics, fixedPoints: change(found) } };
    }),
  };
}

test('without an analysis of the dynamics the page says how to get one, and shows no empty section', () => {
  const plain = renderReport(syntheticSummary(small));
  assert.match(plain, /<code>motorloop analyse DIR<\/code>/);
  for (const id of ['fixed-points', 'tangling', 'decoding', 'dsa-scan']) assert.is(section(id, plain), '');
  assert.not.match(page, /<code>motorloop analyse DIR<\/code>/);
});

test('the page with dynamics is well formed, and counts of points stand in it as text', () => {
  checkMarkup(page);
  const text = section('fixed-points').replace(/<[^>]+>/g, ' ');
  assert.match(
    text,
    /8 stable points, one at every corner \(read-outs off by at most 0\.\d+\); 12 saddles with one unstable direction, 2 with two, 1 with four\./,
  );
  assert.match(text, /1 point of these lies far from the data \(1 with 4 unstable directions\)/);
  assert.match(text, /22 of 24 points near the data have q &lt; 10⁻²⁰: 8 stable, 12 with one unstable direction, 2 with two\. 1 more lies far/);
  assert.match(
    text,
    /no input: 938 of 1052 starts, 28 of them midpoints between stable points came to rest \(q &lt; 1e−20\), 114 stopped above that at 1 distinct slow point\./,
  );
  assert.match(text, /23 fixed points of GRU-128/);
  assert.match(text, /1 slow point of GRU-128/);
});

test('every chart of the sections has a title and labels with units', () => {
  for (const id of ['fixed-points', 'tangling', 'decoding'])
    for (const [svg] of section(id).matchAll(/<svg class="chart"[\s\S]*?<\/svg>/g)) {
      assert.match(svg, /<title>[^<]{10,}<\/title>/);
      const labels = [...svg.matchAll(/class="label"[^>]*>([^<]*)</g)].map((match) => match[1] as string);
      assert.is(labels.length, 2);
      for (const label of labels) assert.match(label, /\((dimensionless|step|step⁻²|%|number|name)\)$/);
    }
});

test('controls have names, and the first view without scripts shows what the threshold says', () => {
  const text = section('fixed-points');
  for (const control of ['threshold-0', 'far-0', 'point-0']) assert.match(text, new RegExp(`id="${control}"`));
  assert.match(text, /<label for="threshold-0">/);
  assert.match(text, /<label for="point-0">/);
  assert.match(text, /<input type="range" id="threshold-0" min="-30" max="0" step="0.25" value="-20"/);
  const view = /<svg class="space"[\s\S]*?<\/svg>/.exec(text)?.[0] ?? '';
  assert.is(view.match(/class="point point0[ "]/g)?.length, 8);
  assert.is(view.match(/class="point point1[ "]/g)?.length, 12);
  assert.is(view.match(/class="point point2[ "]/g)?.length, 2);
  assert.is(view.match(/class="point point3[ "]/g), null);
  for (const corner of ['000', '011', '111']) assert.match(view, new RegExp(`>${corner}</text>`));
});

test('what the page carries agrees with what it shows: one spectrum and one sentence a point', () => {
  const { explorers, scenes } = dataOf(page);
  assert.is(explorers.length, 1);
  const [explorer] = explorers as [PageData['explorers'][number]];
  const points = scenes[explorer.view]?.scene.points ?? [];
  assert.is(points.length, 24);
  assert.is(explorer.spectra.length, 24);
  assert.is(explorer.facts.length, 24);
  points.forEach((point, i) => {
    const unstable = (explorer.spectra[i] ?? []).filter(([re, im]) => Math.hypot(re, im) > 1).length;
    assert.is(Math.min(3, unstable), point.kind);
    assert.match(explorer.facts[i] as string, new RegExp(`^Point ${i + 1}: ${point.kind === 0 ? 'stable' : ''}`));
  });
  // stable ones first, and of these by corner
  assert.equal(
    points.slice(0, 8).map(({ text }) => text),
    ['000', '001', '010', '011', '100', '101', '110', '111'],
  );
});

test('a higher threshold draws more points, far ones only when they are asked for', () => {
  const found = syntheticFixedPoints();
  const { scene } = pointSpace({ title: '', axes: ['PC 1', 'PC 2', 'PC 3'], trajectories: null, points: found.points });
  const drawn = (threshold: number, far: boolean) =>
    (drawScene(scene, [], null, -1, 0.3, 0.2, { threshold, far, picked: -1 }).match(/data-point/g) ?? []).length;
  const counts = [-30, -25, -24, -23, -20, -6, 0].map((power) => drawn(10 ** power, true));
  assert.equal(
    counts,
    [...counts].sort((a, b) => a - b),
  );
  assert.equal([drawn(1e-20, true), drawn(1e-20, false), drawn(1, true)], [23, 22, 24]);
});

test('sentences say so when stable points are missing, doubled, alone or none', () => {
  const found = syntheticFixedPoints();
  const stable = (points: readonly PointSummary[]) => points.filter(({ unstable }) => unstable === 0);
  const keep = (wanted: (point: PointSummary) => boolean): FixedPointSummary => {
    const points = found.points.filter((point) => point.speed < 1e-20 && wanted(point));
    const byIndex = [0, 1, 2, 3, 4].map((index) => points.filter(({ unstable }) => unstable === index).length);
    return { ...found, points, counts: { ...found.counts, unique: points.length, stable: stable(points).length, byIndex } };
  };
  const missing = keep(({ corner, unstable, far }) => !far && unstable < 2 && (unstable > 0 || (corner !== '010' && corner !== '111')));
  assert.match(
    findingSentences(missing)[0] as string,
    /^6 stable points at 6 of 8 corners \(none at 010 and 111; read-outs off by at most [\d.]+\); 12 saddles/,
  );
  const doubled = { ...missing, points: [...missing.points, ...stable(missing.points).slice(0, 1)], counts: { ...missing.counts, stable: 7 } };
  assert.match(findingSentences(doubled)[0] as string, /^7 stable points at 6 of 8 corners \(2 at \d{3}; none at 010 and 111/);
  const alone = keep(({ corner, unstable }) => unstable === 0 && corner === '101');
  assert.equal(findingSentences(alone).length, 2);
  assert.match(findingSentences(alone)[0] as string, /^1 stable point at 1 of 8 corners .*; no saddles\.$/);
  const none = { ...found, counts: { ...found.counts, unique: 0, stable: 0, byIndex: [] }, points: found.points.slice(-1) };
  assert.equal(findingSentences(none), [
    'No fixed point: none of 1052 starts came to rest below the tolerance. 1 distinct end stayed above it: slow points at best.',
  ]);
  for (const change of [missing, doubled, alone, none]) checkMarkup(renderReport(withPoints(() => change)));
});

test('thresholds begin where the search draws its line, for gradient descent at 1e-5', () => {
  const found = syntheticFixedPoints();
  assert.is(firstThreshold(found), 1e-20);
  assert.is(firstThreshold({ ...found, method: 'ctdb' }), 1e-5);
  assert.is(firstThreshold({ ...found, method: 'golub-sussillo', settings: { tolerance: 1e-12 } }), 1e-5);
  const senses = Array.from({ length: 17 }, (_, i) => i / 10).join(', ');
  assert.match(
    searchSentence({ ...found, input: `mean input of the validation trials: ${senses}` }),
    /input: mean input of the validation trials \(17 channels\): /,
  );
  assert.match(searchSentence({ ...found, input: 'held: 0.1, -2e-7, 0' }), /input: held: 0\.1, -2e-7, 0: /);
});

test('a page without any point has no spectrum and no list, and one with a thousand stays small', () => {
  const empty = withPoints((found) => ({ ...found, points: [], counts: { ...found.counts, unique: 0, uniqueSlow: 0, stable: 0, byIndex: [] } }));
  const text = renderReport(empty);
  checkMarkup(text);
  assert.not.match(section('fixed-points', text), /id="point-0"|<details/);
  const many = withPoints((found) => ({
    ...found,
    points: Array.from({ length: 1000 }, (_, i) => ({ ...(found.points[i % 24] as PointSummary), speed: 10 ** (-25 + i / 50) })),
  }));
  const large = renderReport(many);
  assert.is(dataOf(large).explorers[0]?.facts.length, 200);
  assert.ok(large.length - page.length < 5e5);
});

test('tangling and decoding stand as numbers beside their figures', () => {
  const { tangling, decoding } = (summary.runs[0] as RunSummary).dynamics as NonNullable<RunSummary['dynamics']>;
  const text = section('tangling').replace(/<[^>]+>/g, ' ');
  for (const { layer, p90 } of tangling ?? []) assert.ok(text.includes(`${Number(p90.toPrecision(3))} for ${layer}`), layer);
  assert.match(text, /least tangled: latents/);
  assert.match(section('tangling'), /above the diagonal: \d+\u202f%/);
  for (const { variable } of decoding ?? []) assert.ok(section('decoding').includes(`GRU-128: ${variable}`));
  assert.match(section('decoding').replace(/<[^>]+>/g, ' '), /explains 94\u202f% of the variance of bit 1, 91\u202f% of the variance of bit 2/);
  assert.match(section('runs'), /NODE-3: no fixed points: the network has no constant input/);
});

test('the scan for DSA has a heat map for every measure, and says which choice it would be', () => {
  const text = section('dsa-scan').replace(/<[^>]+>/g, ' ');
  assert.is([...section('dsa-scan').matchAll(/<svg /g)].length, 6);
  assert.match(text, /GRU-128, 2 validation trials a half: .* halves are closest with 10 delays and rank 50 \(0\.033 rad, MASE 0\.13\)/);
  assert.match(section('dsa-scan'), /delays \(steps\) 1, rank \(dimensions\) 10: no number/);
});

test('tables hold every point, every layer and every variable', () => {
  const tables = summaryTables(summary);
  const rows = (name: string) => (tables[name] as string).trim().split('\n');
  assert.is(rows('fixed_points').length, 1 + 24);
  assert.match(rows('fixed_points')[0] as string, /^model,seed,point,speed,unstable_directions,nearest_corner,.*readout_1,readout_2,readout_3$/);
  assert.is(rows('fixed_point_counts')[1], 'GRU-128,0,levenberg-marquardt,1052,28,938,114,0,23,1,8,8,12,2,0,1,4.2');
  assert.is(rows('tangling').length, 3);
  assert.is(rows('decoding').length, 4);
  assert.is(rows('dsa_scan').length, 1 + 2 * 3);
  assert.equal(
    Object.keys(summaryTables(syntheticSummary(small))).filter((name) => /fixed|tangling|decoding|dsa/.test(name)),
    [],
  );
});

test('hostile names in points and notes stay text', () => {
  const hostile = `</script><img src=x onerror="alert('1')">`;
  const evil = withPoints((found) => ({ ...found, method: hostile, input: hostile, points: found.points.map((point) => ({ ...point, corner: hostile })) }));
  const text = renderReport({
    ...evil,
    runs: evil.runs.map((run) => ({ ...run, model: hostile, dynamics: run.dynamics && { ...run.dynamics, notes: [hostile] } })),
  });
  checkMarkup(text);
  assert.not.match(text, /<img/);
});

test.run();
