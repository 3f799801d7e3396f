// gather: y[k] = x[index[k]], rows of C elements
// Math      y[k, c] = x[index[k], c]; NaN where the index is outside 0 … R − 1
// In        x [R, C]  index [K] (i32)
// Out       y [K, C]
// Mapping   one invocation = one element of y, workgroups of 256
// Memory    reads and writes K C floats
// Limits    K C < 2^32
// Numerics  exact
// Twins     src/backends/reference/gather.ts, assembly/gather.ts
//@use math

@compute @workgroup_size(256)
fn gather(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = unit_of(workgroup) * 256u + local;
  if (i >= p.K * p.C) { return; }
  let row = get_index(i / p.C);
  if (row >= 0 && row < i32(p.R)) {
    set_y(i, get_x(u32(row) * p.C + i % p.C));
  } else {
    set_y(i, not_a_number());
  }
}
