// First and second moments of features over many samples: all that PCA and affine regression need, in one pass over the data.
// 1000 trials × 500 steps × 128 units shrink to one 128 × 128 matrix, so latents never have to be held at once.
import type { Backend, KernelArgument } from '../backends/backend.js';
import { NumericsError, ShapeError } from '../errors.js';

/** Sums over samples of (x − shift) and of its outer product; D features. Build with `createMoments`, fill with `addSamples`. */
export interface Moments {
  readonly dimension: number;
  /** Subtracted from every sample before summing [D]: keeps the products small, hence exact, when means are far from zero. */
  readonly shift: Float64Array;
  readonly sums: Float64Array;
  /** Row-major [D, D], symmetric. */
  readonly products: Float64Array;
  count: number;
}

/** Some of the features: `length` of them from `start` on. */
export interface FeatureRange {
  readonly start: number;
  readonly length: number;
}

/** Empty moments of D features. Moments that are merged later must share one `shift` (default: zeros). */
export function createMoments(dimension: number, shift: Float64Array = new Float64Array(dimension)): Moments {
  if (shift.length !== dimension) throw new ShapeError(`createMoments: expected a shift of ${dimension} values, got ${shift.length}`);
  return { dimension, shift, sums: new Float64Array(dimension), products: new Float64Array(dimension * dimension), count: 0 };
}

/** Means of the columns of `rows` [N, D]: a good shift, taken from the first chunk of data. */
export function columnMeans(rows: ArrayLike<number>, dimension: number): Float64Array {
  const count = rows.length / dimension;
  const means = new Float64Array(dimension);
  for (let i = 0; i < rows.length; i++) means[i % dimension] = (means[i % dimension] as number) + (rows[i] as number);
  return means.map((sum) => (count > 0 ? sum / count : 0));
}

/** Samples whose products are summed in f32 on a backend before the host adds them in f64: bounds the rounding to about 1e-6 a group. */
const groupSize = 512;

/**
 * Adds samples `rows` [N, D]. With a backend the products run as its matmul (f32 within groups of 512 samples, f64 across);
 * without one they run here in f64. Throws NumericsError when a value is not finite (an eigen-decomposition would not end).
 */
export async function addSamples(moments: Moments, rows: Float32Array | Float64Array, backend?: Backend): Promise<void> {
  const { dimension, shift, sums } = moments;
  const count = rows.length / dimension;
  if (!Number.isInteger(count)) throw new ShapeError(`addSamples: expected rows of ${dimension} values, got ${rows.length} values in all`);
  if (count === 0) return;
  const groups = backend ? Math.ceil(count / groupSize) : 1;
  // zero rows at the end of the last group change no product
  const shifted = backend ? new Float32Array(groups * groupSize * dimension) : new Float64Array(rows.length);
  for (let row = 0, i = 0; row < count; row++) {
    for (let column = 0; column < dimension; column++, i++) {
      if (!Number.isFinite(rows[i]))
        throw new NumericsError(
          `addSamples: expected finite values, got ${rows[i]} in sample ${moments.count + row}, feature ${column}; has the training diverged?`,
        );
      shifted[i] = (rows[i] as number) - (shift[column] as number);
      sums[column] = (sums[column] as number) + (shifted[i] as number);
    }
  }
  moments.count += count;
  if (backend) await addProductsOnBackend(moments.products, shifted as Float32Array, groups, dimension, backend);
  else addProducts(moments.products, shifted, dimension);
}

function addProducts(products: Float64Array, rows: Float32Array | Float64Array, dimension: number): void {
  for (let start = 0; start < rows.length; start += dimension) {
    for (let i = 0; i < dimension; i++) {
      const value = rows[start + i] as number;
      if (value === 0) continue;
      const offset = i * dimension;
      for (let j = i; j < dimension; j++) products[offset + j] = (products[offset + j] as number) + value * (rows[start + j] as number);
    }
  }
  for (let i = 0; i < dimension; i++) for (let j = 0; j < i; j++) products[i * dimension + j] = products[j * dimension + i] as number;
}

async function addProductsOnBackend(products: Float64Array, rows: Float32Array, groups: number, dimension: number, backend: Backend): Promise<void> {
  const samples: KernelArgument = { buffer: backend.allocate(rows.length, 'f32'), shape: [groups, groupSize, dimension], dtype: 'f32' };
  const result: KernelArgument = { buffer: backend.allocate(groups * dimension * dimension, 'f32'), shape: [groups, dimension, dimension], dtype: 'f32' };
  try {
    backend.write(samples.buffer, rows);
    backend.run('matmul', { args: { a: samples, b: samples, y: result }, params: { transpose_a: 1 } });
    const partial = await backend.read(result.buffer);
    const size = dimension * dimension;
    for (let i = 0; i < partial.length; i++) products[i % size] = (products[i % size] as number) + (partial[i] as number);
  } finally {
    backend.free(samples.buffer);
    backend.free(result.buffer);
  }
}

/** The moments of two disjoint sets of samples taken together. Throws ShapeError unless both have one dimension and one shift. */
export function mergeMoments(a: Moments, b: Moments): Moments {
  if (a.dimension !== b.dimension || a.shift.some((value, i) => value !== b.shift[i])) {
    throw new ShapeError(`mergeMoments: expected moments of one dimension and shift, got ${a.dimension} and ${b.dimension} features`);
  }
  return {
    dimension: a.dimension,
    shift: a.shift,
    sums: a.sums.map((value, i) => value + (b.sums[i] as number)),
    products: a.products.map((value, i) => value + (b.products[i] as number)),
    count: a.count + b.count,
  };
}

/** Mean of each feature in `range`. */
export function momentMeans(moments: Moments, range: FeatureRange): Float64Array {
  return Float64Array.from(
    { length: range.length },
    (_, i) => (moments.shift[range.start + i] as number) + (moments.sums[range.start + i] as number) / moments.count,
  );
}

/**
 * Sums over samples of (x − a)(y − b)ᵀ for features x in `rows` and y in `columns`, row-major [rows.length, columns.length].
 * `aroundRows` and `aroundColumns` are a and b; default: the means of these samples.
 */
export function scatter(
  moments: Moments,
  rows: FeatureRange,
  columns: FeatureRange,
  aroundRows = momentMeans(moments, rows),
  aroundColumns = momentMeans(moments, columns),
): Float64Array {
  const { dimension, products, sums, shift, count } = moments;
  const result = new Float64Array(rows.length * columns.length);
  for (let i = 0; i < rows.length; i++) {
    const row = rows.start + i;
    const a = (aroundRows[i] as number) - (shift[row] as number);
    for (let j = 0; j < columns.length; j++) {
      const column = columns.start + j;
      const b = (aroundColumns[j] as number) - (shift[column] as number);
      // Σ (u − a)(v − b) = Σ uv − b Σ u − a Σ v + n a b, with u and v relative to the shift
      result[i * columns.length + j] =
        (products[row * dimension + column] as number) - b * (sums[row] as number) - a * (sums[column] as number) + count * a * b;
    }
  }
  return result;
}
