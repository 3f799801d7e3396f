// Trials of a task without a network: a panel per output with its target, a panel with all noisy inputs, and for three bits or more the targets in the cube.
import type { Task, TrialSet } from '../tasks/task.js';
import { bottomAxis, type Frame, svgFigure } from './axes.js';
import { drawScene, type Point, type Scene } from './draw-scene.js';
import { minus } from './format.js';
import { html, type Markup, raw } from './html.js';
import { linePath, linearScale, linearTicks, pixel, type Scale } from './scale.js';

const width = 640;
const left = 62;
const right = 16;
const gap = 14;
const inputHeight = 96;
const bottom = 40;
/** Colours of channels; more channels start over. Okabe & Ito's palette without its yellow, which is too light for lines on white. */
const palette = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#444444'] as const;

export const cubeSize = 240;

/** The styles that both figures need, scoped to their classes. */
export const trialStyle = [
  '.trial,.cube{font:12px system-ui,sans-serif;fill:#333}',
  '.trial .axis path,.trial .frame{fill:none;stroke:#999}.trial .grid{stroke:#e4e4e4}.trial .axis.x text{text-anchor:middle}',
  '.trial .tick{text-anchor:end;font-size:11px}.trial .name{text-anchor:middle}.trial .line{fill:none;stroke-width:1.6;stroke-linejoin:round}.trial .noisy{stroke-width:.9;stroke-opacity:.85}',
  '.cube{touch-action:none;cursor:grab}.cube .edge{stroke:#bbb;fill:none}.cube .far{stroke-dasharray:3 3}.cube .halo{stroke:#fff;stroke-width:4.5;fill:none}.cube .chosen{stroke:#0072b2;stroke-width:1.8;fill:none}',
  '.cube .start{fill:#fff;stroke:#333}.cube .end{fill:#333}.cube .mark{fill:#888}.cube .name{text-anchor:middle;font-size:11px}',
].join('');

/** Which trial of a set a figure shows, and what its channels are called. */
export interface TrialView {
  readonly task: Pick<Task, 'name' | 'stepDuration' | 'inputLabels' | 'outputLabels' | 'conditionLabels' | 'inputSize' | 'outputSize' | 'plant'>;
  readonly set: TrialSet;
  readonly trial: number;
  /** Steps in which something is done to the trial, and its colour. */
  readonly acting?: readonly Acting[];
}

/** First step and the one behind the last. */
export interface Acting {
  readonly from: number;
  readonly until: number;
  readonly colour: string;
}

/** Shades what is acting over the whole height of a figure; `x` places a step. */
export function shadeActing(acting: readonly Acting[] | undefined, x: (step: number) => number, top: number, foot: number): Markup {
  return html`${(acting ?? []).map(
    ({ from, until, colour }) =>
      html`<rect fill="${colour}" fill-opacity=".12" x="${pixel(x(from))}" y="${top}" width="${pixel(x(until) - x(from))}" height="${pixel(foot - top)}"/>`,
  )}`;
}

/** Height of the figure of one trial, pixels. */
export function trialHeight(view: TrialView): number {
  return 8 + view.task.outputSize * (rowHeight(view) + gap) + inputHeight + bottom;
}

/** Targets as steps, one panel an output, above a panel with all inputs as the network sees them. */
export function trialFigure(view: TrialView): Markup {
  const { task, set, trial } = view;
  const frame: Frame = { width, height: trialHeight(view), left, right, top: 8, bottom };
  const unit = task.stepDuration ?? 1;
  const time = linearScale(0, set.steps * unit, left, width - right);
  const [low, high] = targetLimits(view);
  const rows = task.outputLabels.map((label, channel) => {
    const top = 8 + channel * (rowHeight(view) + gap);
    const y = linearScale(low, high, top + rowHeight(view), top);
    const name = task.name === 'flipflop' ? `State ${channel}` : label;
    const line = stepPath(
      set.steps,
      (step) => set.targets[(trial * set.steps + step) * task.outputSize + channel] as number,
      (step) => time(step * unit),
      y,
    );
    return panel(top, rowHeight(view), name, y, task.name === 'flipflop' ? [0, 1] : linearTicks(low, high, 3), [line], '', channel);
  });
  const top = frame.height - bottom - inputHeight;
  const [least, most] = inputLimits(view);
  const y = linearScale(least, most, top + inputHeight, top);
  const xs = Array.from({ length: set.steps }, (_, step) => time((step + 0.5) * unit));
  const lines = task.inputLabels.map((_, channel) =>
    linePath(
      xs,
      xs.map((__, step) => y(set.inputs[(trial * set.steps + step) * task.inputSize + channel] as number)),
    ),
  );
  const inputs = panel(top, inputHeight, 'Inputs', y, linearTicks(least, most, 5), lines, ' noisy', 0);
  const axis = bottomAxis(frame, { scale: time, ticks: linearTicks(0, set.steps * unit, 6), label: task.stepDuration === null ? 'Time (steps)' : 'Time (s)' });
  return svgFigure(
    frame,
    `Trial ${trial + 1} of ${task.name}: ${task.outputSize} targets and ${task.inputSize} noisy inputs over ${set.steps} steps`,
    [shadeActing(view.acting, (step) => time(step * unit), frame.top, frame.height - bottom), rows, inputs, axis],
    'trial',
  );
}

/** The scene of the first three target bits of a trial: the cube's edges and corners and the path along them. */
export function trialScene({ task, set, trial }: TrialView): { scene: Scene; values: readonly number[] } | null {
  if (task.name !== 'flipflop' || task.outputSize < 3) return null;
  const corners = Array.from({ length: 8 }, (_, code) => [code >> 2, (code >> 1) & 1, code & 1] as const);
  const apart = (a: Point, b: Point): number => a.reduce<number>((sum, value, axis) => sum + Math.abs(value - (b[axis] as number)), 0);
  const edges = corners.flatMap((from, i) =>
    corners
      .slice(i + 1)
      .filter((to) => apart(from, to) === 1)
      .map((to) => ({ from, to, kind: 'edge' })),
  );
  const visited: number[] = [];
  for (let step = 0; step < set.steps; step++) {
    const at = (trial * set.steps + step) * task.outputSize;
    const state = [set.targets[at], set.targets[at + 1], set.targets[at + 2]] as number[];
    // Only the steps that move: a path of fifty corners instead of five hundred points, most of them the same.
    if (step === 0 || state.some((value, axis) => value !== visited[visited.length - 3 + axis])) visited.push(...state);
  }
  const scene: Scene = {
    width: cubeSize,
    height: cubeSize,
    zoom: 100,
    center: [0.5, 0.5, 0.5],
    radius: 0.9,
    trials: 1,
    steps: visited.length / 3,
    channels: 3,
    axes: [0, 1, 2],
    lines: edges,
    // The corners' names say it: digit k is state k.
    axisNames: [],
    scaleBar: null,
    marks: corners.map((corner) => ({ at: corner, text: corner.join(''), state: -1 })),
    yaw: 0.5,
    pitch: 0.3,
  };
  return { scene, values: visited };
}

/** The cube of a trial as a figure that `turnCubes` can turn; null for tasks without three bits. */
export function trialCube(view: TrialView): Markup | null {
  const space = trialScene(view);
  if (space === null) return null;
  const { scene, values } = space;
  const drawing = raw(drawScene(scene, values, null, 0, scene.yaw, scene.pitch));
  return html`<svg class="cube" viewBox="0 0 ${cubeSize} ${cubeSize}" role="img" tabindex="0"><title>Trial ${view.trial + 1} in state space: ${values.length / 3} visits to corners of the cube</title>${drawing}</svg>`;
}

function rowHeight({ task }: TrialView): number {
  return task.outputSize > 8 ? 22 : 44;
}

function panel(top: number, height: number, name: string, y: Scale, ticks: readonly number[], lines: readonly string[], kind: string, colour: number): Markup {
  const marks = ticks.map(
    (tick) =>
      html`<path class="grid" d="M${left},${pixel(y(tick))}H${width - right}"/><text class="tick" x="${left - 5}" y="${pixel(y(tick) + 4)}">${minus(String(tick))}</text>`,
  );
  const paths = lines.map((line, i) => html`<path class="line${kind}" stroke="${palette[(colour + i) % palette.length] as string}" d="${line}"/>`);
  return html`${marks}<rect class="frame" x="${left}" y="${pixel(top)}" width="${width - left - right}" height="${height}"/>${paths}<text class="name" transform="translate(14 ${pixel(top + height / 2)}) rotate(-90)">${name}</text>`;
}

/** A line that holds each value for its whole step, as a target does. */
function stepPath(steps: number, value: (step: number) => number, x: (step: number) => number, y: Scale): string {
  let path = `M${pixel(x(0))},${pixel(y(value(0)))}`;
  for (let step = 1; step < steps; step++) if (value(step) !== value(step - 1)) path += `H${pixel(x(step))}V${pixel(y(value(step)))}`;
  return `${path}H${pixel(x(steps))}`;
}

/** The range of all targets of the set with a margin, so that trials can be compared; −0.2 to 1.2 for bits. */
function targetLimits({ task, set }: TrialView): [number, number] {
  return task.name === 'flipflop' ? [-0.2, 1.2] : withMargin(set.targets);
}

/** At least −1.2 to 1.2 for the flip-flop, whose pulses are ±1. */
function inputLimits({ task, set }: TrialView): [number, number] {
  const [low, high] = withMargin(set.inputs);
  return task.name === 'flipflop' ? [Math.min(low, -1.2), Math.max(high, 1.2)] : [low, high];
}

function withMargin(values: Float32Array): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const margin = high > low ? 0.08 * (high - low) : 1;
  return [low - margin, high + margin];
}
