// Joint first and second moments of many sets of features over the same samples, gathered block by block: two sets are held at a time, so that any
// number of networks can be compared, each of whose latents fill a quarter of a gigabyte.
import type { Backend, KernelArgument } from '../backends/backend.js';
import { columnMeans, createMoments, type FeatureRange, type Moments } from './moments.js';

export type ComparedPhase = 'train' | 'validation';

/** Features of all samples of a phase, in one order for all sources. */
export interface FeatureSource {
  readonly width: number;
  /** Rows [N, width], finite. Called again when they were dropped in between. */
  load(phase: ComparedPhase): Promise<Float32Array | Float64Array>;
}

export interface JointMoments {
  readonly train: Moments;
  readonly validation: Moments;
  /** Where each source's features are. Blocks of pairs that were not asked for are zero. */
  readonly ranges: readonly FeatureRange[];
}

export interface JointMomentsOptions {
  /** Products run as its matmul, f32 within groups of 512 samples and f64 across; without it here, in f64. */
  readonly backend?: Backend | undefined;
  /** Which pairs of sources a score needs; each source with itself always counts. Default: all. */
  readonly wanted?: (a: number, b: number) => boolean;
  /** Bytes of rows held at once, where more than two sources fit. Default 512 MiB: two of 1000 trials × 500 steps × 128 units. */
  readonly heldBytes?: number;
  /** Hears the share done, 0 to 1, after every block. */
  readonly onProgress?: ((share: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const defaultHeldBytes = 512 * 1024 * 1024;
/** Samples whose products are summed in f32, as in moments.ts, and such groups in one call of the kernel. */
const groupSize = 512;
const groupsPerCall = 64;

/** Moments of all sources together, by phase. Rows are loaded as often as the bound on memory asks for. */
export async function jointMoments(sources: readonly FeatureSource[], options: JointMomentsOptions = {}): Promise<JointMoments> {
  const { wanted = () => true, heldBytes = defaultHeldBytes } = options;
  const starts = sources.map((_, i) => sources.slice(0, i).reduce((sum, { width }) => sum + width, 0));
  const ranges = sources.map(({ width }, i) => ({ start: starts[i] as number, length: width }));
  const dimension = sources.reduce((sum, { width }) => sum + width, 0);
  const pairs = sources.flatMap((_, a) => sources.flatMap((__, b) => (a === b || (a < b && (wanted(a, b) || wanted(b, a))) ? [[a, b] as const] : [])));
  const shift = new Float64Array(dimension);
  const moments = { validation: createMoments(dimension, shift), train: createMoments(dimension, shift) };
  for (const part of Object.values(moments)) part.single = options.backend !== undefined;
  const shifted = new Set<number>();
  let done = 0;
  for (const phase of ['validation', 'train'] as const) {
    const held = new Map<number, Float32Array | Float64Array>();
    const take = async (which: number, partner: number): Promise<Float32Array | Float64Array> => {
      const kept = held.get(which);
      if (kept) return kept;
      const bytes = () => [...held.values()].reduce((sum, rows) => sum + rows.byteLength, 0);
      // what is to come is as long as what is there
      const [length, item] = [...held].map(([other, rows]) => [rows.length / (sources[other] as FeatureSource).width, rows.BYTES_PER_ELEMENT])[0] ?? [0, 4];
      const coming = (length as number) * (sources[which] as FeatureSource).width * (item as number);
      for (const other of held.keys()) if (other !== partner && bytes() + coming > heldBytes) held.delete(other);
      const rows = await (sources[which] as FeatureSource).load(phase);
      held.set(which, rows);
      if (!shifted.has(which)) {
        shift.set(columnMeans(rows, (sources[which] as FeatureSource).width), starts[which] as number);
        shifted.add(which);
      }
      return rows;
    };
    const remaining = [...pairs];
    while (remaining.length > 0) {
      options.signal?.throwIfAborted();
      // pairs of what is held come first: then few are loaded twice
      const next = Math.max(
        0,
        [2, 1].map((need) => remaining.findIndex(([a, b]) => Number(held.has(a)) + Number(held.has(b)) >= need)).find((at) => at >= 0) ?? 0,
      );
      const [[a, b]] = remaining.splice(next, 1) as [readonly [number, number]];
      const rowsA = await take(a, b);
      const rowsB = await take(b, a);
      await addBlock(moments[phase], ranges[a] as FeatureRange, rowsA, ranges[b] as FeatureRange, rowsB, options);
      done++;
      options.onProgress?.(done / (2 * pairs.length));
    }
  }
  return { ...moments, ranges };
}

/** Adds the products of two sources' rows to their block, and to its mirror image; of a source with itself also sums and the count. */
async function addBlock(
  moments: Moments,
  a: FeatureRange,
  rowsA: Float32Array | Float64Array,
  b: FeatureRange,
  rowsB: Float32Array | Float64Array,
  { backend, signal }: JointMomentsOptions,
): Promise<void> {
  const { shift, sums, products, dimension } = moments;
  const count = rowsA.length / a.length;
  const block = new Float64Array(a.length * b.length);
  const chunk = groupSize * groupsPerCall;
  for (let first = 0; first < count; first += chunk) {
    signal?.throwIfAborted();
    const samples = Math.min(chunk, count - first);
    const groups = Math.ceil(samples / groupSize);
    const partA = shiftedRows(rowsA, first, samples, a, shift, backend ? groups : null);
    const partB = a.start === b.start ? partA : shiftedRows(rowsB, first, samples, b, shift, backend ? groups : null);
    if (backend) await addProductsOnBackend(block, partA as Float32Array, a.length, partB as Float32Array, b.length, groups, backend);
    else addProducts(block, partA, a.length, partB, b.length);
    if (a.start === b.start)
      for (let i = 0; i < samples * a.length; i++) sums[a.start + (i % a.length)] = (sums[a.start + (i % a.length)] as number) + (partA[i] as number);
  }
  if (a.start === b.start) moments.count = count;
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j < b.length; j++) {
      products[(a.start + i) * dimension + b.start + j] = block[i * b.length + j] as number;
      products[(b.start + j) * dimension + a.start + i] = block[i * b.length + j] as number;
    }
  }
}

/** Rows less the shift; for a backend in f32, with zero rows at the end of the last group, which change no product. */
function shiftedRows(
  rows: Float32Array | Float64Array,
  first: number,
  samples: number,
  { start, length }: FeatureRange,
  shift: Float64Array,
  groups: number | null,
): Float32Array | Float64Array {
  const result = groups === null ? new Float64Array(samples * length) : new Float32Array(groups * groupSize * length);
  for (let sample = 0, at = first * length, i = 0; sample < samples; sample++)
    for (let column = 0; column < length; column++, at++, i++) result[i] = (rows[at] as number) - (shift[start + column] as number);
  return result;
}

function addProducts(block: Float64Array, a: Float32Array | Float64Array, widthA: number, b: Float32Array | Float64Array, widthB: number): void {
  for (let sample = 0; sample * widthA < a.length; sample++) {
    for (let i = 0; i < widthA; i++) {
      const value = a[sample * widthA + i] as number;
      if (value === 0) continue;
      for (let j = 0; j < widthB; j++) block[i * widthB + j] = (block[i * widthB + j] as number) + value * (b[sample * widthB + j] as number);
    }
  }
}

async function addProductsOnBackend(
  block: Float64Array,
  a: Float32Array,
  widthA: number,
  b: Float32Array,
  widthB: number,
  groups: number,
  backend: Backend,
): Promise<void> {
  const samplesA: KernelArgument = { buffer: backend.allocate(a.length, 'f32'), shape: [groups, groupSize, widthA], dtype: 'f32' };
  const samplesB: KernelArgument = a === b ? samplesA : { buffer: backend.allocate(b.length, 'f32'), shape: [groups, groupSize, widthB], dtype: 'f32' };
  const result: KernelArgument = { buffer: backend.allocate(groups * block.length, 'f32'), shape: [groups, widthA, widthB], dtype: 'f32' };
  try {
    backend.write(samplesA.buffer, a);
    if (samplesB !== samplesA) backend.write(samplesB.buffer, b);
    backend.run('matmul', { args: { a: samplesA, b: samplesB, y: result }, params: { transpose_a: 1 } });
    const partial = await backend.read(result.buffer);
    for (let i = 0; i < partial.length; i++) block[i % block.length] = (block[i % block.length] as number) + (partial[i] as number);
  } finally {
    for (const { buffer } of new Set([samplesA, samplesB, result])) backend.free(buffer);
  }
}
