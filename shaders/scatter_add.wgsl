// scatter_add: y[index[k]] += x[k], k in ascending order
// Math      y[index[k], c] += x[k, c]; rows whose index is outside 0 … R − 1 are skipped
// In        x [K, C]  index [K] (i32)
// Out       y [R, C], updated
// Mapping   one invocation = one element of y, which goes through all indices; workgroups of 256
// Memory    reads K indices an element of y (the same for a workgroup, so from cache), x once
// Limits    R C < 2^32; K R C comparisons: 10^5 rows of 64 into as many take some 0.1 s on a fast GPU
// Numerics  sums in f32, in the order of k; no atomics, so the same bits each time
// Twins     src/backends/reference/scatter_add.ts, assembly/scatter_add.ts

@compute @workgroup_size(256)
fn scatter_add(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = unit_of(workgroup) * 256u + local;
  if (i >= p.R * p.C) { return; }
  let row = i32(i / p.C);
  let column = i % p.C;
  var sum = get_y(i);
  for (var k = 0u; k < p.K; k++) {
    if (get_index(k) == row) { sum += get_x(k * p.C + column); }
  }
  set_y(i, sum);
}
