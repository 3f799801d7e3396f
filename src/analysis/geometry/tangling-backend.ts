// The largest ratio of squared distances over all pairs of samples, with a backend's matmul: its products, in f32, say which pairs may be the largest, and
// those are computed in f64. The result is that of tangling-pairs.ts.
import type { Backend, KernelArgument } from '../../backends/backend.js';
import { columnMeans } from '../moments.js';

/** Samples whose products with all others are brought back at once: 20 MB of positions at 10 000 samples. */
const tileSize = 512;
/** More than the rounding of a product ⟨a, b⟩ in f32 relative to (‖a‖² + ‖b‖²)/2, which grows like √width · 6e-8: enough for 1000 units. */
const productError = 2e-6;

interface Side {
  readonly values: Float64Array;
  readonly squares: Float64Array;
}

/** As `largestRatios` of tangling-pairs.ts. */
export async function largestRatiosOnBackend(
  { positions, velocities }: { readonly positions: Float64Array; readonly velocities: Float64Array },
  width: number,
  epsilon: number,
  groups: Int32Array | null,
  backend: Backend,
): Promise<{ values: Float64Array; partner: Int32Array }> {
  const samples = positions.length / width;
  // products are exact relative to norms, which are smallest around the mean
  const [x, v] = [centred(positions, width), centred(velocities, width)];
  const best = new Float64Array(samples);
  const partner = Int32Array.from({ length: samples }, (_, i) => i);
  const buffers: KernelArgument[] = [];
  const allocate = (shape: readonly number[]): KernelArgument => {
    const argument = {
      buffer: backend.allocate(
        shape.reduce((product, size) => product * size, 1),
        'f32',
      ),
      shape,
      dtype: 'f32' as const,
    };
    buffers.push(argument);
    return argument;
  };
  try {
    const sides = [x, v].map(({ values }) => {
      const all = allocate([1, samples, width]);
      backend.write(all.buffer, Float32Array.from(values));
      return all;
    });
    for (let first = 0; first < samples; first += tileSize) {
      const rows = Math.min(tileSize, samples - first);
      const products: ArrayLike<number>[] = [];
      for (const [k, { values }] of [x, v].entries()) {
        const tile = allocate([1, rows, width]);
        const result = allocate([1, rows, samples]);
        backend.write(tile.buffer, Float32Array.from(values.subarray(first * width, (first + rows) * width)));
        backend.run('matmul', { args: { a: tile, b: sides[k] as KernelArgument, y: result }, params: { transpose_b: 1 } });
        products.push(await backend.read(result.buffer));
        for (const argument of [tile, result]) {
          backend.free(argument.buffer);
          buffers.splice(buffers.indexOf(argument), 1);
        }
      }
      for (let row = 0; row < rows; row++) search(first + row, row * samples, products as [ArrayLike<number>, ArrayLike<number>]);
    }
  } finally {
    for (const { buffer } of buffers) backend.free(buffer);
  }
  return { values: best, partner };

  function search(i: number, offset: number, [near, fast]: readonly [ArrayLike<number>, ArrayLike<number>]): void {
    const [ownX, ownV] = [x.squares[i] as number, v.squares[i] as number];
    const most = (j: number): number => {
      const [sumX, sumV] = [ownX + (x.squares[j] as number), ownV + (v.squares[j] as number)];
      const faster = sumV * (1 + productError) - 2 * (fast[offset + j] as number);
      const apart = Math.max(0, sumX * (1 - productError) - 2 * (near[offset + j] as number));
      return faster / (apart + epsilon);
    };
    // first the pair that looks largest, so that few others can still exceed it
    let [likely, bound] = [-1, 0];
    for (let j = 0; j < samples; j++) {
      if (groups !== null && groups[i] !== groups[j]) continue;
      const reach = most(j);
      if (reach > bound) [likely, bound] = [j, reach];
    }
    let [largest, other] = [0, i];
    const consider = (j: number) => {
      const ratio = exact(i, j);
      if (ratio > largest) [largest, other] = [ratio, j];
    };
    if (likely >= 0) consider(likely);
    for (let j = 0; j < samples; j++) if (j !== likely && (groups === null || groups[i] === groups[j]) && most(j) > largest) consider(j);
    best[i] = largest;
    partner[i] = other;
  }

  function exact(i: number, j: number): number {
    let [apart, faster] = [epsilon, 0];
    for (let k = 0; k < width; k++) {
      const [dx, dv] = [
        (x.values[i * width + k] as number) - (x.values[j * width + k] as number),
        (v.values[i * width + k] as number) - (v.values[j * width + k] as number),
      ];
      apart += dx * dx;
      faster += dv * dv;
    }
    return faster / apart;
  }
}

function centred(rows: Float64Array, width: number): Side {
  const mean = columnMeans(rows, width);
  const values = rows.map((value, i) => value - (mean[i % width] as number));
  const squares = new Float64Array(rows.length / width);
  for (let i = 0; i < values.length; i++) {
    const row = Math.floor(i / width);
    squares[row] = (squares[row] as number) + (values[i] as number) ** 2;
  }
  return { values, squares };
}
