// Scatter plots on linear or logarithmic axes, one shape and colour a series.
import { bottomAxis, type Frame, leftAxis, svgFigure } from './axes.js';
import { legendRows, seriesMark } from './figure-legend.js';
import { formatNumber } from './format.js';
import { html, type Markup } from './html.js';
import { linearScale, linearTicks, logAxisTicks, logScale, pixel, wideLogTicks } from './scale.js';

export interface ScatterSeries {
  readonly name: string;
  readonly xs: readonly number[];
  readonly ys: readonly number[];
  /** What hovering over each point says; default: its coordinates. */
  readonly says?: readonly string[];
}

export interface ScatterOptions {
  readonly describes: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** Logarithmic axes; then points that are not positive are left out. */
  readonly logarithmic?: boolean;
  /** The line of equal values, and the same limits on both axes. */
  readonly diagonal?: boolean;
  /** Size of the marks, pixels. Default 3.2. */
  readonly radius?: number;
  readonly height?: number;
}

/** The figure; points that are not finite are left out. */
export function scatterFigure(series: readonly ScatterSeries[], options: ScatterOptions): Markup {
  const { logarithmic = false, diagonal = false, radius = 3.2 } = options;
  const legend = legendRows(series.length > 1 ? series.map(({ name }, i) => ({ name, kind: '', sample: i })) : [], 66, 444);
  const frame: Frame = { width: 460, height: (options.height ?? 300) + legend.height, left: 66, right: 16, top: 12 + legend.height, bottom: 40 };
  const drawable = (value: number) => Number.isFinite(value) && (!logarithmic || value > 0);
  const points = series.map(({ xs, ys }) => xs.flatMap((x, i) => (drawable(x) && drawable(ys[i] as number) ? [[x, ys[i] as number, i] as const] : [])));
  const along = (axis: 0 | 1) => points.flatMap((list) => list.map((point) => point[axis]));
  const both = diagonal ? limits([...along(0), ...along(1)], logarithmic) : null;
  const [x0, x1] = both ?? limits(along(0), logarithmic);
  const [y0, y1] = both ?? limits(along(1), logarithmic);
  const make = logarithmic ? logScale : linearScale;
  const x = make(x0, x1, frame.left, frame.width - frame.right);
  const y = make(y0, y1, frame.height - frame.bottom, frame.top);
  const marks = points.map((list, s) => {
    const { name, says } = series[s] as ScatterSeries;
    return list.map(
      ([px, py, i]) =>
        html`<g><title>${series.length > 1 ? `${name}: ` : ''}${says?.[i] ?? `${formatNumber(px)}, ${formatNumber(py)}`}</title>${seriesMark(s, x(px), y(py), radius)}</g>`,
    );
  });
  return svgFigure(frame, options.describes, [
    legend.markup,
    leftAxis(frame, { scale: y, ticks: logarithmic ? logAxisTicks(y0, y1) : linearTicks(y0, y1, 5), label: options.yLabel }),
    bottomAxis(frame, { scale: x, ticks: logarithmic ? wideLogTicks(x0, x1) : linearTicks(x0, x1, 5), label: options.xLabel }),
    diagonal ? html`<path class="diagonal" d="M${pixel(x(x0))},${pixel(y(y0))}L${pixel(x(x1))},${pixel(y(y1))}"/>` : null,
    marks,
  ]);
}

function limits(values: readonly number[], logarithmic: boolean): [number, number] {
  if (values.length === 0) return logarithmic ? [0.1, 1] : [0, 1];
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  if (logarithmic) return [low / 1.2, high * 1.2];
  const margin = 0.05 * (high - low || Math.abs(high) || 1);
  return [low - margin, high + margin];
}
