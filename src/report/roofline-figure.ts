// The roofline of a device (Williams, Waterman & Patterson 2009, doi:10.1145/1498765.1498785): speed over operations a byte, below the ceilings of arithmetic and memory.
import { bottomAxis, type Frame, leftAxis, svgFigure } from './axes.js';
import { formatNumber } from './format.js';
import { html, type Markup } from './html.js';
import { logAxisTicks, logScale, pixel, wideLogTicks } from './scale.js';

export interface RooflinePoint {
  readonly name: string;
  /** Operations a byte, if every array moves once. */
  readonly intensity: number;
  readonly gflops: number;
}

export interface RooflineOptions {
  readonly describes: string;
  readonly points: readonly RooflinePoint[];
  /** Multiply-adds in registers. */
  readonly gflops: number;
  /** Of memory; null: not known. */
  readonly gigabytesPerSecond: number | null;
  /** Of a cache, drawn dotted. */
  readonly cacheGigabytesPerSecond: number | null;
  /** Series of the marks. Default 0. */
  readonly series?: number;
}

const letterWidth = 6.6;
const lineHeight = 13;
/** Where a label may stand beside its point: directions, in turn. */
const directions = [0, 180, 315, 45, 225, 135, 270, 90].map((angle) => (angle * Math.PI) / 180);
/** From a point to its label, pixels: those further away are joined to it by a line. */
const distances = [9, 20, 30, 40, 52, 64, 78, 92, 108, 126];

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const overlap = (a: Box, b: Box): boolean => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/** The figure: both axes logarithmic, each point labelled where there is room. */
export function rooflineFigure({ describes, points, gflops, gigabytesPerSecond, cacheGigabytesPerSecond, series = 0 }: RooflineOptions): Markup {
  const frame: Frame = { width: 460, height: 330, left: 66, right: 16, top: 22, bottom: 40 };
  const ridge = gigabytesPerSecond ? gflops / gigabytesPerSecond : 1;
  const xs = [...points.map(({ intensity }) => intensity), ridge];
  const [x0, x1] = [Math.min(...xs) / 2.5, Math.max(...xs) * 3];
  const slope = gigabytesPerSecond ?? gflops;
  const ys = [...points.map((point) => point.gflops), gflops, Math.min(gflops, slope * Math.min(...xs))];
  const [y0, y1] = [Math.min(...ys) / 1.8, gflops * 1.9];
  const x = logScale(x0, x1, frame.left, frame.width - frame.right);
  const y = logScale(y0, y1, frame.height - frame.bottom, frame.top);
  const roof = (bandwidth: number) => {
    // begins where it enters the frame
    const start = Math.max(x0, y0 / bandwidth);
    const corner = Math.min(x1, Math.max(start, gflops / bandwidth));
    return `M${pixel(x(start))},${pixel(y(start * bandwidth))}L${pixel(x(corner))},${pixel(y(Math.min(gflops, corner * bandwidth)))}`;
  };
  const flatFrom = Math.max(x0, Math.min(x1, gflops / Math.max(gigabytesPerSecond ?? Number.POSITIVE_INFINITY, cacheGigabytesPerSecond ?? 0)));
  const marks = points.map((point) => ({ ...point, px: x(point.intensity), py: y(point.gflops) }));
  const right = frame.width - frame.right;
  const bounds: Box = { left: frame.left, top: frame.top + 2, right: frame.width - 2, bottom: frame.height - frame.bottom };
  const taken: Box[] = [
    { left: right - 100, top: y(gflops) - 20, right, bottom: y(gflops) + 1 },
    ...marks.map(({ px, py }) => ({ left: px - 5, top: py - 5, right: px + 5, bottom: py + 5 })),
  ];
  const free = (box: Box) =>
    box.left >= bounds.left && box.right <= bounds.right && box.top >= bounds.top && box.bottom <= bounds.bottom && !taken.some((other) => overlap(box, other));
  const labels = marks.map(({ name, px, py }) => {
    const width = name.length * letterWidth;
    const places = distances.flatMap((distance) =>
      directions.map((angle) => {
        const [cx, cy] = [px + Math.cos(angle) * distance, py + Math.sin(angle) * distance];
        const left = Math.cos(angle) > 0.3 ? cx : Math.cos(angle) < -0.3 ? cx - width : cx - width / 2;
        return { cx, cy, leader: distance > (distances[0] as number), left, top: cy - lineHeight / 2, right: left + width, bottom: cy + lineHeight / 2 };
      }),
    );
    const place = places.find(free);
    if (!place) return null; // its name shows under the pointer
    taken.push(place);
    const leader = place.leader ? html`<path class="leader" d="M${pixel(px)},${pixel(py)}L${pixel(place.cx)},${pixel(place.cy)}"/>` : null;
    return html`${leader}<text class="point-name" x="${pixel(place.left)}" y="${pixel(place.bottom - 3)}">${name}</text>`;
  });
  const drawn = marks.map(
    ({ name, intensity, gflops: speed, px, py }) =>
      html`<g><title>${name}: ${formatNumber(speed)} GFLOP/s at ${formatNumber(intensity)} operations a byte</title><circle class="fill${series}" cx="${pixel(px)}" cy="${pixel(py)}" r="4"/></g>`,
  );
  return svgFigure(frame, describes, [
    leftAxis(frame, { scale: y, ticks: logAxisTicks(y0, y1), label: 'speed (GFLOP/s)' }),
    bottomAxis(frame, { scale: x, ticks: wideLogTicks(x0, x1), label: 'operations a byte (FLOP/B)' }),
    html`<path class="roof" d="M${pixel(x(flatFrom))},${pixel(y(gflops))}H${frame.width - frame.right}"/>`,
    html`<text class="roof-name" x="${frame.width - frame.right}" y="${pixel(y(gflops) - 6)}">${formatNumber(gflops)} GFLOP/s</text>`,
    gigabytesPerSecond ? html`<path class="roof" d="${roof(gigabytesPerSecond)}"/>` : null,
    cacheGigabytesPerSecond ? html`<path class="roof cache" d="${roof(cacheGigabytesPerSecond)}"/>` : null,
    labels,
    drawn,
  ]);
}
