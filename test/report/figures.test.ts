// Figures that any page is made of: numbers in them equal the data, every axis has a label with a unit, snapshots stay, files stand alone.
import { readFileSync, writeFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openPng } from '../../src/platform/png.js';
import { barFigure, histogramFigure } from '../../src/report/bar-figure.js';
import { curveFigure } from '../../src/report/curve-figure.js';
import { distributionFigure } from '../../src/report/distribution-figure.js';
import { drawSpectrum } from '../../src/report/draw-spectrum.js';
import { exportFigures, exportTables, pageFigures } from '../../src/report/export-figures.js';
import { squeeze } from '../../src/report/format.js';
import type { Markup } from '../../src/report/html.js';
import { matrixFigure } from '../../src/report/matrix-figure.js';
import { choiceText } from '../../src/report/point-choice.js';
import { renderReport } from '../../src/report/report.js';
import { logAxisTicks } from '../../src/report/scale.js';
import { scatterFigure } from '../../src/report/scatter-figure.js';
import { spectrumFigure } from '../../src/report/spectrum-figure.js';
import { standaloneSvg } from '../../src/report/standalone-svg.js';
import { memoryStorage } from '../../src/runs/memory-storage.js';
import { checkMarkup } from './markup.js';
import { syntheticSummary } from './synthetic.js';
import { withDynamics } from './synthetic-dynamics.js';
import { syntheticReach } from './synthetic-reach.js';

const texts = (figure: Markup, name: string) =>
  [...figure.text.matchAll(new RegExp(`<text class="[^"]*\\b${name}\\b[^"]*"[^>]*>([^<]*)`, 'g'))].map((match) => match[1] as string);
const titles = (figure: Markup) => [...figure.text.matchAll(/<title>([^<]*)/g)].map((match) => match[1] as string).slice(1);

const names = ['GRU-128, seed 0', 'NODE-3'];
const figures: Record<string, Markup> = {
  matrix: matrixFigure({
    describes: 'Scores between two networks',
    rows: names,
    columns: names,
    values: [
      [1, 0.662],
      [-0.05, null],
    ],
    rowLabel: 'from',
    columnLabel: 'to',
    valueLabel: 'R² (dimensionless)',
    low: 0,
    high: 1,
  }),
  bars: barFigure({
    describes: 'Scores of three variables',
    groups: ['bit 1', 'bit 2', 'bit 3'],
    series: [
      { name: 'validation', values: [0.9, 0.5, null], spread: [0.02, 0.1, null] },
      { name: 'in sample', values: [0.95, -0.2, 0.4] },
    ],
    xLabel: 'variable (number)',
    yLabel: 'R² (dimensionless)',
  }),
  histogram: histogramFigure({
    describes: 'Speeds of twelve starts',
    edges: [-30, -20, -10, 0],
    counts: [7, 0, 5],
    xLabel: 'log₁₀ q (dimensionless)',
    yLabel: 'starts (number)',
    threshold: { at: -20, name: 'threshold' },
  }),
  scatter: scatterFigure(
    [
      { name: 'a', xs: [1, 10, -1], ys: [2, 20, 5] },
      { name: 'b', xs: [3, 300], ys: [4, 100] },
    ],
    { describes: 'Two series of points', xLabel: 'Q (s⁻²)', yLabel: 'Q (s⁻²)', logarithmic: true, diagonal: true },
  ),
  spectrum: spectrumFigure(
    [
      [1.2, 0],
      [0.5, 0.5],
      [0.5, -0.5],
    ],
    'Three eigenvalues and the unit circle',
  ),
  distribution: distributionFigure(
    [
      { name: 'latents', quantiles: [1, 2, 4] },
      { name: 'outputs', quantiles: [2, 8, 9] },
    ],
    { describes: 'Tangling of two layers', xLabel: 'Q (s⁻²)', logarithmic: true },
  ),
  curves: curveFigure(
    [
      { xs: [0, 1, 2, 3], ys: [1e-2, 1e-9, null, 1e-22], kind: 'series0', name: 'first' },
      { xs: [0, 3], ys: [1, 1e-3], kind: 'series1', name: 'second' },
    ],
    { describes: 'Speeds that fall', xLabel: 'iteration (number)', yLabel: 'q (dimensionless)', logarithmic: true, decades: 30, hover: true, whole: true },
  ),
};

test('every figure says what it shows and labels its axes with units', () => {
  for (const [name, figure] of Object.entries(figures)) {
    checkMarkup(`<!doctype html>${figure.text}`);
    assert.match(figure.text, /^<svg class="chart" viewBox="0 0 [\d.]+ [\d.]+" role="img"><title>[^<]{10,}<\/title>/, name);
    const labels = texts(figure, 'label');
    if (name === 'matrix') assert.equal(labels, ['from', 'to', 'R² (dimensionless)']);
    else for (const label of labels) assert.match(label, /\([^)]+\)$/);
    assert.ok(labels.length >= 2, name);
    assert.not.match(figure.text, /NaN|Infinity|undefined/);
  }
});

test('the numbers in a figure are those of its data', () => {
  assert.equal(texts(figures.matrix as Markup, 'number'), ['1.00', '0.66', '−0.05', '–']);
  assert.equal(texts(figures.bars as Markup, 'bar-value'), ['0.90', '0.95', '0.50', '−0.20', '0.40']);
  assert.ok(titles(figures.bars as Markup).includes('validation, bit 1: 0.9000 ± 0.020'));
  assert.equal(titles(figures.histogram as Markup), ['−30.0 to −20.0: 7', '−10.0 to 0: 5']);
  assert.is(titles(figures.scatter as Markup).length, 4, 'a point that a logarithmic axis cannot show is left out');
  assert.equal(titles(figures.curves as Markup), [
    'first: 0, 0.0100',
    'first: 1.00, 1.00e−9',
    'first: 3.00, 1.00e−22',
    'second: 0, 1.00',
    'second: 3.00, 0.00100',
  ]);
  assert.equal(titles(figures.spectrum as Markup).sort(), [
    'λ = 0.5000 + 0.5000i, |λ| = 0.7071',
    'λ = 0.5000 − 0.5000i, |λ| = 0.7071',
    'λ = 1.2000, |λ| = 1.2000',
  ]);
});

test('colours of a heat map follow the value, and what has no number has no colour', () => {
  const classes = [...(figures.matrix as Markup).text.matchAll(/<rect class="(\w+)"[^>]*rx="3"/g)].map((match) => match[1]);
  assert.equal(classes, ['h10', 'h7', 'h0', 'none']);
});

test('figures without data are empty axes', () => {
  for (const figure of [
    curveFigure([], { describes: 'Nothing to be seen', xLabel: 'x (m)', yLabel: 'y (m)', xLogarithmic: true, logarithmic: true }),
    scatterFigure([], { describes: 'Nothing to be seen', xLabel: 'x (m)', yLabel: 'y (m)' }),
    histogramFigure({ describes: 'Nothing to be seen', edges: [], counts: [], xLabel: 'x (m)', yLabel: 'y (m)' }),
    barFigure({ describes: 'Nothing to be seen', groups: [], series: [], xLabel: 'x (m)', yLabel: 'y (m)' }),
    matrixFigure({ describes: 'Nothing to be seen', rows: ['a'], columns: ['b'], values: [[null]], rowLabel: 'from', columnLabel: 'to', valueLabel: 'R²' }),
    spectrumFigure([], 'Nothing to be seen'),
  ])
    assert.not.match(figure.text, /NaN|Infinity|undefined/);
});

test('axes over many decades have few ticks', () => {
  assert.ok(logAxisTicks(1e-30, 1).length <= 8);
  assert.equal(logAxisTicks(1, 1000), [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]);
});

test('long names keep their beginning and their end', () => {
  assert.is(squeeze('NODE-3', 15), 'NODE-3');
  assert.is(squeeze('GRU-128-with-a-name, seed 12', 15), 'GRU-128-…eed 12');
});

test('a threshold shows more points the higher it is, and says which are hidden', () => {
  const points = [
    { kind: 0, speed: 1e-25, far: false },
    { kind: 0, speed: 1e-22, far: true },
    { kind: 1, speed: 1e-20, far: false },
    { kind: 2, speed: 1e-6, far: false },
  ];
  let before = -1;
  for (let power = -30; power <= 0; power += 0.25) {
    const shown = Number(/^\d+/.exec(choiceText(points, { threshold: 10 ** power, far: true }))?.[0]);
    assert.is(shown, points.filter(({ speed }) => speed < 10 ** power).length);
    assert.ok(shown >= before);
    before = shown;
  }
  assert.is(
    choiceText(points, { threshold: 1e-20, far: false }),
    '1 of 4 points near the data have q < 10⁻²⁰: 1 stable. 1 more lies far from the data and is not drawn.',
  );
  assert.is(choiceText(points, { threshold: 1e-5, far: true }), '4 of 4 points have q < 10⁻⁵: 2 stable, 1 with one unstable direction, 1 with two.');
  assert.is(choiceText(points, { threshold: 10 ** -29.25, far: true }), '0 of 4 points have q < 10⁻²⁹·²⁵.');
});

test("the page's copies of these functions need nothing around them", () => {
  const bare = runInNewContext(`({ text: ${choiceText.toString()}, spectrum: ${drawSpectrum.toString()} })`, {});
  const points = [{ kind: 1, speed: 1e-9, far: false }];
  const choice = { threshold: 1e-5, far: false };
  assert.is(bare.text(points, choice), choiceText(points, choice));
  const eigenvalues = [[0.9, -0.1]] as const;
  assert.is(bare.spectrum(eigenvalues, 10, 20, 30), drawSpectrum(eigenvalues, 10, 20, 30));
});

test('figures match their snapshots (UPDATE_SNAPSHOTS=1 writes them anew)', () => {
  for (const [name, { text }] of Object.entries(figures)) {
    const file = new URL(`snapshots/${name}.svg`, import.meta.url);
    if (process.env.UPDATE_SNAPSHOTS === '1') writeFileSync(file, `${text}\n`);
    assert.is(`${text}\n`, readFileSync(file, 'utf8'), `${name}.svg`);
  }
});

/** What no file of its own may hold: variables of a page, addresses, scripts. */
const foreign = /var\(|color-mix|url\(|href|<script|@import|data-|--[a-z]|https?:(?!\/\/www\.w3\.org\/2000\/svg")/;

test('every figure of a page becomes a file that stands alone', () => {
  for (const summary of [withDynamics(syntheticSummary({ trials: 2, steps: 20, epochs: 3 })), syntheticReach({ trials: 3, steps: 60, epochs: 3 })]) {
    const page = renderReport(summary);
    const files = pageFigures(page);
    assert.is(files.length, page.match(/<svg [^>]*role="img"/g)?.length);
    assert.is(new Set(files.map(({ name }) => name)).size, files.length);
    for (const { name, svg } of files) {
      assert.match(name, /^[a-z0-9]+(-[a-z0-9]+)*$/);
      checkMarkup(`<!doctype html>${svg}`);
      assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" class="[^"]+" width="\d+" height="[\d.]+" viewBox="-8 -8 [^"]+" role="img"><style>/);
      assert.not.match(svg, foreign, name);
    }
  }
});

test('muscles keep the colours of their activation in a file of their own', () => {
  const svg = standaloneSvg(
    '<svg class="chart" viewBox="0 0 10 10"><g class="body"><path class="muscle" style="--a:100%" d="M0,0"/><path class="muscle" d="M0,0"/></g></svg>',
  );
  assert.match(svg, /style="stroke:#c43c00"/);
  assert.match(svg, /style="stroke:#b9b2a6"/);
  assert.throws(() => standaloneSvg('<p>'), /viewBox/);
});

test('figures and tables are written as SVG, PNG and CSV', async () => {
  const storage = memoryStorage();
  const png = await openPng();
  if (typeof png === 'string') throw new Error(png);
  const files = await exportFigures(storage, [{ name: 'bars', svg: standaloneSvg((figures.bars as Markup).text) }], png);
  assert.equal(files, ['figures/bars.svg', 'figures/bars.png']);
  const picture = await storage.read('figures/bars.png');
  assert.equal([...picture.subarray(0, 8)], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  // width, from the header: 2.5 pixels for each of the figure's 476
  assert.is(new DataView(picture.buffer, picture.byteOffset).getUint32(16), 1190);
  assert.equal(await exportFigures(storage, [{ name: 'other', svg: '<svg/>' }], null), ['figures/other.svg']);
  assert.equal(await exportTables(storage, { loss: 'a,b\n' }), ['tables/loss.csv']);
});

test.run();
