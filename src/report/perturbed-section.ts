// What an experiment's interventions do, in a run's report: when and in which validation trials, and the networks with and without them.
import type { ExperimentSummary, FigureArray, RunSummary } from '../analysis/summary-data.js';
import { handBounds } from './body-view.js';
import { scoreLabel, scoreText } from './evaluation-page.js';
import { formatCount, formatPlural } from './format.js';
import { html } from './html.js';
import { pathFigure, pathLegend } from './path-figure.js';
import { scheduleFigure } from './schedule-figure.js';
import { panel, type Section } from './section.js';

/** Null for experiments without interventions. */
export function perturbedSection(summary: ExperimentSummary, shown: readonly RunSummary[]): Section | null {
  const { interventions, runs, task } = summary;
  if (!interventions) return null;
  const { names, trials, windows, counts } = interventions;
  const schedule = scheduleFigure({ names, trials, windows, steps: task.steps, stepDuration: task.stepDuration });
  const tables = runs.flatMap(({ model, seed, perturbed: scores }) => {
    if (!scores) return [];
    const all = [...new Set([...Object.keys(scores.perturbed ?? {}), ...Object.keys(scores.unperturbed ?? {})])];
    const cell = (title: string, name: string, of: Readonly<Record<string, number>> | null) =>
      html`<td data-label="${title}">${scoreText(name, of?.[name] ?? null)}</td>`;
    const rows = all.map(
      (name) => html`<tr><th scope="row">${scoreLabel(name)}</th>${cell('With', name, scores.perturbed)}${cell('Without', name, scores.unperturbed)}</tr>`,
    );
    return [
      html`<h3>${model}, seed ${seed}</h3><div class="wide"><table class="runs"><thead><tr><th scope="col">Score</th><th scope="col">With</th><th scope="col">Without</th></tr></thead><tbody>${rows}</tbody></table></div>`,
    ];
  });
  const body = html`<h2>With and without interventions</h2>
<figure><div class="figures">${panel('What is done, and when', null, schedule, 'large')}</div>
<figcaption><b>${formatPlural(trials.length, 'validation trial')}</b>, by position in the data set; of all ${formatCount(counts[0] + counts[1])}, interventions concern ${formatCount(counts[0])}.</figcaption></figure>
${pathsOf(summary, shown)}${tables}
<p class="small-print">Scores over the validation trials that interventions concern (with) and over those that nothing concerns (without): these are different trials. <code>motorloop evaluate</code> compares the same trials under other conditions.</p>`;
  return { id: 'interventions', short: 'Interventions', body };
}

function pathsOf({ interventions, reach }: ExperimentSummary, shown: readonly RunSummary[]) {
  const plans = interventions?.reach;
  if (!plans || !reach) return null;
  const { body } = reach;
  const kinds = [
    ['perturbed', 'with'],
    ['unperturbed', 'without'],
  ] as const;
  const present = kinds.filter(([kind]) => plans[kind].length > 0);
  const hands = shown.flatMap(({ perturbed }) => present.map(([kind]) => perturbed?.hands?.[kind] as FigureArray));
  const bounds = handBounds({ body, trials: present.flatMap(([kind]) => plans[kind]) }, hands);
  const figures = shown.flatMap(({ model, perturbed }) =>
    present.map(([kind, title]) =>
      panel(
        `${model}: ${title}`,
        formatPlural(plans[kind].length, 'trial'),
        pathFigure(
          { body, trials: plans[kind], still: true },
          perturbed?.hands?.[kind] as FigureArray,
          bounds,
          `Hand paths of ${model}, ${title} interventions`,
        ),
      ),
    ),
  );
  return html`<figure>${pathLegend}<div class="figures pairs">${figures}</div><figcaption><b>Hand paths of validation trials</b>, with interventions and without, the first one of each strong; one scale for all.</figcaption></figure>`;
}
