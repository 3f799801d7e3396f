// What a report says of the multitask battery: one trial of every task, which tasks were learned and when, choices against evidence, and where responses end.
import type { ExperimentSummary, MultitaskRun, MultitaskTaskScore, RunSummary } from '../analysis/summary-data.js';
import { familyOf, ruleChannel } from '../tasks/multitask-trial.js';
import type { MultitaskName } from '../tasks/multitask-options.js';
import { type Frame, svgFigure } from './axes.js';
import { barFigure } from './bar-figure.js';
import { curveFigure } from './curve-figure.js';
import { formatPlural, formatShare } from './format.js';
import { html, type Markup } from './html.js';
import { matrixFigure } from './matrix-figure.js';
import { multitaskPlanes, multitaskTrialFigure, phaseLegend } from './multitask-trial-figure.js';
import { linearScale, pixel } from './scale.js';
import { panel, type Section } from './section.js';

type Shown = RunSummary & { readonly multitask: MultitaskRun };
const withScores = (runs: readonly RunSummary[]): Shown[] => runs.filter((run): run is Shown => run.multitask !== undefined);
const share = (value: number | null) => (value === null ? '–' : formatShare(value, 1));

/** Sections of the battery; none for other tasks. */
export function multitaskSections(summary: ExperimentSummary, runs: readonly RunSummary[]): Section[] {
  const shown = withScores(runs);
  if (shown.length === 0 || !summary.examples) return [];
  return [successSection(shown), exampleSection(summary, shown), psychometricSection(shown), responseSection(shown)].filter((section) => section !== null);
}

/** The battery in a sentence about one network. */
export function multitaskVerdict(run: RunSummary): string | null {
  const scores = run.multitask?.scores.filter(({ success }) => success !== null);
  if (!scores || scores.length === 0) return null;
  const worst = scores.reduce((a, b) => ((b.success as number) < (a.success as number) ? b : a));
  const trials = scores.reduce((sum, score) => sum + score.trials, 0);
  const mean = scores.reduce((sum, { success, trials: own }) => sum + (success as number) * own, 0) / trials;
  return `${run.model} succeeds in ${formatShare(mean, 1)} of ${formatPlural(trials, 'validation trial')} of ${formatPlural(scores.length, 'task')}; in ${worst.task}, the hardest for it, in ${share(worst.success)}`;
}

/** Epochs that a table of success shows at most. */
const mostEpochs = 8;

function successSection(shown: readonly Shown[]): Section {
  const panels = shown.flatMap((run) => {
    const { scores } = run.multitask;
    const bars = barFigure({
      describes: `Success of ${run.model} by task, by the corrected and by the published rule`,
      groups: scores.map(({ task }) => task),
      series: [
        { name: 'corrected rule', values: scores.map(({ success }) => success) },
        { name: 'published rule', values: scores.map(({ published }) => published) },
      ],
      xLabel: '',
      yLabel: 'share of trials (dimensionless)',
      include: [0, 1],
    });
    const rows = scores.map(
      ({ task, trials, success, published }) =>
        html`<tr><th scope="row">${task}</th><td>${trials}</td><td>${share(success)}</td><td>${share(published)}</td></tr>`,
    );
    const table = html`<table class="numbers"><thead><tr><th scope="col">task</th><th scope="col">trials</th><th scope="col">success</th><th scope="col">published rule</th></tr></thead><tbody>${rows}</tbody></table>`;
    return [panel(run.model, 'success by task', html`${bars}${table}`), panel(run.model, 'success over epochs', epochFigure(run))];
  });
  const body = html`<h2>Which tasks they have learned</h2>
<figure><div class="figures">${panels}</div>
<figcaption><b>Share of validation trials in which the task succeeds.</b> A response counts when its direction at the last step is within 18° of the target; a trial that asks for none, when the norm of the response stays below 0.3 (corrected rule). The published rule also passes such a trial when cosine and sine add up to less than 0.1 or the direction happens to be near 0°. Over epochs: one row a task, numbers are shares by the corrected rule.</figcaption></figure>`;
  return { id: 'tasks', short: 'Tasks', body };
}

/** Success of every task at some epochs, as recorded in training. */
function epochFigure({ model, curves, multitask }: Shown): Markup {
  const last = curves.epoch.length - 1;
  const count = Math.min(mostEpochs, curves.epoch.length);
  // Denser at the beginning, where most is learned.
  const chosen = [...new Set(Array.from({ length: count }, (_, i) => (count === 1 ? last : Math.round(last * (i / (count - 1)) ** 1.7))))];
  const tasks = multitask.scores.map(({ task }) => task);
  return matrixFigure({
    describes: `Success of ${model} by task over epochs`,
    rows: tasks,
    columns: chosen.map((i) => String(curves.epoch[i])),
    values: tasks.map((task) => chosen.map((i) => curves.metrics[`success ${task}`]?.[i] ?? null)),
    rowLabel: 'task',
    columnLabel: 'epoch',
    valueLabel: 'success (share of trials)',
    low: 0,
    high: 1,
  });
}

function exampleSection(summary: ExperimentSummary, shown: readonly Shown[]): Section {
  const run = shown[0] as Shown;
  const examples = summary.examples ?? [];
  const panels = examples.map((example, i) => {
    const view = {
      task: example.task,
      phases: example.phases,
      inputs: example.inputs.values,
      targets: example.targets.values,
      stepDuration: summary.task.stepDuration ?? 1,
      rule: ruleChannel(example.task as MultitaskName),
      ...(run.multitask.examples[i] ? { outputs: run.multitask.examples[i].values } : {}),
    };
    return panel(example.task, `trial ${example.index} of the data set`, html`${multitaskTrialFigure(view)}${multitaskPlanes(view)}`);
  });
  const names = examples.flatMap(({ phases }) => phases.map(({ name }) => name));
  const body = html`<h2>One trial of every task</h2>
<figure>${phaseLegend(names)}<div class="figures">${panels}</div>
<figcaption><b>What the network sees, what it should do (pale and thick) and what ${run.model} does (thin)</b>, over the phases of the trial (dashed lines). Cosines are blue, sines vermilion; among the rules, the task's own is dark. All quantities are dimensionless, and drawn up to ±1.5. Below: the same trial as a path through the planes of both modalities and of the response, coloured by phase, a dot at the end of each.</figcaption></figure>`;
  return { id: 'battery', short: 'Trials', body };
}

function psychometricSection(shown: readonly Shown[]): Section | null {
  const curvesOf = (family: 'decision' | 'match', run: Shown) =>
    run.multitask.scores
      .filter(({ task, psychometric }) => familyOf(task as MultitaskName) === family && psychometric.length > 0)
      .map(({ task, psychometric }, i) => ({
        name: task,
        kind: `series${i}`,
        xs: psychometric.map(({ at }) => at),
        ys: psychometric.map(({ share: value }) => value),
      }));
  const panels = shown.flatMap((run) => {
    const decisions = curvesOf('decision', run);
    const matches = curvesOf('match', run);
    const common = { include: [0, 1], hover: true };
    return [
      ...(decisions.length > 0
        ? [
            panel(
              run.model,
              'decisions',
              curveFigure(decisions, {
                ...common,
                describes: `Choices of the first stimulus by ${run.model} against the evidence for it`,
                xLabel: 'first minus second amplitude (dimensionless)',
                yLabel: 'chose the first (share of trials)',
              }),
            ),
          ]
        : []),
      ...(matches.length > 0
        ? [
            panel(
              run.model,
              'matches',
              curveFigure(matches, {
                ...common,
                describes: `Responses of ${run.model} against the angle between both stimuli`,
                xLabel: 'angle between the stimuli (°)',
                yLabel: 'responded (share of trials)',
              }),
            ),
          ]
        : []),
    ];
  });
  if (panels.length === 0) return null;
  const body = html`<h2>How they decide</h2>
<figure><div class="figures">${panels}</div>
<figcaption><b>Choices against evidence, on the validation trials.</b> Decisions: the share of trials in which the response is closer to the first stimulus, against how much stronger that was in what the task asks to look at (ContextIntMultimodal: the sum of both modalities; a tie goes to the first). Matches: the share of trials with a response (norm of 0.3 or more), against the angle between the stimuli in bins of 30°. Look for steep steps, and for Pro and Anti crossing.</figcaption></figure>`;
  return { id: 'choices', short: 'Choices', body };
}

function responseSection(shown: readonly Shown[]): Section {
  const rows = shown.map(
    (run) =>
      html`${shown.length > 1 ? html`<h3>${run.model}</h3>` : null}<div class="figures small">${run.multitask.scores.map((score) => panel(score.task, `${share(score.success)}`, responseFigure(run.model, score)))}</div>`,
  );
  const body = html`<h2>Where responses end</h2>
<figure><ul class="legend"><li>${sample('mt-hit')} success</li><li>${sample('mt-miss')} failure, with a line to the target</li><li>${sample('mt-silent')} no response asked for</li></ul>${rows}
<figcaption><b>Cosine and sine of the response at the last step of up to 60 validation trials of each task</b>, with the circle of targets and the small circle of silence (0.3).</figcaption></figure>`;
  return { id: 'responses', short: 'Responses', body };
}

const sample = (kind: string): Markup => html`<svg class="swatch" viewBox="0 0 10 10" aria-hidden="true"><circle class="${kind}" cx="5" cy="5" r="3.6"/></svg>`;

const size = 240;

function responseFigure(model: string, { task, responses }: MultitaskTaskScore): Markup {
  const [from, to] = [34, size - 8];
  const x = linearScale(-1.5, 1.5, from, to);
  const y = linearScale(-1.5, 1.5, size - 34, 8);
  const clip = (value: number) => Math.max(-1.5, Math.min(1.5, value));
  const marks = responses.map(({ output, target, asked, right }) => {
    const [px, py] = [x(clip(output[0])), y(clip(output[1]))];
    const line = right || !asked ? null : html`<path class="mt-off" d="M${pixel(px)},${pixel(py)}L${pixel(x(target[0]))},${pixel(y(target[1]))}"/>`;
    return html`${line}<circle class="${right ? (asked ? 'mt-hit' : 'mt-silent') : 'mt-miss'}" cx="${pixel(px)}" cy="${pixel(py)}" r="3.2"/>`;
  });
  const ticks = [-1, 0, 1].map(
    (tick) =>
      html`<text class="mt-tick" x="${pixel(x(tick))}" y="${size - 20}">${tick === -1 ? '−1' : tick}</text><text class="mt-side" x="${from - 5}" y="${pixel(y(tick) + 4)}">${tick === -1 ? '−1' : tick}</text>`,
  );
  const radius = (value: number) => pixel(x(value) - x(0));
  const frame: Frame = { width: size, height: size, left: 0, right: 0, top: 0, bottom: 0 };
  return svgFigure(
    frame,
    `Responses of ${model} in ${task} at the end of ${responses.length} trials`,
    [
      html`<circle class="mt-circle" cx="${pixel(x(0))}" cy="${pixel(y(0))}" r="${radius(1)}"/><circle class="mt-circle" cx="${pixel(x(0))}" cy="${pixel(y(0))}" r="${radius(0.3)}"/><rect class="frame" x="${from}" y="8" width="${to - from}" height="${size - 42}"/>`,
      marks,
      ticks,
      html`<text class="mt-tick name" x="${(from + to) / 2}" y="${size - 4}">cos (dimensionless)</text><text class="mt-tick" transform="translate(10 ${size / 2 - 14}) rotate(-90)">sin</text>`,
    ],
    'chart mt',
  );
}
