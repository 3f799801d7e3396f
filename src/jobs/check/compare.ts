// How `check` compares: one quantity at a time against the golden numbers, at the bounds of test/golden/README.md ("Bounds").
import type { Backend } from '../../backends/backend.js';
import { sizeOf } from '../../rollout/workspace.js';
import type { GoldenFile } from './golden-file.js';

/** One line of the result. A deviation that is not finite is null, and not ok. */
export interface Quantity {
  readonly name: string;
  readonly maxAbs: number | null;
  /** maxAbs over the largest absolute value of the golden tensor. */
  readonly maxRel: number | null;
  readonly bound: number | null;
  readonly ok: boolean;
}

/** Relative bound of the f64 reference, and the floor of that of f32 backends. */
const f64Bound = 1e-9;
const f32Bound = 5e-6;
/** Room for another order of operations than the original's float32 run had. */
const f32Room = 20;

/** Quantities that may be zero up to rounding (speeds, eigenvalues, distances of spectra) are compared no closer than this. */
const roundingFloor = 1e-10;

/** Collects the quantities of one file; at the end every tensor must have been given, compared, or it is reported. */
export class Comparison {
  readonly quantities: Quantity[] = [];
  /** What a reader of the result has to know, e.g. that something was computed elsewhere than on the backend. */
  readonly notes: string[] = [];
  readonly file: GoldenFile;
  readonly #isF64: boolean;
  readonly #seen = new Set<string>();

  constructor(file: GoldenFile, backend: Backend) {
    this.file = file;
    this.#isF64 = backend.description.variant === 'f64';
  }

  /** Marks tensors as inputs, which are not compared. */
  given(...names: string[]): void {
    for (const name of names) this.#seen.add(name);
  }

  /** Compares a result with the golden tensor of this name, if the file has it. `f64` is the relative bound of the f64 reference. */
  compare(name: string, got: ArrayLike<number>, f64 = f64Bound): void {
    if (!this.file.has(name)) return;
    this.#seen.add(name);
    const { data, shape } = this.file.tensor(name);
    this.#add(name, got, data, sizeOf(shape), f64);
  }

  /** Like `compare`, but no closer than `roundingFloor`: for quantities that are zero up to rounding. */
  compareWithFloor(name: string, got: ArrayLike<number>, f64 = f64Bound): void {
    if (!this.file.has(name)) return;
    this.#seen.add(name);
    const { data, shape } = this.file.tensor(name);
    const largest = largestFinite(data);
    this.quantities.push(quantityOf(name, got, data, sizeOf(shape), largest, Math.max(roundingFloor, this.#bound(name, largest, f64))));
  }

  /** The same row by row along `axis`, because rows have units of their own: `name[row]`, one row for each name. */
  compareRows(name: string, got: ArrayLike<number>, axis: number, rows: readonly string[], f64 = f64Bound): void {
    if (!this.file.has(name)) return;
    this.#seen.add(name);
    const { data, shape } = this.file.tensor(name);
    if (shape[axis] !== rows.length || got.length !== data.length) {
      // Another shape than this file should have: fails as a whole.
      this.#add(name, got, data, sizeOf(shape) + (shape[axis] === rows.length ? 0 : 1), f64);
      return;
    }
    const inner = sizeOf(shape.slice(axis + 1));
    rows.forEach((row, index) => {
      const pick = (values: ArrayLike<number>) => rowOf(values, index, rows.length, inner);
      this.#add(`${name}[${row}]`, pick(got), pick(data), data.length / rows.length, f64);
    });
  }

  #add(name: string, got: ArrayLike<number>, expected: ArrayLike<number>, length: number, f64: number): void {
    const largest = largestFinite(expected);
    const bound = this.#bound(name, largest, f64);
    // A tensor that is zero throughout must come out exactly zero.
    this.quantities.push(quantityOf(name, got, expected, length, largest, largest === 0 ? 0 : bound));
  }

  #bound(name: string, largest: number, f64: number): number {
    return this.#isF64 ? f64 * largest : Math.max(f32Room * this.file.float32Error(name), f32Bound * largest);
  }

  /** Compares data that the original made in float32 and ours on the host: at the bound of float32, whatever the backend computes in. */
  compareData(name: string, got: ArrayLike<number>): void {
    if (!this.file.has(name)) return;
    this.#seen.add(name);
    const { data, shape } = this.file.tensor(name);
    const largest = largestFinite(data);
    this.quantities.push(quantityOf(name, got, data, sizeOf(shape), largest, f32Bound * largest));
  }

  /** Compares at a bound of its own kind, whatever the backend computes in. */
  compareWithin(name: string, got: ArrayLike<number>, bound: number): void {
    if (!this.file.has(name)) return;
    this.#seen.add(name);
    const { data, shape } = this.file.tensor(name);
    this.quantities.push(quantityOf(name, got, data, sizeOf(shape), largestFinite(data), bound));
  }

  /** Compares without tolerance. */
  compareExactly(name: string, got: ArrayLike<number>): void {
    if (!this.file.has(name)) return;
    this.#seen.add(name);
    const { data, shape } = this.file.tensor(name);
    this.quantities.push(quantityOf(name, got, data, sizeOf(shape), largestFinite(data), 0));
  }

  /** Compares a statistic with its expected value, within `bound`. */
  compareStatistic(name: string, got: number, expected: number, bound: number): void {
    this.quantities.push(quantityOf(name, [got], [expected], 1, Math.abs(expected), bound));
  }

  /** Reports every tensor that was neither given nor compared: the file holds something that this kind does not know. */
  finish(): Quantity[] {
    for (const name of this.file.names) {
      if (!this.#seen.has(name)) this.quantities.push({ name: `${name} (not understood)`, maxAbs: null, maxRel: null, bound: null, ok: false });
    }
    if (this.quantities.length === 0) this.quantities.push({ name: '(nothing to compare)', maxAbs: null, maxRel: null, bound: null, ok: false });
    return this.quantities;
  }
}

/** Σ of all values, in f64. */
export function total(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  return sum;
}

/** Row `index` of the middle axis of values [outer, rows, inner], packed. */
function rowOf(values: ArrayLike<number>, index: number, rows: number, inner: number): Float64Array {
  const outer = values.length / (rows * inner);
  const row = new Float64Array(outer * inner);
  for (let i = 0; i < outer; i++) for (let j = 0; j < inner; j++) row[i * inner + j] = values[(i * rows + index) * inner + j] as number;
  return row;
}

function largestFinite(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i] as number);
    if (size > largest && size < Number.POSITIVE_INFINITY) largest = size;
  }
  return largest;
}

/** NaN must meet NaN, infinity the same infinity; everything else counts by its distance. */
function quantityOf(name: string, got: ArrayLike<number>, expected: ArrayLike<number>, length: number, largest: number, bound: number): Quantity {
  let maxAbs: number | null = got.length === length ? 0 : null;
  for (let i = 0; i < length && maxAbs !== null; i++) {
    const a = got[i] as number;
    const b = expected[i] as number;
    const distance = Object.is(a, b) || a === b ? 0 : Math.abs(a - b);
    maxAbs = Number.isFinite(distance) ? Math.max(maxAbs, distance) : null;
  }
  const maxRel = maxAbs === null ? null : maxAbs === 0 ? 0 : largest > 0 ? maxAbs / largest : null;
  return { name, maxAbs, maxRel, bound, ok: maxAbs !== null && maxAbs <= bound };
}
