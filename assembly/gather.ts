// gather: takes rows of a table by index
// Math      y[k, c] = x[index[k], c]; a row whose index lies outside 0 … R − 1 becomes NaN
// In        x [R, C]  index [K] (i32)
// Out       y [K, C]
// Mapping   one unit = one row k
// Memory    copies K rows of C floats
// Limits    R C, K C < 2^31
// Numerics  exact
// Twins     src/backends/reference/gather.ts
import { at } from './inline/math';

export function gather(_variant: i32, x: usize, index: usize, y: usize, rows: i32, columns: i32, _k: i32, start: i32, end: i32, _thread: i32): void {
  for (let k = start; k < end; k++) {
    const row = load<i32>(at(index, k));
    const target = at(y, k * columns);
    if (row >= 0 && row < rows) memory.copy(target, at(x, row * columns), (<usize>columns) << 2);
    else for (let c: i32 = 0; c < columns; c++) store<f32>(at(target, c), f32(NaN));
  }
}
