// reduce: sum or maximum over the middle axis
// Math      y[l, c] = scale · Σ_r x[l, r, c], or scale · max_r x[l, r, c]
// In        x [L, R, C]
// Out       y [L, C]
// Mapping   one workgroup of 256 = one l, `columns` (a power of two) neighbouring c, one of `pieces` stretches of R; its other invocations share out the rows,
//           then halve their number step by step. With several pieces reduce_pieces leaves one result each in the workspace, which `reduce` then takes for x
// Memory    workgroup: 1 KiB; workspace: 4 L C `pieces` bytes when there are several
// Limits    L R C < 2^32
// Numerics  sums in f32 in an order fixed by L, R and C alone, R `columns` / 256 + 8 roundings deep, with pieces 81 or R `columns` / 65536 + 17; the maximum is NaN if any element is, −∞ · scale over nothing
// Twins     src/backends/reference/reduce.ts, assembly/reduce.ts
//@use order

var<workgroup> results: array<f32, 256>;

fn combine(a: f32, b: f32) -> f32 {
  if (VARIANT == 0u) { return a + b; }
  return maximum(a, b);
}

fn nothing() -> f32 { return select(-infinity(), 0.0, VARIANT == 0u); }

/// The results of a workgroup's rows, in `results`, become those of its columns.
fn halve(local: u32) {
  workgroupBarrier();
  for (var width = 128u; width >= p.columns; width >>= 1u) {
    if (local < width) { results[local] = combine(results[local], results[local + width]); }
    workgroupBarrier();
  }
}

/// One of four neighbours.
fn piece_result(i: u32) -> f32 { return workspace[i / 4u][i % 4u]; }

@compute @workgroup_size(256)
fn reduce_pieces(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let blocks = (p.C + p.columns - 1u) / p.columns;
  let unit = unit_of(workgroup);
  let piece = unit % p.pieces;
  let l = (unit / p.pieces) / blocks;
  let c = ((unit / p.pieces) % blocks) * p.columns + local % p.columns;
  let rows = (p.R + p.pieces - 1u) / p.pieces;
  let end = min(p.R, (piece + 1u) * rows);
  var result = nothing();
  if (c < p.C && l < p.L) {
    for (var r = piece * rows + local / p.columns; r < end; r += 256u / p.columns) { result = combine(result, get_x((l * p.R + r) * p.C + c)); }
  }
  results[local] = result;
  halve(local);
  if (local < p.columns && c < p.C && l < p.L) {
    let i = (l * p.pieces + piece) * p.C + c;
    workspace[i / 4u][i % 4u] = results[local];
  }
}

@compute @workgroup_size(256)
fn reduce(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let blocks = (p.C + p.columns - 1u) / p.columns;
  let unit = unit_of(workgroup);
  let l = unit / blocks;
  let c = (unit % blocks) * p.columns + local % p.columns;
  var result = nothing();
  if (c < p.C && l < p.L) {
    if (p.pieces > 1u) {
      for (var r = local / p.columns; r < p.pieces; r += 256u / p.columns) { result = combine(result, piece_result((l * p.pieces + r) * p.C + c)); }
    } else {
      for (var r = local / p.columns; r < p.R; r += 256u / p.columns) { result = combine(result, get_x((l * p.R + r) * p.C + c)); }
    }
  }
  results[local] = result;
  halve(local);
  if (local < p.columns && c < p.C && l < p.L) { set_y(l * p.C + c, p.scale * results[local]); }
}
