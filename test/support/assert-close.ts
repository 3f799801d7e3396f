// assertClose: the one comparison of arrays in the tests; says where two arrays differ, by how much, and how often.

/** What to compare and how strictly: |actual − expected| ≤ atol + rtol · |expected| in every element; NaN and ±∞ must match. */
export interface CloseOptions {
  /** What is compared, e.g. the kernel, the case's sentence and the argument. */
  readonly case: string;
  /** Label of the backend that computed `actual`. */
  readonly backend?: string;
  /** Seed of the inputs, if they were drawn. */
  readonly seed?: number;
  /** Absolute part of the bound. Default 0. */
  readonly atol?: number;
  /** Part of the bound relative to the expected element. Default 0. */
  readonly rtol?: number;
  /** Part of the bound relative to max |expected| over the array. Default 0. */
  readonly rtolOfMax?: number;
}

/** Throws an Error that names case, backend, seed, first and worst index, both values, the bound, and how many elements differ. */
export function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, options: CloseOptions): void {
  const where = `${options.case}${options.backend ? ` on ${options.backend}` : ''}${options.seed === undefined ? '' : ` (seed ${options.seed})`}`;
  if (actual.length !== expected.length) throw new Error(`${where}: expected ${expected.length} elements, got ${actual.length}`);
  const floor = (options.atol ?? 0) + (options.rtolOfMax ?? 0) * maxAbs(expected);
  let first = -1;
  let worst = -1;
  let worstExcess = -1;
  let count = 0;
  for (let i = 0; i < expected.length; i++) {
    const excess = excessAt(actual[i] as number, expected[i] as number, floor, options.rtol ?? 0);
    if (excess <= 1) continue;
    count++;
    if (first < 0) first = i;
    if (excess > worstExcess) {
      worstExcess = excess;
      worst = i;
    }
  }
  if (count === 0) return;
  const at = (i: number) => {
    const wanted = expected[i] as number;
    const got = actual[i] as number;
    return `[${i}] expected ${wanted}, got ${got}, |difference| ${Math.abs(got - wanted).toExponential(3)}, bound ${(floor + (options.rtol ?? 0) * Math.abs(wanted)).toExponential(3)}`;
  };
  throw new Error(`${where}: ${count} of ${expected.length} elements differ\n  first ${at(first)}\n  worst ${at(worst)}`);
}

/** Deviation over bound: above 1 means too far; infinite for a non-finite value that does not match. */
function excessAt(actual: number, expected: number, floor: number, rtol: number): number {
  if (Object.is(actual, expected) || actual === expected) return 0;
  if (!Number.isFinite(actual) || !Number.isFinite(expected)) return Number.POSITIVE_INFINITY;
  const bound = floor + rtol * Math.abs(expected);
  const deviation = Math.abs(actual - expected);
  return deviation <= bound ? 0 : bound > 0 ? deviation / bound : Number.POSITIVE_INFINITY;
}

function maxAbs(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i] as number);
    if (Number.isFinite(size) && size > largest) largest = size;
  }
  return largest;
}
