// The largest ratio of squared distances over all pairs of samples, exactly: dimensions are added eight at a time, and a pair is dropped as soon as
// no remaining dimension could make it the largest of either sample.

/** Dimensions that are added between two looks at what a pair can still reach. */
const blockSize = 8;
/** Samples that are compared with as many others while both lie in a cache. */
const tileSize = 256;
/** Partners of each sample that are tried first, so that most of the others can be dropped early. */
const firstPartners = 12;

interface Blocks {
  /** [blocks, samples, 8], zeros behind the last dimension. */
  readonly values: Float64Array;
  /** Norm of what follows after each block [blocks, samples]. */
  readonly rest: Float64Array;
}

function blocksOf(rows: Float64Array, samples: number, width: number): Blocks {
  const blocks = Math.ceil(width / blockSize);
  const values = new Float64Array(blocks * samples * blockSize);
  const rest = new Float64Array(blocks * samples);
  for (let i = 0; i < samples; i++) {
    let square = 0;
    for (let block = blocks - 1; block >= 0; block--) {
      rest[block * samples + i] = Math.sqrt(square);
      for (let k = 0; k < blockSize && block * blockSize + k < width; k++) {
        const value = rows[i * width + block * blockSize + k] as number;
        values[(block * samples + i) * blockSize + k] = value;
        square += value * value;
      }
    }
  }
  return { values, rest };
}

/**
 * For each sample the largest ‖v_i − v_j‖² / (‖x_i − x_j‖² + ε) over all j, and that j; with `groups` only over the j of its group.
 * Positions x and velocities v are row-major [n, width]; the first dimensions should hold most of the distances. O(n² width) at worst.
 */
export function largestRatios(
  { positions, velocities }: { readonly positions: Float64Array; readonly velocities: Float64Array },
  width: number,
  epsilon: number,
  groups: Int32Array | null,
): { values: Float64Array; partner: Int32Array } {
  const samples = positions.length / width;
  const [x, v] = [blocksOf(positions, samples, width), blocksOf(velocities, samples, width)];
  const blocks = Math.ceil(width / blockSize);
  const best = new Float64Array(samples);
  const partner = Int32Array.from({ length: samples }, (_, i) => i);

  const compare = (i: number, j: number): void => {
    const bar = Math.min(best[i] as number, best[j] as number);
    let [apart, faster] = [epsilon, 0];
    for (let block = 0; block < blocks; block++) {
      const at = block * samples;
      const [a, b] = [(at + i) * blockSize, (at + j) * blockSize];
      apart += squaredDistance(x.values, a, b);
      faster += squaredDistance(v.values, a, b);
      const most = (v.rest[at + i] as number) + (v.rest[at + j] as number);
      const least = (x.rest[at + i] as number) - (x.rest[at + j] as number);
      if (faster + most * most <= bar * (apart + least * least)) return;
    }
    const ratio = faster / apart;
    if (ratio > (best[i] as number)) {
      best[i] = ratio;
      partner[i] = j;
    }
    if (ratio > (best[j] as number)) {
      best[j] = ratio;
      partner[j] = i;
    }
  };

  const same = (i: number, j: number) => groups === null || groups[i] === groups[j];
  for (let k = 1; k <= firstPartners; k++) {
    const offset = Math.max(1, Math.floor((k * samples) / (2 * firstPartners + 1)));
    for (let i = 0; i < samples; i++) {
      const j = (i + offset) % samples;
      if (i !== j && same(i, j)) compare(i, j);
    }
  }
  for (let first = 0; first < samples; first += tileSize) {
    for (let second = first; second < samples; second += tileSize) {
      for (let i = first; i < Math.min(samples, first + tileSize); i++) {
        for (let j = Math.max(i + 1, second); j < Math.min(samples, second + tileSize); j++) if (same(i, j)) compare(i, j);
      }
    }
  }
  return { values: best, partner };
}

/** Σ (a − b)² over eight values from `a` and from `b` on. */
function squaredDistance(values: Float64Array, a: number, b: number): number {
  const d0 = (values[a] as number) - (values[b] as number);
  const d1 = (values[a + 1] as number) - (values[b + 1] as number);
  const d2 = (values[a + 2] as number) - (values[b + 2] as number);
  const d3 = (values[a + 3] as number) - (values[b + 3] as number);
  const d4 = (values[a + 4] as number) - (values[b + 4] as number);
  const d5 = (values[a + 5] as number) - (values[b + 5] as number);
  const d6 = (values[a + 6] as number) - (values[b + 6] as number);
  const d7 = (values[a + 7] as number) - (values[b + 7] as number);
  return d0 * d0 + d1 * d1 + d2 * d2 + d3 * d3 + (d4 * d4 + d5 * d5 + d6 * d6 + d7 * d7);
}
