// What interventions do when, trial by trial: a row for each trial over time, a line of its own colour for each intervention.
import { bottomAxis, type Frame, svgFigure } from './axes.js';
import { seriesKinds } from './figure-style.js';
import { shorten } from './format.js';
import { html, type Markup } from './html.js';
import { linearScale, linearTicks, pixel } from './scale.js';

/** When each intervention acts on each trial. */
export interface Schedule {
  /** In words, one an intervention. */
  readonly names: readonly string[];
  /** Positions in the data set, one a row. */
  readonly trials: readonly number[];
  /** First step and the one behind the last, of each intervention in each trial; null: not at all. */
  readonly windows: readonly (readonly (readonly [number, number] | null)[])[];
  readonly steps: number;
  readonly stepDuration: number | null;
}

/** Colours for pages without the classes of reports; more interventions start over. */
export const scheduleColours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#444444'] as const;

const width = 640;
const left = 62;
const right = 16;
const nameHeight = 18;
/** Letters of a description that fit the width. */
const mostLetters = 84;

const rowHeight = ({ trials, names }: Schedule) => Math.max(4 * names.length + 2, trials.length > 30 ? 6 : 10);

/** Height of the figure, pixels. */
export function scheduleHeight(schedule: Schedule): number {
  return nameHeight * schedule.names.length + 10 + schedule.trials.length * rowHeight(schedule) + 40;
}

/** Names of the interventions, and below them the trials. */
export function scheduleFigure(schedule: Schedule): Markup {
  const { names, trials, windows, steps, stepDuration } = schedule;
  const top = nameHeight * names.length + 10;
  const frame: Frame = { width, height: scheduleHeight(schedule), left, right, top, bottom: 40 };
  const unit = stepDuration ?? 1;
  const time = linearScale(0, steps * unit, left, width - right);
  const row = rowHeight(schedule);
  const line = (k: number, path: string) =>
    html`<path class="line series${k % seriesKinds}" stroke="${scheduleColours[k % scheduleColours.length] as string}" style="stroke-width:3" d="${path}"/>`;
  const legend = names.map((name, k) => {
    const y = nameHeight * k + 12;
    const count = windows[k]?.filter((window) => window !== null).length ?? 0;
    return html`${line(k, `M${left},${y - 4}h22`)}<text x="${left + 30}" y="${y}"><title>${name}</title>${shorten(name, mostLetters)} (${count} of ${trials.length})</text>`;
  });
  const drawn = names.map((_, k) => {
    const lane = (i: number) => top + i * row + ((k + 0.5) * row) / names.length;
    const bars = trials.map((__, i) => {
      const window = windows[k]?.[i];
      return window ? `M${pixel(time(window[0] * unit))},${pixel(lane(i))}H${pixel(time(window[1] * unit))}` : '';
    });
    return bars.some((bar) => bar !== '') ? line(k, bars.join('')) : null;
  });
  const every = Math.max(1, Math.ceil(16 / row));
  const labels = trials.map((trial, i) =>
    i % every === 0 ? html`<text x="${left - 7}" y="${pixel(top + (i + 0.5) * row + 4)}" text-anchor="end">${trial}</text>` : null,
  );
  const height = trials.length * row;
  return svgFigure(
    frame,
    `When ${names.length === 1 ? 'the intervention acts' : 'each intervention acts'} in ${trials.length} trials`,
    [
      legend,
      html`<path class="grid" d="M${left},${top}H${width - right}M${left},${top + height}H${width - right}"/>`,
      labels,
      html`<text class="label" text-anchor="middle" transform="translate(14 ${pixel(top + height / 2)}) rotate(-90)">${height > 90 ? 'trial of the data set' : 'trial'}</text>`,
      drawn,
      bottomAxis(frame, { scale: time, ticks: linearTicks(0, steps * unit, 6), label: stepDuration === null ? 'time (steps)' : 'time (s)' }),
    ],
    'trial',
  );
}
