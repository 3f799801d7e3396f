// How `check` compares samples: means and standard deviations, within four standard errors of their difference.
import type { Comparison } from './compare.js';

/** Statistics must agree within this many standard errors of their difference. */
export const standardErrors = 4;

/** A sample of numbers, one a trial, or the moments of many. */
export interface Sample {
  readonly count: number;
  readonly mean: number;
  readonly deviation: number;
}

/** Mean and standard deviation of two samples, one number a trial. */
export function compareSamples(comparison: Comparison, name: string, ours: Float64Array, theirs: Float64Array): void {
  if (ours.length === 0 || theirs.length === 0) {
    comparison.compareStatistic(`${name} (count)`, ours.length, theirs.length, 0);
    return;
  }
  const a = momentsOf(ours);
  const b = momentsOf(theirs);
  comparison.compareStatistic(`${name} (mean)`, a.mean, b.mean, standardErrors * differenceError(a, b));
  const spread = (sample: Sample, values: Float64Array) => ({ count: sample.count, mean: sample.deviation, deviation: deviationError(sample, values) });
  const [sa, sb] = [spread(a, ours), spread(b, theirs)];
  comparison.compareStatistic(`${name} (standard deviation)`, sa.mean, sb.mean, standardErrors * differenceError(sa, sb));
}

/** A statistic of the metadata `stats`, if it is there. */
export function compareMoment(comparison: Comparison, key: string, ours: Sample, theirs: Sample): void {
  if (comparison.file.section('stats').entry(key) === undefined) return;
  comparison.compareStatistic(`stats.${key}`, ours.mean, theirs.mean, standardErrors * differenceError(ours, theirs));
}

/** Standard error of the difference of two means. */
function differenceError(a: Sample, b: Sample): number {
  return Math.sqrt(a.deviation ** 2 / a.count + b.deviation ** 2 / b.count);
}

/** √N times the standard error of a sample's standard deviation: √(μ₄ − σ⁴) / 2σ, whatever the distribution. */
function deviationError({ mean, deviation, count }: Sample, values: Float64Array): number {
  if (deviation === 0) return 0;
  const fourth = values.reduce((sum, value) => sum + (value - mean) ** 4, 0) / count;
  return Math.sqrt(Math.max(0, fourth - deviation ** 4)) / (2 * deviation);
}

export function momentsOf(values: Float64Array | Float32Array): Sample {
  const count = values.length;
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / count;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return { count, mean, deviation: Math.sqrt(squares / count) };
}
