// One trial of one model in rows over a common time axis, for any task: latents on PC 1–3, controlled outputs, targets, noisy inputs.
// Every channel has a lane of its own, so that traces never hide each other. reach-panels.ts has the rows of tasks that move a body.
import type { ExperimentSummary, FigureArray, RunSummary } from '../analysis/summary-data.js';
import { bottomAxis, type Frame, svgFigure, verticalLabel } from './axes.js';
import { drawTrace } from './draw-trace.js';
import { minus, shorten } from './format.js';
import { html, type Markup } from './html.js';
import { linearScale, linearTicks, pixel, roundDown } from './scale.js';

/** One block of lanes with a common scale. */
export interface Row {
  readonly title: string;
  /** Name of the array in the page's data, for redrawing. */
  readonly array: string;
  readonly values: FigureArray;
  /** One a channel, from channel `first` (default 0) on. */
  readonly labels: readonly string[];
  readonly first?: number;
  /** Default `dimensionless`. */
  readonly unit?: string;
  /** Pixels of a lane, if not the usual. */
  readonly lane?: number;
  /** Values at the edges of a lane, and the two that are written beside it. */
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly [number, number];
  readonly kind: string;
  /** Drawn behind in grey, on the same scale. */
  readonly behind?: { readonly array: string; readonly values: FigureArray };
}

/** What the common axis shows: steps, and seconds a step where there is a unit of time. */
export interface TimeAxis {
  readonly task: { readonly steps: number; readonly stepDuration: number | null };
}

const width = 460;
const left = 50;
const usualRight = 62;
/** Room for the names of muscles. */
const wideRight = 100;
const rowGap = 30;
/** More channels than this have narrow lanes, of which only the first shows its scale; more than the second number share one lane. */
const mostWideLanes = 6;
const mostLanes = 20;

/** The figure for model number `model` of the page (its place in the page's data); shows the first trial. */
export function trialPanels(summary: ExperimentSummary, run: RunSummary, model: number): Markup {
  return drawRows(summary, trialRows(summary, run), model, `A trial of ${run.model}: latents, controlled outputs, targets and inputs over time`);
}

/** Rows over a common time axis; what `marks` returns for the frame (events) lies behind the traces. */
export function drawRows(summary: TimeAxis, rows: readonly Row[], model: number, describes: string, marks?: (frame: Frame) => Markup): Markup {
  const right = marks ? wideRight : usualRight;
  const laneHeight = (row: Row) => row.lane ?? (lanes(row) === 1 ? 84 : lanes(row) > mostWideLanes ? 20 : 32);
  const heights = rows.map((row) => laneHeight(row) * lanes(row));
  const above = marks ? 12 : 0;
  const height = heights.reduce((sum, value) => sum + value + rowGap, 0) + 34 + above;
  const frame: Frame = { width, height, left, right, top: 0, bottom: 38 };
  let top = rowGap - 8 + above;
  const panels = rows.map((row, i) => {
    const panel = drawRow(frame, row, model, top, laneHeight(row));
    top += (heights[i] as number) + rowGap;
    return panel;
  });
  const { steps, stepDuration } = summary.task;
  const duration = stepDuration ?? 1;
  const time = linearScale(0, (steps - 1) * duration, left, width - right);
  return svgFigure(
    frame,
    describes,
    [
      marks?.(frame) ?? null,
      panels,
      bottomAxis(frame, { scale: time, ticks: linearTicks(0, (steps - 1) * duration, 5), label: `time (${stepDuration === null ? 'step' : 's'})` }),
    ],
    'trial',
  );
}

const lanes = (row: Row) => (row.labels.length > mostLanes ? 1 : row.labels.length);

function trialRows({ task, trials }: ExperimentSummary, run: RunSummary): Row[] {
  const latents = run.latents as FigureArray;
  const outputs = run.outputs as FigureArray;
  const shown = Math.min(3, run.hiddenSize);
  // outputs and targets share one scale, so that a lane shows how far apart they are
  const goal = task.binary ? { low: -0.25, high: 1.25, ticks: [0, 1] as const } : limits([...outputs.values, ...trials.targets.values]);
  const seen = limits(trials.inputs.values);
  return [
    {
      title: 'latents: principal components',
      array: 'latents',
      values: latents,
      labels: Array.from({ length: shown }, (_, k) => `PC ${k + 1}`),
      ...limits(latents.values),
      kind: 'pc',
    },
    {
      title: task.binary ? 'controlled (grey: target)' : 'controlled',
      array: 'outputs',
      values: outputs,
      labels: task.outputLabels,
      ...goal,
      kind: 'channel',
      behind: { array: 'targets', values: trials.targets },
    },
    { title: 'target', array: 'targets', values: trials.targets, labels: task.outputLabels, ...goal, kind: 'channel' },
    { title: 'noisy input', array: 'inputs', values: trials.inputs, labels: task.inputLabels, ...seen, kind: 'channel' },
  ];
}

/** Limits around all values, symmetric for signed ones, and two round values to write beside the lane. */
export function limits(values: readonly number[]): { low: number; high: number; ticks: readonly [number, number] } {
  const low = values.reduce((a, b) => Math.min(a, b), 0);
  const high = values.reduce((a, b) => Math.max(a, b), 0);
  if (low === high) return { low: -1, high: 1, ticks: [0, 1] };
  const size = Math.max(-low, high);
  // written values lie well inside the lane, so that those of neighbouring lanes stay apart
  const tick = roundDown(size * 0.72);
  if (low < 0 && high > 0) return { low: -size * 1.05, high: size * 1.05, ticks: [-tick, tick] };
  return low < 0 ? { low: low * 1.05, high: -low * 0.05, ticks: [-tick, 0] } : { low: -high * 0.05, high: high * 1.05, ticks: [0, tick] };
}

function drawRow(frame: Frame, row: Row, model: number, top: number, laneHeight: number): Markup {
  const count = lanes(row);
  const height = laneHeight * count;
  const span = frame.width - left - frame.right;
  const marks: Markup[] = [];
  for (let lane = 0; lane < count; lane++) {
    const laneTop = top + lane * laneHeight;
    const y = linearScale(row.low, row.high, laneTop + laneHeight - 2, laneTop + 2);
    if (lane > 0) marks.push(html`<path class="grid" d="M${left},${pixel(laneTop)}h${span}"/>`);
    if (lane === 0 || count <= mostWideLanes)
      for (const tick of row.ticks)
        marks.push(
          html`<path class="tick" d="M${left - 4},${pixel(y(tick))}h4"/><text x="${left - 7}" y="${pixel(y(tick) + 3.4)}">${minus(String(tick))}</text>`,
        );
    if (count === row.labels.length)
      marks.push(
        html`<text class="lane ${row.kind}${lane % 6}" x="${frame.width - frame.right + 7}" y="${pixel(laneTop + laneHeight / 2 + 4)}">${shorten(row.labels[lane] as string, frame.right > usualRight ? 15 : 9)}</text>`,
      );
  }
  const scale = (laneHeight - 4) / (row.high - row.low);
  const traces = row.labels.map((_, i) => {
    const base = top + (count === 1 ? 0 : i) * laneHeight + laneHeight - 2 + row.low * scale;
    const channel = i + (row.first ?? 0);
    return html`${row.behind ? trace(row.behind.array, row.behind.values, span, model, channel, base, scale, 'behind') : null}${trace(row.array, row.values, span, model, channel, base, scale, `${row.kind}${i % 6}`)}`;
  });
  return html`<g class="row"><text class="title" x="${left}" y="${pixel(top - 6)}">${row.title}</text><rect x="${left}" y="${pixel(top)}" width="${span}" height="${height}"/>${marks}${verticalLabel(frame, `(${row.unit ?? 'dimensionless'})`, top + height / 2)}${traces}</g>`;
}

function trace(array: string, values: FigureArray, span: number, model: number, channel: number, base: number, scale: number, kind: string): Markup {
  const path = drawTrace(values.values, values.shape, 0, channel, left, span, base, scale);
  return html`<path class="trace ${kind}" data-array="${array}" data-model="${model}" data-channel="${channel}" data-left="${left}" data-width="${span}" data-base="${base.toFixed(2)}" data-scale="${scale.toFixed(4)}" d="${path}"/>`;
}
