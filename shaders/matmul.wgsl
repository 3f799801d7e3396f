// matmul: batched matrix product, each operand transposed where asked
// Math      y[g] = op(a[g]) · op(b[g]) for G matrices
// In        a [G, A0, A1]  b [G, B0, B1]
// Out       y [G, M, N]
// Mapping   one workgroup of 16 × 16 = one g, 64 rows and 64 columns of y; one invocation = 4 × 4 of them, rows and columns 16 apart
// Memory    workgroup: 16 inner elements of the 64 rows and of the 64 columns, 8 KiB; y written once, a read N / 64 times, b M / 64 times
// Limits    each array below 2^32 elements
// Numerics  sums in f32, k ascending, multiply-adds fused where the compiler does
// Twins     src/backends/reference/matmul.ts, assembly/matmul.ts

const TILE: u32 = 64u;
const DEPTH: u32 = 16u;
var<workgroup> left: array<f32, 1024>; // [DEPTH][TILE]
var<workgroup> right: array<f32, 1024>;

@compute @workgroup_size(16, 16)
fn matmul(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_id) id: vec3u, @builtin(local_invocation_index) local: u32) {
  let across = (p.N + TILE - 1u) / TILE;
  let down = (p.M + TILE - 1u) / TILE;
  let unit = unit_of(workgroup);
  let g = unit / (across * down);
  let row0 = ((unit / across) % down) * TILE;
  let column0 = (unit % across) * TILE;
  var inner = p.A1;
  if (p.transpose_a != 0) { inner = p.A0; }
  var sums: array<vec4f, 4>;
  for (var k0 = 0u; k0 < inner; k0 += DEPTH) {
    // Neighbouring invocations read neighbouring elements, along whichever axis is contiguous.
    for (var i = local; i < TILE * DEPTH; i += 256u) {
      var m = i / DEPTH;
      var k = i % DEPTH;
      if (p.transpose_a != 0) { m = i % TILE; k = i / TILE; }
      var value = 0.0;
      if (g < p.G && row0 + m < p.M && k0 + k < inner) {
        if (p.transpose_a != 0) { value = get_a((g * p.A0 + k0 + k) * p.A1 + row0 + m); } else { value = get_a((g * p.A0 + row0 + m) * p.A1 + k0 + k); }
      }
      left[k * TILE + m] = value;
      var n = i % TILE;
      k = i / TILE;
      if (p.transpose_b != 0) { n = i / DEPTH; k = i % DEPTH; }
      value = 0.0;
      if (g < p.G && column0 + n < p.N && k0 + k < inner) {
        if (p.transpose_b != 0) { value = get_b((g * p.B0 + column0 + n) * p.B1 + k0 + k); } else { value = get_b((g * p.B0 + k0 + k) * p.B1 + column0 + n); }
      }
      right[k * TILE + n] = value;
    }
    workgroupBarrier();
    for (var k = 0u; k < DEPTH; k++) {
      let at = k * TILE;
      let columns = vec4f(right[at + id.x], right[at + id.x + 16u], right[at + id.x + 32u], right[at + id.x + 48u]);
      sums[0] += left[at + id.y] * columns;
      sums[1] += left[at + id.y + 16u] * columns;
      sums[2] += left[at + id.y + 32u] * columns;
      sums[3] += left[at + id.y + 48u] * columns;
    }
    workgroupBarrier();
  }
  if (g >= p.G) { return; }
  for (var i = 0u; i < 4u; i++) {
    let m = row0 + id.y + 16u * i;
    for (var j = 0u; j < 4u; j++) {
      let n = column0 + id.x + 16u * j;
      if (m < p.M && n < p.N) { set_y((g * p.M + m) * p.N + n, sums[i][j]); }
    }
  }
}
