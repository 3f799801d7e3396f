// The page of a grid: one HTML file from the numbers of all its networks, like the report of an experiment.
import { formatDuration, formatList, formatNumber, formatPlural } from './format.js';
import type { GridNetwork, GridSummary } from './grid-data.js';
import { type GridPageArrays, latentSection, modelCards, readableSection, screeSection, trialSection } from './grid-network-sections.js';
import { heatSection, learningSection, tableSection, testSection, valueName } from './grid-sections.js';
import { noiseFindings } from './grid-sentences.js';
import { html, type Markup } from './html.js';
import { packArray } from './pack.js';
import { emptyPageData, renderPage, type SectionGroup } from './page.js';
import type { Section } from './section.js';
import { taskSentence, withBitNames } from './sentences.js';

const turnHint = html`<span class="hint">Drag a view to turn it; with the keyboard, focus it and use the arrow keys (Home: back). </span>`;

/**
 * Renders a grid as a self-contained HTML page: no network, readable without scripts, light and dark, 400 px and up, printable. The same summary gives
 * the same text. Every name is escaped.
 */
export function renderGrid(summary: GridSummary): string {
  const arrays: GridPageArrays = { models: [], scenes: [] };
  const trial = trialSection(summary, arrays);
  const first = summary.groups.find(({ summary: analysed }) => analysed !== null && analysed.reach === null)?.summary ?? null;
  const parts: (Section | SectionGroup | null)[] = [
    findingSection(summary),
    learningSection(summary),
    testSection(summary),
    heatSection(summary),
    trial && first ? { lead: chooser(first.trials.indices), sections: [trial] } : null,
    latentSection(summary, arrays, turnHint),
    readableSection(summary),
    screeSection(summary),
    tableSection(summary),
    methodSection(summary),
  ];
  const data = {
    ...emptyPageData,
    ...(trial && first ? { inputs: packArray(first.trials.inputs), targets: packArray(first.trials.targets) } : {}),
    models: arrays.models,
    scenes: arrays.scenes,
  };
  return renderPage({
    title: `${summary.name} · motorloop grid`,
    version: summary.environment.version,
    header: headerOf(summary),
    parts: parts.filter((part) => part !== null),
    data,
  });
}

function headerOf(summary: GridSummary): Markup {
  const { name, axes, models, groups, networks, environment, failures } = summary;
  const seeds = [...new Set(networks.map(({ seed }) => seed))].sort((a, b) => a - b);
  const analysed = groups.find((group) => group.summary !== null)?.summary ?? null;
  const seconds = networks.reduce((sum, network) => sum + network.seconds, 0);
  const facts: [string, string][] = [
    ...(analysed ? ([['Task', taskSentence(withBitNames(analysed))]] as [string, string][]) : []),
    ...axes.map(({ path, values }): [string, string] => [path, formatList(values.map(valueName))]),
    ['Models', formatList(models)],
    [seeds.length === 1 ? 'Seed' : 'Seeds', seeds.length > 12 ? `${seeds.length} of them` : formatList(seeds.map(String))],
    ...(analysed
      ? ([['Data', `${analysed.data.trainingTrials} training and ${analysed.data.validationTrials} validation trials, seed ${analysed.data.seed}`]] as [
          string,
          string,
        ][])
      : []),
    ['Training', `${formatDuration(seconds)} for ${formatPlural(networks.length, 'network')}, all workers together`],
    [
      'Software',
      `motorloop ${environment.version}${environment.commit ? ` (${environment.commit.slice(0, 10)})` : ''}, ${environment.runtime}, ${environment.machine}`,
    ],
  ];
  const best = networks.find(({ validationLoss }) => validationLoss !== null);
  return html`<header>
<p class="eyebrow">motorloop grid${environment.date ? ` · ${environment.date}` : ''}</p>
<h1>${name}</h1>
${best ? html`<p class="lead">The lowest validation loss of ${formatPlural(networks.length, 'network')} is ${formatNumber(best.validationLoss)}: ${placeOf(summary, best)}.</p>` : null}
${failures.length > 0 ? html`<p class="lead">${formatPlural(failures.length, 'piece')} of work failed: ${failures.slice(0, 3).join('; ')}${failures.length > 3 ? '; …' : ''}.</p>` : null}
<dl class="facts">${facts.map(([fact, value]) => html`<div><dt>${fact}</dt><dd>${value}</dd></div>`)}</dl>
${modelCards(summary)}
${environment.command ? html`<h3>Run it again</h3><div class="command"><code id="command">${environment.command}</code><button type="button" data-copy="command">Copy</button></div>` : null}
</header>`;
}

function placeOf({ groups }: GridSummary, { group, name, seed }: GridNetwork): string {
  const label = groups[group]?.label ?? '';
  return `${name}, ${label === '' ? '' : `${label}, `}seed ${seed}`;
}

function chooser(indices: readonly number[]): Markup {
  const choices = indices.map(
    (index, k) =>
      html`<input type="radio" name="trial" id="trial-${k}" value="${k}" data-name="${index}"${k === 0 ? html` checked` : null}><label for="trial-${k}" title="trial ${index} of the data set">${k + 1}</label>`,
  );
  return html`<div class="chooser" role="radiogroup" aria-label="Validation trial shown"><span>Validation trial (<span class="trial-name">${indices[0] as number}</span> of the data set)</span>${choices}</div>`;
}

/** What the numbers say about claims; null where the grid asks nothing of the kind. */
function findingSection(summary: GridSummary): Section | null {
  const findings = noiseFindings(summary);
  if (!findings) return null;
  const items = findings.map(({ claim, verdict, text }) => html`<li><b>${claim}: ${verdict}.</b> ${text}</li>`);
  const body = html`<h2>What was claimed, and what came out</h2>
<ul class="findings">${items}</ul>`;
  return { id: 'findings', short: 'Findings', body };
}

function methodSection(summary: GridSummary): Section {
  const body = html`<details><summary>How these numbers were made</summary>
<p><b>Networks.</b> Every network trained by itself, on trials that depend on the experiment's data seed alone, so that networks of one condition see the same trials, and those of different noise the same signals under noise of another strength. Losses are those after the last epoch.</p>
<p><b>Intervals.</b> Over seeds, Student's t at 95\u202f%; of losses on their logarithm, so that mean and interval are geometric. With three seeds the interval is 2.5 standard deviations to either side: it shows how little three seeds say.</p>
<p><b>Tests.</b> Trials of a seed of their own, the same for all networks; noise within a network as in training. <code>tests.json</code> beside each network has every score.</p>
<p><b>Files.</b> <code>grid.json</code> and <code>table.csv</code> beside this page hold every number of the table; each point of the grid is an experiment's directory that <code>motorloop analyse</code> and <code>compare</code> read. The command above goes on with what is missing and leaves what is complete.</p>
${summary.groups.some(({ summary: analysed }) => analysed === null) ? html`<p>Points whose analysis was not read (there are many, or one failed) have no latents on this page.</p>` : null}</details>`;
  return { id: 'method', short: 'Method', body };
}
