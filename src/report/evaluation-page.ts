// The page of an evaluation: trained networks in their own and in a changed environment, side by side, from evaluation.json alone.
import type { EvaluationSummary, NetworkEvaluation, ScoreComparison, Spread } from '../analysis/evaluation-data.js';
import type { FigureArray } from '../analysis/summary-data.js';
import { handBounds } from './body-view.js';
import { type Curve, curveFigure } from './curve-figure.js';
import { seriesKinds } from './figure-style.js';
import { formatCount, formatList, formatNumber, formatPlural, minus } from './format.js';
import { html, type Markup } from './html.js';
import { metricLabel, metricText, reachMetrics } from './metric-text.js';
import { emptyPageData, renderPage } from './page.js';
import { pathFigure, pathLegend } from './path-figure.js';
import { legendLine, panel, type Section } from './section.js';

/** Trials and outputs whose courses are drawn one by one, at most. */
const drawnTrials = 2;
const drawnOutputs = 4;

/** A self-contained HTML page; the same summary gives the same text. Every name is escaped. */
export function renderEvaluation(summary: EvaluationSummary): string {
  const parts = [scoreSection(summary), summary.reach ? pathSection(summary) : outputSection(summary), deviationSection(summary), methodSection(summary)];
  return renderPage({
    title: `${summary.experiment}: ${summary.name} · motorloop`,
    version: summary.environment.version,
    header: headerOf(summary),
    parts: parts.filter((part) => part !== null),
    data: emptyPageData,
  });
}

const nameOf = ({ model, seed }: NetworkEvaluation): string => `${model}, seed ${seed}`;

function headerOf(summary: EvaluationSummary): Markup {
  const { environment, trials, changes, ownInterventions, networks, backend } = summary;
  const facts: [string, string][] = [
    ['Changed', changes.join('; ')],
    ...(ownInterventions.length > 0 ? ([['Trained with', formatPlural(ownInterventions.length, 'intervention')]] as [string, string][]) : []),
    [
      'Trials',
      `${formatCount(trials.count)} (${trials.phase === 'train' ? 'training' : trials.phase}), the same in both environments; ${formatCount(trials.perturbed)} of them concerned`,
    ],
    ['Noise', summary.noise],
    ['Networks', `${networks.length}, checkpoint ${formatList([...new Set(networks.map(({ checkpoint }) => checkpoint.kind))])}`],
    [
      'Software',
      `motorloop ${environment.version}${environment.commit ? ` (${environment.commit.slice(0, 10)})` : ''}, ${backend.name}, ${environment.runtime}, ${environment.machine}`,
    ],
  ];
  return html`<header>
<p class="eyebrow">motorloop evaluation${environment.date ? ` · ${environment.date}` : ''}</p>
<h1>${summary.experiment}: ${summary.name}</h1>
${verdicts(summary).map((sentence) => html`<p class="lead">${sentence}</p>`)}
<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
${environment.command ? html`<h3>Run it again</h3><div class="command"><code id="command">${environment.command}</code><button type="button" data-copy="command">Copy</button></div>` : null}
</header>`;
}

/** Loss before and after, the largest deviation, and what was left alone. */
function verdicts(summary: EvaluationSummary): string[] {
  const { networks } = summary;
  const sentences = networks.slice(0, 4).map((network) => {
    const loss = network.scores.find(({ name }) => name === 'loss');
    const peak = network.deviation?.peak;
    const apart = peak ? `; outputs are at most ${distanceText(summary, peak.median)} apart in the median trial` : '';
    return `${nameOf(network)}: loss ${formatNumber(loss?.own, 3)} in its own environment, ${formatNumber(loss?.changed, 3)} in the changed one${apart}.`;
  });
  if (networks.length > 4) sentences.push(`${formatPlural(networks.length - 4, 'more network')} below.`);
  const alone = networks[0]?.untouched;
  if (alone && alone.trials > 0) {
    const same = networks.every(({ untouched }) => untouched.identical);
    sentences.push(
      `${formatPlural(alone.trials, 'trial')} that nothing concerns: ${same ? 'outputs are the same bit for bit' : 'outputs differ although nothing was done to them'}.`,
    );
  }
  return sentences;
}

const distanceText = ({ reach }: EvaluationSummary, value: number): string => (reach ? `${formatNumber(value * 100, 3)} cm` : formatNumber(value, 3));

/** Names and units of scores, those of this page included. */
export const scoreLabel = (name: string): string => (name === 'sidewaysDeviation' ? 'sideways deviation (cm)' : name === 'loss' ? 'loss' : metricLabel(name));
export const scoreText = (name: string, value: number | null): string => {
  if (value === null) return '–';
  return minus(
    name === 'sidewaysDeviation' ? (value * 100).toFixed(2) : name in reachMetrics ? metricText(name, value).replace(/ [^ ]*$/, '') : formatNumber(value, 3),
  );
};

function scoreSection({ networks }: EvaluationSummary): Section {
  const quartiles = (name: string, spread: Spread | null) =>
    spread ? html`<br><span class="quiet">${scoreText(name, spread.quartiles[0])} … ${scoreText(name, spread.quartiles[1])}</span>` : null;
  const cell = (name: string, title: string, value: number | null, spread: Spread | null) =>
    html`<td data-label="${title}"><span>${scoreText(name, value)}${quartiles(name, spread)}</span></td>`;
  const row = ({ name, own, changed, ownTrials, changedTrials, difference }: ScoreComparison) =>
    html`<tr><th scope="row">${scoreLabel(name)}</th>${cell(name, 'Own', own, ownTrials)}${cell(name, 'Changed', changed, changedTrials)}${cell(name, 'Difference', difference?.median ?? null, difference)}<td data-label="Trials">${difference?.trials ?? '–'}</td></tr>`;
  const tables = networks.map(
    (network) =>
      html`<h3>${nameOf(network)}</h3><div class="wide"><table class="runs"><thead><tr><th scope="col">Score</th><th scope="col">Own</th><th scope="col">Changed</th><th scope="col">Difference</th><th scope="col">Trials</th></tr></thead><tbody>${network.scores.map(row)}</tbody></table></div>`,
  );
  const body = html`<h2>Scores before and after</h2>
${tables}
<p class="small-print">Own and changed: the score over all trials, below it in grey the quartiles of the scores of single trials. Difference: changed less own, trial by trial, median and quartiles over the trials that have the score in both environments.</p>`;
  return { id: 'scores', short: 'Scores', body };
}

function pathSection(summary: EvaluationSummary): Section {
  const { networks, reach, shown } = summary;
  const { body, own, changed } = reach as NonNullable<EvaluationSummary['reach']>;
  const drawn = networks.filter((network) => network.shown !== null);
  const hands = drawn.flatMap((network) => [network.shown?.own as FigureArray, network.shown?.changed as FigureArray]);
  const bounds = handBounds({ body, trials: [...own, ...changed] }, hands);
  const figures = drawn.flatMap((network) => {
    const one = (title: string, trials: typeof own, hand: FigureArray) =>
      panel(`${network.model}: ${title}`, null, pathFigure({ body, trials, still: true }, hand, bounds, `Hand paths of ${network.model}, ${title}`));
    return [one('own environment', own, network.shown?.own as FigureArray), one('changed', changed, network.shown?.changed as FigureArray)];
  });
  const content = html`<h2>Hand paths</h2>
<figure>${pathLegend}<div class="figures pairs">${figures}</div>
<figcaption><b>${formatPlural(shown.indices.length, 'trial')}, the same in all pictures</b>, the first one strong; one scale for all.</figcaption></figure>`;
  return { id: 'paths', short: 'Paths', body: content };
}

/** Outputs of tasks without a body, trial by trial. */
function outputSection(summary: EvaluationSummary): Section {
  const { networks, shown, task } = summary;
  const drawn = networks.filter((network) => network.shown !== null);
  const unit = (task.stepDuration ?? 1) * shown.stride;
  const concerned = shown.indices.map((_, k) => k).filter((k) => shown.windows[k] !== null);
  const trials = (concerned.length > 0 ? concerned : [0]).slice(0, drawnTrials);
  const rows = drawn.flatMap((network) =>
    trials.map((k) => {
      const window = shown.windows[k];
      const figures = task.outputLabels.slice(0, drawnOutputs).map((name, channel) => {
        const line = (array: FigureArray, kind: string): Curve => {
          const [, steps = 0, width = 1] = array.shape;
          const ys = Array.from({ length: steps }, (_, step) => array.values[(k * steps + step) * width + channel] as number);
          return { xs: ys.map((_, step) => step * unit), ys, kind };
        };
        const figure = curveFigure(
          [line(shown.changedTargets, 'train'), line(network.shown?.own as FigureArray, 'series0'), line(network.shown?.changed as FigureArray, 'series1')],
          {
            describes: `${name} of ${network.model} in trial ${shown.indices[k]}, in both environments, over its target`,
            xLabel: task.stepDuration === null ? 'time (steps)' : 'time (s)',
            yLabel: `${name.toLowerCase()} (dimensionless)`,
            include: [0, 1],
            height: 210,
            ...(window ? { shade: [window[0] * (task.stepDuration ?? 1), window[1] * (task.stepDuration ?? 1)] as const } : {}),
          },
        );
        return panel(`${network.model}: ${name.toLowerCase()}`, `trial ${shown.indices[k]}`, figure);
      });
      return html`<div class="figures">${figures}</div>`;
    }),
  );
  const left = task.outputLabels.length - drawnOutputs;
  const body = html`<h2>Outputs before and after</h2>
<figure><ul class="legend"><li>${legendLine('train')} target</li><li>${legendLine('series0')} own environment</li><li>${legendLine('series1')} changed</li></ul>${rows}
<figcaption><b>${trials.length === 1 ? 'One trial' : 'Two trials'} in both environments</b>, with the same noise${left > 0 ? `, the first ${drawnOutputs} of ${task.outputLabels.length} outputs` : ''}. Shaded: while something is done.</figcaption></figure>`;
  return { id: 'outputs', short: 'Outputs', body };
}

function deviationSection(summary: EvaluationSummary): Section | null {
  const { task, reach } = summary;
  const networks = summary.networks.filter(({ deviation }) => deviation !== null);
  if (networks.length === 0) return null;
  const unit = task.stepDuration ?? 1;
  const factor = reach ? 100 : 1;
  const curves = (pick: (deviation: NonNullable<NetworkEvaluation['deviation']>) => readonly [readonly number[], readonly number[]] | null): Curve[] =>
    networks.flatMap((network, i) => {
      const picked = pick(network.deviation as NonNullable<NetworkEvaluation['deviation']>);
      if (!picked) return [];
      const [mean, spread] = picked;
      return [
        {
          xs: mean.map((_, k) => k * unit),
          ys: mean.map((value) => value * factor),
          spread: spread.map((value) => value * factor),
          kind: `series${i % seriesKinds}`,
        },
      ];
    });
  const options = { xLabel: `time from the onset (${task.stepDuration === null ? 'steps' : 's'})`, include: [0], height: 230 };
  const unitText = reach ? 'cm' : 'dimensionless';
  const distance = curveFigure(
    curves(({ mean, spread }) => [mean, spread]),
    { ...options, describes: 'Distance between the outputs in both environments over time', yLabel: `distance (${unitText})` },
  );
  const sideways = curves(({ across, acrossSpread }) => (across && acrossSpread ? [across, acrossSpread] : null));
  const across =
    sideways.length > 0
      ? curveFigure(sideways, { ...options, describes: 'Shift of the hand across its way over time', yLabel: 'shift to the left (cm)' })
      : null;
  const rows = networks.map((network) => {
    const { peak, ending, returned, returnSteps, trials } = network.deviation as NonNullable<NetworkEvaluation['deviation']>;
    const time = (steps: number) => (task.stepDuration === null ? formatNumber(steps, 3) : `${(steps * unit).toFixed(2)} s`);
    const back = ending === 0 ? 'lasts to the end' : `${returned} of ${ending}`;
    return html`<tr><th scope="row">${nameOf(network)}</th><td data-label="Trials">${trials}</td><td data-label="Peak"><span>${distanceText(summary, peak.median)}<br><span class="quiet">${distanceText(summary, peak.quartiles[0])} … ${distanceText(summary, peak.quartiles[1])}</span></span></td><td data-label="Back">${back}</td><td data-label="Time to return">${returnSteps ? time(returnSteps.median) : '–'}</td></tr>`;
  });
  const names =
    networks.length > 1
      ? html`<ul class="legend">${networks.map((network, i) => html`<li>${legendLine(`series${i % seriesKinds}`)} ${nameOf(network)}</li>`)}</ul>`
      : null;
  const body = html`<h2>How far apart, and back</h2>
<figure>${names}<div class="figures">${panel(reach ? 'Distance of the hand' : 'Distance of the outputs', null, distance)}${across ? panel('Across the way to the target', null, across) : null}</div>
<figcaption><b>The changed environment minus the own one, trial by trial</b>; means over the trials concerned, bands of one standard deviation, from the first step in which something is done.${across ? ' Across: positive to the left of the way from start to target.' : ''}</figcaption></figure>
<div class="wide"><table class="runs"><thead><tr><th scope="col">Network</th><th scope="col">Trials</th><th scope="col">Peak</th><th scope="col">Back</th><th scope="col">Time to return</th></tr></thead><tbody>${rows}</tbody></table></div>
<p class="small-print">Peak: largest distance in a trial, median and quartiles over trials. Back: trials in which no more than a tenth of the peak is left for good before they end, of those in which the intervention ends before the trial does; time from that end, median.</p>`;
  return { id: 'deviation', short: 'Deviation', body };
}

function methodSection({ notes, trials, task }: EvaluationSummary): Section {
  const body = html`${notes.length > 0 ? html`<ul class="notes">${notes.map((note) => html`<li>${note}</li>`)}</ul>` : null}<details><summary>How these numbers were made</summary>
<p><b>Environments.</b> The data set is rebuilt from the experiment (seed ${trials.seed}), once as it was trained on and once with what is changed; trial k is the same trial in both. Each network is rolled out in both with the same noise, keyed by its seed and the trial.</p>
<p><b>Scores.</b> Those of the task ${task.name}, defined in its documentation, and the loss over whole trials. ${Object.entries(reachMetrics).length > 0 && task.stepDuration !== null ? 'Sideways deviation: the largest distance of the hand from the straight line between start and target after the go cue, with its sign (positive to the left); median over trials with a go cue.' : ''}</p>
<p><b>Files.</b> <code>evaluation.json</code> beside this page holds every number of it; <code>tables/</code> the scores as CSV; <code>arrays/</code> outputs in both environments, the trials and which of them are concerned, for NumPy.</p></details>`;
  return { id: 'method', short: 'Method', body };
}
