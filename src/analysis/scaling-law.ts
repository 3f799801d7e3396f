// Laws of scaling fitted to measured times: a + b n, or a power c n^p, whichever fits better, and where the law breaks.

/** How y depends on n. */
export interface ScalingLaw {
  readonly kind: 'affine' | 'power';
  /** affine: y = first + second · n (threads: second / n); power: y = first · n^second. */
  readonly first: number;
  readonly second: number;
  /** Largest deviation of a point that it was fitted to, relative to the law. */
  readonly error: number;
  /** The points that it holds for, as a range of indices: all of them, or the longest stretch (end exclusive). */
  readonly range: readonly [number, number];
}

/** A law holds for a point that deviates from it by no more than this. */
export const lawBound = 0.1;
/** Fewest points that say anything about a law of two numbers. */
const fewest = 3;

/** The law's value at n. `inverse`: it was fitted to 1/n. */
export function lawAt({ kind, first, second }: ScalingLaw, n: number, inverse = false): number {
  const x = inverse ? 1 / n : n;
  return kind === 'affine' ? first + second * x : first * x ** second;
}

/**
 * The law of y over n (ascending, all positive), by least squares of relative errors; null with fewer than three points. A law that one point contradicts by
 * ten percent is fitted to the longest stretch of points that it does hold for, the later one of two as long; where there is none, to the stretch that it fits best. `inverse`: over 1/n, for threads: a + b/n.
 */
export function fitScalingLaw(n: readonly number[], y: readonly number[], inverse = false): ScalingLaw | null {
  const x = inverse ? n.map((value) => 1 / value) : n;
  let nearest: ScalingLaw | null = null;
  for (let length = n.length; length >= fewest; length--) {
    for (let begin = n.length - length; begin >= 0; begin--) {
      const [xs, ys] = [x.slice(begin, begin + length), y.slice(begin, begin + length)];
      for (const law of [affine(xs, ys), power(xs, ys)]) {
        if (law && law.error < (nearest?.error ?? Number.POSITIVE_INFINITY)) nearest = { ...law, range: [begin, begin + length] };
      }
      if (nearest && nearest.error <= lawBound) return nearest;
    }
  }
  return nearest;
}

type Fit = Omit<ScalingLaw, 'range'>;

/** Weighted by 1/y², so that every point counts by its relative error. Null where a or b would be negative: then the law is none. */
function affine(x: readonly number[], y: readonly number[]): Fit | null {
  let [s, sx, sxx, sy, sxy] = [0, 0, 0, 0, 0];
  x.forEach((value, i) => {
    const w = 1 / (y[i] as number) ** 2;
    s += w;
    sx += w * value;
    sxx += w * value * value;
    sy += w * (y[i] as number);
    sxy += w * value * (y[i] as number);
  });
  const determinant = s * sxx - sx * sx;
  if (!(determinant > 1e-12 * s * sxx)) return null;
  let [first, second] = [(sxx * sy - sx * sxy) / determinant, (s * sxy - sx * sy) / determinant];
  if (first < 0) [first, second] = [0, sxy / sxx];
  if (second < 0) [first, second] = [sy / s, 0];
  return { kind: 'affine', first, second, error: errorOf(x, y, (value) => first + second * value) };
}

/** Least squares of logarithms. */
function power(x: readonly number[], y: readonly number[]): Fit | null {
  const [u, v] = [x.map(Math.log), y.map(Math.log)];
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mu, mv] = [mean(u), mean(v)];
  const variance = u.reduce((sum, value) => sum + (value - mu) ** 2, 0);
  if (!(variance > 1e-12)) return null;
  const second = u.reduce((sum, value, i) => sum + (value - mu) * ((v[i] as number) - mv), 0) / variance;
  const first = Math.exp(mv - second * mu);
  return { kind: 'power', first, second, error: errorOf(x, y, (value) => first * value ** second) };
}

function errorOf(x: readonly number[], y: readonly number[], law: (x: number) => number): number {
  return x.reduce((worst, value, i) => Math.max(worst, Math.abs((y[i] as number) / law(value) - 1)), 0);
}
