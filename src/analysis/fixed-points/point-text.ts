// A set of fixed points in a few lines of text.
import type { FixedPointArrays } from './point-arrays.js';

/** Unique points with 0, 1, 2, … unstable directions, up to the largest there is. */
export function countsByIndex(unstable: ArrayLike<number>): number[] {
  const counts: number[] = [0];
  for (let k = 0; k < unstable.length; k++) {
    const index = unstable[k] as number;
    while (counts.length <= index) counts.push(0);
    counts[index] = (counts[index] as number) + 1;
  }
  return counts;
}

const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;
const exponent = (value: number | undefined) => (value === 0 ? '0' : (value ?? Number.NaN).toExponential(1));

/** How many points, of what kind, their speeds; then what the set's notes say. */
export function describePoints(points: FixedPointArrays & { readonly unstable: Int32Array | null }): string {
  const { speed, stateSize, inputSize, unstable, visits, notes = [] } = points;
  const count = speed.length;
  const lines = [`${plural(count, 'point')} of ${plural(stateSize, 'unit')}${inputSize > 0 ? ` under ${plural(inputSize, 'input')}` : ''}`];
  if (count > 0) {
    const sorted = speed.toSorted();
    lines.push(`speed q: least ${exponent(sorted[0])}, median ${exponent(sorted[Math.floor(count / 2)])}, largest ${exponent(sorted.at(-1))}`);
  }
  if (unstable && count > 0) {
    const kinds = countsByIndex(unstable).map((found, index) =>
      found === 0 ? '' : `${found} ${index === 0 ? 'stable' : `with ${plural(index, 'unstable direction')}`}`,
    );
    lines.push(kinds.filter((kind) => kind !== '').join(', '));
  }
  if (visits && count > 0) lines.push(`starts that ended at a point: ${Math.min(...visits)} to ${Math.max(...visits)}`);
  return [...lines, ...notes].join('\n');
}
