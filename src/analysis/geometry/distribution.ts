// Numbers that stand for many: quantiles of tangling and of whatever else has one value a sample.
import { ShapeError } from '../../errors.js';

export interface Distribution {
  readonly count: number;
  readonly mean: number;
  readonly median: number;
  readonly p90: number;
  readonly p95: number;
  readonly max: number;
  /** The 0th to the 100th percentile [101]: the cumulative distribution. */
  readonly quantiles: Float64Array;
}

/** The value that a share of the sorted values lies below: a value itself, never between two (the largest for a share of 1). */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  // 1e-9: 0.29 · 100 is a hair below 29
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length + 1e-9))] as number;
}

/** Summary of values. Throws ShapeError when there are none. */
export function distributionOf(values: ArrayLike<number>): Distribution {
  if (values.length === 0) throw new ShapeError('distributionOf: expected 1 or more values, got none');
  const sorted = Float64Array.from(values).sort();
  return {
    count: sorted.length,
    mean: sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
    median: quantile(sorted, 0.5),
    p90: quantile(sorted, 0.9),
    p95: quantile(sorted, 0.95),
    max: sorted[sorted.length - 1] as number,
    quantiles: Float64Array.from({ length: 101 }, (_, percent) => quantile(sorted, percent / 100)),
  };
}

/** Share of samples at which `a` is larger than `b`, sample by sample. Throws ShapeError unless both have as many. */
export function shareAbove(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length || a.length === 0) throw new ShapeError(`shareAbove: expected two lists of equal length, got ${a.length} and ${b.length} values`);
  let above = 0;
  for (let i = 0; i < a.length; i++) if ((a[i] as number) > (b[i] as number)) above++;
  return above / a.length;
}
