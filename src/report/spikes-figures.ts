// Figures of simulated spikes: a raster, the rates behind it as a map, and counts of single neurons against their rate.
import type { SpikesView } from '../simulator/statistics.js';
import { bottomAxis, type Frame, leftAxis, svgFigure, verticalLabel } from './axes.js';
import { legendRows } from './figure-legend.js';
import { heatLevels } from './figure-style.js';
import { formatNumber } from './format.js';
import { html, type Markup } from './html.js';
import { linearScale, linearTicks, pixel, type Scale } from './scale.js';

export type ShownTrial = SpikesView['shown'][number];

/** The common axis: seconds a step, or none, and the steps before the first one shown. */
export interface SpikeTime {
  readonly stepDuration: number | null;
  readonly dropped: number;
}

const width = 460;
const left = 56;
const right = 16;

/** Edges of step `step` in pixels, and the axis below. */
function timeAxis(frame: Frame, steps: number, { stepDuration, dropped }: SpikeTime): { at: (step: number) => number; axis: Markup } {
  const unit = stepDuration ?? 1;
  const [from, to] = [dropped * unit, (dropped + steps) * unit];
  const scale = linearScale(from, to, left, width - right);
  return {
    at: (step) => scale((dropped + step) * unit),
    axis: bottomAxis(frame, { scale, ticks: linearTicks(from, to, 5), label: `time (${stepDuration === null ? 'step' : 's'})` }),
  };
}

/** Named moments of the trial across the figure. */
function eventLines(trial: ShownTrial, frame: Frame, at: (step: number) => number): Markup {
  return html`${trial.events.map(({ name, step }, i) => {
    const x = at(step + 0.5);
    const end = x > width - 90;
    return html`<g><title>${name}</title><path class="threshold" d="M${pixel(x)},${frame.top}V${frame.height - frame.bottom}"/><text class="threshold-name" style="text-anchor:${end ? 'end' : 'start'}" x="${pixel(x)}" y="${pixel(frame.top - 4 - (i % 2) * 13)}">${name}</text></g>`;
  })}`;
}

const neuronAxis = (frame: Frame, y: Scale, neurons: number): Markup => {
  const ticks = [1, ...linearTicks(1, neurons, 4).filter((tick) => Number.isInteger(tick) && tick > 1 && tick <= neurons)];
  return leftAxis(frame, { scale: (tick) => y(tick - 0.5), ticks, label: 'neuron' });
};

function rowsFrame(neurons: number, trial: ShownTrial, below: number): Frame {
  const top = trial.events.length > 0 ? 34 : 12;
  return { width, height: top + Math.max(120, Math.min(360, 5 * neurons)) + below, left, right, top, bottom: below };
}

/** One mark a bin that holds a spike, darker for more of them. */
export function rasterFigure(trial: ShownTrial, neurons: number, time: SpikeTime): Markup {
  const frame = rowsFrame(neurons, trial, 40);
  const { at, axis } = timeAxis(frame, trial.steps, time);
  const y = linearScale(0, neurons, frame.top, frame.height - frame.bottom);
  const height = 0.8 * (y(1) - y(0));
  const paths = ['', '', ''];
  for (let k = 0; k < neurons; k++) {
    const row = pixel(y(k) + 0.1 * (y(1) - y(0)));
    for (let step = 0; step < trial.steps; step++) {
      const count = trial.counts[step * neurons + k] as number;
      if (count > 0) paths[Math.min(count, 3) - 1] += `M${pixel(at(step + 0.5))},${row}v${pixel(height)}`;
    }
  }
  const legend = ['1 spike', '2 spikes', '3 or more'].map((name, i) => ({ name, kind: `spike spike${i + 1}` }));
  const rows = legendRows(legend, left, width - right);
  const whole = { ...frame, height: frame.height + rows.height, top: frame.top };
  const shifted = html`<g transform="translate(0 ${rows.height})">${neuronAxis(frame, y, neurons)}${axis}${paths.map((d, i) => (d === '' ? null : html`<path class="spike spike${i + 1}" style="stroke-width:${pixel(Math.max(0.8, 0.8 * (at(1) - at(0))))}" d="${d}"/>`))}${eventLines(trial, frame, at)}</g>`;
  return svgFigure(whole, `Raster of trial ${trial.trial + 1}: spikes of ${neurons} neurons over time`, html`${rows.markup}${shifted}`);
}

/** Room for the scale of colours below the axis. */
const barHeight = 44;

/** Rates on a logarithmic scale of colours; neighbouring bins of one colour are one rectangle. */
export function rateMap(trial: ShownTrial, neurons: number, time: SpikeTime): Markup {
  const frame = rowsFrame(neurons, trial, 40 + barHeight);
  const { at, axis } = timeAxis({ ...frame, height: frame.height - barHeight, bottom: 40 }, trial.steps, time);
  const y = linearScale(0, neurons, frame.top, frame.height - frame.bottom);
  const sorted = trial.rates.filter((rate) => rate > 0).sort((a, b) => a - b);
  const [low, high] = [sorted[Math.floor(0.01 * sorted.length)] ?? 0.1, sorted[Math.floor(0.99 * (sorted.length - 1))] ?? 1];
  const level = (rate: number) =>
    high > low && rate > 0 ? Math.round(Math.max(0, Math.min(1, Math.log(rate / low) / Math.log(high / low))) * (heatLevels - 1)) : 0;
  const paths = Array.from({ length: heatLevels }, () => '');
  const height = pixel(y(1) - y(0) + 0.1);
  for (let k = 0; k < neurons; k++) {
    for (let step = 0; step < trial.steps; ) {
      const own = level(trial.rates[step * neurons + k] as number);
      let end = step + 1;
      while (end < trial.steps && level(trial.rates[end * neurons + k] as number) === own) end++;
      paths[own] += `M${pixel(at(step))},${pixel(y(k))}H${pixel(at(end))}v${height}H${pixel(at(step))}Z`;
      step = end;
    }
  }
  const top = frame.height - 30;
  const blocks = Array.from({ length: heatLevels }, (_, i) => html`<rect class="h${i}" x="${left + 9 * i}" y="${top}" width="9" height="9"/>`);
  const bar = html`${blocks}<text class="scale-end" x="${left}" y="${top + 23}">${formatNumber(low, 2)}</text><text class="scale-end high" x="${left + 9 * heatLevels}" y="${top + 23}">${formatNumber(high, 2)}</text><text style="text-anchor:start" x="${left + 9 * heatLevels + 10}" y="${top + 9}">rate (spikes a bin), logarithmic</text>`;
  return svgFigure(
    frame,
    `Rates of ${neurons} neurons over time in trial ${trial.trial + 1}`,
    html`<g class="heat">${paths.map((d, i) => (d === '' ? null : html`<path class="h${i} cell" d="${d}"/>`))}${bar}</g>${neuronAxis(frame, y, neurons)}${axis}${eventLines(trial, frame, at)}`,
  );
}

/** Neurons that lanes are drawn for. */
const mostLanes = 6;
const laneHeight = 46;
const laneGap = 20;

/** Counts as bars and the rate as a line, of some neurons from the quietest to the busiest in this trial. */
export function neuronLanes(trial: ShownTrial, { perm }: Pick<SpikesView, 'perm'>, time: SpikeTime): Markup {
  const neurons = perm.length;
  const means = perm.map((_, k) => {
    let sum = 0;
    for (let step = 0; step < trial.steps; step++) sum += trial.rates[step * neurons + k] as number;
    return sum;
  });
  const order = perm.map((_, k) => k).sort((a, b) => (means[a] as number) - (means[b] as number) || a - b);
  const count = Math.min(mostLanes, neurons);
  const chosen = Array.from({ length: count }, (_, i) => order[Math.round((i / Math.max(1, count - 1)) * (neurons - 1))] as number);
  const top = trial.events.length > 0 ? 34 : 12;
  const frame: Frame = { width, height: top + count * (laneHeight + laneGap) + 40, left, right, top, bottom: 40 };
  const { at, axis } = timeAxis(frame, trial.steps, time);
  const lanes = chosen.map((k, lane) => {
    const base = top + lane * (laneHeight + laneGap) + laneGap + laneHeight;
    const own = (values: readonly number[]) => Array.from({ length: trial.steps }, (_, step) => values[step * neurons + k] as number);
    const [rates, counts] = [own(trial.rates), own(trial.counts)];
    const high = Math.max(1, ...rates, ...counts);
    const y = linearScale(0, high, base, base - laneHeight);
    const bars = counts.map((value, step) => (value > 0 ? `M${pixel(at(step + 0.5))},${base}V${pixel(y(value))}` : '')).join('');
    const line = rates.map((value, step) => `${step === 0 ? 'M' : 'L'}${pixel(at(step + 0.5))},${pixel(y(value))}`).join('');
    const tick = Number(high.toPrecision(2));
    return html`<g class="axis y"><path class="grid" d="M${left},${base}H${width - right}"/><text x="${left - 7}" y="${base + 4}">0</text><text x="${left - 7}" y="${pixel(y(tick > high ? high : tick) + 4)}">${tick}</text></g><path class="spike spike1" style="stroke-width:${pixel(Math.max(0.8, 0.7 * (at(1) - at(0))))}" d="${bars}"/><path class="sum" d="${line}"/><text class="lane-name" x="${left}" y="${base - laneHeight - 5}">neuron ${k + 1}, unit ${(perm[k] as number) + 1}</text>`;
  });
  return svgFigure(
    frame,
    `Counts and rates of ${count} neurons over time in trial ${trial.trial + 1}`,
    html`${lanes}${verticalLabel(frame, 'count and rate (spikes a bin)')}${axis}${eventLines(trial, { ...frame, bottom: 40 }, at)}`,
  );
}
