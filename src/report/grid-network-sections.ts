// Sections of a grid's page about what its networks compute: one trial side by side, latents with fixed points, scree, counts by group.
import type { PointSummary } from '../analysis/dynamics-data.js';
import type { FigureArray, RunSummary } from '../analysis/summary-data.js';
import { formatCount, formatList, formatNumber, formatPlural, formatShare } from './format.js';
import type { GridNetwork, GridSummary } from './grid-data.js';
import { networksOf, spreadText } from './grid-sections.js';
import { type Spread, spreadOf } from './grid-statistics.js';
import { html, type Markup } from './html.js';
import { matrixFigure } from './matrix-figure.js';
import { packArray } from './pack.js';
import type { ModelArrays, SceneEntry } from './page-script.js';
import { pointSpace } from './point-space.js';
import { screeFigure } from './scree-figure.js';
import { panel, type Section } from './section.js';
import { modelSentence, shownRuns, withBitNames } from './sentences.js';
import { latentScene, memoryCodes, spaceFigure } from './space-figure.js';
import { trialPanels } from './trial-panels.js';

/** Arrays that the page's script redraws, gathered while sections are made. */
export interface GridPageArrays {
  readonly models: ModelArrays[];
  readonly scenes: SceneEntry[];
}

/** Points near the data that a network does not leave: their outputs tell what it can hold. */
export function stablePoints(run: RunSummary | null): readonly PointSummary[] | null {
  const found = run?.dynamics?.fixedPoints;
  if (!found) return null;
  return found.points.slice(0, found.counts.unique).filter(({ unstable, far }) => unstable === 0 && !far);
}

/** How many corners of the memory have a stable point; null where outputs are no bits or nothing was searched. */
export function heldCorners(run: RunSummary | null): number | null {
  const points = stablePoints(run);
  return points === null || points.some(({ corner }) => corner === null) ? null : new Set(points.map(({ corner }) => corner)).size;
}

/** Mean R² over the targets that a straight line reads from the latents of trials that were not trained on; null where it was not measured. */
export function targetR2(run: RunSummary | null): number | null {
  const scores = (run?.dynamics?.decoding ?? []).filter(({ variable, r2 }) => variable.startsWith('target') && r2 !== null).map(({ r2 }) => r2 as number);
  return scores.length === 0 ? null : scores.reduce((sum, r2) => sum + r2, 0) / scores.length;
}

/** Share of the variance of the first three principal components. */
export function threeShare(run: RunSummary | null): number | null {
  return run ? (run.scree.cumulative[Math.min(2, run.scree.cumulative.length - 1)] ?? null) : null;
}

/** One number of every network, over seeds: `[model][group]`. */
export function overSeeds(summary: GridSummary, value: (network: GridNetwork) => number | null): (Spread | null)[][] {
  return summary.models.map((_, model) => summary.groups.map((_, group) => spreadOf(networksOf(summary, model, group).map(value))));
}

/** The first seed of every model in every group that was drawn, with the place of its arrays. */
function drawn(summary: GridSummary): { run: RunSummary; model: string; group: number }[] {
  return summary.groups.flatMap(({ summary: analysed }, group) =>
    analysed ? shownRuns(withBitNames(analysed)).map((run) => ({ run, model: summary.models[placeOf(summary, run, group)] ?? run.model, group })) : [],
  );
}

function placeOf({ networks }: GridSummary, run: RunSummary, group: number): number {
  return networks.find((network) => network.group === group && network.name === run.model)?.model ?? -1;
}

/** How large the models are, as cards. */
export function modelCards(summary: GridSummary): Markup {
  const cards = summary.models.map((name, model) => {
    const own = summary.networks.filter((network) => network.model === model && network.parameterCount > 0);
    const counts = [...new Set(own.map(({ parameterCount }) => parameterCount))].sort((a, b) => a - b);
    const run = own.find((network) => network.run !== null)?.run ?? null;
    const range =
      counts.length === 0
        ? '–'
        : counts.length === 1
          ? formatCount(counts[0] as number)
          : `${formatCount(counts[0] as number)} to ${formatCount(counts.at(-1) as number)}`;
    const says = run && counts.length === 1 ? modelSentence(run) : formatPlural(own.length, 'network');
    return html`<li><b>${name}</b><div class="quiet">${says}</div><div class="pair"><div><div class="number">${range}</div><span class="quiet">parameters</span></div></div></li>`;
  });
  return html`<ul class="cards">${cards}</ul>`;
}

/** The same validation trial of every model, in the first group that was drawn; null where none was. */
export function trialSection(summary: GridSummary, arrays: GridPageArrays): Section | null {
  const group = summary.groups.find(({ summary: analysed }) => analysed !== null && analysed.reach === null && shownRuns(analysed).length > 0);
  if (!group?.summary) return null;
  const analysed = withBitNames(group.summary);
  const runs = shownRuns(analysed);
  const panels = runs.map((run) => {
    arrays.models.push({ latents: packArray(run.latents as FigureArray), outputs: packArray(run.outputs as FigureArray) });
    return panel(run.model, `seed ${run.seed}`, trialPanels(analysed, run, arrays.models.length - 1));
  });
  const others = summary.groups.filter((other) => other !== group && other.summary !== null);
  const links = others.map(({ label, folders }, i) => html`${i > 0 ? ', ' : ''}<a href="${folders[0] as string}/report.html">${label}</a>`);
  const body = html`<h2>The same trial, side by side</h2>
<figure><div class="figures">${panels}</div>
<figcaption><b>One validation trial${group.label === '' ? '' : html`, ${group.label}`}, in every column.</b> From the top: latents on their first three principal components, what the network puts out, what it should put out, and the noisy input that it sees.${others.length > 0 ? html` The same for ${links} is in the reports of these points.` : null}</figcaption></figure>`;
  return { id: 'trial', short: 'Trial', body };
}

/** Latents of the first seed of every model and group, with the fixed points that were found. */
export function latentSection(summary: GridSummary, arrays: GridPageArrays, turnHint: Markup): Section | null {
  const shown = drawn(summary);
  if (shown.length === 0) return null;
  const searched = shown.some(({ run }) => stablePoints(run) !== null);
  const coloured = shown.some(({ group }) => summary.groups[group]?.summary?.task.binary);
  const panels = inModelOrder(summary, shown).map(({ run, group }) => {
    const analysed = summary.groups[group]?.summary as NonNullable<GridSummary['groups'][number]['summary']>;
    const states = memoryCodes(analysed);
    const base = latentScene(run);
    const points = stablePoints(run);
    const space = points ? pointSpace({ title: '', axes: ['PC 1', 'PC 2', 'PC 3'], trajectories: null, points }).scene.points : undefined;
    // The clouds carry the names; points are named when they are pointed at.
    const scene = { ...base, marks: points ? [] : base.marks, ...(space ? { points: space } : {}) };
    arrays.models.push({ latents: packArray(run.latents as FigureArray) });
    arrays.scenes.push({ scene, model: arrays.models.length - 1, array: 'latents', ...(states ? { states: packArray(states) } : {}), apart: true });
    const { label } = summary.groups[group] as GridSummary['groups'][number];
    const title = label === '' ? run.model : `${run.model}, ${label}`;
    const note = points === null ? `seed ${run.seed}` : `seed ${run.seed}: ${formatPlural(points.length, 'stable point')}`;
    return panel(title, note, spaceFigure(scene, run.latents as FigureArray, states, arrays.scenes.length - 1, `Latents of ${title}`, -1));
  });
  const body = html`<h2>The states inside</h2>
<figure><div class="figures columns" style="--columns:${Math.min(3, summary.groups.length)}">${panels}</div>
<figcaption><b>Latents of validation trials on principal components 1 to 3, each network on its own.</b> ${coloured ? 'A dot is one step, coloured by the memory that the task asks for. ' : ''}${searched ? 'Filled marks with a corner’s name: stable fixed points with zero input, where the state stays when nothing comes. A network that remembers has one in each cloud. ' : ''}${turnHint}</figcaption></figure>`;
  return { id: 'latents', short: 'Latents', body };
}

/** Rows of models, columns of groups. */
function inModelOrder<T extends { readonly model: string; readonly group: number }>({ models }: GridSummary, entries: readonly T[]): T[] {
  return [...entries].sort((a, b) => models.indexOf(a.model) - models.indexOf(b.model) || a.group - b.group);
}

/** How many dimensions the networks use. */
export function screeSection(summary: GridSummary): Section | null {
  const shown = inModelOrder(summary, drawn(summary));
  if (shown.length === 0) return null;
  const shares = overSeeds(summary, ({ run }) => threeShare(run));
  const panels = shown.map(({ run, group }) => {
    const { label } = summary.groups[group] as GridSummary['groups'][number];
    return panel(label === '' ? run.model : `${run.model}, ${label}`, `participation ratio ${formatNumber(run.scree.participationRatio, 2)}`, screeFigure(run));
  });
  const rows = summary.models.map((model, i) => `${model} ${formatList(shares[i]?.map((spread) => formatShare(spread?.mean ?? null, 0)) ?? [])}`);
  const order = summary.groups.map(({ label }) => label).filter((label) => label !== '');
  const body = html`<h2>How many dimensions they use</h2>
<figure><div class="figures columns" style="--columns:${Math.min(3, summary.groups.length)}">${panels}</div>
<figcaption><b>Share of the latents' variance along each principal component</b> (bars) and their running sum (line), first seed. The first three components hold, mean over seeds${order.length > 1 ? ` (${order.join('; ')})` : ''}: ${rows.join('; ')}.</figcaption></figure>`;
  return { id: 'dimensions', short: 'Dimensions', body };
}

/** Counts that say how readable the networks are, by model and group; null where no fixed points were searched. */
export function readableSection(summary: GridSummary): Section | null {
  const stable = overSeeds(summary, ({ run }) => stablePoints(run)?.length ?? null);
  if (stable.flat().every((spread) => spread === null)) return null;
  const bits = summary.groups.map(({ summary: analysed }) => analysed?.task.outputLabels.length ?? 0).find((count) => count > 0) ?? 0;
  const corners = overSeeds(summary, ({ run }) => heldCorners(run));
  const r2 = overSeeds(summary, ({ run }) => targetR2(run));
  const share = overSeeds(summary, ({ run }) => threeShare(run));
  const matrix = (
    title: string,
    spreads: readonly (readonly (Spread | null)[])[],
    valueLabel: string,
    low: number,
    high: number,
    digits: number,
  ): Markup | null =>
    spreads.flat().every((spread) => spread === null)
      ? null
      : panel(
          title,
          null,
          matrixFigure({
            describes: `${title} by model and group`,
            rows: summary.models,
            columns: summary.groups.map(({ label }) => label || 'all'),
            values: spreads.map((row) => row.map((spread) => spread?.mean ?? null)),
            rowLabel: 'model',
            columnLabel: 'trained',
            valueLabel,
            low,
            high,
            format: (value) => value.toFixed(digits),
            below: (row, column) => spreadText(spreads[row]?.[column] ?? null),
            says: (row, column) => formatPlural(spreads[row]?.[column]?.count ?? 0, 'seed'),
          }),
        );
  const most = Math.max(1, ...stable.flat().map((spread) => spread?.mean ?? 0));
  const body = html`<h2>How readable they are</h2>
<figure><div class="figures">${matrix('Stable fixed points', stable, 'points (number)', 0, most, 1)}${matrix(`Corners with a stable point, of ${2 ** bits}`, corners, 'corners (number)', 0, 2 ** bits, 1)}${matrix('Bits read by a straight line', r2, 'R² (dimensionless)', 0, 1, 3)}${matrix('First three components', share, 'share of variance (dimensionless)', 0, 1, 3)}</div>
<figcaption><b>Mean over seeds, ± standard deviation.</b> Stable points: states near the data that the network stays in with zero input. A point belongs to the corner that its read-out rounds to: ${2 ** bits} are what ${formatPlural(bits, 'bit')} can be. R²: least squares from the latents to the bits, fitted on training trials, scored on validation trials, mean over bits.</figcaption></figure>`;
  return { id: 'readable', short: 'Fixed points', body };
}
