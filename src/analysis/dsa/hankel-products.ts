// Products with a Hankel matrix H [R, N d] that is never written out: HᵀH from lagged covariances, HHᵀ from sums along diagonals, H Q and HᵀB block by block.
import { accumulate, type Dense, zeros } from './dense.js';
import type { Hankel } from './delay-embedding.js';

/** HᵀH [N d, N d]. */
export function gramOfColumns(hankel: Hankel): Dense {
  const { width, delays, interval, columns } = hankel;
  const gram = zeros(columns, columns);
  // block (i, j) pairs the states at offsets (d − 1 − i) τ and (d − 1 − j) τ of the same row
  for (let i = 0; i < delays; i++) {
    for (let j = i; j < delays; j++) {
      hankel.trials.forEach((trial, k) => {
        accumulate(trial.values, trial.values, gram.values, {
          m: width,
          n: width,
          depth: hankel.trialRows[k] as number,
          aRow: 1,
          aStep: width,
          bStep: width,
          bColumn: 1,
          sign: 1,
          aStart: (delays - 1 - i) * interval * width,
          bStart: (delays - 1 - j) * interval * width,
          cStart: i * width * columns + j * width,
          cRow: columns,
        });
      });
    }
  }
  mirror(gram);
  return gram;
}

/** Copies the upper triangle to the lower. */
function mirror({ rows, values }: Dense): void {
  for (let i = 0; i < rows; i++) for (let j = 0; j < i; j++) values[i * rows + j] = values[j * rows + i] as number;
}

/** HHᵀ [R, R]: the inner product of two rows is a sum over delays of inner products of states. */
export function gramOfRows(hankel: Hankel): Dense {
  const { width, delays, interval, rows, trials, trialRows } = hankel;
  const gram = zeros(rows, rows);
  let first = 0;
  trials.forEach((a, k) => {
    let second = first;
    for (let l = k; l < trials.length; l++) {
      const b = trials[l] as (typeof trials)[number];
      const states = new Float64Array(a.steps * b.steps);
      accumulate(a.values, b.values, states, { m: a.steps, n: b.steps, depth: width, aRow: width, aStep: 1, bStep: 1, bColumn: width, sign: 0 });
      for (let t = 0; t < (trialRows[k] as number); t++) {
        const row = (first + t) * rows + second;
        for (let delay = 0; delay < delays; delay++) {
          const from = (t + delay * interval) * b.steps + delay * interval;
          for (let u = 0; u < (trialRows[l] as number); u++) gram.values[row + u] = (gram.values[row + u] as number) + (states[from + u] as number);
        }
      }
      second += trialRows[l] as number;
    }
    first += trialRows[k] as number;
  });
  mirror(gram);
  return gram;
}

/** H Q [R, p] for Q [N d, p]. */
export function timesColumns(hankel: Hankel, q: Dense): Dense {
  const { width } = hankel;
  const result = zeros(hankel.rows, q.columns);
  forEachBlock(hankel, ({ values, start, row, depth, column }) => {
    const rows = { m: depth, n: q.columns, depth: width, aRow: width, aStep: 1, aStart: start };
    accumulate(values, q.values, result.values, { ...rows, bStep: q.columns, bColumn: 1, sign: 1, bStart: column * q.columns, cStart: row * q.columns });
  });
  return result;
}

/** HᵀB [N d, p] for B [R, p]. */
export function timesRows(hankel: Hankel, b: Dense): Dense {
  const { width } = hankel;
  const result = zeros(hankel.columns, b.columns);
  forEachBlock(hankel, ({ values, start, row, depth, column }) => {
    const columns = { m: width, n: b.columns, depth, aRow: 1, aStep: width, aStart: start };
    accumulate(values, b.values, result.values, { ...columns, bStep: b.columns, bColumn: 1, sign: 1, bStart: row * b.columns, cStart: column * b.columns });
  });
  return result;
}

/** A trial's states [T, N] from element `start` on are the block of H at (row, column), `depth` rows by N columns. */
interface Block {
  readonly values: Dense['values'];
  readonly start: number;
  readonly row: number;
  readonly depth: number;
  readonly column: number;
}

/** Visits all blocks of H, trial by trial. */
function forEachBlock({ width, delays, interval, trials, trialRows }: Hankel, visit: (block: Block) => void): void {
  let row = 0;
  trials.forEach(({ values }, k) => {
    const depth = trialRows[k] as number;
    for (let i = 0; i < delays; i++) visit({ values, start: (delays - 1 - i) * interval * width, row, depth, column: i * width });
    row += depth;
  });
}
