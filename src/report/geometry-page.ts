// The page on the geometry of cyclic movement: cycles of each layer coloured by speed and by tangling, in the plane and in views that turn, and how
// mean activity goes with speed.
import type { FigureArray } from '../analysis/summary-data.js';
import { VERSION } from '../version.js';
import { curveFigure } from './curve-figure.js';
import { distributionFigure } from './distribution-figure.js';
import type { Scene } from './draw-scene.js';
import { seriesKinds } from './figure-style.js';
import { formatList, formatNumber, formatPlural } from './format.js';
import type { GeometryView, LayerView } from './geometry-view.js';
import { html, type Markup } from './html.js';
import { orbitFigure, orderedLevel } from './orbit-figure.js';
import { packArray } from './pack.js';
import { emptyPageData, renderPage } from './page.js';
import type { ModelArrays, SceneEntry } from './page-script.js';
import { panel, type Section } from './section.js';
import { pointScene, spaceFigure } from './space-figure.js';

type Orbits = NonNullable<LayerView['orbits']>;

/** The page as text of an HTML file; `title` is its heading. The same view gives the same text. */
export function renderGeometry(view: GeometryView, title: string): string {
  const models: ModelArrays[] = [];
  const scenes: SceneEntry[] = [];
  const seen = view.layers.flatMap((layer) => (layer.orbits ? [{ layer, orbits: layer.orbits }] : []));
  const high = seen.flatMap(({ orbits }) => orbits.conditions.flatMap(({ tangling }) => tangling.map(logOf))).sort((a, b) => a - b);
  // shared by all layers; a few outliers may take the end's colour
  const limits = [high[0] ?? 0, high[Math.floor(0.98 * (high.length - 1))] ?? 1] as const;
  const header = html`<header><p class="eyebrow">motorloop geometry</p><h1>${title}</h1>${leads(view).map((sentence) => html`<p class="lead">${sentence}</p>`)}</header>`;
  const parts = [
    tanglingPart(view),
    ...seen.map(({ layer, orbits }, i) => layerPart(view, layer, orbits, i, limits, models, scenes)),
    ...(seen.length > 0 ? [speedPart(view)] : []),
  ];
  return renderPage({ title: `${title} · motorloop geometry`, version: VERSION, header, parts, data: { ...emptyPageData, models, scenes } });
}

function leads({ layers, speeds, unit }: GeometryView): string[] {
  const sorted = [...layers].sort((a, b) => a.tangling.p90 - b.tangling.p90);
  const order = `90th percentile of tangling over ${formatPlural(speeds.length, 'speed')} (${formatNumber(speeds[0], 2)} to ${formatNumber(speeds.at(-1), 2)} ${unit}): ${formatList(sorted.map(({ name, tangling }) => `${formatNumber(tangling.p90)} s⁻² for ${name}`))}.`;
  const lines = layers.flatMap(({ name, orbits }) => (orbits && orbits.r2 !== null ? [`${formatNumber(orbits.r2)} for ${name}`] : []));
  return [order, ...(lines.length > 0 ? [`R² of a straight line from speed to mean activity on the speed axis: ${formatList(lines)}.`] : [])];
}

function tanglingPart({ layers, epsilon }: GeometryView): Section {
  const figure = distributionFigure(
    layers.map(({ name, tangling: { quantiles } }) => ({ name, quantiles: Array.from(quantiles) })),
    {
      describes: 'Share of samples below each value of tangling, by layer',
      xLabel: 'tangling Q (s⁻²)',
      logarithmic: layers.every(({ tangling }) => (tangling.quantiles[1] ?? 0) > 0),
    },
  );
  const rows = layers.map(
    ({ name, units, tangling: { mean, median, p90, p95, max } }) =>
      html`<tr><th scope="row">${name}</th><td data-label="Units">${units}</td>${[mean, median, p90, p95, max].map((value, i) => html`<td data-label="${columns[i] as string}">${formatNumber(value)}</td>`)}</tr>`,
  );
  const body = html`<h2>How tangled each layer is</h2><figure><div class="figures">${panel('All layers', null, figure)}</div>
<figcaption><b>Share of samples whose tangling is below a value</b>, all conditions pooled; ε as in ${epsilon === 'rush' ? 'Rush et al. 2023' : 'Russo et al. 2018'}.</figcaption></figure>
<table class="runs"><thead><tr><th scope="col">Layer</th><th scope="col">Units</th>${columns.map((name) => html`<th scope="col">${name} (s⁻²)</th>`)}</tr></thead><tbody>${rows}</tbody></table>`;
  return { id: 'tangling', short: 'Tangling', body };
}

const columns = ['Mean', 'Median', '90th percentile', '95th percentile', 'Largest'];

/** Tangling spans decades; a sample that stands still, by its smallest positive number. */
const logOf = (value: number) => Math.log10(Math.max(value, Number.MIN_VALUE));

/** One layer in the plane and in space, by speed and by tangling. */
function layerPart(
  { speeds, unit, periodic }: GeometryView,
  { name }: LayerView,
  { conditions }: Orbits,
  index: number,
  [low, high]: readonly [number, number],
  models: ModelArrays[],
  scenes: SceneEntry[],
): Section {
  const [slow, fast] = [speeds[0] as number, speeds.at(-1) as number];
  const label = (speed: number) => `${formatNumber(speed, 2)} ${unit}`;
  const plane = { xLabel: 'PC 1 (dimensionless)', yLabel: 'PC 2 (dimensionless)', closed: periodic };
  const bySpeed = conditions.map(({ points }, c) => ({ name: label(speeds[c] as number), points, values: points.map(() => speeds[c] as number) }));
  const byTangling = conditions.map(({ points, tangling }, c) => ({ name: label(speeds[c] as number), points, values: tangling.map(logOf) }));
  const { values, levels } = resampled(conditions, periodic, (c) => orderedLevel(speeds[c] as number, slow, fast));
  const tangled = resampled(conditions, periodic, (c, i) => orderedLevel(logOf(conditions[c]?.tangling[i] as number), low, high)).levels;
  models.push({ orbits: packArray(values) });
  const axes = ['PC 1', 'PC 2', 'speed axis'];
  const scene: Scene = { ...pointScene(values), axisNames: axes, coloured: true, pitch: 0.35 };
  const marks = conditions.map(({ points: [first] }, c) => ({
    at: first as readonly [number, number, number],
    text: formatNumber(speeds[c], 2),
    state: 10 + orderedLevel(speeds[c] as number, slow, fast),
  }));
  const turning = (states: FigureArray, marked: boolean, says: string): Markup => {
    const drawn = { ...scene, marks: marked ? marks : [] };
    scenes.push({ scene: drawn, model: index, array: 'orbits', states: packArray(states), link: `layer ${index}` });
    return spaceFigure(drawn, values, states, scenes.length - 1, says, -1);
  };
  const figures = [
    panel(
      'In the plane, by speed',
      null,
      orbitFigure(bySpeed, {
        ...plane,
        describes: `Cycles of ${name} on its first two principal components, coloured by speed`,
        valueLabel: `speed (${unit})`,
        low: slow,
        high: fast,
      }),
    ),
    panel(
      'In the plane, by tangling',
      null,
      orbitFigure(byTangling, {
        ...plane,
        describes: `Cycles of ${name} on its first two principal components, coloured by tangling`,
        valueLabel: 'log₁₀ of tangling (s⁻²)',
        low,
        high,
      }),
    ),
    panel(
      'Along the speed axis, by speed',
      null,
      turning(levels, true, `Cycles of ${name} on its first two principal components and its speed axis, coloured by speed`),
    ),
    panel(
      'Along the speed axis, by tangling',
      null,
      turning(tangled, false, `Cycles of ${name} on its first two principal components and its speed axis, coloured by tangling`),
    ),
  ];
  const body = html`<h2>Cycles of ${name}</h2><figure><div class="figures pairs">${figures}</div>
<figcaption><b>One line a speed${periodic ? ', one average cycle each' : ''}.</b> The speed axis is the direction at right angles to the plane in which mean activity differs most between speeds. Colours of tangling have one scale for all layers. <span class="hint">Drag a view to turn it, and its neighbour with it; with the keyboard, focus it and use the arrow keys (Home: back). </span></figcaption></figure>`;
  return { id: `layer-${index + 1}`, short: name, body };
}

/** Samples a line is drawn with. */
const drawnSamples = 120;

/** All lines with as many samples, linear in between; colours (11 to 17 and up, see figure-style.ts) by what `level` says. */
function resampled(
  conditions: Orbits['conditions'],
  periodic: boolean,
  level: (condition: number, sample: number) => number,
): { values: FigureArray; levels: FigureArray } {
  const values: number[] = [];
  const levels: number[] = [];
  for (const [c, { points }] of conditions.entries())
    for (let s = 0; s < drawnSamples; s++) {
      const place = (s / (drawnSamples - 1)) * (periodic ? points.length : points.length - 1);
      const i = Math.floor(place);
      const [a, b] = [points[i % points.length], points[(i + 1) % points.length]] as [
        Orbits['conditions'][number]['points'][number],
        Orbits['conditions'][number]['points'][number],
      ];
      for (let k = 0; k < 3; k++) values.push((a[k] as number) + (place - i) * ((b[k] as number) - (a[k] as number)));
      levels.push(10 + level(c, i % points.length));
    }
  return { values: { shape: [conditions.length, drawnSamples, 3], values }, levels: { shape: [conditions.length, drawnSamples], values: levels } };
}

/** Mean projection on the speed axis against speed. */
function speedPart({ layers, speeds, unit }: GeometryView): Section {
  const known = layers.flatMap(({ name, orbits }) => (orbits ? [{ name, orbits }] : []));
  const figure = curveFigure(
    known.map(({ name, orbits }, i) => ({ xs: speeds, ys: orbits.projections, kind: `series${i % seriesKinds}`, name })),
    {
      describes: 'Mean projection on the speed axis against speed, by layer',
      xLabel: `speed (${unit})`,
      yLabel: 'mean projection (dimensionless)',
      hover: true,
    },
  );
  const rows = known.map(
    ({ name, orbits }) =>
      html`<tr><th scope="row">${name}</th>${orbits.projections.map((value, c) => html`<td data-label="${formatNumber(speeds[c], 2)} ${unit}">${formatNumber(value)}</td>`)}<td data-label="R²">${formatNumber(orbits.r2)}</td></tr>`,
  );
  const body = html`<h2>How mean activity goes with speed</h2><figure><div class="figures">${panel('Mean projection', null, figure)}</div>
<figcaption><b>Mean of each condition on its layer's speed axis</b>, units scaled to unit variance. The axis is sought from the means alone; speeds only turn its sign and give R².</figcaption></figure>
<table class="runs"><thead><tr><th scope="col">Layer</th>${speeds.map((speed) => html`<th scope="col">${formatNumber(speed, 2)} ${unit}</th>`)}<th scope="col">R²</th></tr></thead><tbody>${rows}</tbody></table>`;
  return { id: 'speed', short: 'Speed', body };
}
