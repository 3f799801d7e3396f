// The sections that a task with a body adds to the report: the arm at work, its trials in numbers, hand paths, pushes, and how they came about.
import type { ExperimentSummary, FigureArray, ReachRun, RunSummary } from '../analysis/summary-data.js';
import { animationFigure, handBounds, movingView, postureFigure, trialPlan } from './body-view.js';
import { bumpTable, hasBumps, phaseNames, responseFigure, responseLimit, shiftFigure } from './bump-figure.js';
import { curveFigure } from './curve-figure.js';
import { formatCount, formatList, formatNumber, formatPlural } from './format.js';
import { html, type Markup } from './html.js';
import { metricLabel, metricNumber, metricText, reachMetrics } from './metric-text.js';
import { gifName } from './movement-gif.js';
import type { MotionData } from './page-motion.js';
import { pathFigure, pathLegend } from './path-figure.js';
import { reachPanels } from './reach-panels.js';
import { legendLine, panel, type Section } from './section.js';

type ReachSummary = NonNullable<ExperimentSummary['reach']>;

/** What the page's script needs to move the bodies. */
export function motionData(summary: ExperimentSummary, shown: readonly RunSummary[]): MotionData {
  const reach = summary.reach as ReachSummary;
  return {
    view: movingView(summary, shown),
    plans: reach.trials.map((trial) => trialPlan(trial, summary.trials.stride)),
    sentences: trialSentences(summary),
  };
}

/** What happens in each shown trial, in a sentence; the page shows that of the chosen one. */
export function trialSentences(summary: ExperimentSummary): string[] {
  const { trials, task } = summary;
  const unit = task.stepDuration ?? 1;
  const at = (step: number) => `${(step * unit).toFixed(2)}\u202fs`;
  return (summary.reach as ReachSummary).trials.map(({ start, goal, targetOn, goCue, bump }, k) => {
    const parts = [
      targetOn === null
        ? 'no target is shown'
        : `target shown from ${at(targetOn)}, ${(100 * Math.hypot(goal[0] - start[0], goal[1] - start[1])).toFixed(0)}\u202fcm from the start`,
      goCue === null ? 'no go cue (a catch trial: the hand should stay)' : `go cue at ${at(goCue)}`,
      bump
        ? `a push of ${formatNumber(Math.hypot(...bump.force), 2)}\u202fN from ${at(bump.onset)} to ${at(Math.min(task.steps, bump.onset + bump.steps))}`
        : 'no push',
    ];
    return `Trial ${trials.indices[k]}: ${parts.join(', ')}.`;
  });
}

/** The animated body. */
export function bodySection(summary: ExperimentSummary, shown: readonly RunSummary[]): Section {
  const reach = summary.reach as ReachSummary;
  const { body } = reach;
  const view = movingView(summary, shown);
  const samples = summary.trials.targets.shape[1] as number;
  const figures = shown.map((run, model) => {
    const values = run.reach?.activation as FigureArray;
    const levels = body.muscleNames.map((name, m) => {
      const level = values.values[(samples - 1) * body.muscleNames.length + m] as number;
      return html`<li><span>${name}</span><i style="--share:${(100 * Math.min(1, Math.max(0, level / view.fullActivation))).toFixed(0)}%"></i><b>${level.toFixed(2)}</b></li>`;
    });
    return panel(
      run.model,
      endPointNote(run),
      html`${animationFigure(summary, run, view, model)}<ul class="levels" data-levels="${model}" aria-label="Activation of each muscle">${levels}</ul>`,
    );
  });
  const isArm = body.skeleton === 'arm';
  const end = ((samples - 1) * view.sampleTime).toFixed(1);
  const postures = shown.map((run, model) =>
    panel(
      isArm ? 'Postures over time' : 'Path over time',
      shown.length > 1 ? run.model : null,
      html`${postureFigure(summary, run, view, model)}<div class="time-legend"><span>0\u202fs</span><i></i><span>${end}\u202fs</span></div>`,
    ),
  );
  const what = isArm ? 'The arm seen from above, its muscles' : 'The mass, its muscles';
  const legend = html`<ul class="legend">
<li><svg class="body" viewBox="0 0 28 10" aria-hidden="true"><rect class="start" x="10" y="1" width="8" height="8"/></svg> start</li>
<li><svg class="body" viewBox="0 0 28 10" aria-hidden="true"><circle class="target-wait" cx="14" cy="5" r="4.2"/></svg> target, wait</li>
<li><svg class="body" viewBox="0 0 28 10" aria-hidden="true"><circle class="target" cx="14" cy="5" r="4.2"/><circle class="target-go" cx="14" cy="5" r="4.2"/></svg> target, go</li>
<li><svg class="body" viewBox="0 0 28 10" aria-hidden="true"><path class="trail" stroke-width="2" d="M1,5H27"/></svg> way of the hand</li>
<li><svg class="body" viewBox="0 0 28 10" aria-hidden="true"><path class="push" stroke-width="3" d="M2,5H20"/><path class="push area" d="M27,5l-8,-4v8Z"/></svg> push</li>
<li><span class="ramp"></span> activation 0 to ${view.fullActivation}</li></ul>`;
  const section = html`<h2>${isArm ? 'The arm at work' : 'The body at work'}</h2>
<figure>${legend}<div class="figures">${figures}${shown.length === 1 ? postures : null}</div>
${player(samples, view.sampleTime)}
<figcaption><b>${what} coloured and widened by activation${isArm ? '; beside it postures from start to end, coloured by time' : ''}.</b> <span class="trial-sentence">${trialSentences(summary)[0] as string}</span> ${isArm && drawnByConvention(summary) ? 'Where muscles run is a drawing convention; their lengths and moment arms are those of the model. ' : ''}<span class="hint">Play, or drag the time bar; with the keyboard, focus it and use the arrow keys. The same as a moving picture: <code>${formatList(shown.map(gifName))}</code> beside this page.</span></figcaption>${shown.length > 1 ? html`<div class="figures">${postures}</div>` : null}</figure>`;
  return { id: 'body', short: isArm ? 'Arm' : 'Body', body: section };
}

const drawnByConvention = ({ reach }: ExperimentSummary) => /Arm26|Reacher/.test(reach?.body.name ?? '');

function player(samples: number, seconds: number): Markup {
  return html`<div class="player"><button type="button" data-play aria-pressed="false">Play</button><label>Speed <select data-speed><option value="0.25">¼</option><option value="0.5">½</option><option value="1" selected>1</option></select></label><button type="button" data-through aria-pressed="true">All trials</button><output data-clock>${((samples - 1) * seconds).toFixed(2)}\u202fs</output>
<div class="timeline"><div aria-hidden="true"><i data-mark="bump"></i><i data-mark="targetOn"><span>target</span></i><i data-mark="goCue"><span>go</span></i></div><input type="range" data-scrub min="0" max="${samples - 1}" step="1" value="${samples - 1}" aria-label="Time within the trial"></div></div>`;
}

function endPointNote(run: RunSummary): string | null {
  const error = run.evaluation.metrics.endPointError;
  return error === undefined ? null : `median end-point error ${metricText('endPointError', error)}`;
}

/** One trial over time. */
export function movementSection(summary: ExperimentSummary, shown: readonly RunSummary[]): Section {
  const rows = shown.map((run, model) => {
    const title = (name: string) => (shown.length > 1 ? `${run.model}: ${name.toLowerCase()}` : name);
    return html`<div class="figures">${reachPanels(summary, run, model).map((figure) => panel(title(figure.title), null, figure.figure))}</div>`;
  });
  const body = html`<h2>A trial over time</h2>
<figure>${rows}
<figcaption><b>The chosen trial.</b> <span class="trial-sentence">${trialSentences(summary)[0] as string}</span> Vertical lines mark when the target appears and when the go cue comes; the shaded stretch is the push. Look for a hand that waits for the go cue, moves once with a single-peaked speed, and stays.</figcaption></figure>`;
  return { id: 'movement', short: 'Trial', body };
}

/** Hand paths of all shown trials. */
export function pathSection(summary: ExperimentSummary, shown: readonly RunSummary[]): Section {
  const reach = summary.reach as ReachSummary;
  const bounds = handBounds(
    reach,
    shown.map(({ outputs }) => outputs as FigureArray),
  );
  const figures = shown.map((run) =>
    panel(
      run.model,
      endPointNote(run),
      pathFigure(reach, run.outputs as FigureArray, bounds, `Hand paths of ${run.model} in ${formatPlural(reach.trials.length, 'trial')}`),
    ),
  );
  const body = html`<h2>Hand paths</h2>
<figure>${pathLegend}<div class="figures">${figures}${shown.map((run) => panel(run.model, 'how far from the target trials end', errorFigure(run)))}</div>
<figcaption><b>${formatPlural(reach.trials.length, 'validation trial')}, the chosen one strong.</b> Beside it: how many trials end within a given distance of their target (mean over the last ten steps, trials with a go cue at least 40 steps before the end and without push). Look for straight paths that end on their target, and for catch trials that stay where they are.</figcaption></figure>`;
  return { id: 'paths', short: 'Paths', body };
}

function errorFigure(run: RunSummary): Markup {
  const errors = [...(run.reach as ReachRun).endPointErrors].sort((a, b) => a - b);
  const median = run.evaluation.metrics.endPointError;
  return curveFigure(
    [{ xs: [0, ...errors.map((error) => error * 100)], ys: [0, ...errors.map((_, i) => (100 * (i + 1)) / errors.length)], kind: 'validation' }],
    {
      describes: `Share of trials of ${run.model} that end within a distance of their target${median === undefined ? '' : `; the median is ${metricText('endPointError', median)}`}`,
      xLabel: 'end-point error (cm)',
      yLabel: 'share of trials (%)',
      include: [0, 100],
      height: 290,
    },
  );
}

/** Hand paths at the epochs whose checkpoints were kept; null where there are none besides the analysed one. */
export function epochSection(summary: ExperimentSummary, shown: readonly RunSummary[]): Section | null {
  const several = shown.filter((run) => (run.reach?.epochs.length ?? 0) > 1);
  if (several.length === 0) return null;
  const reach = summary.reach as ReachSummary;
  const rows = several.map((run) => {
    const epochs = (run.reach as ReachRun).epochs;
    const bounds = handBounds(
      reach,
      epochs.map(({ hand }) => hand),
    );
    return html`<div class="figures small">${epochs.map(({ epoch, error, hand }) => panel(`${several.length > 1 ? `${run.model}, ` : ''}epoch ${epoch}`, error === null ? null : `error ${metricText('endPointError', error)}`, pathFigure(reach, hand, bounds, `Hand paths of ${run.model} after epoch ${epoch}`, 240)))}</div>`;
  });
  const body = html`<h2>How the paths came about</h2>
<figure>${pathLegend}${rows}
<figcaption><b>The same trials after more and more training</b>, at the epochs whose checkpoints were kept (<code>training.checkpointEpochs</code>), with the same noise. One scale for all pictures of a network.</figcaption></figure>`;
  return { id: 'epochs', short: 'Epochs', body };
}

/** What pushes do; null where no shown network was pushed. */
export function bumpSection(summary: ExperimentSummary, shown: readonly RunSummary[]): Section | null {
  if (!hasBumps(summary)) return null;
  const pushed = shown.filter((run) => (run.reach?.bumps.length ?? 0) > 0);
  const seconds = summary.task.stepDuration ?? 1;
  const limit = responseLimit(pushed.map(({ reach }) => reach as ReachRun));
  const names = (summary.reach as ReachSummary).body.muscleNames;
  const phases = [...new Set(pushed.flatMap((run) => (run.reach as ReachRun).bumps.map(({ phase }) => phase)))];
  const rows = pushed.map((run) => {
    const { bumps } = run.reach as ReachRun;
    const title = (name: string) => (pushed.length > 1 ? `${run.model}: ${name.toLowerCase()}` : name);
    const hand = panel(
      title('Hand'),
      null,
      html`${shiftFigure(run.model, bumps, 'parallel', seconds)}${shiftFigure(run.model, bumps, 'perpendicular', seconds)}${bumpTable(bumps)}`,
    );
    const muscles = bumps
      .filter(({ phase }) => phase !== 'later')
      .map((bump) =>
        panel(title(`Muscles, pushed ${phaseNames[bump.phase]}`), formatPlural(bump.trials, 'trial'), responseFigure(run.model, bump, names, limit, seconds)),
      );
    return html`<div class="figures">${hand}${muscles}</div>`;
  });
  const body = html`<h2>What a push does</h2>
<figure><ul class="legend">${phases.map((phase) => html`<li>${legendLine(`phase-${phase}`)} ${phaseNames[phase]}</li>`)}<li>${legendLine('stretched')} muscle stretched</li><li>${legendLine('shortened')} muscle shortened</li></ul>
${rows}
<figcaption><b>Each pushed validation trial minus the same trial, with the same noise, without its push</b>; means, bands of one standard deviation over trials, the mean duration of a push shaded. Along and across refer to the direction of the push (across: to its left). “While waiting” is before the go cue or in catch trials, “while moving” up to ${phaseSeconds} after it. Return: time from the end of the push until the shift is within a tenth of its peak for good; median. Look for a shift that comes back, and for stretched muscles that answer more than shortened ones, after the delay of the senses.</figcaption></figure>`;
  return { id: 'pushes', short: 'Pushes', body };
}

const phaseSeconds = '0.4\u202fs';

/** Terms of the loss and the end-point error over the epochs, as columns of the section on learning. */
export function learningPanels(shown: readonly RunSummary[]): Markup[] {
  const axes = { xLabel: 'training time (epoch)', logarithmic: true, whole: true, right: 62 };
  const terms = shown.flatMap(({ model, curves: { epoch, metrics } }) => {
    const { positionLoss, actionLoss } = metrics;
    if (!positionLoss || !actionLoss) return [];
    const line = (ys: readonly (number | null)[], kind: string) => ({ xs: epoch, ys, kind, end: formatNumber(ys.at(-1), 2) });
    const figure = curveFigure([line(positionLoss, 'position-term'), line(actionLoss, 'action-term')], {
      ...axes,
      describes: `Position and action term of the loss of ${model} over epochs`,
      yLabel: 'loss (dimensionless)',
    });
    const legend = html`<ul class="legend"><li>${legendLine('position-term')} position</li><li>${legendLine('action-term')} action</li></ul>`;
    return [panel(model, 'terms of the validation loss', html`${legend}${figure}`)];
  });
  const errors = shown.flatMap(({ model, curves: { epoch, metrics } }) => {
    const cm = metrics.endPointError?.map((value) => (value === null ? null : value * 100));
    if (!cm) return [];
    const figure = curveFigure([{ xs: epoch, ys: cm, kind: 'validation', end: `${formatNumber(cm.at(-1), 2)}\u202fcm` }], {
      ...axes,
      describes: `End-point error of ${model} over epochs`,
      yLabel: 'end-point error (cm)',
    });
    return [panel(model, 'median end-point error', figure)];
  });
  return [...terms, ...errors];
}

/** Every metric of every run as numbers, with what each of them means. */
export function metricSection(summary: ExperimentSummary): Section {
  const { runs } = summary;
  const names = Object.keys(reachMetrics).filter((name) => runs.some(({ evaluation }) => evaluation.metrics[name] !== undefined));
  const several = new Set(runs.map(({ model }) => model)).size < runs.length;
  const rows = runs.map((run) => {
    const cells = names.map((name) => html`<td data-label="${metricLabel(name)}">${metricNumber(name, run.evaluation.metrics[name]) ?? '–'}</td>`);
    return html`<tr><th scope="row">${run.model}${several ? `, seed ${run.seed}` : null}</th>${cells}</tr>`;
  });
  const body = html`<h2>How well they reach</h2>
<table class="runs"><thead><tr><th scope="col">Model</th>${names.map((name) => html`<th scope="col">${metricLabel(name)}</th>`)}</tr></thead><tbody>${rows}</tbody></table>
<p class="quiet small-print">${formatCount(summary.data.validationTrials)} validation trials, noise on. ${names.map((name) => `${capital(metricLabel(name))}: ${reachMetrics[name]?.says}.`).join(' ')}</p>`;
  return { id: 'metrics', short: 'Metrics', body };
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
