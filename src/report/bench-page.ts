// The page of a benchmark suite, or of several that are merged: what is fastest for which work, by how much, and how far from the ceiling.
import { configurationName, type SuiteGroup, type SuiteResult, type SuiteRow } from '../runs/bench-result.js';
import { VERSION } from '../version.js';
import { ceilingSection, omissionSection, quietSection, rooflineSection, scalingSection, startSection } from './bench-sections.js';
import { agreementSentences, bestOf, commonLabels, inCache, mergedSentences, missingSentences, percent, plausible, suiteSentences } from './bench-sentences.js';
import {
  comparedGroups,
  configurationsOf,
  deviceNames,
  deviceText,
  formatSeconds,
  formatTimes,
  groupNames,
  letter,
  type Work,
  worksOf,
} from './bench-works.js';
import { dotFigure } from './dot-figure.js';
import { formatCount, formatList, formatNumber, formatPlural } from './format.js';
import { html, type Markup } from './html.js';
import { emptyPageData, renderPage } from './page.js';
import { panel, type Section } from './section.js';

/**
 * Renders results as a self-contained HTML page: no network, readable without scripts, light and dark, 400 px and up, printable. One result gets everything
 * that it holds; several get one table across devices. The same results give the same text. Every name is escaped.
 */
export function renderBench(results: readonly SuiteResult[]): string {
  const [first] = results as [SuiteResult];
  const parts = results.length === 1 ? singleSections(first) : mergedSections(results);
  const title = results.length === 1 ? 'What is fastest here' : `${formatPlural(results.length, 'device')}, one benchmark`;
  return renderPage({
    title: `${title} · motorloop`,
    version: VERSION,
    header: results.length === 1 ? headerOf(first, title) : mergedHeader(results, title),
    parts: parts.filter((section) => section !== null),
    data: emptyPageData,
  });
}

function headerOf(result: SuiteResult, title: string): Markup {
  const { machine, suite, rows } = result;
  const missing = missingSentences(result);
  const software = [...new Set(rows.flatMap(({ adapter, software: none }) => (adapter && none ? [adapter] : [])))];
  const facts: [string, string][] = [
    ['Device', deviceText(result)],
    ['Measured', `${dateText(machine.date)}, ${suite.quick ? 'the quick suite' : 'the full suite'}, ${formatCount(suite.elapsedSeconds)} s`],
    ['Compared', formatList(configurationsOf(rows.filter(({ group }) => comparedGroups.includes(group))))],
    ...(software.length > 0 ? [['No GPU', `${formatList(software)}: computes on the processor, and says nothing about a GPU`] as [string, string]] : []),
    ['Version', `motorloop ${machine.version}${machine.commit ? ` (${machine.commit.slice(0, 10)})` : ''}`],
  ];
  return html`<header>
<p class="eyebrow">motorloop benchmark · ${dateText(machine.date)}</p>
<h1>${title}</h1>
${noticeOf(result)}
<ul class="notes">${suiteSentences(result).map(sentence)}</ul>
${missing.length > 0 ? html`<p class="quiet">${missing.join(' ')}</p>` : null}
<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
</header>`;
}

/** `Training steps: …` with its beginning in bold. */
function sentence(text: string): Markup {
  const colon = text.indexOf(': ');
  return html`<li><b>${text.slice(0, colon)}</b>${text.slice(colon)}</li>`;
}

/** Nothing to say about a quiet machine: the section at the end has its numbers. */
function noticeOf({ suite }: SuiteResult): Markup | null {
  return suite.quiet ? null : html`<p class="lead">${suite.notice}</p>`;
}

const dateText = (date: string): string => (/^\d{4}-\d\d-\d\dT/.test(date) ? date.slice(0, 16).replace('T', ' ') : date);

function singleSections(result: SuiteResult): (Section | null)[] {
  return [
    fastestSection(result),
    comparedSection(result),
    rooflineSection(result),
    scalingSection(result),
    startSection(result),
    ceilingSection([result]),
    quietSection([result]),
    omissionSection(result),
  ];
}

/** One row a work: the fastest, the next one, and the ceiling. */
function fastestSection({ rows }: SuiteResult): Section {
  const lines = comparedGroups.flatMap((group) =>
    worksOf(rows, group).map(({ label, rows: [best, next] }) => {
      const row = best as SuiteRow;
      return html`<tr><th scope="row">${label}</th><td data-label="Fastest">${unbroken(configurationName(row))}</td><td data-label="Time">${formatSeconds(row.medianSeconds)}</td><td data-label="Next">${next ? `${unbroken(configurationName(next))}, ${formatTimes(next.medianSeconds / row.medianSeconds)} times as long` : '–'}</td><td data-label="Of the ceiling">${ceilingOf(row)}</td></tr>`;
    }),
  );
  return {
    id: 'fastest',
    short: 'Fastest',
    body: html`<h2>The fastest for each work</h2>
<p class="quiet">Medians of runs that alternated between all backends in one process. ${notation}</p>
<table class="runs"><thead><tr><th scope="col">Work</th><th scope="col">Fastest</th><th scope="col">Time</th><th scope="col">Next</th><th scope="col">Of the ceiling</th></tr></thead><tbody>${lines}</tbody></table>`,
  };
}

const unbroken = (name: string): string => name.replace(/ /g, '\u00a0');

const notation = 'Works are named by task, network and units, trials × steps; ×2 behind a backend means two threads.';

function ceilingOf({ share, bandwidthShare, trialStepsPerSecond }: SuiteRow): string {
  const shares = [
    share === null ? null : plausible(share) ? `${percent(share)} of arithmetic` : 'ceiling not known',
    bandwidthShare === null ? null : inCache(bandwidthShare) ? 'in a cache' : `${percent(bandwidthShare)} of memory`,
  ];
  const known = shares.filter((text) => text !== null);
  if (known.length > 0) return known.join(', ');
  return trialStepsPerSecond === null ? '–' : `${formatNumber(trialStepsPerSecond / 1e6)} million trial steps/s`;
}

/** A picture of every kind of work, side by side, and all numbers below. */
function comparedSection({ rows }: SuiteResult): Section {
  const kinds = comparedGroups.flatMap((group) => {
    const works = worksOf(rows, group);
    return works.length > 0 ? [{ group, works }] : [];
  });
  // a backend looks the same in every picture
  const names = configurationsOf(kinds.flatMap(({ works }) => works.flatMap((work) => work.rows)));
  const panels = kinds.map(({ group, works }) =>
    panel(groupNames[group], null, html`${groupFigure(group, works, names)}<p class="small-print">${explanations[group]}</p>`),
  );
  return {
    id: 'works',
    short: 'By kind of work',
    body: html`<h2>Against the fastest</h2>
<p class="quiet">How many times as long each backend takes as the fastest one, work by work: left is faster. At the right what the fastest took.</p>
<div class="figures pairs">${panels}</div>
${kinds.map(({ group, works }) => html`<details class="points"><summary>All numbers: ${groupNames[group]}</summary>${numbersTable(works.flatMap((work) => work.rows))}</details>`)}`,
  };
}

function groupFigure(group: SuiteGroup, works: readonly Work[], names: readonly string[]): Markup {
  return dotFigure({
    describes: `${groupNames[group]}: how many times as long each backend takes as the fastest`,
    series: names,
    xLabel: 'time, as a multiple of the fastest',
    rows: works.map(({ label, rows: list }) => {
      const best = list[0] as SuiteRow;
      const found = names.map((name) => list.find((row) => configurationName(row) === name) ?? null);
      return {
        name: label,
        note: formatSeconds(best.medianSeconds),
        values: found.map((row) => row && row.medianSeconds / best.medianSeconds),
        says: found.map((row, i) =>
          row ? `${names[i]}: ${formatSeconds(row.medianSeconds)}, ${formatTimes(row.medianSeconds / best.medianSeconds)} times the fastest` : '',
        ),
      };
    }),
  });
}

const explanations: Readonly<Record<SuiteGroup, string>> = {
  training:
    'Everything between two updates of the parameters: forward, loss, backward, clipping, Adam, and the read that tells the loss, on data that are on the backend already.',
  'closed loop': 'The same with a network that moves a six-muscle arm: delayed and noisy senses, muscles and skeleton in every step, forward and backward.',
  physics: 'A body under given actions, forward only, with every state written to memory.',
  'fixed points':
    'A search from many starts to speeds below 1e−20 in f64, with Jacobians and eigenvalues of the distinct points. Backends without f64 cannot do it.',
  optimiser: 'The loss of a batch, the norm of a gradient, an update by Adam.',
  kernels: 'Single kernels at sizes of the flip-flop.',
  'start-up': '',
  scaling: '',
};

/** Every row with everything that was measured of it. */
function numbersTable(rows: readonly SuiteRow[]): Markup {
  const head = ['Work', 'Backend', 'Median', 'Spread', 'Minimum', 'GFLOP/s', 'of ceiling', 'GB/s', 'of memory', 'Samples', 'Deviation'];
  const lines = rows.map((row) => {
    const cells: [string, string][] = [
      ['Backend', unbroken(configurationName(row))],
      ['Median', `${formatSeconds(row.medianSeconds)}${row.slowdown !== null && row.slowdown > 1.1 ? ' *' : ''}`],
      ['Spread', row.spread === null ? '–' : percent(row.spread)],
      ['Minimum', formatSeconds(row.minSeconds)],
      ['GFLOP/s', formatNumber(row.gflops)],
      ['of ceiling', row.share === null ? '–' : percent(row.share)],
      ['GB/s', formatNumber(row.gigabytesPerSecond)],
      ['of memory', row.bandwidthShare === null ? '–' : percent(row.bandwidthShare)],
      ['Samples', row.runsPerSample > 1 ? `${row.repeats} of ${formatCount(row.runsPerSample)}` : `${row.repeats}`],
      ['Deviation', formatNumber(row.checkedDeviation, 2)],
    ];
    return html`<tr><th scope="row">${row.label}</th>${cells.map(([name, value]) => html`<td data-label="${name}">${value}</td>`)}</tr>`;
  });
  const slow = rows.some(({ slowdown }) => slowdown !== null && slowdown > 1.1);
  return html`<div class="wide"><table class="runs"><thead><tr>${head.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead><tbody>${lines}</tbody></table></div>
<p class="small-print">Spread: interquartile range over the median. Deviation: of the result from the reference, checked before timing. Samples of several runs where one is too short for the clock.${slow ? ' * The calibration loop was more than 10\u202f% slower than usual meanwhile.' : ''}</p>`;
}

function mergedHeader(results: readonly SuiteResult[], title: string): Markup {
  const names = deviceNames(results);
  const facts = results.map(({ machine, suite }, i): [string, string] => [
    names[i] as string,
    `${dateText(machine.date)}, motorloop ${machine.version}, ${suite.quick ? 'quick' : 'full'}, ${suite.quiet ? 'quiet' : 'not quiet'}`,
  ]);
  return html`<header>
<p class="eyebrow">motorloop benchmark · ${formatPlural(results.length, 'result')}</p>
<h1>${title}</h1>
<ul class="notes">${mergedSentences(results).map(sentence)}${agreementSentences(results).map((text) => html`<li>${text}</li>`)}</ul>
<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
</header>`;
}

function mergedSections(results: readonly SuiteResult[]): (Section | null)[] {
  return [...comparedGroups.map((group) => acrossSection(results, group)), ceilingSection(results), quietSection(results)];
}

/** The best of each device for every work of a kind. */
function acrossSection(results: readonly SuiteResult[], group: SuiteGroup): Section | null {
  const labels = [...new Set(results.flatMap(({ rows }) => worksOf(rows, group).map(({ label }) => label)))];
  if (labels.length === 0) return null;
  const shared = commonLabels(results, group);
  const names = deviceNames(results);
  const table = labels.map((label) => {
    const rows = results.map((result) => bestOf(result, group, label));
    const best = Math.min(...rows.flatMap((row) => row?.medianSeconds ?? []));
    return { label, rows, best };
  });
  const figure = dotFigure({
    describes: `${groupNames[group]}: how many times as long the best backend of each device takes as the fastest device`,
    series: names,
    xLabel: 'time, as a multiple of the fastest device',
    rows: table.map(({ label, rows, best }) => ({
      name: label,
      note: formatSeconds(best),
      values: rows.map((row) => row && row.medianSeconds / best),
      says: rows.map((row, i) => (row ? `${names[i]}, ${configurationName(row)}: ${formatSeconds(row.medianSeconds)}` : '')),
    })),
  });
  const lines = table.map(
    ({ label, rows, best }) =>
      html`<tr><th scope="row">${label}</th>${rows.map((row, i) => html`<td data-label="${letter(i)}">${row ? html`${formatSeconds(row.medianSeconds)}${row.medianSeconds === best ? html` <b>fastest</b>` : null}<br><span class="quiet">${configurationName(row)}</span>` : '–'}</td>`)}</tr>`,
  );
  return {
    id: group.replace(' ', '-'),
    short: groupNames[group],
    body: html`<h2>${groupNames[group]}</h2>
<p class="quiet">The fastest backend of each device. ${shared.length < labels.length ? `${formatPlural(labels.length - shared.length, 'work')} ${labels.length - shared.length === 1 ? 'is' : 'are'} not in every result.` : ''}</p>
<div class="figures">${panel('Against the fastest device', 'left is faster', figure)}</div>
<table class="runs"><thead><tr><th scope="col">Work</th>${results.map((_, i) => html`<th scope="col">${letter(i)}</th>`)}</tr></thead><tbody>${lines}</tbody></table>`,
  };
}
