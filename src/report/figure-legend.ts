// Legends inside figures, so that a figure taken out of its page still says what is what.
import { seriesKinds } from './figure-style.js';
import { html, type Markup } from './html.js';
import { pixel } from './scale.js';
import { squeeze } from './format.js';

export interface LegendEntry {
  readonly name: string;
  /** Classes of the sample. */
  readonly kind: string;
  /** How the sample is drawn; a number: the mark of that series. Default `line`. */
  readonly sample?: 'line' | 'block' | number;
}

export interface Legend {
  readonly markup: Markup | null;
  /** Pixels that it takes above the plotting area. */
  readonly height: number;
}

/** Width of a letter at the largest size that figures are set in (13.5 pixels on a phone), on average. */
const letter = 7.4;
const lineHeight = 18;
const sampleWidth = 26;
const gap = 16;

/** Rows of entries from `left` to `right`, the first at the top; names longer than `most` letters are cut. */
export function legendRows(entries: readonly LegendEntry[], left: number, right: number, most = 32): Legend {
  if (entries.length === 0) return { markup: null, height: 0 };
  let [x, row] = [left, 0];
  const drawn = entries.map(({ name, kind, sample = 'line' }) => {
    const text = squeeze(name, most);
    const width = sampleWidth + text.length * letter + gap;
    if (x > left && x + width - gap > right) {
      x = left;
      row++;
    }
    const y = 10 + row * lineHeight;
    const shape =
      sample === 'line'
        ? html`<path class="${kind}" d="M${pixel(x)},${y}h20"/>`
        : sample === 'block'
          ? html`<rect class="${kind}" x="${pixel(x + 4)}" y="${y - 5}" width="12" height="10"/>`
          : seriesMark(sample, x + 10, y, 4);
    const item = html`${shape}<text class="legend-name" x="${pixel(x + sampleWidth)}" y="${y + 4}">${text}</text>`;
    x += width;
    return item;
  });
  return { markup: html`<g class="legend-rows">${drawn}</g>`, height: (row + 1) * lineHeight + 4 };
}

/** Circles, squares, triangles and diamonds in turn, each series in its colour. */
export function seriesMark(series: number, x: number, y: number, r: number): Markup {
  const kind = `mark${series % seriesKinds}`;
  const d = [
    '',
    `M${pixel(x - r)},${pixel(y - r)}h${pixel(2 * r)}v${pixel(2 * r)}h${pixel(-2 * r)}Z`,
    `M${pixel(x)},${pixel(y - 1.2 * r)}l${pixel(1.2 * r)},${pixel(2.1 * r)}h${pixel(-2.4 * r)}Z`,
    `M${pixel(x)},${pixel(y - 1.4 * r)}l${pixel(1.4 * r)},${pixel(1.4 * r)}l${pixel(-1.4 * r)},${pixel(1.4 * r)}l${pixel(-1.4 * r)},${pixel(-1.4 * r)}Z`,
  ][series % 4] as string;
  return d === '' ? html`<circle class="${kind}" cx="${pixel(x)}" cy="${pixel(y)}" r="${pixel(r)}"/>` : html`<path class="${kind}" d="${d}"/>`;
}
