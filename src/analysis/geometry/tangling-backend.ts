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
  const reach = new Float64Array(samples);
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
      const products: Float32Array[] = [];
      for (const [k, { values }] of [x, v].entries()) {
        const tile = allocate([1, rows, width]);
        const result = allocate([1, rows, samples]);
        backend.write(tile.buffer, Float32Array.from(values.subarray(first * width, (first + rows) * width)));
        backend.run('matmul', { args: { a: tile, b: sides[k] as KernelArgument, y: result }, params: { transpose_b: 1 } });
        products.push((await backend.read(result.buffer)) as Float32Array);
        for (const argument of [tile, result]) {
          backend.free(argument.buffer);
          buffers.splice(buffers.indexOf(argument), 1);
        }
      }
      for (let row = 0; row < rows; row++) search(first + row, row * samples, products as [Float32Array, Float32Array]);
    }
  } finally {
    for (const { buffer } of buffers) backend.free(buffer);
  }
  return { values: best, partner };

  function search(i: number, offset: number, [near, fast]: readonly [Float32Array, Float32Array]): void {
    reachOf(reach, near, fast, offset, x.squares, v.squares, i, epsilon);
    if (groups !== null) for (let j = 0; j < samples; j++) if (groups[i] !== groups[j]) reach[j] = 0;
    // first the pair that looks largest, so that few others can still exceed it
    let likely = i;
    for (let j = 0; j < samples; j++) if ((reach[j] as number) > (reach[likely] as number)) likely = j;
    let [largest, other] = [exact(i, likely), likely];
    for (let j = 0; j < samples; j++) {
      if ((reach[j] as number) <= largest || j === likely) continue;
      const ratio = exact(i, j);
      if (ratio > largest) [largest, other] = [ratio, j];
    }
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

/** The largest that each ratio of sample i may be, given rounded products from `offset` on. A function of its own, which engines compile well. */
function reachOf(
  reach: Float64Array,
  near: Float32Array,
  fast: Float32Array,
  offset: number,
  squaresX: Float64Array,
  squaresV: Float64Array,
  i: number,
  epsilon: number,
): void {
  const ownX = (squaresX[i] as number) * (1 - productError);
  const ownV = (squaresV[i] as number) * (1 + productError);
  for (let j = 0; j < reach.length; j++) {
    const faster = ownV + (squaresV[j] as number) * (1 + productError) - 2 * (fast[offset + j] as number);
    const apart = ownX + (squaresX[j] as number) * (1 - productError) - 2 * (near[offset + j] as number);
    reach[j] = faster / ((apart > 0 ? apart : 0) + epsilon);
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
