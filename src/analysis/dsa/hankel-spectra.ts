// The same products with a long Hankel matrix by Fourier transforms in f64: sums over time at all lags at once. For 200 trials × 500 steps × 128 units at 20 delays,
// HᵀH takes 3·10⁹ multiplications in place of 3·10¹¹, and H Q a tenth.
import { accumulate, type Dense, zeros } from './dense.js';
import type { Hankel } from './delay-embedding.js';
import { Fourier, fourierLength } from './fourier.js';

/** Spectra of as many trials as this many values hold are kept at a time: 64 MB. */
const chunkValues = 2 ** 23;

/** Transforms of consecutive trials: for frequency f the real parts [K, N], then the imaginary parts [K, N]. */
interface Spectra {
  readonly first: number;
  readonly count: number;
  /** L / 2 + 1 of them, rounded down. */
  readonly frequencies: number;
  readonly values: Float64Array;
}

/** Length of the transforms: no trial, and no lag, reaches around the end. */
function lengthFor({ trials, delays, interval }: Hankel): number {
  return fourierLength(trials.reduce((most, { steps }) => Math.max(most, steps), 0) + (delays - 1) * interval);
}

function* spectraOf({ trials, width }: Hankel, fourier: Fourier): Generator<Spectra> {
  const frequencies = Math.floor(fourier.length / 2) + 1;
  const perChunk = Math.max(1, Math.floor(chunkValues / (2 * frequencies * width)));
  const [re, im] = [new Float64Array(fourier.length), new Float64Array(fourier.length)];
  for (let first = 0; first < trials.length; first += perChunk) {
    const count = Math.min(perChunk, trials.length - first);
    const values = new Float64Array(frequencies * 2 * count * width);
    for (let k = 0; k < count; k++) {
      const trial = trials[first + k] as Hankel['trials'][number];
      // two units in one transform: the even part of the result is the one's, the odd part the other's
      for (let unit = 0; unit < width; unit += 2) {
        const paired = unit + 1 < width;
        re.fill(0);
        im.fill(0);
        for (let t = 0; t < trial.steps; t++) {
          re[t] = trial.values[t * width + unit] as number;
          if (paired) im[t] = trial.values[t * width + unit + 1] as number;
        }
        fourier.transform(re, im);
        for (let f = 0; f < frequencies; f++) {
          const g = f === 0 ? 0 : fourier.length - f;
          const at = (f * 2 * count + k) * width + unit;
          const [a, b, c, d] = [re[f] as number, im[f] as number, re[g] as number, im[g] as number];
          values[at] = (a + c) / 2;
          values[at + count * width] = (b - d) / 2;
          if (!paired) continue;
          values[at + 1] = (b + d) / 2;
          values[at + count * width + 1] = (c - a) / 2;
        }
      }
    }
    yield { first, count, frequencies, values };
  }
}

/** HᵀH [N d, N d]. */
export function gramBySpectra(hankel: Hankel): Dense {
  const { width, delays, columns } = hankel;
  const gram = zeros(columns, columns);
  const lagged = laggedSums(hankel);
  const block = new Float64Array(width * width);
  for (let lag = 0; lag < delays; lag++) {
    block.set(lagged[lag] as Float64Array);
    // the sums run over whole trials: take out what lies behind the last row of the block of the oldest states, then move on by one delay at a time
    addEdge(hankel, block, lag, (rows, steps) => [rows, steps - lag * hankel.interval], -1);
    for (let j = delays - 1; j >= lag; j--) {
      place(block, gram, (j - lag) * width, j * width, width);
      if (j === lag) break;
      const start = (delays - 1 - j) * hankel.interval;
      addEdge(hankel, block, lag, () => [start, start + hankel.interval], -1);
      addEdge(hankel, block, lag, (rows) => [start + rows, start + rows + hankel.interval], 1);
    }
  }
  return gram;
}

/** Σ_u x(u + lag τ) x(u)ᵀ over whole trials [N, N], for each lag below d. */
function laggedSums(hankel: Hankel): Float64Array[] {
  const { width, delays, interval } = hankel;
  const fourier = new Fourier(lengthFor(hankel));
  const { length } = fourier;
  const size = width * width;
  const sums = Array.from({ length: delays }, () => new Float64Array(size));
  const [real, imaginary] = [new Float64Array(size), new Float64Array(size)];
  for (const { count, frequencies, values } of spectraOf(hankel, fourier)) {
    for (let f = 0; f < frequencies; f++) {
      crossSpectrum(values, f * 2 * count * width, count, width, real, imaginary);
      // frequencies other than 0 and L / 2 stand for their mirror images too
      const weight = (f === 0 || 2 * f === length ? 1 : 2) / length;
      for (let lag = 0; lag < delays; lag++) {
        const angle = (2 * Math.PI * ((f * lag * interval) % length)) / length;
        const [c, s] = [weight * Math.cos(angle), weight * Math.sin(angle)];
        const sum = sums[lag] as Float64Array;
        for (let i = 0; i < width; i++) {
          for (let j = i; j < width; j++) {
            const [x, y] = [c * (real[i * width + j] as number), s * (imaginary[i * width + j] as number)];
            // row: the later state
            sum[i * width + j] = (sum[i * width + j] as number) + x + y;
            if (j > i) sum[j * width + i] = (sum[j * width + i] as number) + x - y;
          }
        }
      }
    }
  }
  return sums;
}

/** Σ over trials of conj(X_i) X_j at one frequency, on and above the diagonal. */
function crossSpectrum(values: Float64Array, start: number, count: number, width: number, real: Float64Array, imaginary: Float64Array): void {
  const behind = start + count * width;
  const panel = 16;
  for (let i = 0; i < width; i += panel) {
    const shape = { m: Math.min(panel, width - i), n: width - i, aRow: 1, aStep: width, bStep: width, bColumn: 1, cStart: i * width + i, cRow: width };
    accumulate(values, values, real, { ...shape, depth: 2 * count, sign: 0, aStart: start + i, bStart: start + i });
    accumulate(values, values, imaginary, { ...shape, depth: count, sign: 0, aStart: start + i, bStart: behind + i });
    accumulate(values, values, imaginary, { ...shape, depth: count, sign: -1, aStart: behind + i, bStart: start + i });
  }
}

/** Adds ± Σ x(u + lag τ) x(u)ᵀ over the steps u that `range` gives for each trial (of its rows T' and steps T). */
function addEdge(hankel: Hankel, block: Float64Array, lag: number, range: (rows: number, steps: number) => readonly [number, number], sign: 1 | -1): void {
  const { trials, trialRows, width, interval } = hankel;
  const ranges = trials.map(({ steps }, k) => range(trialRows[k] as number, steps));
  const depth = ranges.reduce((sum, [from, to]) => sum + to - from, 0);
  const [later, earlier] = [new Float64Array(depth * width), new Float64Array(depth * width)];
  let row = 0;
  ranges.forEach(([from, to], k) => {
    const { values } = trials[k] as Hankel['trials'][number];
    later.set(values.subarray((from + lag * interval) * width, (to + lag * interval) * width), row * width);
    earlier.set(values.subarray(from * width, to * width), row * width);
    row += to - from;
  });
  accumulate(later, earlier, block, { m: width, n: width, depth, aRow: 1, aStep: width, bStep: width, bColumn: 1, sign });
}

/** A block and its mirror image into the Gram matrix. */
function place(block: Float64Array, { columns, values }: Dense, row: number, column: number, width: number): void {
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < width; j++) {
      values[(row + i) * columns + column + j] = block[i * width + j] as number;
      values[(column + j) * columns + row + i] = block[i * width + j] as number;
    }
  }
}

/** H Q [R, p] for Q [N d, p]. */
export function timesColumnsBySpectra(hankel: Hankel, q: Dense): Dense {
  const { width, delays, interval, trialRows } = hankel;
  const p = q.columns;
  const fourier = new Fourier(lengthFor(hankel));
  const { length } = fourier;
  const result = zeros(hankel.rows, p);
  const [weightRe, weightIm] = [new Float64Array(width * p), new Float64Array(width * p)];
  const [re, im] = [new Float64Array(length), new Float64Array(length)];
  let row = 0;
  for (const { first, count, frequencies, values } of spectraOf(hankel, fourier)) {
    // real parts [K, p] of each frequency, then imaginary parts
    const product = new Float64Array(frequencies * 2 * count * p);
    for (let f = 0; f < frequencies; f++) {
      weightRe.fill(0);
      weightIm.fill(0);
      for (let block = 0; block < delays; block++) {
        const angle = (2 * Math.PI * ((f * (delays - 1 - block) * interval) % length)) / length;
        const [c, s] = [Math.cos(angle), Math.sin(angle)];
        for (let i = 0, at = block * width * p; i < width * p; i++, at++) {
          weightRe[i] = (weightRe[i] as number) + c * (q.values[at] as number);
          weightIm[i] = (weightIm[i] as number) + s * (q.values[at] as number);
        }
      }
      const start = f * 2 * count * width;
      const behind = start + count * width;
      const shape = { m: count, n: p, depth: width, aRow: width, aStep: 1, bStep: p, bColumn: 1 };
      const cStart = f * 2 * count * p;
      accumulate(values, weightRe, product, { ...shape, sign: 0, aStart: start, cStart });
      accumulate(values, weightIm, product, { ...shape, sign: -1, aStart: behind, cStart });
      accumulate(values, weightIm, product, { ...shape, sign: 0, aStart: start, cStart: cStart + count * p });
      accumulate(values, weightRe, product, { ...shape, sign: 1, aStart: behind, cStart: cStart + count * p });
    }
    for (let k = 0; k < count; k++) {
      const rows = trialRows[first + k] as number;
      // two columns in one transform of Y₁ + i Y₂; with the conjugate the forward transform is the way back
      for (let column = 0; column < p; column += 2) {
        const paired = column + 1 < p;
        for (let f = 0; f < frequencies; f++) {
          const at = (f * 2 * count + k) * p + column;
          const [a, b] = [product[at] as number, product[at + count * p] as number];
          const [c, d] = paired ? [product[at + 1] as number, product[at + count * p + 1] as number] : [0, 0];
          re[f] = a - d;
          im[f] = -(b + c);
          if (f === 0 || 2 * f === length) continue;
          re[length - f] = a + d;
          im[length - f] = b - c;
        }
        fourier.transform(re, im);
        for (let t = 0; t < rows; t++) {
          result.values[(row + t) * p + column] = (re[t] as number) / length;
          if (paired) result.values[(row + t) * p + column + 1] = -(im[t] as number) / length;
        }
      }
      row += rows;
    }
  }
  return result;
}
