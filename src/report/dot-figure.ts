// Dots on rows: how many times as long each contender takes as the fastest one, one row a work, on a logarithmic axis that begins at 1.
import { bottomAxis, type Frame, svgFigure } from './axes.js';
import { legendRows, seriesMark } from './figure-legend.js';
import { squeeze } from './format.js';
import { html, type Markup } from './html.js';
import { logAxisTicks, logScale, pixel, wideLogTicks } from './scale.js';

export interface DotRow {
  readonly name: string;
  /** Written at the right: what the fastest one took. */
  readonly note: string;
  /** One value a series, at least 1; null: no dot. */
  readonly values: readonly (number | null)[];
  /** What hovering over each dot says. */
  readonly says: readonly string[];
}

export interface DotOptions {
  readonly describes: string;
  readonly series: readonly string[];
  readonly rows: readonly DotRow[];
  readonly xLabel: string;
}

const rowHeight = 36;
/** Letters of a name beside its note. */
const [nameLetters, noteLetters] = [43, 9];

/** The figure. A line leads from the fastest to the slowest of each row. */
export function dotFigure({ describes, series, rows, xLabel }: DotOptions): Markup {
  const [left, right] = [14, 18];
  // series that stand in other pictures only are left out here
  const present = series.flatMap((name, i) => (rows.some(({ values }) => (values[i] ?? null) !== null) ? [{ name, kind: '', sample: i }] : []));
  const legend = legendRows(present, left, 460 - right);
  const frame: Frame = { width: 460, height: legend.height + rows.length * rowHeight + 50, left, right, top: legend.height + 6, bottom: 40 };
  const most = rows.flatMap(({ values }) => values.filter((value) => value !== null)).reduce((a, b) => Math.max(a, b), 1.5);
  const end = most * 1.15;
  const x = logScale(1, end, left + 6, 460 - right);
  const base = frame.height - frame.bottom;
  const ticks = [1, ...(end > 8 ? wideLogTicks(1, end) : logAxisTicks(1, end))].filter((tick, i, all) => all.indexOf(tick) === i);
  const grid = ticks.map((tick) => html`<path class="grid" d="M${pixel(x(tick))},${frame.top}V${base}"/>`);
  const drawn = rows.map(({ name, note, values, says }, r) => {
    const y = frame.top + r * rowHeight + 28;
    const known = values.filter((value) => value !== null);
    const last = known.reduce((a, b) => Math.max(a, b), 1);
    // the first series is drawn last: it is on top where several coincide
    const marks = values.map((value, s) => (value === null ? null : html`<g><title>${says[s] ?? ''}</title>${seriesMark(s, x(value), y, 4.6)}</g>`)).reverse();
    return html`<text class="value" x="${left}" y="${y - 12}">${squeeze(name, nameLetters)}</text><text class="dot-note" x="${460 - right}" y="${y - 12}">${squeeze(note, noteLetters)}</text><path class="dot-line" d="M${pixel(x(1))},${pixel(y)}H${pixel(x(last))}"/>${marks}`;
  });
  return svgFigure(frame, describes, [legend.markup, html`<g class="axis">${grid}</g>`, bottomAxis(frame, { scale: x, ticks, label: xLabel }), drawn]);
}
