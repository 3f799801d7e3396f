// Means over seeds and how sure they are: Student's t, which is honest about three of them.

/** Mean of n values, their standard deviation (n − 1) and half the width of the 95 % t interval of the mean; null for fewer than two values. */
export interface Spread {
  readonly count: number;
  readonly mean: number;
  readonly deviation: number | null;
  readonly half: number | null;
}

/** Over the values that are finite; null where there is none. */
export function spreadOf(given: readonly (number | null | undefined)[]): Spread | null {
  const values = given.filter((value): value is number => value !== null && value !== undefined && Number.isFinite(value));
  const count = values.length;
  if (count === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count === 1) return { count, mean, deviation: null, half: null };
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1));
  return { count, mean, deviation, half: (tQuantile(count - 1) * deviation) / Math.sqrt(count) };
}

/** The same of positive values on a logarithmic scale: geometric mean, and the ends of its 95 % t interval (the mean itself for one value). */
export function logSpreadOf(
  given: readonly (number | null | undefined)[],
): { readonly count: number; readonly mean: number; readonly low: number; readonly high: number } | null {
  const spread = spreadOf(given.map((value) => (value !== null && value !== undefined && value > 0 ? Math.log(value) : null)));
  if (!spread) return null;
  const { count, mean, half } = spread;
  return { count, mean: Math.exp(mean), low: Math.exp(mean - (half ?? 0)), high: Math.exp(mean + (half ?? 0)) };
}

const known = new Map<number, number>();

/** 97.5 % quantile of Student's t with `freedom` degrees of freedom, to four digits. */
export function tQuantile(freedom: number): number {
  const before = known.get(freedom);
  if (before !== undefined) return before;
  // With t = √ν tan θ the whole integral is that of cos^(ν−1) over a quarter turn.
  const part = (to: number) => simpson((angle) => Math.cos(angle) ** (freedom - 1), Math.atan(to / Math.sqrt(freedom)));
  const half = simpson((angle) => Math.cos(angle) ** (freedom - 1), Math.PI / 2);
  let [low, high] = [0, 20];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (part(middle) < 0.95 * half) low = middle;
    else high = middle;
  }
  known.set(freedom, high);
  return high;
}

function simpson(f: (x: number) => number, to: number): number {
  const pieces = 2000;
  const step = to / pieces;
  let sum = f(0) + f(to);
  for (let i = 1; i < pieces; i++) sum += f(i * step) * (i % 2 === 1 ? 4 : 2);
  return (sum * step) / 3;
}
