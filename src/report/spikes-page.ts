// The page about a simulated population: spikes of some trials beside the rates that they were drawn from, single neurons, and whether counts keep to their rates.
import { formatCount, formatNumber, formatPlural, formatShare } from './format.js';
import type { SpikesView } from '../simulator/statistics.js';
import { VERSION } from '../version.js';
import { curveFigure } from './curve-figure.js';
import { html, type Markup } from './html.js';
import { emptyPageData, renderPage } from './page.js';
import { scatterFigure } from './scatter-figure.js';
import { panel, type Section } from './section.js';
import { neuronLanes, rasterFigure, rateMap, type ShownTrial } from './spikes-figures.js';

/** The page as text of an HTML file; the same view gives the same text. */
export function renderSpikes(view: SpikesView): string {
  const header = html`<header><p class="eyebrow">motorloop simulate</p><h1>${view.title}</h1>${leads(view).map((sentence) => html`<p class="lead">${sentence}</p>`)}${facts(view)}</header>`;
  return renderPage({
    title: `${view.title} · motorloop simulate`,
    version: VERSION,
    header,
    parts: [...view.shown.map((trial, i) => trialPart(view, trial, i)), countPart(view)],
    data: emptyPageData,
  });
}

function leads({ options, statistics, units, trials, training, steps }: SpikesView): string[] {
  const { neurons, heldOut } = options;
  const follow = neurons <= units ? 'a unit of its own' : `a unit; each of the ${units} units has one neuron or more`;
  return [
    `${formatPlural(neurons, 'neuron')} watch ${formatCount(trials)} trials of ${formatPlural(steps, 'step')} (${formatCount(training)} for training), each follows ${follow}; ${heldOut > 0 ? `the last ${heldOut} are held out` : 'none is held out'}.`,
    `${formatNumber(statistics.meanRate)} spikes a bin on average; mean count over mean rate ${statistics.ratio.toFixed(4)}, Fano factor given the rate ${statistics.fano.toFixed(4)}.`,
  ];
}

function facts({ options, statistics, experiment, run, noise, dropped }: SpikesView): Markup {
  const { rate, scaling, dispersion, seed, trim } = options;
  const counts = dispersion === 1 ? 'Poisson' : dispersion > 1 ? `negative binomial, D = ${dispersion}` : `binomial, D = ${dispersion}`;
  const rows: [string, string][] = [
    ['Network', `${experiment}, ${run}; noise: ${noise}`],
    ['Rate', `${{ exp: 'exp(a)', sigmoid: 'sigmoid with graded gains', softplus: 'softplus' }[rate]} of activity with standard deviation 1/${scaling}`],
    ['Counts', `${counts}; seed ${seed}`],
    ['Steps', trim === null ? 'all' : `trimmed by ${trim.join(',')}: the first ${dropped} are left out`],
    [
      'Bins',
      `highest rate ${formatNumber(statistics.highestRate)}, highest count ${formatCount(statistics.highestCount)}, ${formatShare(statistics.silent)} without a spike`,
    ],
  ];
  return html`<dl class="facts">${rows.map(([name, text]) => html`<div><dt>${name}</dt><dd>${text}</dd></div>`)}</dl>`;
}

function trialPart(view: SpikesView, trial: ShownTrial, index: number): Section {
  const axis = { stepDuration: view.stepDuration, dropped: view.dropped };
  const body = html`<h2>Trial ${trial.trial + 1}</h2><figure><div class="figures">${[
    panel('Spikes', null, rasterFigure(trial, view.perm.length, axis)),
    panel('Rates they were drawn from', null, rateMap(trial, view.perm.length, axis)),
    panel('Counts against the rate', null, neuronLanes(trial, view, axis)),
  ]}</div><figcaption><b>One row a neuron</b>, the first at the top; darker marks are bins with more spikes. Right: counts (bars) and rate (line) of some neurons from the quietest to the busiest.${trial.steps < view.steps ? ` The first ${trial.steps} of ${view.steps} steps.` : ''}</figcaption></figure>`;
  return { id: `trial-${index + 1}`, short: `Trial ${trial.trial + 1}`, body };
}

/** Whether counts keep to their rates, by neuron and by rate. */
function countPart({ statistics, options }: SpikesView): Section {
  const { byNeuron, byRate } = statistics;
  const scatter = scatterFigure(
    [
      {
        name: 'neurons',
        xs: byNeuron.map(({ meanRate }) => meanRate),
        ys: byNeuron.map(({ meanCount }) => meanCount),
        says: byNeuron.map(
          ({ unit, meanRate, meanCount }, k) => `neuron ${k + 1}, unit ${unit + 1}: rate ${formatNumber(meanRate)}, count ${formatNumber(meanCount)}`,
        ),
      },
    ],
    { describes: 'Mean count against mean rate, by neuron', xLabel: 'mean rate (spikes a bin)', yLabel: 'mean count (spikes a bin)', diagonal: true },
  );
  const xs = byRate.map(({ meanRate }) => meanRate);
  const fano = curveFigure(
    [
      { xs, ys: byRate.map(({ expectedFano }) => expectedFano), kind: 'series1', name: 'expected' },
      { xs, ys: byRate.map(({ fano }) => fano), kind: 'series0', name: 'measured' },
    ],
    {
      describes: 'Fano factor of counts given the rate, in bins of rate',
      xLabel: 'rate (spikes a bin)',
      yLabel: 'Fano factor (dimensionless)',
      xLogarithmic: true,
      hover: true,
      include: [0.9 * options.dispersion, 1.1 * options.dispersion],
    },
  );
  const body = html`<h2>Whether counts keep to their rates</h2><figure><div class="figures">${[panel('Mean count of each neuron', null, scatter), panel('Fano factor given the rate', null, fano)]}</div>
<figcaption><b>Over all trials.</b> Left: one point a neuron; on the line, counts have the mean that they were drawn with. Right: mean squared deviation of counts from their rates over the mean rate, in bins of rate with as many samples each.${options.dispersion < 1 ? ' Below D = 1 the binomial has a whole number of chances, rounded at random where the rate asks for a fraction: the Fano factor is larger there.' : ''}</figcaption></figure>`;
  return { id: 'counts', short: 'Counts', body };
}
