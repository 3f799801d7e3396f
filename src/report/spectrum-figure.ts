// The complex plane with the unit circle: eigenvalues of a linear map, or of several on the same axes one after the other.
import { bottomAxis, type Frame, leftAxis, svgFigure } from './axes.js';
import { drawSpectrum } from './draw-spectrum.js';
import { html, type Markup, raw } from './html.js';
import { linearScale, linearTicks, pixel } from './scale.js';

type Eigenvalues = readonly (readonly [number, number])[];

/** Where the plane lies in its figure, pixels. */
export interface Plane {
  readonly x: number;
  readonly y: number;
  /** Length of 1. */
  readonly unit: number;
}

const frame: Frame = { width: 460, height: 400, left: 66, right: 34, top: 12, bottom: 40 };
const side = frame.height - frame.top - frame.bottom;
const middle = [frame.left + (frame.width - frame.left - frame.right) / 2, frame.top + side / 2] as const;

/** The plane that holds the unit circle and every one of `all`. */
export function spectrumPlane(all: readonly Eigenvalues[]): Plane {
  const most = all.flat().reduce((a, [re, im]) => Math.max(a, Math.abs(re), Math.abs(im)), 1);
  return { x: middle[0], y: middle[1], unit: side / 2 / (1.1 * most) };
}

/** The figure with the eigenvalues of one map; `among`: all that the page may show in it, so that its axes stay. */
export function spectrumFigure(eigenvalues: Eigenvalues, describes: string, among: readonly Eigenvalues[] = [eigenvalues]): Markup {
  const plane = spectrumPlane(among);
  const reach = side / 2 / plane.unit;
  const wide = (frame.width - frame.left - frame.right) / 2 / plane.unit;
  const x = linearScale(-wide, wide, frame.left, frame.width - frame.right);
  const y = linearScale(-reach, reach, frame.height - frame.bottom, frame.top);
  const circle = html`cx="${pixel(plane.x)}" cy="${pixel(plane.y)}" r="${pixel(plane.unit)}"`;
  return svgFigure(frame, describes, [
    html`<circle class="inside-circle" ${circle}/>`,
    leftAxis(frame, { scale: y, ticks: linearTicks(-reach, reach, 5), label: 'imaginary part (dimensionless)' }),
    bottomAxis(frame, { scale: x, ticks: linearTicks(-wide, wide, 5), label: 'real part (dimensionless)' }),
    html`<circle class="unit-circle" fill="none" ${circle}/>`,
    html`<g class="eigenvalues">${raw(drawSpectrum(eigenvalues, plane.x, plane.y, plane.unit))}</g>`,
  ]);
}
