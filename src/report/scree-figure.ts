// Scree plot of one model: variance along each principal component, and the running sum.
import type { RunSummary } from '../analysis/summary-data.js';
import { bottomAxis, type Frame, leftAxis, svgFigure } from './axes.js';
import { formatShare } from './format.js';
import { html, type Markup } from './html.js';
import { linearScale, linePath, pixel } from './scale.js';

const frame: Frame = { width: 460, height: 270, left: 58, right: 16, top: 22, bottom: 40 };

/** Bars for the first ten components at most (percent of the variance), a line for the sum. */
export function screeFigure({ model, scree }: RunSummary): Markup {
  const count = Math.max(scree.ratios.length, 3);
  const room = (frame.width - frame.left - frame.right) / count;
  const x = (component: number) => frame.left + (component - 0.5) * room;
  const y = linearScale(0, 1, frame.height - frame.bottom, frame.top);
  const base = frame.height - frame.bottom;
  const width = Math.min(30, room * 0.62);
  const bars = scree.ratios.map(
    (ratio, k) =>
      html`<path class="bar" d="M${pixel(x(k + 1) - width / 2)},${base}V${pixel(y(ratio))}h${pixel(width)}V${base}Z"/>${label(ratio, x(k + 1), y(ratio))}`,
  );
  const positions = scree.ratios.map((_, k) => x(k + 1));
  const heights = scree.cumulative.map((sum) => y(Math.min(1, sum)));
  return svgFigure(
    frame,
    `Scree plot of ${model}: the first three components hold ${formatShare(scree.cumulative[Math.min(2, scree.cumulative.length - 1)] as number)} of the variance`,
    [
      leftAxis(frame, { scale: y, ticks: [0, 0.25, 0.5, 0.75, 1], label: 'share of variance (%)', format: (tick) => String(tick * 100) }),
      bars,
      html`<path class="sum" d="${linePath(positions, heights)}"/>`,
      positions.map((at, k) => html`<circle class="sum-dot" cx="${pixel(at)}" cy="${pixel(heights[k] as number)}" r="3"/>`),
      bottomAxis(frame, { scale: x, ticks: scree.ratios.map((_, k) => k + 1), label: 'principal component (number)' }),
    ],
  );
}

/** The share: inside a bar that is tall enough, else above it. */
function label(ratio: number, x: number, y: number): Markup {
  const inside = ratio >= 0.1;
  return html`<text class="value${inside ? ' inside' : ''}" x="${pixel(x)}" y="${pixel(inside ? y + 16 : y - 5)}">${(ratio * 100).toFixed(ratio < 0.0995 ? 1 : 0)}</text>`;
}
