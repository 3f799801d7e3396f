// Axis arithmetic for figures: linear and logarithmic scales with round ticks, and coordinates rounded to a tenth of a pixel.

/** Maps a value to pixels. */
export type Scale = (value: number) => number;

/** Linear map of [from, to] onto [start, end]; an empty domain maps to the middle. */
export function linearScale(from: number, to: number, start: number, end: number): Scale {
  return (value) => (to === from ? (start + end) / 2 : start + ((value - from) / (to - from)) * (end - start));
}

/** Logarithmic map of [from, to] (both positive) onto [start, end]. */
export function logScale(from: number, to: number, start: number, end: number): Scale {
  const inner = linearScale(Math.log10(from), Math.log10(to), start, end);
  return (value) => inner(Math.log10(value));
}

/** Round numbers (1, 2 or 5 times a power of ten apart) within [from, to], about `count` of them. */
export function linearTicks(from: number, to: number, count: number): number[] {
  if (!(to > from)) return [from];
  const rough = (to - from) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) ?? 10);
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** The largest of 1, 2 and 5 times powers of ten that is not above `value` (positive). */
export function roundDown(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value) + 1e-9);
  const factor = [5, 2, 1].find((candidate) => candidate * power <= value * (1 + 1e-9)) ?? 1;
  return Number((factor * power).toPrecision(12));
}

/** 1, 2 and 5 times powers of ten within [from, to]; only powers of ten, or every second, fifth, … of them, where that gives too many. */
export function logTicks(from: number, to: number): number[] {
  const ticks: number[] = [];
  const decades = Math.log10(to / from);
  const stride = [1, 2, 5, 10, 20].find((step) => decades / step <= 8) ?? 50;
  for (let exponent = Math.floor(Math.log10(from)); exponent <= Math.ceil(Math.log10(to)); exponent++) {
    if (exponent % stride !== 0) continue;
    for (const factor of decades > 3 ? [1] : [1, 2, 5]) {
      const tick = Number(`${factor}e${exponent}`);
      if (tick >= from * 0.999 && tick <= to * 1.001) ticks.push(tick);
    }
  }
  return ticks;
}

/** Ticks of a logarithmic axis; evenly spaced ones where it is too short for two round values. */
export function logAxisTicks(from: number, to: number): number[] {
  const candidates = [logTicks(from, to), linearTicks(from, to, 3)];
  return candidates.find((ticks) => ticks.length > 1) ?? linearTicks(from, to, 6);
}

/** Ticks of a logarithmic horizontal axis, where labels stand side by side: powers of ten where there are three or more. */
export function wideLogTicks(from: number, to: number): number[] {
  const ticks = logAxisTicks(from, to);
  const powers = ticks.filter((tick) => Number.isInteger(Number(Math.log10(tick).toFixed(9))));
  return powers.length > 2 ? powers : ticks.length > 5 ? ticks.filter((_, i) => i % 2 === 0) : ticks;
}

/** A coordinate with at most one decimal: small files, and the same text everywhere. */
export function pixel(value: number): string {
  const rounded = Math.round(value * 10) / 10;
  return String(rounded === 0 ? 0 : rounded);
}

/** The path through points; runs of equal height collapse to their ends. */
export function linePath(xs: readonly number[], ys: readonly number[]): string {
  let path = '';
  for (let i = 0; i < xs.length; i++) {
    const y = pixel(ys[i] as number);
    if (i > 0 && i < xs.length - 1 && y === pixel(ys[i - 1] as number) && y === pixel(ys[i + 1] as number)) continue;
    path += `${i === 0 ? 'M' : 'L'}${pixel(xs[i] as number)},${y}`;
  }
  return path;
}
