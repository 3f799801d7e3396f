// copy_strided: moves or adds a strided view of one array into a strided view of another: transpose, slice, concat, pad, broadcast
// Math      y[y_offset + i·y_stride] = x[x_offset + i·x_stride], plus what y held before when accumulate, for i in n0 × n1 × n2 × n3, row-major
// In        x [A]
// Out       y [B], updated where the view reaches
// Mapping   one unit = one row of n3 elements; one thread does all rows when several of them add into the same element
// Memory    rows with unit strides move as vectors
// Limits    every index within x and y, A, B < 2^31
// Numerics  exact; sums in row-major order
// Twins     src/backends/reference/copy_strided.ts
import { at } from './inline/math';
import { loadStrided, rowOffset } from './inline/strided';

// prettier-ignore
export function copy_strided(
  _variant: i32, x: usize, y: usize, _xLength: i32, _yLength: i32, _n0: i32, n1: i32, n2: i32, n3: i32, xOffset: i32,
  x0: i32, x1: i32, x2: i32, x3: i32, yOffset: i32, y0: i32, y1: i32, y2: i32, y3: i32, accumulate: i32, start: i32, end: i32, _thread: i32,
): void {
  for (let row = start; row < end; row++) {
    const source = xOffset + rowOffset(row, n1, n2, x0, x1, x2);
    const target = yOffset + rowOffset(row, n1, n2, y0, y1, y2);
    let i: i32 = 0;
    if (y3 == 1) {
      for (; i + 4 <= n3; i += 4) {
        const value = loadStrided(x, source + i * x3, x3);
        const address = at(y, target + i);
        v128.store(address, accumulate ? f32x4.add(v128.load(address), value) : value);
      }
    }
    for (; i < n3; i++) {
      const value = load<f32>(at(x, source + i * x3));
      const address = at(y, target + i * y3);
      store<f32>(address, accumulate ? load<f32>(address) + value : value);
    }
  }
}
