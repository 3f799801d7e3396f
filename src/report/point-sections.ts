// Fixed points in the report: in the latents' principal components with a threshold on their speed, their speeds, their eigenvalues one by
// one, how the search came to them, and all numbers in tables.
import type { FixedPointSummary, PointSummary } from '../analysis/dynamics-data.js';
import type { ExperimentSummary, FigureArray, RunSummary } from '../analysis/summary-data.js';
import { histogramFigure, histogramSides } from './bar-figure.js';
import { curveFigure } from './curve-figure.js';
import { formatCount, formatDuration, formatNumber, formatPlural, minus } from './format.js';
import { seriesKinds } from './figure-style.js';
import { html, type Markup } from './html.js';
import type { SceneEntry } from './page-script.js';
import type { PointExplorer } from './page-points.js';
import { choiceText } from './point-choice.js';
import { findingSentences, firstThreshold, fixedOnly, searchSentence } from './point-sentences.js';
import { pointSpace, pointText, stabilityText } from './point-space.js';
import { legendLine, panel, type Section } from './section.js';
import { spaceFigure } from './space-figure.js';
import { spectrumFigure, spectrumPlane } from './spectrum-figure.js';

/** Points that a page holds at most, the slowest first; analysis.json has all. */
const mostPoints = 200;

/** What the section adds to the page's data. */
export interface PointViews {
  readonly scenes: SceneEntry[];
  readonly explorers: PointExplorer[];
}

/** Runs with fixed points, of those that figures show. */
export function explored(shown: readonly RunSummary[]): RunSummary[] {
  return shown.filter(({ dynamics }) => dynamics?.fixedPoints);
}

/** Fixed points of the shown networks, and the counts of all; null where no run has them. */
export function pointSection(summary: ExperimentSummary, shown: readonly RunSummary[], views: PointViews, turnHint: Markup): Section | null {
  const counted = summary.runs.filter(({ dynamics }) => dynamics?.fixedPoints);
  if (counted.length === 0) return null;
  const blocks = explored(shown).map((run) => explorer(summary, run, shown.indexOf(run), views));
  const others = counted.filter((run) => !shown.includes(run));
  const body = html`<h2>Where they come to rest</h2>
<p>A fixed point is a state that the network, given a constant input, does not leave: F(x) = x. The speed q = ½‖F(x) − x‖² says how nearly a state is one. Stable points keep what comes near; a saddle lets it go along its unstable directions, and so stands between them.</p>
${blocks}
${others.length > 0 ? html`<h3>Other networks</h3><ul class="notes">${others.map((run) => html`<li><b>${networkName(summary, run)}.</b> ${findingSentences(run.dynamics?.fixedPoints as FixedPointSummary).join(' ')}</li>`)}</ul>` : null}
<figure><figcaption><b>What to look for.</b> In a network that remembers n bits: 2ⁿ stable points, one per memory, and between neighbours saddles with one unstable direction. Trajectories rest at the former and pass by the latter when a bit flips. Eigenvalues λ belong to the map over one step: inside the circle they decay, outside they grow, and near it they are slow (time constant −1/ln|λ|). ${turnHint}</figcaption></figure>
${countsTable(summary, counted)}`;
  return { id: 'fixed-points', short: 'Fixed points', body };
}

/** `GRU-128`, with its seed where several networks share the name. */
export function networkName({ runs }: ExperimentSummary, { model, seed }: RunSummary): string {
  return runs.filter((run) => run.model === model).length > 1 ? `${model}, seed ${seed}` : model;
}

/** The points of the page: fixed ones before slow ones, stable ones first, then by corner; of equals the one of lower speed. */
function inOrder(found: FixedPointSummary): PointSummary[] {
  const fixed = new Set(fixedOnly(found));
  const rank = (point: PointSummary) => [fixed.has(point) ? 0 : 1, point.far ? 1 : 0, point.unstable] as const;
  return found.points
    .slice(0, mostPoints)
    .map((point, i) => ({ point, i }))
    .sort((a, b) => {
      const [x, y] = [rank(a.point), rank(b.point)];
      const place = x.map((value, k) => value - (y[k] as number)).find((difference) => difference !== 0);
      return place ?? ((a.point.corner ?? '').localeCompare(b.point.corner ?? '') || a.i - b.i);
    })
    .map(({ point }) => point);
}

function explorer(summary: ExperimentSummary, run: RunSummary, model: number, { scenes, explorers }: PointViews): Markup {
  const found = run.dynamics?.fixedPoints as FixedPointSummary;
  const name = networkName(summary, run);
  const points = inOrder(found);
  const number = explorers.length;
  const choice = { threshold: firstThreshold(found), far: false, picked: points.length > 0 ? 0 : -1 };
  const components = Math.min(3, run.hiddenSize);
  const axes = ['PC 1', 'PC 2', 'PC 3'] as const;
  const { scene, trajectories } = pointSpace({ title: name, axes, trajectories: run.latents, points }, choice);
  const view = scenes.length;
  scenes.push({ scene, model, array: 'latents', apart: true });
  const spectra = points.map(({ eigenvalues }) => eigenvalues.map(([re, im]) => [Number(re.toFixed(5)), Number(im.toFixed(5))] as const));
  const { edges, counts } = found.histogram;
  const [from, to] = [edges[0] ?? -30, edges.at(-1) ?? 0];
  explorers.push({ view, spectra, facts: points.map(pointFacts), plane: spectrumPlane(spectra), histogram: { from, to, ...histogramSides } });
  const space = html`${spaceFigure(scene, trajectories as FigureArray, null, view, `Fixed points of ${name} among ${formatPlural(scene.trials, 'trajectory').replace('trajectorys', 'trajectories')} on PC 1 to ${components}`, -1)}${kindLegend(points)}`;
  const power = Math.log10(choice.threshold);
  const speeds = histogramFigure({
    describes: `Histogram of the speeds that ${formatPlural(found.counts.starts, 'start')} of ${name} ended with`,
    edges,
    counts,
    xLabel: 'log₁₀ of the speed q (dimensionless)',
    yLabel: 'starts (number)',
    threshold: { at: power, name: 'threshold' },
    height: 290,
  });
  const title = (text: string) => (explored(summary.runs).length > 1 ? `${name}: ${text}` : text.charAt(0).toUpperCase() + text.slice(1));
  const panels = [
    panel(title('points in the latent space'), null, space, 'large'),
    panel(title('speed of every start'), 'floored at 10⁻³⁰', speeds),
    points.length > 0 ? panel(title('eigenvalues of a point'), null, spectrumPanel(points, spectra, name, number)) : null,
    timePanel(fixedOnly(found), name, title),
    ...searchPanels(found, name, title),
  ];
  return html`<div data-explorer="${number}">
<h3>${name}</h3>
${findingSentences(found).map((sentence) => html`<p>${sentence}</p>`)}
<p class="quiet counts">${searchSentence(found)}</p>
${controls(points, found, power, number)}
<p class="counts" role="status"><span data-counts>${choiceText(scene.points ?? [], choice)}</span></p>
<div class="figures">${panels}</div>
${pointTables(found, points, name)}
</div>`;
}

/** Slider and switch; hidden without scripts. */
function controls(points: readonly PointSummary[], { histogram }: FixedPointSummary, power: number, number: number): Markup {
  const low = Math.floor(Math.min(histogram.edges[0] ?? -30, power));
  const high = Math.ceil(Math.max(histogram.edges.at(-1) ?? 0, power));
  const far = points.some((point) => point.far) ? html`<label><input type="checkbox" id="far-${number}"> also points far from the data</label>` : null;
  return html`<div class="explore"><label for="threshold-${number}">Threshold on q <input type="range" id="threshold-${number}" min="${low}" max="${high}" step="0.25" value="${power}" aria-valuetext="q below 10 to the power of ${power}"></label>${far}</div>`;
}

function kindLegend(points: readonly PointSummary[]): Markup {
  const kinds = [0, 1, 2, 3].filter((kind) => points.some(({ unstable }) => Math.min(3, unstable) === kind));
  const outlines = ['', 'M5,1.4l4,7h-8Z', 'M1.5,1.5h7v7h-7Z', 'M5,0.6l4.4,4.4l-4.4,4.4l-4.4,-4.4Z'];
  const names = ['stable', 'one unstable direction', 'two', 'three or more'];
  const item = (kind: number) =>
    html`<li><svg class="swatch" viewBox="0 0 10 10" aria-hidden="true"><g class="point${kind}">${kind === 0 ? html`<circle class="shape" cx="5" cy="5" r="4.4"/>` : html`<path class="shape" fill="none" stroke-width="1.6" d="${outlines[kind] as string}"/>`}</g></svg>${names[kind] as string}</li>`;
  const modes = points.some(({ modes: list }) => list.length > 0) ? html`<li>${legendLine('point-mode')} unstable direction, length by |λ|</li>` : null;
  return html`<ul class="legend">${kinds.map(item)}${modes}</ul>`;
}

function spectrumPanel(points: readonly PointSummary[], spectra: PointExplorer['spectra'], name: string, number: number): Markup {
  const options = points.map(
    (point, i) =>
      html`<option value="${i}">${i + 1}: ${point.corner && point.unstable === 0 ? `${point.corner}, ` : ''}${stabilityText(point.unstable)}</option>`,
  );
  return html`<div class="picker"><label for="point-${number}">Point <select id="point-${number}">${options}</select></label> <span class="quiet">or click one in the view</span></div>
${spectrumFigure(spectra[0] as (typeof spectra)[number], `Leading eigenvalues at a fixed point of ${name}, with the unit circle`, spectra)}
<p class="point-facts" data-facts role="status">${pointFacts(points[0] as PointSummary, 0)}</p>`;
}

/** One point in words, with its time constants. */
function pointFacts(point: PointSummary, index: number): string {
  const constants = point.timeConstants
    .slice(0, 5)
    .map((value) => (value === null ? '∞' : formatNumber(value, 3)))
    .join(', ');
  const times = constants === '' ? '' : `; time constants of the leading eigenvalues: ${constants} steps${point.unstable > 0 ? ' (negative: growing)' : ''}`;
  return `Point ${index + 1}: ${pointText(point)}${times}.`;
}

/** Time constants of the stable points, slowest first: what the network forgets, and how fast; null without any. */
function timePanel(points: readonly PointSummary[], name: string, title: (text: string) => string): Markup | null {
  const stable = points.filter(({ unstable }) => unstable === 0);
  const shown = stable.slice(0, seriesKinds).sort((a, b) => (a.corner ?? '').localeCompare(b.corner ?? ''));
  if (shown.length === 0) return null;
  const figure = curveFigure(
    shown.map(({ corner, timeConstants }, i) => ({
      xs: timeConstants.map((_, k) => k + 1),
      ys: timeConstants,
      kind: `series${i}`,
      name: corner ?? `point ${i + 1}`,
    })),
    {
      describes: `Time constants of the leading eigenvalues at stable points of ${name}`,
      xLabel: 'eigenvalue (number)',
      yLabel: 'time constant (step)',
      logarithmic: true,
      decades: 8,
      hover: true,
      whole: true,
    },
  );
  return panel(title('time constants of stable points'), stable.length > shown.length ? `${shown.length} of ${stable.length}` : null, figure);
}

/** Mean speed against iteration, and what more starts find. */
function searchPanels({ trace, discovery }: FixedPointSummary, name: string, title: (text: string) => string): Markup[] {
  const last = trace.iteration.at(-1) ?? 0;
  const speed = curveFigure([{ xs: trace.iteration, ys: trace.meanSpeed, kind: 'series0' }], {
    describes: `Mean speed of all starts of ${name} against the iteration`,
    xLabel: 'iteration (number)',
    yLabel: 'mean q (dimensionless)',
    logarithmic: true,
    decades: 40,
    hover: trace.iteration.length <= 60,
    whole: true,
    ...(last >= 1000 ? { xLogarithmic: true } : {}),
  });
  const found = curveFigure(
    [
      { xs: discovery.starts, ys: discovery.unique, kind: 'series0', name: 'all distinct points' },
      { xs: discovery.starts, ys: discovery.stable, kind: 'series1', name: 'stable ones' },
    ],
    {
      describes: `Distinct points of ${name} against the number of starts`,
      xLabel: 'starts from the latents (number)',
      yLabel: 'distinct points (number)',
      include: [0],
      hover: discovery.starts.length <= 60,
      whole: true,
      ...((discovery.starts.at(-1) ?? 0) >= 100 ? { xLogarithmic: true } : {}),
    },
  );
  return [panel(title('speed during the search'), null, speed), panel(title('points found by the first starts'), discoveryNote(discovery), found)];
}

function discoveryNote({ starts, unique }: FixedPointSummary['discovery']): string | null {
  const all = unique.at(-1) ?? 0;
  const first = unique.indexOf(all);
  return first < 0 || all === 0 ? null : `${formatCount(all)} after ${formatCount(starts[first] as number)} samples of the latents`;
}

/** Fixed points open, slow ones folded; `numbers` are those that the list of points and the view use. */
function pointTables(found: FixedPointSummary, points: readonly PointSummary[], name: string): Markup {
  const fixed = new Set(fixedOnly(found));
  const numbered = points.map((point, i) => ({ point, number: i + 1 }));
  const [rest, slow] = [numbered.filter(({ point }) => fixed.has(point)), numbered.filter(({ point }) => !fixed.has(point))];
  const all = found.counts.unique + found.counts.uniqueSlow;
  const more =
    all > points.length
      ? html`<p class="quiet counts">${formatCount(points.length)} of ${formatCount(all)} distinct ends are listed and drawn: those of lowest speed.</p>`
      : null;
  return html`${pointTable(rest, `${formatPlural(rest.length, 'fixed point')} of ${name}`, rest.length <= 40)}${pointTable(slow, `${formatPlural(slow.length, 'slow point')} of ${name}`, false)}${more}`;
}

function pointTable(rows: readonly { readonly point: PointSummary; readonly number: number }[], title: string, open: boolean): Markup | null {
  const first = rows[0]?.point;
  if (!first) return null;
  const corners = rows.some(({ point }) => point.corner !== null);
  const readout = first.readout.length > 0 && first.readout.length <= 6;
  const columns: [string, (point: PointSummary) => string][] = [
    ['Unstable directions', ({ unstable }) => String(unstable)],
    ...(corners ? [['Nearest corner', ({ corner }: PointSummary) => corner ?? '–'] as [string, (point: PointSummary) => string]] : []),
    ...(readout
      ? [['Read-out', (point: PointSummary) => point.readout.map((value) => minus(value.toFixed(2))).join(', ')] as [string, (point: PointSummary) => string]]
      : []),
    ['q', ({ speed }) => formatNumber(speed, 2)],
    ['Largest |λ|', ({ eigenvalues: [leading] }) => (leading ? formatNumber(Math.hypot(...leading), 5) : '–')],
    ['Time constant (step)', ({ timeConstants: [leading] }) => (leading === undefined || leading === null ? '∞' : formatNumber(leading))],
    ['Starts', ({ starts }) => formatCount(starts)],
    ['Distance to data', ({ distance, far }) => `${formatNumber(distance, 2)}${far ? ', far' : ''}`],
  ];
  const body = rows.map(({ point, number }) => html`<tr><th scope="row">${number}</th>${columns.map(([, value]) => html`<td>${value(point)}</td>`)}</tr>`);
  return html`<details class="points"${open ? html` open` : null}><summary>${title}</summary><div class="scroll" tabindex="0" role="region" aria-label="${title}"><table class="points-table"><thead><tr><th scope="col">Point</th>${columns.map(([label]) => html`<th scope="col">${label}</th>`)}</tr></thead><tbody>${body}</tbody></table></div></details>`;
}

/** Every number says of what: starts, then distinct ends. */
function countsTable(summary: ExperimentSummary, counted: readonly RunSummary[]): Markup {
  const columns: [string, (found: FixedPointSummary) => string][] = [
    ['Starts', ({ counts }) => `${formatCount(counts.starts)}${counts.seeded > 0 ? ` (${formatCount(counts.seeded)} midpoints)` : ''}`],
    ['Came to rest', ({ counts }) => formatCount(counts.converged)],
    ['Stopped above', ({ counts }) => formatCount(counts.slow)],
    ['Distinct', ({ counts }) => formatCount(counts.unique)],
    ['Stable', ({ counts }) => formatCount(counts.stable)],
    ['One unstable', ({ counts }) => formatCount(counts.byIndex[1] ?? 0)],
    ['Two', ({ counts }) => formatCount(counts.byIndex[2] ?? 0)],
    ['Three or more', ({ counts }) => formatCount(counts.byIndex.slice(3).reduce((sum, value) => sum + value, 0))],
    ['Distinct slow', ({ counts }) => formatCount(counts.uniqueSlow)],
    ['Outliers', ({ counts }) => formatCount(counts.outliers)],
    ['Time', ({ seconds }) => formatDuration(seconds)],
  ];
  const rows = counted.map((run) => {
    const found = run.dynamics?.fixedPoints as FixedPointSummary;
    return html`<tr><th scope="row">${networkName(summary, run)}</th>${columns.map(([label, value]) => html`<td data-label="${label}">${value(found)}</td>`)}</tr>`;
  });
  return html`<h3>Counts of all networks</h3><table class="runs"><thead><tr><th scope="col">Network</th>${columns.map(([label]) => html`<th scope="col">${label}</th>`)}</tr></thead><tbody>${rows}</tbody></table>`;
}
