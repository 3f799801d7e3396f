// Numbers as the command line prints them.

/** Four significant digits, enough to compare two runs; empty for none. */
export function lossText(loss: number | null): string {
  return loss === null ? '' : loss.toPrecision(4);
}

/** Thousands apart: 51 587. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ' ');
}

/** Seconds as people say them: `0.4 s`, `42 s`, `3 min 05 s`, `2 h 10 min`. */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** Bytes with a unit: `12 KB`, `3.4 MB`, `1.2 GB` (powers of 1000). */
export function byteSize(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} KB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

const BARS = '▁▂▃▄▅▆▇█';

/**
 * The course of a loss in `width` characters, on a logarithmic scale from the smallest to the largest value.
 * More values than characters: the last of each stretch stands for it.
 */
export function sparkline(values: readonly number[], width: number): string {
  const finite = values.filter((value) => Number.isFinite(value) && value > 0);
  if (finite.length === 0) return '';
  const low = Math.log(Math.min(...finite));
  const span = Math.log(Math.max(...finite)) - low;
  const count = Math.min(width, finite.length);
  let line = '';
  for (let i = 0; i < count; i++) {
    const value = finite[Math.floor(((i + 1) * finite.length) / count) - 1] as number;
    const level = span > 0 ? (Math.log(value) - low) / span : 0;
    line += BARS[Math.round(level * (BARS.length - 1))];
  }
  return line;
}
