// The page on cyclic movement: what it says equals what was measured, its views turn together, and it is a page like the others.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pageFigures } from '../../src/report/export-figures.js';
import { renderGeometry } from '../../src/report/geometry-page.js';
import { geometryView } from '../../src/report/geometry-view.js';
import { orbitFigure, orderedLevel } from '../../src/report/orbit-figure.js';
import type { PageData } from '../../src/report/page-script.js';
import { checkMarkup } from './markup.js';
import { syntheticCycles } from './synthetic-cycles.js';

const speeds = [1, 0.4, 0.8, 0.6];
const options = { speeds, unit: 'cycles/s', dt: 0.025 };
const view = await geometryView(
  { latents: syntheticCycles(speeds, 16), muscles: syntheticCycles(speeds, 6, 1.5), hand: syntheticCycles(speeds, 2, 1) },
  options,
);

test('conditions come by rising speed, with projections that rise on a straight line', () => {
  assert.equal(view.speeds, [0.4, 0.6, 0.8, 1]);
  for (const { orbits } of view.layers.slice(0, 2)) {
    assert.ok((orbits?.r2 as number) > 0.999);
    const projections = orbits?.projections ?? [];
    projections.forEach((value, c) => {
      const along = orbits?.conditions[c]?.points.map((point) => point[2]) ?? [];
      assert.ok(Math.abs(along.reduce((sum, each) => sum + each, 0) / along.length - value) < 1e-9);
      if (c > 0) assert.ok(value > (projections[c - 1] as number));
    });
  }
  assert.is(view.layers[2]?.orbits, null, 'two units have no axis outside their plane');
  assert.ok((view.layers[0]?.tangling.p90 as number) < (view.layers[1]?.tangling.p90 as number));
});

test('the page says the percentiles and the R², has linked views of each layer, and its figures stand alone', () => {
  const page = renderGeometry(view, 'Cycles <at> four speeds');
  checkMarkup(page);
  assert.match(page, /<h1>Cycles &lt;at&gt; four speeds<\/h1>/);
  for (const { name, tangling } of view.layers) assert.ok(page.includes(`${Number(tangling.p90.toPrecision(3))} s⁻² for ${name}`), name);
  assert.match(page, /R² of a straight line from speed to mean activity on the speed axis: 1\.00 for latents and 1\.00 for muscles\./);
  const data: PageData = JSON.parse(/id="report-data">([^<]*)</.exec(page)?.[1] as string);
  assert.equal(
    data.scenes.map(({ link }) => link),
    ['layer 0', 'layer 0', 'layer 1', 'layer 1'],
  );
  const names = pageFigures(page).map(({ name }) => name);
  assert.is(names.length, 2 + 2 * 4);
  assert.ok(names.includes('layer-1-along-the-speed-axis-by-speed'));
  for (const [svg] of page.matchAll(/<svg class="chart"[\s\S]*?<\/svg>/g))
    for (const [, label] of svg.matchAll(/class="label"[^>]*>([^<]*)</g)) assert.match(label as string, /\([^)]+\)$/);
});

test('speeds that are missing or equal are named', async () => {
  for (const wrong of [
    [1, 2],
    [1, 1, 2, 3],
  ]) {
    try {
      await geometryView({ latents: syntheticCycles(speeds, 4) }, { ...options, speeds: wrong });
      assert.unreachable();
    } catch (error) {
      assert.match((error as Error).message, /^geometryView: expected two or more speeds, all different, one for each condition of latents, got \d for 4$/);
    }
  }
});

test('colours of paths follow the value between the limits', () => {
  assert.equal(
    [0, 1, 5, 9, 10, 99].map((value) => orderedLevel(value, 1, 9)),
    [0, 0, 4, 7, 7, 7],
  );
  const { text } = orbitFigure(
    [
      {
        name: 'a',
        points: [
          [0, 0],
          [1, 0],
          [1, 1],
        ],
        values: [0, 0, 1],
      },
    ],
    {
      ...{ describes: 'A triangle in two colours', xLabel: 'x (m)', yLabel: 'y (m)', valueLabel: 'speed (m/s)', low: 0, high: 1 },
      closed: true,
    },
  );
  assert.equal(
    [...text.matchAll(/<path class="ordered(\d)" d="M[^"]*"/g)].map((match) => match[1]),
    ['0', '7'],
  );
  assert.not.match(text, /NaN/);
});

test.run();
