// How time and memory grow with one size: two plots above each other over one logarithmic axis, points as measured, lines as fitted, dashed where the law broke.
import { lawAt, type ScalingLaw } from '../analysis/scaling-law.js';
import { bottomAxis, type Frame, leftAxis, svgFigure, verticalLabel } from './axes.js';
import { legendRows, seriesMark } from './figure-legend.js';
import { html, type Markup } from './html.js';
import { logAxisTicks, logScale, pixel } from './scale.js';

export interface ScalingSeries {
  readonly name: string;
  /** Ascending. */
  readonly ns: readonly number[];
  /** Milliseconds. */
  readonly times: readonly number[];
  readonly timeLaw: ScalingLaw | null;
  /** Megabytes, or null where none was told. */
  readonly memory: readonly (number | null)[];
  readonly memoryLaw: ScalingLaw | null;
}

export interface ScalingOptions {
  readonly describes: string;
  readonly xLabel: string;
  readonly series: readonly ScalingSeries[];
  /** Laws are of 1/n. */
  readonly inverse?: boolean;
  readonly formatTime: (milliseconds: number) => string;
  readonly formatMemory: (megabytes: number) => string;
}

const [timeHeight, memoryHeight, between] = [190, 110, 22];

/** The figure. */
export function scalingFigure({ describes, xLabel, series, inverse = false, formatTime, formatMemory }: ScalingOptions): Markup {
  const legend = legendRows(
    series.map(({ name }, i) => ({ name, kind: '', sample: i })),
    66,
    444,
  );
  const memory = series.flatMap(({ memory: list }) => list.flatMap((value) => value ?? []));
  const height = legend.height + 10 + timeHeight + (memory.length > 0 ? between + memoryHeight : 0) + 40;
  const frame: Frame = { width: 460, height, left: 66, right: 16, top: legend.height + 10, bottom: 40 };
  const ns = [...new Set(series.flatMap((one) => one.ns))].sort((a, b) => a - b);
  const [n0, n1] = [(ns[0] ?? 1) / 1.15, (ns.at(-1) ?? 2) * 1.15];
  const x = logScale(n0, n1, frame.left, frame.width - frame.right);
  const upper = { ...frame, height: frame.top + timeHeight, bottom: 0 };
  const lower = { ...frame, top: frame.top + timeHeight + between };
  const ticks = ns.length > 7 ? ns.filter((_, i) => i % 2 === 0) : ns;
  return svgFigure(frame, describes, [
    legend.markup,
    plot(
      upper,
      x,
      'time (ms)',
      inverse,
      series.map(({ name, ns: at, times, timeLaw }) => ({ name, ns: at, ys: times, law: timeLaw, format: formatTime })),
    ),
    memory.length > 0
      ? plot(
          lower,
          x,
          'memory (MB)',
          inverse,
          series.map(({ name, ns: at, memory: ys, memoryLaw }) => ({ name, ns: at, ys, law: memoryLaw, format: formatMemory })),
        )
      : null,
    bottomAxis(frame, { scale: x, ticks, label: xLabel }),
  ]);
}

interface Line {
  readonly name: string;
  readonly ns: readonly number[];
  readonly ys: readonly (number | null)[];
  readonly law: ScalingLaw | null;
  readonly format: (value: number) => string;
}

function plot(frame: Frame, x: (n: number) => number, label: string, inverse: boolean, lines: readonly Line[]): Markup {
  const known = lines.flatMap(({ ys }) => ys.flatMap((value) => (value !== null && value > 0 ? [value] : [])));
  const [low, high] = [known.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY) / 1.4, known.reduce((a, b) => Math.max(a, b), 0) * 1.4];
  if (!(high > low)) return html``;
  const y = logScale(low, high, frame.height - frame.bottom, frame.top);
  const drawn = lines.map(({ name, ns, ys, law, format }, s) => {
    const marks = ns.map((n, i) => {
      const value = ys[i] ?? null;
      return value === null || value <= 0 ? null : html`<g><title>${name}: ${format(value)} at ${n}</title>${seriesMark(s, x(n), y(value), 3.6)}</g>`;
    });
    return html`${law && lawLines(law, ns, s, x, (value) => y(Math.min(high, Math.max(low, value))), inverse)}${marks}`;
  });
  const ticks = logAxisTicks(low, high);
  return html`${leftAxis(frame, { scale: y, ticks: ticks.length > 5 ? ticks.filter((_, i) => i % 2 === 0) : ticks, label: '' })}${verticalLabel(frame, label)}${drawn}`;
}

/** Solid where the law holds, dashed beyond. */
function lawLines(law: ScalingLaw, ns: readonly number[], series: number, x: (n: number) => number, y: (value: number) => number, inverse: boolean): Markup {
  const [begin, end] = law.range;
  const path = (from: number, to: number) =>
    Array.from({ length: 25 }, (_, i) => from * (to / from) ** (i / 24))
      .map((n, i) => `${i === 0 ? 'M' : 'L'}${pixel(x(n))},${pixel(y(lawAt(law, n, inverse)))}`)
      .join('');
  const [first, last] = [ns[0] as number, ns.at(-1) as number];
  const [from, to] = [ns[begin] as number, ns[end - 1] as number];
  return html`<path class="law law${series % 8}" d="${path(from, to)}"/>${from > first ? html`<path class="law broken law${series % 8}" d="${path(first, from)}"/>` : null}${to < last ? html`<path class="law broken law${series % 8}" d="${path(to, last)}"/>` : null}`;
}
