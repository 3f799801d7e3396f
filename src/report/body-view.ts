// Pictures of a body in space, with axes in metres: the part of space that holds every shown trial, and figures that the page's script redraws.
import type { BodySummary, ExperimentSummary, FigureArray, ReachRun, ReachTrial, RunSummary } from '../analysis/summary-data.js';
import { bottomAxis, type Frame, leftAxis, svgFigure } from './axes.js';
import { bodyShapes, type BodyView, postureShapes, type Shape, shapesSvg, type TrialPlan } from './draw-body.js';
import { html, type Markup, raw } from './html.js';
import { linearScale, linearTicks, pixel } from './scale.js';

type ReachSummary = NonNullable<ExperimentSummary['reach']>;
type Point = readonly [number, number];

/** The rectangle of space that a picture shows, m. */
export interface Bounds {
  readonly low: Point;
  readonly high: Point;
}

const margins = { left: 50, right: 10, top: 10, bottom: 40 };
/** Pixels of the longer side of a picture at most, and of its height at least. */
const mostWidth = 400;
const mostHeight = 400;

/** Smallest rectangle around points, with a margin of 6 % of its longer side. */
export function boundsOf(points: Iterable<Point>): Bounds {
  const low: [number, number] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const high: [number, number] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const point of points) {
    for (const axis of [0, 1] as const) {
      low[axis] = Math.min(low[axis], point[axis]);
      high[axis] = Math.max(high[axis], point[axis]);
    }
  }
  const margin = 0.06 * Math.max(high[0] - low[0], high[1] - low[1], 0.05);
  return { low: [low[0] - margin, low[1] - margin], high: [high[0] + margin, high[1] + margin] };
}

/** Everywhere that hands of the shown trials go, with the places where they start and should end. */
export function handBounds({ trials }: ReachSummary, hands: readonly FigureArray[]): Bounds {
  return boundsOf(handPoints(trials, hands));
}

/** The same with the whole arm and where its muscles begin, and room at the top for the time. */
export function bodyBounds({ body, trials }: ReachSummary, runs: readonly RunSummary[]): Bounds {
  const hands = runs.map(({ outputs }) => outputs as FigureArray);
  if (body.skeleton === 'pointMass') return withHead(handBounds({ body, trials }, hands));
  const points: Point[] = [...handPoints(trials, hands), [0, 0]];
  for (const path of body.paths) for (const { part, at } of path) if (part === 0) points.push(at);
  for (const { reach } of runs) {
    const values = reach?.joint?.values ?? [];
    for (let i = 0; i < values.length; i += 2) {
      const angle = values[i] as number;
      points.push([body.lengths[0] * Math.cos(angle), body.lengths[0] * Math.sin(angle)]);
    }
  }
  return withHead(boundsOf(points));
}

const withHead = ({ low, high }: Bounds): Bounds => ({ low, high: [high[0], high[1] + 0.06 * (high[1] - low[1])] });

function* handPoints(trials: readonly ReachTrial[], hands: readonly FigureArray[]): Generator<Point> {
  for (const { start, goal } of trials) {
    yield start;
    yield goal;
  }
  for (const { values } of hands) for (let i = 0; i < values.length; i += 2) yield [values[i] as number, values[i + 1] as number];
}

/** How a body is drawn within `bounds`; one scale along both axes. */
export function bodyView(body: BodySummary, { low, high }: Bounds, width = mostWidth, height = mostHeight): BodyView {
  const scale = Math.min(width / (high[0] - low[0]), height / (high[1] - low[1]));
  const size = [width, Math.min(height, Math.max(0.45 * width, scale * (high[1] - low[1])))] as const;
  // what is left over goes to both sides
  const middle = [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2] as const;
  return {
    width: size[0],
    height: Math.round(size[1]),
    scale,
    origin: [size[0] / 2 - middle[0] * scale, Math.round(size[1]) / 2 + middle[1] * scale],
    arm: body.skeleton === 'arm',
    lengths: body.lengths,
    paths: body.paths.map((path) => path.map(({ part, at }) => [part, at[0], at[1]] as const)),
    sampleTime: 1,
    fullActivation: 1,
  };
}

/** The activation to draw in full: a round number that 98 % of those of the shown trials stay below, 1 at most. */
export function fullActivation(runs: readonly RunSummary[]): number {
  const levels = runs.flatMap(({ reach }) => reach?.activation?.values ?? []).sort((a, b) => a - b);
  const high = levels[Math.floor(0.98 * (levels.length - 1))] ?? 1;
  return [0.05, 0.1, 0.2, 0.3, 0.5].find((level) => level >= high) ?? 1;
}

/** The view of an animation: the whole body in every shown trial of every drawn network. */
export function movingView(summary: ExperimentSummary, shown: readonly RunSummary[], width?: number): BodyView {
  const reach = summary.reach as ReachSummary;
  const sampleTime = (summary.task.stepDuration ?? 1) * summary.trials.stride;
  return { ...bodyView(reach.body, bodyBounds(reach, shown), width, width), sampleTime, fullActivation: fullActivation(shown) };
}

/** A trial's plan in samples of the shown arrays. */
export function trialPlan({ start, goal, targetOn, goCue, bump }: ReachTrial, stride: number): TrialPlan {
  const sample = (step: number | null) => (step === null ? null : Math.round(step / stride));
  return {
    start,
    goal,
    targetOn: sample(targetOn),
    goCue: sample(goCue),
    bump: bump && [Math.floor(bump.onset / stride), Math.ceil((bump.onset + bump.steps) / stride), bump.force[0], bump.force[1]],
  };
}

/** Shapes of one trial in a frame with axes. `kind` and `model` tell the page's script what to draw here when another trial is chosen. */
export function spaceFrame(view: BodyView, content: Markup, describes: string, kind: string, model: number): Markup {
  const { left, right, top, bottom } = margins;
  const frame: Frame = { width: view.width + left + right, height: view.height + top + bottom, left, right, top, bottom };
  const [x, y] = view.origin;
  const span = (pixels: number, origin: number, sign: 1 | -1): [number, number] => {
    const ends = [(sign * (0 - origin)) / view.scale, (sign * (pixels - origin)) / view.scale].sort((a, b) => a - b);
    return ends as [number, number];
  };
  const xs = span(view.width, x, 1);
  const ys = span(view.height, y, -1);
  const steps = (range: readonly [number, number]) => linearTicks(range[0], range[1], view.width < 300 ? 3 : 5);
  const vertical = linearScale(ys[0], ys[1], top + view.height, top);
  const horizontal = linearScale(xs[0], xs[1], left, left + view.width);
  const grid = steps(xs).map((tick) => html`<path class="grid" d="M${pixel(horizontal(tick))},${top}v${view.height}"/>`);
  return svgFigure(
    frame,
    describes,
    [
      html`<g class="axis">${grid}</g>`,
      leftAxis(frame, { scale: vertical, ticks: steps(ys), label: 'y (m)' }),
      bottomAxis(frame, { scale: horizontal, ticks: steps(xs), label: 'x (m)' }),
      html`<svg class="body" x="${left}" y="${top}" width="${view.width}" height="${view.height}" data-draw="${kind}" data-model="${model}">${content}</svg>`,
    ],
    'chart place',
  );
}

/** The body at the end of the first shown trial: what the animation shows until it moves. */
export function animationFigure(summary: ExperimentSummary, run: RunSummary, view: BodyView, model: number): Markup {
  const { plan, joint, activation, hand, steps } = firstTrial(summary, run);
  const shapes = bodyShapes(view, plan, joint, activation, hand, summary.trials.targets.values, steps, 0, steps - 1);
  return spaceFrame(view, svg(shapes), `The body of ${run.model} in a trial, its muscles coloured by activation`, 'body', model);
}

/** Postures over time and the hand path of the first shown trial, coloured by time. */
export function postureFigure(summary: ExperimentSummary, run: RunSummary, view: BodyView, model: number): Markup {
  const { plan, joint, hand, steps } = firstTrial(summary, run);
  const shapes = postureShapes(view, plan, joint, hand, steps, 0);
  const what = view.arm ? 'Postures and hand path' : 'Path';
  return spaceFrame(view, svg(shapes), `${what} of ${run.model} in a trial, coloured by time`, 'postures', model);
}

const svg = (shapes: readonly Shape[]) => raw(shapesSvg(shapes));

function firstTrial({ reach, trials }: ExperimentSummary, run: RunSummary) {
  const hand = run.outputs as FigureArray;
  const moved = run.reach as ReachRun;
  return {
    plan: trialPlan((reach as ReachSummary).trials[0] as ReachTrial, trials.stride),
    joint: (moved.joint as FigureArray).values,
    activation: (moved.activation as FigureArray).values,
    hand: hand.values,
    steps: hand.shape[1] as number,
  };
}
