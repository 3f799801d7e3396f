// Phases of trials in the report: trajectories and fixed points of each phase, how points change on the way from one phase or condition to the next, and which
// subspaces are shared.
import type { PartDynamics, PhaseDynamics, PhasePoint, PhaseWay } from '../analysis/phase-dynamics.js';
import type { ExperimentSummary, FigureArray } from '../analysis/summary-data.js';
import type { Scene, ScenePoint } from './draw-scene.js';
import { formatList, formatNumber, formatPlural, formatShare } from './format.js';
import { html, type Markup } from './html.js';
import { matrixFigure } from './matrix-figure.js';
import { orderedLevel } from './orbit-figure.js';
import { packArray } from './pack.js';
import type { ModelArrays, SceneEntry } from './page-script.js';
import { networkName } from './point-sections.js';
import { stabilityText } from './point-space.js';
import { scatterFigure } from './scatter-figure.js';
import { panel, type Section } from './section.js';
import { pointScene, spaceFigure } from './space-figure.js';

/** What the sections add to the page's data: views, and arrays behind those of the shown networks. */
export interface PhaseViews {
  readonly scenes: SceneEntry[];
  readonly arrays: ModelArrays[];
  /** Place of the first of `arrays` among the page's models. */
  readonly firstArray: number;
}

/** Sections on phases; none where no network was looked into. */
export function phaseSections(summary: ExperimentSummary, views: PhaseViews, turnHint: Markup): Section[] {
  const measured = summary.runs.flatMap((run) => (run.dynamics?.phases ? [{ run, phases: run.dynamics.phases }] : []));
  return measured.flatMap(({ run, phases }, i) => {
    const number = measured.length > 1 ? `-${i + 1}` : '';
    const name = networkName(summary, run);
    return [
      partsSection(name, number, phases, views, turnHint),
      ...(phases.ways.length > 0 ? [waysSection(name, number, phases, views, turnHint)] : []),
      subspaceSection(name, number, phases),
    ];
  });
}

const heldText = ({ held, trials }: PhaseDynamics) =>
  held === 'mean'
    ? `the mean input of the phase over ${trials === 'all' ? 'all' : `the ${trials}`} trials`
    : `the noiseless input at the first step of the phase in the condition's first ${trials === 'all' ? '' : `${trials} `}trial`;

function partsSection(name: string, number: string, phases: PhaseDynamics, views: PhaseViews, turnHint: Markup): Section {
  const limits = extentOf(phases);
  const panels = phases.phases.map((phase) => {
    const parts = phases.parts.filter((part) => part.phase === phase);
    return panel(
      `Phase ${phase}`,
      formatPlural(
        parts.reduce((sum, { unique }) => sum + unique, 0),
        'fixed point',
      ),
      partsView(name, phase, parts, phases, limits, views),
    );
  });
  const most = phases.parts.reduce((most, { byIndex }) => Math.max(most, byIndex.length), 1);
  const columns = ['stable', ...Array.from({ length: most - 1 }, (_, i) => `${i + 1} unstable`)];
  const rows = phases.parts.map(
    ({ condition, phase, trials, unique, byIndex }) =>
      html`<tr><th scope="row">${condition}, ${phase}</th><td data-label="Trials">${trials}</td><td data-label="Fixed points">${unique}</td>${columns.map((label, i) => html`<td data-label="${label}">${byIndex[i] ?? 0}</td>`)}</tr>`,
  );
  const body = html`<h2>Phase by phase${number ? html`: ${name}` : null}</h2>
<p>${formatList(phases.conditions)} in ${formatPlural(phases.phases.length, 'phase')}. The input that is held is ${heldText(phases)}.</p>
${conditionLegend(phases)}
<figure><div class="figures">${panels}</div>
<figcaption><b>Latents in each phase, and the fixed points under its input</b>, on the three leading components of these conditions' latents (${phases.ratios.map((ratio, k) => `PC ${k + 1} ${formatShare(ratio, 0)}`).join(', ')} of the variance); all panels have one scale. Lines: trials, coloured by condition. Filled circles are stable; triangles, squares and diamonds have one, two, and three or more unstable directions; hover for the condition. ${turnHint}</figcaption></figure>
<table class="runs"><thead><tr><th scope="col">Part</th><th scope="col">Trials</th><th scope="col">Fixed points</th>${columns.map((label) => html`<th scope="col">${label}</th>`)}</tr></thead><tbody>${rows}</tbody></table>`;
  return { id: `phases${number}`, short: number ? `Phases, ${name}` : 'Phases', body };
}

function conditionLegend({ conditions }: PhaseDynamics): Markup {
  return html`<ul class="legend">${conditions.map((condition, i) => html`<li><svg class="swatch" viewBox="0 0 10 10" aria-hidden="true"><circle class="mark state${i % 8}" cx="5" cy="5" r="4.2"/></svg>${condition}</li>`)}</ul>`;
}

/** All samples that panels show, so that one scale serves them all. */
function extentOf({ parts, ways }: PhaseDynamics): FigureArray {
  const lines = parts.flatMap(({ trajectories }) => trajectories.values);
  const points = [...parts.flatMap(({ points }) => points), ...ways.flatMap(({ steps }) => steps.flatMap(({ points }) => points))];
  const values = [...lines, ...nearby(points, lines).flatMap(({ scores }) => scores)];
  return { shape: [1, values.length / 3, 3], values };
}

/** Points not farther from the middle of the lines than twice their farthest sample: others would shrink everything else. */
function nearby<P extends PhasePoint>(points: readonly P[], lines: readonly number[]): P[] {
  const middle = [0, 1, 2].map((axis) => {
    let sum = 0;
    for (let i = axis; i < lines.length; i += 3) sum += lines[i] as number;
    return sum / Math.max(1, lines.length / 3);
  });
  const from = (values: ArrayLike<number>, at: number) => Math.hypot(...middle.map((value, axis) => (values[at + axis] as number) - value));
  let most = 0;
  for (let i = 0; i < lines.length; i += 3) most = Math.max(most, from(lines, i));
  return points.filter(({ scores }) => most === 0 || from(scores, 0) <= 2 * most);
}

/** A view of lines [K, T, 3] with colours by sample, at the scale of `extent`. */
function addView(
  extent: FigureArray,
  lines: FigureArray,
  states: FigureArray,
  points: readonly ScenePoint[],
  link: string,
  views: PhaseViews,
  describes: string,
): Markup {
  const scene: Scene = { ...pointScene(extent), trials: lines.shape[0] as number, steps: lines.shape[1] as number, coloured: true, points };
  const view = views.scenes.length;
  views.arrays.push({ lines: packArray(lines) });
  views.scenes.push({ scene, model: views.firstArray + views.arrays.length - 1, array: 'lines', states: packArray(states), link });
  return spaceFigure(scene, lines, states, view, describes, -1);
}

/** A point as views draw it; `says`: which one it is. */
export const scenePoint = ({ scores, unstable, speed }: PhasePoint, says: string): ScenePoint => ({
  at: scores,
  kind: Math.min(3, unstable),
  speed,
  far: false,
  text: '',
  says: `${says}; ${stabilityText(unstable)}; q = ${formatNumber(speed, 2)}`,
  modes: [],
});

function partsView(name: string, phase: string, parts: readonly PartDynamics[], phases: PhaseDynamics, extent: FigureArray, views: PhaseViews): Markup {
  const steps = parts.reduce((most, { trajectories }) => Math.max(most, trajectories.shape[1] as number), 1);
  const values: number[] = [];
  const states: number[] = [];
  for (const { condition, trajectories } of parts) {
    const [trials, own] = trajectories.shape as [number, number];
    const colour = phases.conditions.indexOf(condition) % 8;
    for (let trial = 0; trial < trials; trial++)
      for (let step = 0; step < steps; step++) {
        const at = (trial * own + Math.min(step, own - 1)) * 3;
        values.push(...trajectories.values.slice(at, at + 3));
        states.push(colour);
      }
  }
  const count = states.length / steps;
  const lines = phases.parts.flatMap(({ trajectories }) => trajectories.values);
  const points = parts.flatMap(({ condition, points: own }) => nearby(own, lines).map((point) => scenePoint(point, condition)));
  return addView(
    extent,
    { shape: [count, steps, 3], values },
    { shape: [count, steps], values: states },
    points,
    `phases of ${name}`,
    views,
    `Latents and fixed points of ${name} in phase ${phase}`,
  );
}

function waysSection(name: string, number: string, phases: PhaseDynamics, views: PhaseViews, turnHint: Markup): Section {
  const extent = extentOf(phases);
  const lines = phases.parts.flatMap(({ trajectories }) => trajectories.values);
  const panels = phases.ways.map((way) => {
    const title = `${way.from} to ${way.to}`;
    return [panel(title, changeText(way), wayDiagram(name, way, lines)), panel(`${title}, in space`, null, wayView(name, way, extent, lines, views))];
  });
  const rows = phases.ways.flatMap(({ from, to, steps, changes }) =>
    changes.map(
      ({ kind, step, track, before, after }) =>
        html`<tr><th scope="row">${from} to ${to}</th><td data-label="Point">${track + 1}</td><td data-label="What">${kind}</td><td data-label="Between">${formatNumber(steps[step - 1]?.share, 2)} and ${formatNumber(steps[step]?.share, 2)}</td><td data-label="Before">${before === null ? '–' : stabilityText(before)}</td><td data-label="After">${after === null ? '–' : stabilityText(after)}</td></tr>`,
    ),
  );
  const body = html`<h2>On the way from one input to the next${number ? html`: ${name}` : null}</h2>
<p>The input moves in a straight line from that of one phase or condition to that of another, in ${phases.ways[0]?.steps.length ?? 0} steps. Each search starts from the points of the step before, and from fresh samples; a point goes on as the nearest one. What appears, vanishes or changes its stability marks a bifurcation.</p>
<figure><div class="figures pairs">${panels}</div>
<figcaption><b>Fixed points under inputs in between.</b> Left: their place along PC 1 against the share of the way, by unstable directions. Right: the same points in space (shapes as above), each joined along the way, coloured from its beginning (pale) to its end. ${turnHint}</figcaption></figure>
${rows.length > 0 ? html`<table class="runs"><thead><tr><th scope="col">Way</th><th scope="col">Point</th><th scope="col">What</th><th scope="col">Between shares</th><th scope="col">Before</th><th scope="col">After</th></tr></thead><tbody>${rows}</tbody></table>` : html`<p>No point appears, vanishes or changes its stability on any of these ways.</p>`}`;
  return { id: `ways${number}`, short: number ? `Ways, ${name}` : 'Ways', body };
}

function changeText({ changes, tracks }: PhaseWay): string {
  const count = (kind: string) => changes.filter((change) => change.kind === kind).length;
  const said = [
    [count('appears'), 'appear'],
    [count('vanishes'), 'vanish'],
    [count('changes stability'), 'change stability'],
  ] as const;
  const text = said.filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}`);
  return `${formatPlural(tracks, 'point')}${text.length > 0 ? `: ${text.join(', ')}` : ''}`;
}

const kinds = ['stable', 'one unstable direction', 'two', 'three or more'];

function wayDiagram(name: string, { from, to, steps }: PhaseWay, lines: readonly number[]): Markup {
  const all = steps.flatMap(({ share, points }) => nearby(points, lines).map((point) => ({ ...point, share })));
  const series = kinds.map((kind, unstable) => {
    const own = all.filter((point) => Math.min(3, point.unstable) === unstable);
    return {
      name: kind,
      xs: own.map(({ share }) => share),
      ys: own.map(({ scores }) => scores[0]),
      says: own.map(({ track, share, scores }) => `point ${track + 1} at ${formatNumber(share, 2)}: ${formatNumber(scores[0])}`),
    };
  });
  return scatterFigure(series, {
    describes: `Fixed points of ${name} along PC 1 while the input goes from ${from} to ${to}`,
    xLabel: 'share of the way (dimensionless)',
    yLabel: 'PC 1 (dimensionless)',
    radius: 3.6,
  });
}

function wayView(name: string, { from, to, steps, tracks }: PhaseWay, extent: FigureArray, lines: readonly number[], views: PhaseViews): Markup {
  const values: number[] = [];
  const states: number[] = [];
  let count = 0;
  for (let track = 0; track < tracks; track++) {
    // before it appears and behind its end a line stands still
    const places = steps.map(({ points }) => nearby(points, lines).find((point) => point.track === track)?.scores ?? null);
    const first = places.find((place) => place !== null);
    if (!first) continue;
    count++;
    let here = first;
    places.forEach((place, step) => {
      here = place ?? here;
      values.push(...here);
      states.push(10 + orderedLevel(step, 0, Math.max(1, steps.length - 1)));
    });
  }
  const points = steps.flatMap(({ share, points: own }) =>
    nearby(own, lines).map((point) => scenePoint(point, `point ${point.track + 1} at ${formatNumber(share, 2)}`)),
  );
  const array = { shape: [count, steps.length, 3], values };
  return addView(
    extent,
    array,
    { shape: [count, steps.length], values: states },
    points,
    `ways of ${name}`,
    views,
    `Fixed points of ${name} in space while the input goes from ${from} to ${to}`,
  );
}

function subspaceSection(name: string, number: string, { subspaces, trials }: PhaseDynamics): Section {
  const { names, components, ratios } = subspaces;
  const figure = matrixFigure({
    describes: `Share of the variance of each part of ${name} that the subspace of another part holds`,
    rows: names,
    columns: names,
    values: ratios,
    rowLabel: 'subspace of',
    columnLabel: 'variance of',
    valueLabel: 'ratio (dimensionless)',
    low: 0,
    high: 1,
    says: (_, column) => formatPlural(components[column] as number, 'component'),
  });
  const body = html`<h2>Subspaces that parts share${number ? html`: ${name}` : null}</h2>
<figure><div class="figures">${panel('Cross-projected variance', null, figure)}</div>
<figcaption><b>Variance of one part in the leading components of another, over that in its own</b> (Elsayed et al. 2016), as many components as hold 95 % of the part whose variance is measured; ${trials === 'all' ? 'all' : trials} trials, each part about its own mean. 1: the same subspace; 0: at right angles.</figcaption></figure>`;
  return { id: `subspaces${number}`, short: number ? `Subspaces, ${name}` : 'Subspaces', body };
}
