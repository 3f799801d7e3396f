// Bars: groups of them with whiskers, and histograms.
import { bottomAxis, type Frame, leftAxis, svgFigure } from './axes.js';
import { legendRows } from './figure-legend.js';
import { seriesKinds } from './figure-style.js';
import { formatNumber, minus, squeeze } from './format.js';
import { html, type Markup } from './html.js';
import { linearScale, linearTicks, pixel } from './scale.js';

export interface BarSeries {
  readonly name: string;
  /** One value a group; null: no bar. */
  readonly values: readonly (number | null)[];
  /** Half the length of a whisker on each bar. */
  readonly spread?: readonly (number | null)[];
}

export interface BarOptions {
  readonly describes: string;
  readonly groups: readonly string[];
  readonly series: readonly BarSeries[];
  readonly xLabel: string;
  readonly yLabel: string;
  /** Values that the vertical axis holds in any case. Default [0]. */
  readonly include?: readonly number[];
  /** Text above a bar; default: two decimals, left out where bars are narrow. */
  readonly format?: (value: number) => string;
  readonly height?: number;
}

/** Narrower bars carry no numbers. */
const narrowest = 17;

/** Grouped bars; one series needs no legend. Bars of negative values hang from zero. */
export function barFigure(options: BarOptions): Markup {
  const { groups, series, include = [0], format = (value: number) => minus(value.toFixed(2)) } = options;
  const [left, right] = [62, 12];
  const entries = series.length > 1 ? series.map(({ name }, i) => ({ name, kind: `fill${i % seriesKinds}`, sample: 'block' as const })) : [];
  const legend = legendRows(entries, left, 460 - right);
  const letters = groups.reduce((most, name) => Math.max(most, name.length), 0);
  const room = (460 - left - right) / Math.max(groups.length, 1);
  const turned = Math.min(letters, 14) * 7 > room;
  const frame: Frame = { width: 460, height: (options.height ?? 250) + legend.height, left, right, top: 20 + legend.height, bottom: turned ? 100 : 40 };
  const shown = series.flatMap(({ values, spread }) =>
    values.flatMap((value, i) => (known(value) ? [value - (spread?.[i] ?? 0), value + (spread?.[i] ?? 0)] : [])),
  );
  const least = [...shown, ...include].reduce((a, b) => Math.min(a, b), 0);
  const most = [...shown, ...include].reduce((a, b) => Math.max(a, b), least);
  const high = most > least ? most : least + 1;
  // room for the number below a bar that hangs
  const low = least < 0 ? least - 0.12 * (high - least) : least;
  const base = frame.height - frame.bottom;
  const y = linearScale(low, high, base, frame.top);
  const width = Math.min(44, (room * 0.8) / Math.max(series.length, 1));
  const bars = groups.map((group, g) =>
    series.map(({ name, values, spread }, s) => {
      const value = values[g] ?? null;
      if (!known(value)) return null;
      const middle = left + (g + 0.5) * room + (s - (series.length - 1) / 2) * width;
      const [top, foot] = [y(Math.max(value, 0)), y(Math.min(value, 0))];
      const half = spread?.[g] ?? null;
      const number =
        width >= narrowest
          ? html`<text class="bar-value" x="${pixel(middle)}" y="${pixel(y(value + (value < 0 ? -(half ?? 0) : (half ?? 0))) + (value < 0 ? 12 : -5))}">${format(value)}</text>`
          : null;
      return html`<g><title>${series.length > 1 ? `${name}, ` : ''}${group}: ${formatNumber(value, 4)}${half === null ? '' : ` ± ${formatNumber(half, 2)}`}</title><rect class="fill${s % seriesKinds}" x="${pixel(middle - width * 0.45)}" y="${pixel(top)}" width="${pixel(width * 0.9)}" height="${pixel(Math.max(0.5, foot - top))}"/>${half === null ? null : html`<path class="whisker" d="M${pixel(middle)},${pixel(y(value - half))}V${pixel(y(value + half))}"/>`}${number}</g>`;
    }),
  );
  const names = groups.map((name, g) => {
    const x = pixel(left + (g + 0.5) * room);
    return turned
      ? html`<text style="text-anchor:end" transform="translate(${x} ${base + 13}) rotate(-38)">${squeeze(name, 14)}</text>`
      : html`<text x="${x}" y="${base + 17}">${squeeze(name, 14)}</text>`;
  });
  return svgFigure(frame, options.describes, [
    legend.markup,
    leftAxis(frame, { scale: y, ticks: linearTicks(low, high, 5), label: options.yLabel }),
    bars,
    bottomAxis(frame, { scale: () => 0, ticks: [], label: options.xLabel }),
    html`<g class="axis x">${names}</g>`,
  ]);
}

export interface HistogramOptions {
  readonly describes: string;
  /** Edges of the bins, ascending [n + 1], and counts [n]. */
  readonly edges: readonly number[];
  readonly counts: readonly number[];
  readonly xLabel: string;
  readonly yLabel: string;
  /** A vertical line at a value, with its name; the page's script may move it (`data-threshold`). */
  readonly threshold?: { readonly at: number; readonly name: string };
  readonly height?: number;
}

/** Where the plotting area of a histogram begins and ends, pixels: the page's script needs it to move the threshold. */
export const histogramSides = { left: 62, right: 460 - 14 } as const;

/** Counts per bin. */
export function histogramFigure({ describes, edges, counts, xLabel, yLabel, threshold, height = 250 }: HistogramOptions): Markup {
  const { left, right } = histogramSides;
  const frame: Frame = { width: 460, height, left, right: 460 - right, top: 26, bottom: 40 };
  const from = edges[0] ?? 0;
  const to = edges.at(-1) ?? 1;
  const most = counts.reduce((a, b) => Math.max(a, b), 1);
  const base = height - frame.bottom;
  const x = linearScale(from, to, left, right);
  const y = linearScale(0, most, base, frame.top);
  const bars = counts.map((count, i) => {
    if (count === 0) return null;
    const [start, end] = [x(edges[i] as number), x(edges[i + 1] as number)];
    return html`<g><title>${formatNumber(edges[i], 3)} to ${formatNumber(edges[i + 1], 3)}: ${count}</title><rect class="fill0" x="${pixel(start)}" y="${pixel(y(count))}" width="${pixel(Math.max(0.8, end - start - 0.4))}" height="${pixel(base - y(count))}"/></g>`;
  });
  return svgFigure(frame, describes, [
    leftAxis(frame, { scale: y, ticks: linearTicks(0, most, 5).filter(Number.isInteger), label: yLabel }),
    bars,
    bottomAxis(frame, { scale: x, ticks: linearTicks(from, to, 6), label: xLabel }),
    threshold && threshold.at >= from && threshold.at <= to ? thresholdMark(frame, x(threshold.at), threshold.name) : null,
  ]);
}

/** The line and its name, which stands on the side with more room. */
function thresholdMark(frame: Frame, at: number, name: string): Markup {
  const onLeft = at > (frame.left + frame.width - frame.right) / 2;
  return html`<g data-threshold><path class="threshold" d="M${pixel(at)},14V${frame.height - frame.bottom}"/><text class="threshold-name" style="text-anchor:${onLeft ? 'end' : 'start'}" x="${pixel(at + (onLeft ? -6 : 6))}" y="20">${name}</text></g>`;
}

const known = (value: number | null): value is number => value !== null && Number.isFinite(value);
