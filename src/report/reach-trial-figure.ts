// Trials of a reaching task without a network: what the network is told and what pushes the hand, over time and in the space of the hand.
import { fingertipOf, linkPositions } from '../arm/kinematics.js';
import type { Body } from '../arm/body.js';
import type { Plant } from '../arm/plant.js';
import { goCueOf, pushOf } from '../tasks/reach-metrics.js';
import type { Task, TrialSet } from '../tasks/task.js';
import { bottomAxis, type Frame, svgFigure } from './axes.js';
import { minus } from './format.js';
import { html, type Markup } from './html.js';
import { linePath, linearScale, linearTicks, pixel, type Scale } from './scale.js';
import { type Acting, shadeActing } from './trial-figure.js';

/** A trial of a task whose network moves a body. */
export interface ReachView {
  readonly task: Pick<Task, 'name' | 'stepDuration' | 'inputLabels' | 'inputSize'> & { readonly plant: Plant };
  readonly set: TrialSet;
  readonly trial: number;
  readonly acting?: readonly Acting[];
}

const width = 640;
const left = 62;
const right = 84;
const top = 24;
const gap = 16;
const bottom = 40;
const panelHeight = 84;
export const spaceSize = 260;
/** Okabe & Ito's palette without its yellow, which is too light for lines on white. */
const palette = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#444444'] as const;

export const reachStyle = [
  '.reach{font:12px system-ui,sans-serif;fill:#333}.reach .axis path,.reach .frame{fill:none;stroke:#999}.reach .grid{stroke:#e4e4e4}.reach .axis.x text,.reach .name{text-anchor:middle}',
  '.reach .tick{text-anchor:end;font-size:11px}.reach .line{fill:none;stroke-width:1.6;stroke-linejoin:round}.reach .noisy{stroke-width:.9;stroke-opacity:.9}.reach .cue{stroke-dasharray:4 3;fill:none}',
  '.reach .workspace{fill:#f1f1f1;stroke:#ccc}.reach .bone{fill:none;stroke:#b9b9b9;stroke-width:9;stroke-linejoin:round;stroke-linecap:round}.reach .push{fill:none;stroke:#7b3294;stroke-width:2.5}.reach .bar{stroke:#333;stroke-width:2}.reach .way{fill:none;stroke:#009e73;stroke-width:1.4}',
].join('');

/** A row of the figure: channels over time with their unit. */
interface Panel {
  readonly name: string;
  readonly labels: readonly string[];
  readonly kind: string;
  readonly range: readonly [number, number];
  value(channel: number, step: number): number;
}

export function reachTrialHeight(view: ReachView): number {
  return top + panelsOf(view).length * (panelHeight + gap) - gap + bottom;
}

/** Desired place of the hand, noisy inputs and, where there are any, forces over time, with the times of target and go cue. */
export function reachTrialFigure(view: ReachView): Markup {
  const { task, set, trial } = view;
  const frame: Frame = { width, height: reachTrialHeight(view), left, right, top, bottom };
  const unit = task.stepDuration ?? 1;
  const time = linearScale(0, set.steps * unit, left, width - right);
  const xs = Array.from({ length: set.steps }, (_, step) => time((step + 0.5) * unit));
  const panels = panelsOf(view).map((panel, row) => drawPanel(panel, top + row * (panelHeight + gap), xs));
  const foot = frame.height - bottom;
  const cues = cuesOf(set, trial).map(
    ({ step, text, colour }) =>
      html`<path class="cue" stroke="${colour}" d="M${pixel(time(step * unit))},${top - 6}V${foot}"/><text x="${pixel(time(step * unit))}" y="${top - 10}" text-anchor="middle" fill="${colour}">${text}</text>`,
  );
  const axis = bottomAxis(frame, { scale: time, ticks: linearTicks(0, set.steps * unit, 6), label: 'Time (s)' });
  return svgFigure(
    frame,
    `Trial ${trial + 1} of ${task.name} over time: target, ${task.inputSize} noisy inputs, force on the hand`,
    [shadeActing(view.acting, (step) => time(step * unit), top, foot), panels, cues, axis],
    'reach',
  );
}

/** The hand's space: everywhere it can be, the body at the start, the target, its way where it moves, the push. */
export function reachSpaceFigure(view: ReachView): Markup {
  const { task, set, trial } = view;
  const { body } = task.plant;
  const joint = (set.joints as Float32Array).subarray(4 * trial, 4 * trial + 4);
  const [startX, startY] = fingertipOf(body, joint, 1) as unknown as [number, number];
  const outline = workspaceOf(body);
  const [goalX, goalY] = goalOf(view);
  const scale = spaceScale([...outline, [0, 0], [goalX, goalY]]);
  const place = ([x, y]: readonly [number, number]): string => `${pixel(scale.x(x))},${pixel(scale.y(y))}`;
  const links = linkPositions(body, joint);
  const push = pushOf(set, trial);
  const at = push ? 2 * (trial * set.steps + push.start) : 0;
  const [forceX, forceY] = push ? [set.endpointLoads?.[at] as number, set.endpointLoads?.[at + 1] as number] : [0, 0];
  const size = Math.sqrt(forceX * forceX + forceY * forceY);
  const length = 14 + 2.5 * Math.min(size, 20);
  const tip = [scale.x(startX) + (length * forceX) / (size || 1), scale.y(startY) - (length * forceY) / (size || 1)] as const;
  const way = Array.from({ length: set.steps }, (_, step) => 2 * (trial * set.steps + step)).map(
    (i) => [set.targets[i] as number, set.targets[i + 1] as number] as const,
  );
  const moves = new Set(way.map(place)).size > 2;
  const bar = 0.1;
  return html`<svg class="reach place" viewBox="0 0 ${spaceSize} ${spaceSize}" role="img"><title>Trial ${trial + 1} in the space of the hand: from the square to the circle</title><path class="workspace" d="M${outline.map(place).join('L')}Z"/>${links.length > 1 && html`<path class="bone" d="M${links.map(place).join('L')}"/>`}${moves && html`<path class="way" d="M${way.map(place).join('L')}"/>`}<rect x="${pixel(scale.x(startX) - 5)}" y="${pixel(scale.y(startY) - 5)}" width="10" height="10" fill="#d55e00"/><circle cx="${pixel(scale.x(goalX))}" cy="${pixel(scale.y(goalY))}" r="6" fill="none" stroke="#009e73" stroke-width="3"/>${push && arrow([scale.x(startX), scale.y(startY)], tip, `${size.toFixed(1)} N`)}<path class="bar" d="M10,${spaceSize - 8}h${pixel(scale.factor * bar)}"/><text x="10" y="${spaceSize - 13}">${bar} m</text></svg>`;
}

function arrow(from: readonly [number, number], to: readonly [number, number], text: string): Markup {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const size = Math.sqrt(dx * dx + dy * dy) || 1;
  const [ux, uy] = [dx / size, dy / size];
  const wing = (side: number): string => `${pixel(to[0] - 8 * ux + side * 5 * uy)},${pixel(to[1] - 8 * uy - side * 5 * ux)}`;
  const nameX = Math.max(24, Math.min(spaceSize - 24, to[0] + 16 * ux));
  return html`<path class="push" d="M${pixel(from[0])},${pixel(from[1])}L${pixel(to[0])},${pixel(to[1])}M${wing(1)}L${pixel(to[0])},${pixel(to[1])}L${wing(-1)}"/><text x="${pixel(nameX)}" y="${pixel(to[1] + 14 * uy + 4)}" text-anchor="middle" fill="#7b3294">${text}</text>`;
}

function panelsOf(view: ReachView): Panel[] {
  const { task, set, trial } = view;
  const { targets, inputs, endpointLoads: loads, steps } = set;
  const panels: Panel[] = [
    {
      name: 'Desired (m)',
      labels: ['x', 'y'],
      kind: '',
      range: rangeOf(targets),
      value: (channel, step) => targets[2 * (trial * steps + step) + channel] as number,
    },
    {
      name: 'Inputs',
      labels: task.inputLabels,
      kind: ' noisy',
      range: rangeOf(inputs),
      value: (channel, step) => inputs[task.inputSize * (trial * steps + step) + channel] as number,
    },
  ];
  if (loads)
    panels.push({
      name: 'Push (N)',
      labels: ['x', 'y'],
      kind: '',
      range: rangeOf(loads),
      value: (channel, step) => loads[2 * (trial * steps + step) + channel] as number,
    });
  return panels;
}

function drawPanel({ name, labels, kind, range, value }: Panel, panelTop: number, xs: readonly number[]): Markup {
  const y: Scale = linearScale(range[0], range[1], panelTop + panelHeight, panelTop);
  const marks = linearTicks(range[0], range[1], 3).map(
    (tick) =>
      html`<path class="grid" d="M${left},${pixel(y(tick))}H${width - right}"/><text class="tick" x="${left - 5}" y="${pixel(y(tick) + 4)}">${minus(String(tick))}</text>`,
  );
  const colour = (channel: number): string => palette[channel % palette.length] as string;
  const lines = labels.map((label, channel) => {
    const path = linePath(
      xs,
      xs.map((_, step) => y(value(channel, step))),
    );
    return html`<path class="line${kind}" stroke="${colour(channel)}" d="${path}"/><text x="${width - right + 8}" y="${pixel(panelTop + 14 + 16 * channel)}" fill="${colour(channel)}">${label}</text>`;
  });
  return html`${marks}<rect class="frame" x="${left}" y="${panelTop}" width="${width - left - right}" height="${panelHeight}"/>${lines}<text class="name" transform="translate(14 ${panelTop + panelHeight / 2}) rotate(-90)">${name}</text>`;
}

/** When target and go cue come, where the task says so. */
function cuesOf(set: TrialSet, trial: number): { step: number; text: string; colour: string }[] {
  if (set.extra.length !== 2 * set.trials) return [];
  const target = set.extra[2 * trial] as number;
  const go = goCueOf(set, trial);
  if (go === null) return [{ step: target, text: 'target (catch trial: stay)', colour: '#333' }];
  // Cues that come together would write over each other.
  return go === target
    ? [{ step: go, text: 'go', colour: '#00785a' }]
    : [
        { step: target, text: 'target', colour: '#333' },
        { step: go, text: 'go', colour: '#00785a' },
      ];
}

/** Where the target is shown: in a catch trial only the inputs say so. */
function goalOf({ task, set, trial }: ReachView): [number, number] {
  const isCatch = set.extra.length === 2 * set.trials && goCueOf(set, trial) === null;
  const at = isCatch ? task.inputSize * (trial * set.steps + (set.extra[2 * trial] as number)) : 2 * ((trial + 1) * set.steps - 1);
  const values = isCatch ? set.trueInputs : set.targets;
  return [values[at] as number, values[at + 1] as number];
}

/** Outline of the places that the end point can reach: where its limits take it. */
function workspaceOf(body: Body): [number, number][] {
  const [low, high] = [body.positionLower, body.positionUpper];
  const corners = [
    [low[0], low[1]],
    [high[0], low[1]],
    [high[0], high[1]],
    [low[0], high[1]],
  ] as const;
  const between = 24;
  const joints = corners.flatMap(([q1, q2], i) => {
    const [next1, next2] = corners[(i + 1) % 4] as readonly [number, number];
    return Array.from({ length: between }, (_, k) => [q1 + ((next1 - q1) * k) / between, q2 + ((next2 - q2) * k) / between]).flat();
  });
  const places = fingertipOf(body, joints, joints.length / 2);
  return Array.from({ length: places.length / 2 }, (_, i) => [places[2 * i] as number, places[2 * i + 1] as number]);
}

/** One scale for both axes that shows all points with a margin. */
function spaceScale(points: readonly (readonly [number, number])[]): { x: Scale; y: Scale; factor: number } {
  const range = (axis: 0 | 1): [number, number] => {
    const values = points.map((point) => point[axis]);
    return [Math.min(...values), Math.max(...values)];
  };
  const [xs, ys] = [range(0), range(1)];
  const factor = (spaceSize - 44) / Math.max(xs[1] - xs[0], ys[1] - ys[0], 1e-6);
  const [middleX, middleY] = [(xs[0] + xs[1]) / 2, (ys[0] + ys[1]) / 2];
  return { factor, x: (value) => spaceSize / 2 + (value - middleX) * factor, y: (value) => spaceSize / 2 - (value - middleY) * factor };
}

/** The range of all values of a set with a margin, so that trials can be compared. */
function rangeOf(values: Float32Array): readonly [number, number] {
  let [low, high] = [0, 0];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const margin = high > low ? 0.08 * (high - low) : 1;
  return [low - margin, high + margin];
}
