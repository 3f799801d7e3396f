// One trial of a body over time, in three figures: the movement, the muscles, the network; with target, go cue and push as marks.
import type { ExperimentSummary, FigureArray, RunSummary } from '../analysis/summary-data.js';
import type { Frame } from './axes.js';
import { trialPlan } from './body-view.js';
import { html, type Markup } from './html.js';
import { linearTicks, pixel } from './scale.js';
import { drawRows, limits, type Row } from './trial-panels.js';

/** The figures of model number `model` with their titles; they show the first trial. */
export function reachPanels(summary: ExperimentSummary, run: RunSummary, model: number): { title: string; figure: Markup }[] {
  const { task, trials, reach } = summary;
  const outputs = run.outputs as FigureArray;
  const motion = run.reach?.motion as FigureArray;
  const force = run.reach?.force as FigureArray;
  const activation = run.reach?.activation as FigureArray;
  const latents = run.latents as FigureArray;
  const names = (reach as NonNullable<ExperimentSummary['reach']>).body.muscleNames;
  const channel = (which: number) => motion.values.filter((_, i) => i % 2 === which);
  const muscleLane = names.length > 6 ? 24 : 40;
  const hand = (axis: 0 | 1): Row => ({
    title: axis === 0 ? 'hand (grey: where it should be)' : '',
    array: 'outputs',
    values: outputs,
    labels: [axis === 0 ? 'x' : 'y'],
    first: axis,
    ...extent([outputs, trials.targets].flatMap(({ values }) => values.filter((_, i) => i % 2 === axis))),
    kind: 'channel',
    unit: 'm',
    lane: 66,
    behind: { array: 'targets', values: trials.targets },
  });
  const movement: Row[] = [
    hand(0),
    hand(1),
    { title: 'speed of the hand', array: 'motion', values: motion, labels: ['speed'], ...limits(channel(0)), kind: 'channel', unit: 'm/s', lane: 66 },
    {
      title: 'distance from where it should be',
      array: 'motion',
      values: motion,
      labels: ['error'],
      first: 1,
      ...limits(channel(1)),
      kind: 'channel',
      unit: 'm',
      lane: 66,
    },
  ];
  const muscles: Row[] = [
    {
      title: 'muscle activations',
      array: 'activation',
      values: activation,
      labels: names,
      ...limits(activation.values),
      kind: 'channel',
      lane: muscleLane,
    },
    { title: 'muscle forces', array: 'force', values: force, labels: names, ...limits(force.values), kind: 'channel', unit: 'N', lane: muscleLane },
  ];
  const shown = Math.min(3, run.hiddenSize);
  const network: Row[] = [
    {
      title: 'noisy input',
      array: 'inputs',
      values: trials.inputs,
      labels: task.inputLabels,
      ...limits(trials.inputs.values),
      kind: 'channel',
      lane: 48,
    },
    {
      title: 'latents: principal components',
      array: 'latents',
      values: latents,
      labels: Array.from({ length: shown }, (_, k) => `PC ${k + 1}`),
      ...limits(latents.values),
      kind: 'pc',
      lane: 60,
    },
  ];
  const draw = (title: string, rows: readonly Row[], says: string) => ({
    title,
    figure: drawRows(
      summary,
      rows.filter(({ labels }) => labels.length > 0),
      model,
      `A trial of ${run.model}: ${says} over time`,
      (frame) => eventMarks(summary, frame),
    ),
  });
  return [
    draw('Movement', movement, 'position, speed and error of the hand'),
    draw('Muscles', muscles, 'activations and forces of its muscles'),
    draw('Network', network, 'inputs and latents of its network'),
  ];
}

/** Limits around values that need not hold zero, and two round values to write beside them. */
function extent(values: readonly number[]): Pick<Row, 'low' | 'high' | 'ticks'> {
  const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const margin = 0.08 * (high - low || Math.abs(high) || 1);
  const ticks = linearTicks(low, high, 5);
  return { low: low - margin, high: high + margin, ticks: [ticks[0] ?? low, ticks.at(-1) ?? high] };
}

/** Target-on and go cue as lines and a push as a shaded stretch; the page's script moves them to the chosen trial. */
function eventMarks({ reach, trials }: ExperimentSummary, frame: Frame): Markup {
  const plan = trialPlan((reach as NonNullable<ExperimentSummary['reach']>).trials[0] as Parameters<typeof trialPlan>[0], trials.stride);
  const samples = trials.targets.shape[1] as number;
  const width = frame.width - frame.left - frame.right;
  const x = (sample: number) => pixel(frame.left + (samples > 1 ? (width * sample) / (samples - 1) : 0));
  const bottom = frame.height - frame.bottom;
  const hidden = html` visibility="hidden"`;
  const line = (name: 'targetOn' | 'goCue', at: number | null, text: string) =>
    html`<g class="event ${name}" data-event="${name}" data-left="${frame.left}" data-width="${width}" transform="translate(${at === null ? 0 : x(at)} 0)"${at === null ? hidden : null}><path d="M0,2V${bottom}"/><text x="${name === 'goCue' ? 4 : -4}" y="11">${text}</text></g>`;
  const bump = plan.bump;
  const from = bump ? Number(x(bump[0])) : 0;
  const to = bump ? Number(x(Math.min(bump[1], samples - 1))) : 0;
  return html`<rect class="event bump" data-event="bump" data-left="${frame.left}" data-width="${width}" x="${from}" y="14" width="${pixel(to - from)}" height="${bottom - 14}"${bump ? null : hidden}/>${line('targetOn', plan.targetOn, 'target')}${line('goCue', plan.goCue, 'go')}`;
}
