// Frames of static figures: an SVG with a description, axes with ticks, labels with units.
import { html, type Markup, type MarkupValue } from './html.js';
import { minus } from './format.js';
import { pixel, type Scale } from './scale.js';

/** Pixels around the plotting area. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** An SVG that scales with its column; `describes` is read aloud by screen readers. */
export function svgFigure(frame: Frame, describes: string, content: MarkupValue, kind = 'chart'): Markup {
  return html`<svg class="${kind}" viewBox="0 0 ${frame.width} ${frame.height}" role="img"><title>${describes}</title>${content}</svg>`;
}

export interface AxisOptions {
  readonly scale: Scale;
  readonly ticks: readonly number[];
  /** Quantity and unit: `time (step)`. */
  readonly label: string;
  readonly format?: (tick: number) => string;
}

/** Ticks beyond five characters would run into the axis' label: 5e−4 instead of 0.0005. */
const plain = (tick: number) =>
  minus(Math.abs(tick) >= 1e5 || (tick !== 0 && Math.abs(tick) < 1e-3) ? tick.toExponential().replace('e+', 'e').replace('e-', 'e−') : String(tick));

/** The horizontal axis below the plotting area. */
export function bottomAxis(frame: Frame, { scale, ticks, label, format = plain }: AxisOptions): Markup {
  const y = frame.height - frame.bottom;
  const marks = ticks.map((tick) => html`<path d="M${pixel(scale(tick))},${y}v4"/><text x="${pixel(scale(tick))}" y="${y + 17}">${format(tick)}</text>`);
  const middle = (frame.left + frame.width - frame.right) / 2;
  return html`<g class="axis x"><path d="M${frame.left},${y}H${frame.width - frame.right}"/>${marks}<text class="label" x="${pixel(middle)}" y="${frame.height - 3}">${label}</text></g>`;
}

/** The vertical axis left of the plotting area, with grid lines across it. */
export function leftAxis(frame: Frame, { scale, ticks, label, format = plain }: AxisOptions): Markup {
  const marks = ticks.map(
    (tick) =>
      html`<path class="grid" d="M${frame.left},${pixel(scale(tick))}H${frame.width - frame.right}"/><text x="${frame.left - 7}" y="${pixel(scale(tick) + 4)}">${format(tick)}</text>`,
  );
  return html`<g class="axis y">${marks}${verticalLabel(frame, label)}</g>`;
}

/** A label that runs upwards at the left edge, centred on the plotting area or on `middle`. */
export function verticalLabel(frame: Frame, label: string, middle = (frame.top + frame.height - frame.bottom) / 2): Markup {
  return html`<text class="label" transform="translate(12 ${pixel(middle)}) rotate(-90)">${label}</text>`;
}
