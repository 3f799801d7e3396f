// fill: sets every element of an array to one value
// Math      y[i] = value
// In        (none)
// Out       y [N]
// Mapping   one unit = 4096 elements of y
// Memory    writes N floats once
// Limits    N < 2^31
// Numerics  exact
// Twins     src/backends/reference/fill.ts

const block: i32 = 4096;

export function fill(_variant: i32, y: usize, n: i32, value: f32, start: i32, end: i32, _thread: i32): void {
  const stop: i32 = min(end * block, n);
  const values = f32x4.splat(value);
  let i: i32 = start * block;
  for (; i + 4 <= stop; i += 4) v128.store(y + ((<usize>i) << 2), values);
  for (; i < stop; i++) store<f32>(y + ((<usize>i) << 2), value);
}
