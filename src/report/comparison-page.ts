// The page of a comparison: one HTML file from comparison.json alone, like the report of an experiment.
import type { ComparedAnalysis, ComparisonSummary } from '../analysis/comparison-data.js';
import { alignedSection, trialsSection } from './comparison-space.js';
import { decodingSection, dimensionSection, dynamicsSection, likenessSection, numbersSection, predictionSection, stateSection } from './comparison-sections.js';
import { comparisonVerdicts } from './comparison-sentences.js';
import { formatCount, formatList, formatNumber, formatPlural } from './format.js';
import { html, type Markup } from './html.js';
import { packArray } from './pack.js';
import { emptyPageData, renderPage, type SectionGroup } from './page.js';
import type { ModelArrays, PageData, SceneEntry } from './page-script.js';
import type { Section } from './section.js';

/**
 * Renders a comparison as a self-contained HTML page: no network, readable without scripts, light and dark, 400 px and up, printable. The same summary
 * gives the same text. Every name is escaped.
 */
export function renderComparison(summary: ComparisonSummary): string {
  const scenes: SceneEntry[] = [];
  const shown: Section[] = summary.aligned.length > 0 ? [alignedSection(summary, scenes), trialsSection(summary)] : [];
  const parts: (Section | SectionGroup | null)[] = [
    stateSection(summary),
    predictionSection(summary),
    shown.length > 0 ? { lead: chooser(summary), sections: shown } : null,
    dynamicsSection(summary),
    likenessSection(summary),
    decodingSection(summary),
    dimensionSection(summary),
    numbersSection(summary),
    methodSection(summary),
  ];
  const data: PageData = {
    ...emptyPageData,
    inputs: summary.trials.inputs && packArray(summary.trials.inputs),
    targets: summary.trials.targets && packArray(summary.trials.targets),
    models: summary.aligned.map((_, i) => modelArrays(summary, i)),
    scenes,
  };
  const { version } = summary.environment;
  const title = `Comparison of ${formatList(summary.analyses.map(({ name }) => name))}`;
  return renderPage({ title: `${title} · motorloop`, version, header: headerOf(summary), parts: parts.filter((part) => part !== null), data });
}

/** Arrays of analysis `i` that figures follow the choice of a trial with; what it is held against lies beside it. */
function modelArrays({ aligned, reference }: ComparisonSummary, i: number): ModelArrays {
  const { trajectories, own, outputs, rates } = aligned[i] as ComparisonSummary['aligned'][number];
  const base = aligned[reference] as ComparisonSummary['aligned'][number];
  const arrays = { aligned: trajectories, own, outputs, rates, reference: base.trajectories, trueRates: rates && base.rates };
  return Object.fromEntries(Object.entries(arrays).flatMap(([name, array]) => (array ? [[name, packArray(array)]] : [])));
}

function headerOf(summary: ComparisonSummary): Markup {
  const { analyses, environment, reference } = summary;
  const base = analyses[reference] as ComparedAnalysis;
  const groups = [...new Set(analyses.map(({ group }) => group))];
  const facts: [string, string][] = [
    ['Reference', base.name],
    ['Trials', `${formatCount(base.shape[0])} training and ${formatCount(base.shape[1])} validation trials of ${formatPlural(base.shape[2], 'step')}`],
    ['Latents', summary.noise],
    ...(groups.length > 1 ? ([['Groups', formatList(groups)]] as [string, string][]) : []),
    [
      'Software',
      `motorloop ${environment.version}${environment.commit ? ` (${environment.commit.slice(0, 10)})` : ''}, ${environment.runtime}, ${environment.machine}`,
    ],
  ];
  return html`<header>
<p class="eyebrow">motorloop comparison${environment.date ? ` · ${environment.date}` : ''}</p>
<h1>${formatList(analyses.map(({ name }) => name))}</h1>
${comparisonVerdicts(summary).map((sentence) => html`<p class="lead">${sentence}</p>`)}
<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
${environment.command ? html`<h3>Run it again</h3><div class="command"><code id="command">${environment.command}</code><button type="button" data-copy="command">Copy</button></div>` : null}
</header>`;
}

function chooser({ aligned }: ComparisonSummary): Markup {
  const count = aligned[0]?.trajectories.shape[0] ?? 0;
  const choices = Array.from(
    { length: count },
    (_, k) =>
      html`<input type="radio" name="trial" id="trial-${k}" value="${k}" data-name="${k + 1}"${k === 0 ? html` checked` : null}><label for="trial-${k}" title="validation trial ${k + 1}">${k + 1}</label>`,
  );
  return html`<div class="chooser" role="radiogroup" aria-label="Validation trial shown in every figure"><span>Validation trial <span class="trial-name">1</span></span>${choices}</div>`;
}

function methodSection({ dsa, notes, analyses, samples }: ComparisonSummary): Section {
  const settings = dsa ? Object.entries(dsa.settings).map(([name, value]) => `${name} ${value}`) : [];
  const body = html`${notes.length > 0 ? html`<ul class="notes">${notes.map((note) => html`<li>${note}</li>`)}</ul>` : null}<details><summary>How these numbers were made</summary>
${
  samples[0] > 0
    ? html`<p><b>State R².</b> Least squares with intercept from the states of one network to those of the other, over ${formatCount(samples[0])} training samples; 1 − Σ SSE / Σ SST over all dimensions of ${formatCount(samples[1])} validation samples, SST around their mean. Regression between all principal components gives the same number. Directions with next to no variance are left out of the fit.</p>
<p><b>CCA.</b> Mean of the squared canonical correlations, over all samples: 1 where one side is an invertible affine map of the other. <b>Procrustes.</b> Both sides centred and scaled to unit norm; what is left after the best rotation, reflection and scale: 0 alike, 1 nothing in common.</p>
<p><b>The shared space.</b> Principal components of the reference's latents over all trials. Each other network reaches it by least squares over all trials (fitted and drawn on the same ones); its fixed points, found in its own space, go through the same map.</p>
<p><b>Decoding.</b> Least squares with intercept from the latents to each target on training trials, R² on validation trials.</p>`
    : null
}
${dsa ? html`<p><b>DSA</b> (Ostrow et al. 2023). Delay embedding of the latents, one linear operator a network (Hankel dynamic mode decomposition), and the ${dsa.metric} distance between operators up to a rotation: ${settings.join(', ')}. The spread is the standard deviation over restarts of the search for that rotation.</p>` : null}
<p><b>Files.</b> <code>comparison.json</code> beside this page holds every number of it, <code>tables/</code> the tables as CSV, <code>arrays/</code> the arrays for NumPy; files that end in a number belong to the networks in this order: ${formatList(analyses.map(({ name }, i) => `${i + 1} ${name}`))}. Losses: ${formatList(analyses.map(({ name, loss }) => `${name} ${formatNumber(loss, 3)}`))}.</p></details>`;
  return { id: 'method', short: 'Method', body };
}
