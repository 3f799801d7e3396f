// Which ends of a search are distinct points, which of them are fixed and which slow, and how often and how early each was found.
import type { FixedPoints } from './container.js';
import type { ResolvedSearch } from './search-options.js';
import { distanceOutliers, type StartCloud, uniquePoints } from './unique.js';

/** Rows are those of the ends. */
export interface DistinctPoints {
  /** One row for each distinct end that is no outlier, ascending. */
  readonly kept: readonly number[];
  /** Of these the fixed points, ascending, and the slow points, by rising speed. */
  readonly fixed: readonly number[];
  readonly slow: readonly number[];
  /** Distinct ends dropped as outliers. */
  readonly outliers: number;
  /** Ends that belong to each kept row. */
  readonly visits: ReadonlyMap<number, number>;
  /** First of these ends. */
  readonly found: ReadonlyMap<number, number>;
}

/** Differences of speed below this share of the tolerance are rounding: among such ends the first represents the point. */
const roundingShare = 1e-8;

/** Sorts ends into distinct points. With compat every end is its own point, as in CtDB. */
export function distinctPoints(points: FixedPoints, settings: ResolvedSearch, cloud: StartCloud): DistinctPoints {
  const { tolerance, uniqueTolerance, outlierDistance, compat } = settings;
  const rows = Array.from({ length: points.length }, (_, row) => row);
  const floored = points.speed.map((speed) => Math.max(speed, roundingShare * tolerance));
  const { kept: distinct, owner } = compat
    ? { kept: rows, owner: rows }
    : uniquePoints({ states: points.states, inputs: points.inputs, speed: floored }, uniqueTolerance);
  const dropped = compat ? [] : distanceOutliers(points.pick(distinct).states, cloud, outlierDistance);
  const kept = Array.from(distinct).filter((_, i) => !dropped[i]);
  const visits = new Map<number, number>();
  const found = new Map<number, number>();
  for (const row of rows) {
    const point = distinct[owner[row] as number] as number;
    visits.set(point, (visits.get(point) ?? 0) + 1);
    if (!found.has(point)) found.set(point, row);
  }
  const speed = (row: number) => points.speed[row] as number;
  return {
    kept,
    fixed: kept.filter((row) => speed(row) < tolerance),
    slow: kept.filter((row) => !(speed(row) < tolerance)).sort((a, b) => speed(a) - speed(b)),
    outliers: distinct.length - kept.length,
    visits,
    found,
  };
}
