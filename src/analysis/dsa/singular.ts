// The leading singular triples of a Hankel matrix: a subspace from the smaller Gram matrix, then one-sided Jacobi rotations on the data's image of it.
// Squaring costs half of the digits; the rotations (Hestenes 1958; Demmel & Veselić 1992) give them back: singular values are good to 1e-15 of the largest.
import type { Hankel } from './delay-embedding.js';
import { type Dense, multiply, transpose } from './dense.js';
import { gramOfColumns, gramOfRows, timesColumns, timesRows } from './hankel-products.js';
import { gramBySpectra, timesColumnsBySpectra } from './hankel-spectra.js';
import { leadingEigen } from './leading-eigen.js';

/** Hᵀ = E S Vᵀ on the leading triples. */
export interface SingularTriples {
  /** Falling [K]; those below 1e-10 of the largest are left out. */
  readonly values: Float64Array;
  /** Orthonormal columns E [N d, K]: patterns over units and delays. */
  readonly patterns: Dense;
  /** Unit columns V [R, K]: their courses over time. */
  readonly courses: Dense;
  /** ‖H‖²: the sum of the squares of all singular values. */
  readonly total: number;
}

/** Singular values below this share of the largest are rounding. */
const smallestRelative = 1e-10;

/** The `count` leading triples of H, or more where all of them are about as quick; fewer where the rest is below 1e-10 of the largest. */
export function leadingTriples(hankel: Hankel, count: number): SingularTriples {
  const byColumns = hankel.columns <= hankel.rows;
  const gram = byColumns ? (isLong(hankel) ? gramBySpectra : gramOfColumns)(hankel) : gramOfRows(hankel);
  let total = 0;
  for (let i = 0; i < gram.rows; i++) total += gram.values[i * gram.rows + i] as number;
  const start = leadingEigen(gram, Math.min(count, gram.rows)).vectors;
  // rows of `image` are H (or Hᵀ) times the vectors, of `turned` the vectors themselves; both turn together until the images are orthogonal
  const image = transpose(byColumns ? (isLong(hankel) ? timesColumnsBySpectra : timesColumns)(hankel, transpose(start)) : timesRows(hankel, transpose(start)));
  const turned: Dense = { ...start, values: start.values.slice() };
  orthogonaliseRows(image, turned);
  const norms = Float64Array.from({ length: image.rows }, (_, k) => rowNorm(image, k));
  const largest = norms.reduce((max, value) => Math.max(max, value), 0);
  const order = [...norms.keys()].filter((k) => (norms[k] as number) > smallestRelative * largest).sort((a, b) => (norms[b] as number) - (norms[a] as number));
  const values = Float64Array.from(order, (k) => norms[k] as number);
  const units = columnsOf(turned, order, () => 1);
  const images = columnsOf(image, order, (k) => 1 / (norms[k] as number));
  return byColumns ? { values, patterns: units, courses: images, total } : { values, patterns: images, courses: units, total };
}

/** Whether Fourier transforms pay: from about 5·10⁷ multiplications for HᵀH on, with delays enough to share them. */
function isLong({ rows, columns, delays, width }: Hankel): boolean {
  return delays >= 4 && rows * columns * width * delays > 1e8;
}

function rowNorm({ columns, values }: Dense, row: number): number {
  let sum = 0;
  for (let i = row * columns; i < (row + 1) * columns; i++) sum += (values[i] as number) ** 2;
  return Math.sqrt(sum);
}

/** Chosen rows, scaled, as columns. */
function columnsOf(rows: Dense, order: readonly number[], factor: (row: number) => number): Dense {
  const values = new Float64Array(rows.columns * order.length);
  order.forEach((row, column) => {
    const by = factor(row);
    for (let i = 0; i < rows.columns; i++) values[i * order.length + column] = (rows.values[row * rows.columns + i] as number) * by;
  });
  return { rows: rows.columns, columns: order.length, values };
}

/** Rotates pairs of rows of `image`, and of `turned` alike, until no two rows of `image` have a cosine above 1e-15; at most 30 sweeps. */
function orthogonaliseRows(image: Dense, turned: Dense): void {
  const { rows, columns, values } = image;
  for (let sweep = 0; sweep < 30; sweep++) {
    // all inner products at once say which pairs need a turn; few do after the first sweep
    const products = multiply(image, image, 'right').values;
    let turns = 0;
    for (let i = 0; i < rows; i++) {
      for (let j = i + 1; j < rows; j++) {
        if (products[i * rows + j] === 0) continue;
        const needed = Math.abs(products[i * rows + j] as number) > 1e-15 * Math.sqrt((products[i * rows + i] as number) * (products[j * rows + j] as number));
        if (!needed) continue;
        let alpha = 0;
        let beta = 0;
        let gamma = 0;
        for (let p = i * columns, q = j * columns; p < (i + 1) * columns; p++, q++) {
          const x = values[p] as number;
          const y = values[q] as number;
          alpha += x * x;
          beta += y * y;
          gamma += x * y;
        }
        if (Math.abs(gamma) <= 1e-15 * Math.sqrt(alpha * beta)) continue;
        turns++;
        const zeta = (beta - alpha) / (2 * gamma);
        const tangent = Math.sign(zeta || 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
        const cosine = 1 / Math.hypot(1, tangent);
        rotate(values, i * columns, j * columns, columns, cosine, cosine * tangent);
        rotate(turned.values, i * turned.columns, j * turned.columns, turned.columns, cosine, cosine * tangent);
      }
    }
    if (turns === 0) return;
  }
}

function rotate(values: Float64Array, first: number, second: number, length: number, cosine: number, sine: number): void {
  for (let p = 0; p < length; p++) {
    const x = values[first + p] as number;
    const y = values[second + p] as number;
    values[first + p] = cosine * x - sine * y;
    values[second + p] = sine * x + cosine * y;
  }
}
