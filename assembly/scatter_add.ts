// scatter_add: adds rows into a table by index
// Math      y[index[k], c] += x[k, c], k ascending; rows whose index lies outside 0 … R − 1 are skipped
// In        x [K, C]  index [K] (i32)
// Out       y [R, C], updated
// Mapping   one unit = 64 columns, through all k, so that the order of additions does not depend on threads
// Memory    reads K C floats, reads and writes the rows hit
// Limits    R C, K C < 2^31
// Numerics  f32 sums in the order of k
// Twins     src/backends/reference/scatter_add.ts
import { at } from './inline/math';

const block: i32 = 64;

export function scatter_add(_variant: i32, x: usize, index: usize, y: usize, count: i32, columns: i32, rows: i32, start: i32, end: i32, _thread: i32): void {
  const from: i32 = start * block;
  const to: i32 = min(end * block, columns);
  for (let k: i32 = 0; k < count; k++) {
    const row = load<i32>(at(index, k));
    if (row < 0 || row >= rows) continue;
    const source = at(x, k * columns);
    const target = at(y, row * columns);
    let c = from;
    for (; c + 4 <= to; c += 4) v128.store(at(target, c), f32x4.add(v128.load(at(target, c)), v128.load(at(source, c))));
    for (; c < to; c++) store<f32>(at(target, c), load<f32>(at(target, c)) + load<f32>(at(source, c)));
  }
}
