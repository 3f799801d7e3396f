// Closed or open paths in a plane, each stretch in the colour of a value: cycles by speed, or by tangling.
import { bottomAxis, type Frame, leftAxis, svgFigure } from './axes.js';
import { formatNumber } from './format.js';
import { html, type Markup } from './html.js';
import { linearScale, linearTicks, pixel } from './scale.js';

/** Colours of an ordered scale that show on paper and at night: those of heat maps without the palest. */
export const orderedLevels = 8;

export interface Orbit {
  readonly name: string;
  readonly points: readonly (readonly [number, number, ...number[]])[];
  /** One a sample. */
  readonly values: readonly number[];
}

export interface OrbitOptions {
  readonly describes: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** What the colours mean, with unit; limits that several figures may share. */
  readonly valueLabel: string;
  readonly low: number;
  readonly high: number;
  /** The last sample is followed by the first. */
  readonly closed: boolean;
}

const size = { width: 460, left: 66, right: 16, top: 12, bottom: 74 };

/** Which of the ordered colours a value takes: 0 to 7. */
export function orderedLevel(value: number, low: number, high: number): number {
  const share = high > low ? (value - low) / (high - low) : 1;
  return Math.round(Math.max(0, Math.min(1, share)) * (orderedLevels - 1));
}

/** The figure; one scale along both axes. */
export function orbitFigure(orbits: readonly Orbit[], { describes, xLabel, yLabel, valueLabel, low, high, closed }: OrbitOptions): Markup {
  const all = orbits.flatMap(({ points }) => points);
  const limits = ([0, 1] as const).map((axis) => {
    const along = all.map((point) => point[axis]);
    return [along.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY), along.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)] as const;
  }) as [readonly [number, number], readonly [number, number]];
  const side = size.width - size.left - size.right;
  const [spanX, spanY] = limits.map(([from, to]) => to - from || 1) as [number, number];
  const unit = side / (1.08 * Math.max(spanX, spanY));
  const height = Math.max(150, 1.08 * spanY * unit);
  const frame: Frame = { ...size, height: Math.round(size.top + height + size.bottom) };
  const reach = (axis: 0 | 1, pixels: number): [number, number] => {
    const middle = (limits[axis][0] + limits[axis][1]) / 2;
    return [middle - pixels / 2 / unit, middle + pixels / 2 / unit];
  };
  const [xs, ys] = [reach(0, side), reach(1, height)];
  const x = linearScale(...xs, size.left, size.width - size.right);
  const y = linearScale(...ys, size.top + height, size.top);
  const lines = orbits.map(({ name, points, values }) => {
    let [paths, level]: [Markup[], number] = [[], -1];
    let path = '';
    const finish = () => {
      if (path !== '') paths = [...paths, html`<path class="ordered${level}" d="${path}"/>`];
    };
    const last = closed ? points.length : points.length - 1;
    for (let i = 0; i < last; i++) {
      const [from, to] = [points[i], points[(i + 1) % points.length]] as [Orbit['points'][number], Orbit['points'][number]];
      const next = orderedLevel(values[i] as number, low, high);
      if (next !== level) {
        finish();
        level = next;
        path = `M${pixel(x(from[0]))},${pixel(y(from[1]))}`;
      }
      path += `L${pixel(x(to[0]))},${pixel(y(to[1]))}`;
    }
    finish();
    return html`<g><title>${name}</title>${paths}</g>`;
  });
  return svgFigure(frame, describes, [
    leftAxis(frame, { scale: y, ticks: linearTicks(...ys, 5), label: yLabel }),
    bottomAxis({ ...frame, height: frame.height - 34, bottom: size.bottom - 34 }, { scale: x, ticks: linearTicks(...xs, 5), label: xLabel }),
    lines,
    orderedBar(size.left, frame.height - 14, low, high, valueLabel),
  ]);
}

/** What the colours mean. */
function orderedBar(left: number, y: number, low: number, high: number, label: string): Markup {
  const step = 14;
  const start = left + 42;
  const end = start + step * orderedLevels;
  const blocks = Array.from({ length: orderedLevels }, (_, i) => html`<path class="ordered${i} wide" d="M${start + i * step + 1},${y}h${step - 2}"/>`);
  return html`<text style="text-anchor:end" x="${start - 5}" y="${y + 4}">${formatNumber(low, 2)}</text>${blocks}<text x="${end + 5}" y="${y + 4}">${formatNumber(high, 2)}, ${label}</text>`;
}
