// One trace of a trial as an SVG path. Runs here and, as its own source text, in the report's page: uses its arguments only.

/**
 * The path of channel `channel` of trial `trial` in `values` [K, T, C]: x runs from `left` over `width` pixels, y is base − scale · value.
 * Stretches of equal height collapse to their ends.
 */
export function drawTrace(
  values: ArrayLike<number>,
  shape: readonly number[],
  trial: number,
  channel: number,
  left: number,
  width: number,
  base: number,
  scale: number,
): string {
  const steps = shape[1] as number;
  const channels = shape[2] as number;
  let path = '';
  let last = Number.NaN;
  let skipped = '';
  for (let step = 0; step < steps; step++) {
    const x = Math.round((left + (steps > 1 ? (width * step) / (steps - 1) : 0)) * 10) / 10;
    const y = Math.round((base - scale * (values[(trial * steps + step) * channels + channel] as number)) * 10) / 10;
    const point = `${step === 0 ? 'M' : 'L'}${x},${y}`;
    if (y === last) skipped = point;
    else {
      path += skipped + point;
      skipped = '';
    }
    last = y;
  }
  return path + skipped;
}
