// What the fixed points of a network say, in sentences: how many of which kind, where the stable ones lie, how the search went.
import type { FixedPointSummary, PointSummary } from '../analysis/dynamics-data.js';
import { formatCount, formatDuration, formatList, formatNumber, formatPlural } from './format.js';
import { stabilityText } from './point-space.js';

/** Speed below which an end counts as a fixed point; null where the search did not say. */
export function toleranceOf({ settings }: FixedPointSummary): number | null {
  return typeof settings.tolerance === 'number' ? settings.tolerance : null;
}

/** Threshold that figures begin with: what the search counted as fixed, or where CtDB draws the line for searches by gradient descent. */
export function firstThreshold(found: FixedPointSummary): number {
  return found.method === 'levenberg-marquardt' ? (toleranceOf(found) ?? 1e-20) : 1e-5;
}

/** Fixed points proper: slow ones left out. */
export function fixedOnly(found: FixedPointSummary): PointSummary[] {
  const tolerance = toleranceOf(found) ?? firstThreshold(found);
  return found.points.filter(({ speed }) => speed < tolerance);
}

/** `8 stable points, one at every corner; 12 saddles with one unstable direction, 2 with two.` */
export function findingSentences(found: FixedPointSummary): string[] {
  const { counts } = found;
  if (counts.unique === 0) {
    const slow = counts.uniqueSlow > 0 ? ` ${formatPlural(counts.uniqueSlow, 'distinct end')} stayed above it: slow points at best.` : '';
    return [`No fixed point: none of ${formatPlural(counts.starts, 'start')} came to rest below the tolerance.${slow}`];
  }
  const points = fixedOnly(found);
  const stable = points.filter(({ unstable }) => unstable === 0);
  const saddles = saddleText(counts.byIndex);
  const sentences = [`${stableText(counts.stable, stable)}${saddles ? `; ${saddles}` : '; no saddles'}.`];
  const [only] = stable;
  if (counts.stable === 1 && only)
    sentences.push(
      `There is a single place to rest${found.input === 'zeros' ? ' without input' : ' under this input'}: whatever else the network holds, it holds as a slow transient.`,
    );
  const far = points.filter((point) => point.far);
  if (far.length > 0)
    sentences.push(
      `${formatPlural(far.length, 'point')} of these ${far.length === 1 ? 'lies' : 'lie'} far from the data (${kindsText(far)}): farther than 99\u202f% of the samples lie from their neighbours, so the network may never come near.`,
    );
  return sentences;
}

/** `8 stable points, one at every corner` where corners are known. */
function stableText(count: number, stable: readonly PointSummary[]): string {
  if (count === 0) return 'No stable point';
  const noun = formatPlural(count, 'stable point');
  const corners = stable.flatMap(({ corner }) => corner ?? []);
  const first = corners[0];
  // points may be listed in part only
  if (first === undefined || corners.length < count || !/^[01]{1,8}$/.test(first)) return noun;
  const all = 2 ** first.length;
  const held = new Map<string, number>();
  for (const corner of corners) held.set(corner, (held.get(corner) ?? 0) + 1);
  if (held.size === all && count === all) return `${noun}, one at every corner (${nearness(stable)})`;
  const shared = [...held]
    .filter(([, points]) => points > 1)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([corner, points]) => `${points} at ${corner}`);
  const missing = Array.from({ length: all }, (_, code) => code.toString(2).padStart(first.length, '0')).filter((corner) => !held.has(corner));
  const places = `${noun} at ${held.size} of ${all} corners`;
  const details = [
    shared.length > 0 ? formatList(shared) : null,
    missing.length > 0 && missing.length <= 8 ? `none at ${formatList(missing)}` : null,
    nearness(stable),
  ];
  return `${places} (${details.filter((detail) => detail !== null).join('; ')})`;
}

/** How near the read-out comes to the corners that the points are counted for: the largest difference in any bit. */
function nearness(stable: readonly PointSummary[]): string {
  const distances = stable.flatMap(({ readout, corner }) => readout.map((value, bit) => Math.abs(value - Number((corner as string)[bit]))));
  return `read-outs off by at most ${formatNumber(Math.max(...distances), 2)}`;
}

/** `12 saddles with one unstable direction, 2 with two`. */
function saddleText(byIndex: readonly number[]): string {
  const names = ['', 'one', 'two', 'three', 'four', 'five', 'six'];
  const parts = byIndex.flatMap((points, index) => {
    if (index === 0 || points === 0) return [];
    return [{ points, name: names[index] ?? String(index) }];
  });
  return parts
    .map(({ points, name }, i) =>
      i === 0 ? `${formatPlural(points, 'saddle')} with ${name} unstable direction${name === 'one' ? '' : 's'}` : `${formatCount(points)} with ${name}`,
    )
    .join(', ');
}

function kindsText(points: readonly PointSummary[]): string {
  const kinds = new Map<number, number>();
  for (const { unstable } of points) kinds.set(unstable, (kinds.get(unstable) ?? 0) + 1);
  return [...kinds]
    .sort(([a], [b]) => a - b)
    .map(([unstable, number]) => `${number} ${unstable === 0 ? 'stable' : `with ${stabilityText(unstable)}`}`)
    .join(', ');
}

const methods: Readonly<Record<string, string>> = {
  'levenberg-marquardt': 'Levenberg–Marquardt in double precision',
  ctdb: 'Gradient descent as in CtDB (Adam on the mean speed of all starts)',
  'golub-sussillo': "Golub & Sussillo's finder (Adam, adaptive learning rate)",
};

/** How the search went. */
export function searchSentence(found: FixedPointSummary): string {
  const { counts, seconds, method, input } = found;
  const tolerance = toleranceOf(found);
  const seeded = counts.seeded > 0 ? `, ${formatCount(counts.seeded)} of them midpoints between stable points` : '';
  const converged = `${formatCount(counts.converged)} of ${formatPlural(counts.starts, 'start')}${seeded} came to rest${tolerance === null ? '' : ` (q < ${formatNumber(tolerance, 1)})`}`;
  const slow =
    counts.slow > 0
      ? `, ${formatCount(counts.slow)} stopped above that${counts.uniqueSlow > 0 ? ` at ${formatPlural(counts.uniqueSlow, 'distinct slow point')}` : ''}`
      : '';
  const outliers =
    counts.outliers > 0 ? `; ${formatPlural(counts.outliers, 'end')} beyond the outlier distance ${counts.outliers === 1 ? 'was' : 'were'} dropped` : '';
  // a body's senses are many numbers: analysis.json has them
  const [, words = input, numbers = ''] = /^([^:]+): ([-\d., e]+)$/.exec(input) ?? [];
  const channels = numbers.split(',').length;
  const given = input === 'zeros' ? 'no input' : `input: ${channels > 6 ? `${words} (${channels} channels)` : input}`;
  return `${methods[method] ?? method}, ${given}: ${converged}${slow}${outliers}. ${formatDuration(seconds)}.`;
}
