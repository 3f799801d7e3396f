// What acts on single trials at single steps stands in small tables; an array of rows, one a trial and step, chooses from them. Row 0, and a row that the table lacks, is nothing.

/** The row that trial `trial` of a tile has chosen, 0 for none: `rows` belongs to its first trial, trials are `stride` apart, the table has `count` rows. */
// @ts-ignore: decorator
@inline
export function chosenRow(rows: usize, stride: i32, trial: i32, count: i32): i32 {
  const row = i32.load(rows + (usize(trial) * usize(stride) << 2));
  return u32(row) < u32(count) ? row : 0;
}

/** `rows` where any of the `trials` trials of a tile has chosen a row, else 0: most tiles and steps are left alone. */
export function chosenRows(rows: usize, stride: i32, trials: i32, count: i32): usize {
  for (let trial = 0; trial < trials; trial++) if (chosenRow(rows, stride, trial, count) > 0) return rows;
  return 0;
}
