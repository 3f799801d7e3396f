// select: y = condition ≠ 0 ? a : b, with broadcasting by strides
// Math      y_n = a_n where condition_n ≠ 0 (NaN is not 0), else b_n
// In        condition [C]  a [A]  b [B], each read as n0 × n1 × n2 × n3 through strides (0 where broadcast)
// Out       y [N], N = n0 n1 n2 n3
// Mapping   one invocation = one element of y, workgroups of 256
// Memory    writes N floats, reads up to 3 N
// Limits    N < 2^31
// Numerics  exact
// Twins     src/backends/reference/select.ts, assembly/select.ts
//@use strided

// `select` is a function of WGSL, which the entry point of this module hides: branches instead.
@compute @workgroup_size(256)
fn select(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = unit_of(workgroup) * 256u + local;
  if (i >= p.N) { return; }
  let index = index_of(i);
  // By the bits: a denormal is not 0.
  let condition = bitcast<u32>(get_condition(place_of(index, p.c_stride0, p.c_stride1, p.c_stride2, p.c_stride3))) & 0x7fffffffu;
  if (condition != 0u) {
    set_y(i, get_a(place_of(index, p.a_stride0, p.a_stride1, p.a_stride2, p.a_stride3)));
  } else {
    set_y(i, get_b(place_of(index, p.b_stride0, p.b_stride1, p.b_stride2, p.b_stride3)));
  }
}
