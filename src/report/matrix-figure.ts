// Heat map of a table of scores with the numbers in its cells: similarity matrices, hyperparameter scans, overlap of subspaces.
import { svgFigure, verticalLabel } from './axes.js';
import { heatLevels } from './figure-style.js';
import { formatNumber, minus, squeeze } from './format.js';
import { html, type Markup } from './html.js';
import { pixel } from './scale.js';

export interface MatrixOptions {
  readonly describes: string;
  /** Names of rows and columns; long ones are cut, and stand in full in the cells' hover texts. */
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** `values[row][column]`; null: no number, an empty frame. */
  readonly values: readonly (readonly (number | null)[])[];
  /** What the rows and the columns are: `from`, `to`. */
  readonly rowLabel: string;
  readonly columnLabel: string;
  /** What the numbers are, with unit: `R² (dimensionless)`. */
  readonly valueLabel: string;
  /** Values of the palest and of the strongest colour; default: the smallest and the largest number. What lies outside takes the end's colour. */
  readonly low?: number;
  readonly high?: number;
  /** Text in a cell; default: two decimals, without the zero before the point where there are more than six columns. */
  readonly format?: (value: number) => string;
  /** A second, smaller line in a cell; null: none. */
  readonly below?: (row: number, column: number) => string | null;
  /** What hovering over a cell says besides names and number. */
  readonly says?: (row: number, column: number) => string;
}

const width = 460;
/** Letters of a name that fit beside the rows, and turned above the columns. */
const rowLetters = 15;
const columnLetters = 15;
/** Cosine of the angle of turned names, 60 degrees. */
const lean = 0.5;

/** The figure; row 0 on top. Cells are squares where there are more than three columns. */
export function matrixFigure(options: MatrixOptions): Markup {
  const { rows, columns, values } = options;
  const numbers = values.flat().filter((value): value is number => value !== null && Number.isFinite(value));
  const low = options.low ?? numbers.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = options.high ?? numbers.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const level = (value: number) => (high > low ? Math.round(Math.max(0, Math.min(1, (value - low) / (high - low))) * (heatLevels - 1)) : 0);
  const tight = columns.length > 6;
  const format = options.format ?? ((value: number) => minus(tight ? value.toFixed(2).replace(/^(-?)0\./, '$1.') : value.toFixed(2)));
  const left = 26 + Math.min(rowLetters, longest(rows)) * 7 + 8;
  const letters = Math.min(columnLetters, longest(columns));
  const turned = letters * 7.2 > (width - left - 12) / Math.max(columns.length, 3);
  // turned names lean to the right, beyond the last column
  const right = turned ? Math.max(12, letters * 7 * lean - 12) : 12;
  const cell = (width - left - right) / Math.max(columns.length, 3);
  const cellHeight = Math.min(cell, 64);
  const above = 22 + (turned ? letters * 6.4 + 12 : 18);
  const bottom = 46;
  const frame = { width, height: Math.round(above + rows.length * cellHeight + bottom), left, right, top: above, bottom };
  const x = (column: number) => left + column * cell;
  const y = (row: number) => above + row * cellHeight;
  const cells = rows.map((rowName, row) =>
    columns.map((columnName, column) => {
      const value = values[row]?.[column] ?? null;
      const known = value !== null && Number.isFinite(value);
      const extra = options.says ? `; ${options.says(row, column)}` : '';
      const title = html`<title>${options.rowLabel} ${rowName}, ${options.columnLabel} ${columnName}: ${known ? formatNumber(value, 4) : 'no number'}${extra}</title>`;
      const box = html`<rect class="${known ? `h${level(value)}` : 'none'}" x="${pixel(x(column) + 1)}" y="${pixel(y(row) + 1)}" width="${pixel(cell - 2)}" height="${pixel(cellHeight - 2)}" rx="3"/>`;
      const below = known ? (options.below?.(row, column) ?? null) : null;
      const [centre, middle] = [pixel(x(column) + cell / 2), y(row) + cellHeight / 2 + (below === null ? 4 : -2)];
      const strong = known && level(value) > heatLevels / 2 ? ' strong' : '';
      const number = html`<text class="number${strong}" x="${centre}" y="${pixel(middle)}">${known ? format(value) : '–'}</text>`;
      const second = below === null ? null : html`<text class="number below${strong}" x="${centre}" y="${pixel(middle + 14)}">${below}</text>`;
      return html`<g>${title}${box}${number}${second}</g>`;
    }),
  );
  const rowNames = rows.map(
    (name, row) => html`<text class="row-name" x="${pixel(left - 7)}" y="${pixel(y(row) + cellHeight / 2 + 4)}">${squeeze(name, rowLetters)}</text>`,
  );
  const columnNames = columns.map((name, column) => {
    const [cx, cy] = [pixel(x(column) + cell / 2), pixel(above - 8)];
    return turned
      ? html`<text class="column-name turned" style="text-anchor:start" transform="translate(${cx} ${cy}) rotate(-60)">${squeeze(name, columnLetters)}</text>`
      : html`<text class="column-name" x="${cx}" y="${cy}">${squeeze(name, columnLetters)}</text>`;
  });
  const middle = left + (columns.length * cell) / 2;
  return svgFigure(
    frame,
    options.describes,
    html`<g class="heat">${verticalLabel(frame, options.rowLabel)}<text class="label" x="${pixel(turned ? left - 20 : middle)}" y="${turned ? pixel(above - 12) : 12}">${options.columnLabel}</text>${columnNames}${rowNames}${cells}${numbers.length > 0 ? scaleBar(frame, low, high, options.valueLabel) : null}</g>`,
  );
}

/** What the colours mean, below the cells. */
function scaleBar(frame: { readonly width: number; readonly height: number; readonly left: number }, low: number, high: number, label: string): Markup {
  const [step, top] = [9, frame.height - 30];
  const length = step * heatLevels;
  const from = frame.left;
  const blocks = Array.from({ length: heatLevels }, (_, i) => html`<rect class="h${i}" x="${pixel(from + i * step)}" y="${top}" width="${step}" height="9"/>`);
  return html`${blocks}<text class="scale-end" x="${pixel(from)}" y="${top + 23}">${formatNumber(low, 2)}</text><text class="scale-end high" x="${pixel(from + length)}" y="${top + 23}">${formatNumber(high, 2)}</text><text class="label" style="text-anchor:start" x="${pixel(from + length + 10)}" y="${top + 9}">${label}</text>`;
}

const longest = (names: readonly string[]) => names.reduce((most, name) => Math.max(most, name.length), 0);
