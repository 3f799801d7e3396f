// A trial of the multitask battery: seven axes over time with the phases marked, and three planes (both modalities, the response) coloured by phase.
import { bottomAxis, type Frame, svgFigure } from './axes.js';
import { minus } from './format.js';
import { html, type Markup } from './html.js';
import { linePath, linearScale, linearTicks, pixel, type Scale } from './scale.js';
import { type Acting, shadeActing } from './trial-figure.js';

/** What a figure of a trial needs: L steps of 20 inputs and 3 targets, row-major, and outputs where there is a network. */
export interface MultitaskTrialView {
  readonly task: string;
  readonly phases: readonly { readonly name: string; readonly start: number; readonly end: number }[];
  readonly inputs: ArrayLike<number>;
  readonly targets: ArrayLike<number>;
  readonly outputs?: ArrayLike<number>;
  /** Seconds per step. */
  readonly stepDuration: number;
  /** Channel of the task's rule. */
  readonly rule: number;
  readonly acting?: readonly Acting[];
}

const phaseOrder = ['context', 'stim1', 'mem1', 'stim2', 'mem2', 'response'];
/** Number of a phase's colour: context, stimulus 1, memory 1, stimulus 2, memory 2, response. */
const phaseKind = (name: string): string => `phase-step${Math.max(0, phaseOrder.indexOf(name))}`;

const width = 460;
const left = 66;
const right = 14;
const rowHeight = 50;
const gap = 8;
const top = 32;
const bottom = 40;
/** All axes hold this range: amplitudes go up to 1.52, noise clipped beyond. */
const limit = 1.5;

interface Line {
  readonly channel: number;
  readonly of: 'inputs' | 'targets';
  readonly kind: string;
}

interface Row {
  readonly label: string;
  readonly lines: readonly Line[];
}

function rowsOf(rule: number): Row[] {
  const input = (channel: number, kind: string): Line => ({ channel, of: 'inputs', kind });
  const target = (channel: number, kind: string): Line => ({ channel, of: 'targets', kind });
  const others = Array.from({ length: 15 }, (_, i) => 5 + i).filter((channel) => channel !== rule);
  return [
    { label: 'fix', lines: [input(0, 'mt-one')] },
    { label: 'mod 1', lines: [input(1, 'mt-cos'), input(2, 'mt-sin')] },
    { label: 'mod 2', lines: [input(3, 'mt-cos'), input(4, 'mt-sin')] },
    { label: 'rules', lines: [...others.map((channel) => input(channel, 'mt-faint')), input(rule, 'mt-one')] },
    { label: 'fix out', lines: [target(0, 'mt-one')] },
    { label: 'cos out', lines: [target(1, 'mt-cos')] },
    { label: 'sin out', lines: [target(2, 'mt-sin')] },
  ];
}

/** Height of `multitaskTrialFigure`, pixels. */
export const multitaskTrialHeight = top + 7 * (rowHeight + gap) - gap + bottom;

/** Seven axes: fixation, both modalities, rules, and the three targets, thick and pale, under the network's outputs where there are any. */
export function multitaskTrialFigure(view: MultitaskTrialView): Markup {
  const { phases, stepDuration, targets } = view;
  const length = targets.length / 3;
  const frame: Frame = { width, height: multitaskTrialHeight, left, right, top, bottom };
  const x = linearScale(0, length * stepDuration, left, width - right);
  const names = phases.map(({ name, start, end }, i) => {
    const middle = x(((start + end) / 2) * stepDuration);
    // Narrow phases have no room for a name in one line: every second one stands higher.
    return html`<text class="mt-phase ${phaseKind(name)}" x="${pixel(middle)}" y="${i % 2 === 0 ? 26 : 12}">${name}</text>${i > 0 ? html`<path class="mt-edge" d="M${pixel(x(start * stepDuration))},${top}V${frame.height - bottom}"/>` : null}`;
  });
  const rows = rowsOf(view.rule).map(({ label, lines }, i) => {
    const from = top + i * (rowHeight + gap);
    const y = linearScale(-limit, limit, from + rowHeight, from);
    const drawn = lines.map(({ channel, of, kind }) => {
      const channels = of === 'inputs' ? 20 : 3;
      const wanted = of === 'targets' && view.outputs;
      const trace = (values: ArrayLike<number>, style: string) =>
        html`<path class="mt-line ${style}" d="${tracePath(values, channels, channel, length, stepDuration, x, y)}"/>`;
      return html`${trace(view[of], wanted ? `${kind} mt-wanted` : kind)}${wanted ? trace(view.outputs as ArrayLike<number>, kind) : null}`;
    });
    const marks = [-1, 0, 1].map(
      (tick) =>
        html`<path class="grid" d="M${left},${pixel(y(tick))}H${width - right}"/><text x="${left - 6}" y="${pixel(y(tick) + 3.5)}">${minus(String(tick))}</text>`,
    );
    return html`<g class="mt-row">${marks}<rect class="frame" x="${left}" y="${from}" width="${width - left - right}" height="${rowHeight}"/>${drawn}<text class="mt-label" transform="translate(16 ${pixel(from + rowHeight / 2)}) rotate(-90)">${label}</text></g>`;
  });
  const axis = bottomAxis(frame, { scale: x, ticks: linearTicks(0, length * stepDuration, 6), label: 'time (s)' });
  return svgFigure(
    frame,
    `A trial of ${view.task}: inputs and targets over ${length} steps, by phase`,
    [shadeActing(view.acting, (step) => x(step * stepDuration), top, frame.height - bottom), names, rows, axis],
    'trial mt',
  );
}

function tracePath(values: ArrayLike<number>, channels: number, channel: number, length: number, unit: number, x: Scale, y: Scale): string {
  const steps = Array.from({ length }, (_, step) => step);
  const clipped = (value: number): number => Math.max(-limit, Math.min(limit, value));
  return linePath(
    steps.map((step) => x((step + 0.5) * unit)),
    steps.map((step) => y(clipped(values[step * channels + channel] as number))),
  );
}

const side = 138;
/** Size of `multitaskPlanes`, pixels. */
export const planesSize = { width, height: 196 } as const;

/** Both modalities and the response (the network's where there is one, else the target) as paths in their planes, a colour a phase. */
export function multitaskPlanes(view: MultitaskTrialView): Markup {
  const response = view.outputs ?? view.targets;
  const planes: [string, ArrayLike<number>, number, number][] = [
    ['modality 1', view.inputs, 20, 1],
    ['modality 2', view.inputs, 20, 3],
    [view.outputs ? 'response' : 'target', response, 3, 1],
  ];
  const drawn = planes.map(([name, values, channels, first], i) => {
    const from = 26 + i * (side + 9);
    const x = linearScale(-limit, limit, from, from + side);
    const y = linearScale(-limit, limit, 8 + side, 8);
    const clip = (value: number) => Math.max(-limit, Math.min(limit, value));
    const at = (step: number): [number, number] => [x(clip(values[step * channels + first] as number)), y(clip(values[step * channels + first + 1] as number))];
    const paths = view.phases.map(({ name: phase, start, end }) => {
      // From the last step of the phase before, so that the path has no holes.
      const steps = Array.from({ length: end - Math.max(0, start - 1) }, (_, k) => Math.max(0, start - 1) + k).map(at);
      const path = linePath(
        steps.map(([px]) => px),
        steps.map(([, py]) => py),
      );
      const last = steps.at(-1) as [number, number];
      return html`<path class="mt-line mt-path ${phaseKind(phase)}" d="${path}"/><circle class="${phaseKind(phase)} mt-dot" cx="${pixel(last[0])}" cy="${pixel(last[1])}" r="2.6"/>`;
    });
    const ticks = [-1, 0, 1].map(
      (tick) =>
        html`<text class="mt-tick" x="${pixel(x(tick))}" y="${8 + side + 13}">${minus(String(tick))}</text>${i === 0 ? html`<text class="mt-side" x="${from - 4}" y="${pixel(y(tick) + 4)}">${minus(String(tick))}</text>` : null}`,
    );
    return html`<circle class="mt-circle" cx="${pixel(x(0))}" cy="${pixel(y(0))}" r="${pixel(x(1) - x(0))}"/><rect class="frame" x="${from}" y="8" width="${side}" height="${side}"/>${paths}${ticks}<text class="mt-tick name" x="${from + side / 2}" y="${8 + side + 28}">${name}: cos</text>${i === 0 ? html`<text class="mt-tick" transform="translate(8 ${8 + side / 2}) rotate(-90)">sin</text>` : null}`;
  });
  const frame: Frame = { ...planesSize, left: 0, right: 0, top: 0, bottom: 0 };
  return svgFigure(frame, `The trial of ${view.task} in the planes of both modalities and of the response, coloured by phase`, drawn, 'trial mt');
}

/** The phases of these trials as a legend. */
export function phaseLegend(names: readonly string[]): Markup {
  return html`<ul class="legend">${phaseOrder.filter((name) => names.includes(name)).map((name) => html`<li><svg viewBox="0 0 28 10" aria-hidden="true"><path class="mt-line mt-path ${phaseKind(name)}" d="M1,5H27"/></svg> ${phaseText[name]}</li>`)}</ul>`;
}

const phaseText: Readonly<Record<string, string>> = {
  context: 'context',
  stim1: 'first stimulus',
  mem1: 'first memory',
  stim2: 'second stimulus',
  mem2: 'second memory',
  response: 'response',
};
