// fill: y = value
// Math      y_n = value
// In        none
// Out       y [N]
// Mapping   one invocation = one element, workgroups of 256
// Memory    one write an element
// Limits    N < 2^32
// Numerics  exact; 0 is written by the queue instead
// Twins     src/backends/reference/fill.ts, assembly/fill.ts
@compute @workgroup_size(256)
fn fill(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = unit_of(workgroup) * 256u + local;
  if (i < p.N) { set_y(i, p.value); }
}
