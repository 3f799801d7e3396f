// Tangling and decoding in the report, and what of the dynamics could not be measured.
import type { DecodingScore, LayerTangling } from '../analysis/dynamics-data.js';
import type { ExperimentSummary, RunSummary } from '../analysis/summary-data.js';
import { barFigure } from './bar-figure.js';
import { distributionFigure } from './distribution-figure.js';
import { formatList, formatNumber, formatShare } from './format.js';
import { html, type Markup } from './html.js';
import { networkName } from './point-sections.js';
import { scatterFigure } from './scatter-figure.js';
import { panel, type Section } from './section.js';

/** Whether `analyse` has looked into the dynamics of any network. */
export function hasDynamics({ runs }: ExperimentSummary): boolean {
  return runs.some(({ dynamics }) => dynamics);
}

const epsilons: Readonly<Record<string, string>> = {
  russo: '0.1 × total variance (Russo et al. 2018)',
  rush: '0.1 × variance over all entries (Rush et al. 2023)',
  population: '0.1 × mean squared distance from the mean',
  'second-moment': '0.1 × mean squared norm',
};
const derivatives: Readonly<Record<string, string>> = {
  forward: 'forward differences',
  'backward-copied': 'backward differences, the first copied from the second',
  periodic: 'differences around the cycle',
};

/** How tangled the trajectories of each layer are; null where no run has it. */
export function tanglingSection(summary: ExperimentSummary): Section | null {
  const measured = summary.runs.filter(({ dynamics }) => (dynamics?.tangling?.length ?? 0) > 0);
  const first = measured[0]?.dynamics?.tangling?.[0];
  if (!first) return null;
  const seconds = summary.task.stepDuration !== null;
  const unit = seconds ? 's⁻²' : 'step⁻²';
  const figures = measured.slice(0, mostPanels).map((run) => {
    const layers = layersOf(run);
    const figure = distributionFigure(
      layers.map(({ layer, quantiles }) => ({ name: layer, quantiles })),
      {
        describes: `Share of samples below each value of tangling, for ${formatList(layers.map(({ layer }) => layer))} of ${networkName(summary, run)}`,
        xLabel: `tangling Q (${unit})`,
        logarithmic: layers.every(({ quantiles }) => (quantiles[1] ?? 0) > 0),
      },
    );
    return html`${panel(networkName(summary, run), null, figure)}${matchedPanel(networkName(summary, run), layers, unit)}`;
  });
  const columns: [string, (layer: LayerTangling) => number][] = [
    ['Mean', ({ mean }) => mean],
    ['Median', ({ median }) => median],
    ['90th percentile', ({ p90 }) => p90],
    ['95th percentile', ({ p95 }) => p95],
    ['Largest', ({ max }) => max],
  ];
  const rows = measured.flatMap((run) =>
    layersOf(run).map(
      (layer) =>
        html`<tr><th scope="row">${networkName(summary, run)}: ${layer.layer}</th>${columns.map(([label, value]) => html`<td data-label="${label}">${formatNumber(value(layer))}</td>`)}</tr>`,
    ),
  );
  const body = html`<h2>How tangled the trajectories are</h2>
${measured.map((run) => html`<p>${tanglingSentence(networkName(summary, run), layersOf(run))}</p>`)}
<figure><div class="figures">${figures}</div>
<figcaption><b>Share of samples whose tangling is below a value.</b> Q is large where two states lie close together and yet move apart in different directions: a smooth system of its own cannot do that, one that is driven from outside can. Curves further to the left are less tangled. Beside it, latents against what the network puts out at the same times: points above the diagonal are times at which the output is the more tangled. Here ε is ${epsilons[first.epsilon] ?? first.epsilon}, speeds are ${derivatives[first.derivative] ?? first.derivative}; values of different conventions do not compare.</figcaption></figure>
<table class="runs"><thead><tr><th scope="col">Layer</th>${columns.map(([label]) => html`<th scope="col">${label} (${unit})</th>`)}</tr></thead><tbody>${rows}</tbody></table>`;
  return { id: 'tangling', short: 'Tangling', body };
}

/** Latents against the last layer at matched times; null where either is missing. */
function matchedPanel(name: string, layers: readonly LayerTangling[], unit: string): Markup | null {
  const latents = layers.find(({ layer }) => layer === 'latents');
  const last = layers.at(-1);
  if (!latents || !last || last === latents || latents.samples.length !== last.samples.length || last.samples.length === 0) return null;
  const above = last.samples.filter((value, i) => value > (latents.samples[i] as number)).length / last.samples.length;
  const figure = scatterFigure([{ name: last.layer, xs: latents.samples, ys: last.samples }], {
    describes: `Tangling of the ${last.layer} of ${name} against that of its latents at ${last.samples.length} times`,
    xLabel: `Q of the latents (${unit})`,
    yLabel: `Q of the ${last.layer} (${unit})`,
    logarithmic: true,
    diagonal: true,
    radius: 2.2,
  });
  return panel(`${name}: ${last.layer} against latents`, `above the diagonal: ${formatShare(above, 0)} of the samples`, figure);
}

/** Figures side by side at most; tables have all networks. */
const mostPanels = 6;

const layersOf = ({ dynamics }: RunSummary): readonly LayerTangling[] => dynamics?.tangling ?? [];

/** `GRU-128: the 90th percentile is 3.1 for latents, 12.4 for actions: latents are the least tangled.` */
function tanglingSentence(name: string, layers: readonly LayerTangling[]): string {
  const numbers = `${name}: 90th percentile ${formatList(layers.map(({ layer, p90 }) => `${formatNumber(p90)} for ${layer}`))}`;
  if (layers.length < 2) return `${numbers}.`;
  const sorted = [...layers].sort((a, b) => a.p90 - b.p90);
  const [least, next] = sorted as [LayerTangling, LayerTangling];
  if (next.p90 < 1.1 * least.p90) return `${numbers}; ${least.layer} and ${next.layer} are about alike.`;
  return `${numbers}; least tangled: ${least.layer}, by a factor of ${formatNumber(next.p90 / least.p90, 2)}.`;
}

/** How well a straight-line map from the latents tells the task's variables; null where no run has it. */
export function decodingSection(summary: ExperimentSummary): Section | null {
  const measured = summary.runs.filter(({ dynamics }) => (dynamics?.decoding?.length ?? 0) > 0);
  if (measured.length === 0) return null;
  const scores = ({ dynamics }: RunSummary): readonly DecodingScore[] => dynamics?.decoding ?? [];
  const figures = measured.slice(0, mostPanels).map((run) => {
    const list = scores(run);
    const figure = barFigure({
      describes: `R² of linear decoding of ${formatList(list.map(({ variable }) => variable))} from the latents of ${networkName(summary, run)}`,
      groups: list.map(({ variable }) => variable),
      series: [
        { name: 'on validation trials', values: list.map(({ r2 }) => r2) },
        { name: 'in sample', values: list.map(({ inSample }) => inSample) },
      ],
      xLabel: 'variable of the task (name)',
      yLabel: 'R² (dimensionless)',
      include: [0, 1],
    });
    return panel(networkName(summary, run), null, figure);
  });
  const rows = measured.flatMap((run) =>
    scores(run).map(
      ({ variable, r2, inSample }) =>
        html`<tr><th scope="row">${networkName(summary, run)}: ${variable}</th><td data-label="On validation trials">${formatNumber(r2)}</td><td data-label="In sample">${formatNumber(inSample)}</td></tr>`,
    ),
  );
  const body = html`<h2>What can be read from the latents</h2>
${measured.map((run) => html`<p>${decodingSentence(networkName(summary, run), scores(run))}</p>`)}
<figure><div class="figures">${figures}</div>
<figcaption><b>R² of a straight-line map from the latents to each variable of the task</b>, by least squares with intercept: fitted on training trials and scored on validation trials, and fitted and scored on all trials, as CtDB does. A high value means that the variable lies in the latents openly; it does not say that the network uses it so.</figcaption></figure>
<table class="runs"><thead><tr><th scope="col">Variable</th><th scope="col">On validation trials</th><th scope="col">In sample</th></tr></thead><tbody>${rows}</tbody></table>`;
  return { id: 'decoding', short: 'Decoding', body };
}

function decodingSentence(name: string, scores: readonly DecodingScore[]): string {
  const known = scores.flatMap(({ variable, r2 }) => (r2 === null ? [] : [{ variable, r2 }]));
  const share = (r2: number) => (r2 <= 0 ? 'none' : formatShare(r2, 0));
  if (known.length === 0) return `${name}: no variable could be scored.`;
  if (known.length <= 4)
    return `${name}: a straight-line map explains ${formatList(known.map(({ variable, r2 }) => `${share(r2)} of the variance of ${variable}`))}.`;
  const sorted = [...known].sort((a, b) => a.r2 - b.r2);
  const [worst, best] = [sorted[0], sorted.at(-1)] as [(typeof known)[number], (typeof known)[number]];
  return `${name}: a straight-line map explains between ${share(worst.r2)} (${worst.variable}) and ${share(best.r2)} (${best.variable}) of the variance of a variable.`;
}

/** What could not be measured, by network; null when there is nothing to say. */
export function dynamicsNotes(summary: ExperimentSummary): Markup | null {
  const notes = summary.runs.flatMap((run) => (run.dynamics?.notes ?? []).map((note) => `${networkName(summary, run)}: ${note}`));
  return notes.length > 0 ? html`<ul class="notes">${[...new Set(notes)].map((note) => html`<li>${note}</li>`)}</ul>` : null;
}
