// Curves over a common horizontal axis, with bands around them where there is a spread.
import { bottomAxis, type Frame, leftAxis, svgFigure } from './axes.js';
import { legendRows } from './figure-legend.js';
import { formatNumber } from './format.js';
import { html, type Markup } from './html.js';
import { linearScale, linearTicks, linePath, logAxisTicks, logScale, pixel, wideLogTicks } from './scale.js';

export interface Curve {
  readonly xs: readonly number[];
  /** Nulls and what is not finite are gaps. */
  readonly ys: readonly (number | null)[];
  /** Half the height of the band around the curve. */
  readonly spread?: readonly number[];
  /** The band's edges where they are not as far from the curve on both sides; on a logarithmic axis both above 0. */
  readonly band?: { readonly low: readonly number[]; readonly high: readonly number[] };
  /** Class of the line; its band has the class `KIND-band`. */
  readonly kind: string;
  /** Written at the end of the curve. */
  readonly end?: string;
  /** In the figure's own legend; without any name there is none. */
  readonly name?: string;
}

export interface CurveOptions {
  readonly describes: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** Logarithmic vertical axis; then only positive values are drawn. */
  readonly logarithmic?: boolean;
  /** Decades of a logarithmic vertical axis at most, counted from below. Default 4: losses may start many decades too high. */
  readonly decades?: number;
  /** Logarithmic horizontal axis; positive values only. */
  readonly xLogarithmic?: boolean;
  /** Places that hovering tells the values of: for curves of few points. */
  readonly hover?: boolean;
  /** Values that the vertical axis holds in any case. */
  readonly include?: readonly number[];
  /** Ends of the vertical axis, whatever the curves reach: for figures that are compared. What lies outside is drawn at the edge. */
  readonly limits?: readonly [number, number];
  readonly height?: number;
  /** A stretch of the horizontal axis to shade. */
  readonly shade?: readonly [number, number];
  /** Where the horizontal axis ends at the earliest: for curves that still grow. */
  readonly until?: number;
  /** Ticks at whole numbers only. */
  readonly whole?: boolean;
  /** Pixels at the right, for what is written at the ends. */
  readonly right?: number;
}

/** The figure; where nothing can be drawn, empty axes from 0 to 1. */
export function curveFigure(curves: readonly Curve[], options: CurveOptions): Markup {
  const { logarithmic = false, xLogarithmic = false, height = 250, right = 16 } = options;
  // room for 1e−20 beside the axis' label
  const left = (options.decades ?? 0) > 4 ? 78 : 66;
  const named = curves.flatMap(({ name, kind }) => (name === undefined ? [] : [{ name, kind }]));
  const legend = legendRows(named, left, 460 - 16);
  const frame: Frame = { width: 460, height: height + legend.height, left, right, top: 14 + legend.height, bottom: 40 };
  const drawable = (y: number | null): y is number => y !== null && Number.isFinite(y) && (!logarithmic || y > 0);
  const xs = curves.flatMap((curve) => (xLogarithmic ? curve.xs.filter((value) => value > 0) : curve.xs));
  const first = xs.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const last = xs.reduce((a, b) => Math.max(a, b), options.until ?? Number.NEGATIVE_INFINITY);
  const [from, to] = horizontalRange(first, last, xLogarithmic);
  const [low, high] = options.limits ?? verticalRange(curves, options.include ?? [], logarithmic ? (options.decades ?? 4) : null, drawable);
  const x = (xLogarithmic ? logScale : linearScale)(from, to, frame.left, frame.width - frame.right);
  const y = (logarithmic ? logScale : linearScale)(low, high, frame.height - frame.bottom, frame.top);
  const clamp = (value: number) => y(Math.min(high, Math.max(low, value)));
  const ticks = (xLogarithmic ? wideLogTicks(from, to) : linearTicks(from, to, 5)).filter((tick) => !options.whole || Number.isInteger(tick));
  const drawn = curves.map((curve) => {
    const points = curve.ys.flatMap((value, i) =>
      drawable(value) && (!xLogarithmic || (curve.xs[i] as number) > 0) ? [[x(curve.xs[i] as number), clamp(value), i] as const] : [],
    );
    if (points.length === 0) return null;
    const line = html`<path class="${curve.kind}" d="${linePath(
      points.map(([px]) => px),
      points.map(([, py]) => py),
    )}"/>`;
    const end = points.at(-1) as (typeof points)[number];
    const label = curve.end ? html`<text class="value" x="${pixel(end[0] + 7)}" y="${pixel(end[1] + 4)}">${curve.end}</text>` : null;
    const places = options.hover
      ? points.map(
          ([px, py, i]) =>
            html`<g><title>${curve.name ? `${curve.name}: ` : ''}${formatNumber(curve.xs[i])}, ${formatNumber(curve.ys[i])}</title><circle class="hit" cx="${pixel(px)}" cy="${pixel(py)}" r="7"/></g>`,
        )
      : null;
    return html`${curve.spread || curve.band ? band(curve, points, clamp) : null}${line}${label}${places}`;
  });
  return svgFigure(frame, options.describes, [
    legend.markup,
    options.shade
      ? html`<rect class="shade" x="${pixel(x(options.shade[0]))}" y="${frame.top}" width="${pixel(x(Math.min(to, options.shade[1])) - x(options.shade[0]))}" height="${frame.height - frame.top - frame.bottom}"/>`
      : null,
    leftAxis(frame, { scale: y, ticks: logarithmic ? logAxisTicks(low, high) : linearTicks(low, high, 5), label: options.yLabel }),
    bottomAxis(frame, { scale: x, ticks, label: options.xLabel }),
    drawn,
  ]);
}

function horizontalRange(first: number, last: number, logarithmic: boolean): [number, number] {
  if (first > last) return logarithmic ? [0.1, 1] : [0, 1];
  if (last > first) return [first, last];
  return logarithmic ? [first / 2, first * 2] : [first - 0.5, first + 0.5];
}

function verticalRange(
  curves: readonly Curve[],
  include: readonly number[],
  /** Null: a linear axis. */
  decades: number | null,
  drawable: (y: number | null) => y is number,
): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { ys, spread } of curves) {
    ys.forEach((value, i) => {
      if (!drawable(value)) return;
      low = Math.min(low, value - (spread?.[i] ?? 0));
      high = Math.max(high, value + (spread?.[i] ?? 0));
    });
  }
  for (const value of include.filter(drawable)) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return decades !== null ? [0.1, 1] : [0, 1];
  if (decades !== null) return [low / 1.25, Math.min(high * 1.15, (low / 1.25) * 10 ** decades)];
  const margin = 0.06 * (high - low || Math.abs(high) || 1);
  // an axis that begins at 0 stays there
  return [low === 0 ? 0 : low - margin, high + margin];
}

function band({ spread, band: edges, ys, kind }: Curve, points: readonly (readonly [number, number, number])[], y: (value: number) => number): Markup {
  const at = (sign: 1 | -1, i: number) => (edges ? ((sign > 0 ? edges.high : edges.low)[i] as number) : (ys[i] as number) + sign * (spread?.[i] ?? 0));
  const edge = (sign: 1 | -1) => points.map(([px, , i]) => `${pixel(px)},${pixel(y(at(sign, i)))}`);
  return html`<path class="${kind}-band area" d="M${edge(1).join('L')}L${edge(-1).reverse().join('L')}Z"/>`;
}
