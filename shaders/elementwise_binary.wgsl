// elementwise_binary: y = f(a, b) with broadcasting by strides
// Math      add, subtract, multiply, divide, power, maximum, minimum, equal, not_equal, less, less_equal; comparisons give 1 or 0
// In        a [A]  b [B], read as n0 × n1 × n2 × n3 through strides (0 where broadcast)
// Out       y [N], N = n0 n1 n2 n3; may be a or b where that one is not broadcast
// Mapping   one invocation = one element of y, workgroups of 256
// Memory    writes N floats, reads as many of each operand
// Limits    N < 2^31
// Numerics  sums and products correctly rounded, quotients within 2.5 ulp (WGSL), powers by lib/power.wgsl; denormals may count as 0 in these, not in comparisons;
//           maximum and minimum give NaN when either side is NaN
// Twins     src/backends/reference/elementwise_binary.ts, assembly/elementwise_binary.ts
//@use order
//@use power
//@use strided

/// a / b with the limits of IEEE where WGSL's division promises nothing: at 0, ∞ and beyond 2¹²⁶.
fn quotient(a: f32, b: f32) -> f32 {
  let a_size = bitcast<u32>(a) & 0x7fffffffu;
  let b_size = bitcast<u32>(b) & 0x7fffffffu;
  let sign = (bitcast<u32>(a) ^ bitcast<u32>(b)) & 0x80000000u;
  if (is_nan(a) || is_nan(b) || (a_size == b_size && (a_size == 0u || a_size == 0x7f800000u))) { return not_a_number(); }
  if (a_size == 0u || b_size == 0x7f800000u) { return bitcast<f32>(sign); }
  if (b_size == 0u || a_size == 0x7f800000u) { return bitcast<f32>(sign | 0x7f800000u); }
  let scale = select(1.0, 0.0625, b_size >= 0x7e000000u);
  return (a * scale) / (b * scale);
}

fn truth(value: bool) -> f32 { return select(0.0, 1.0, value); }

fn apply(a: f32, b: f32) -> f32 {
  let unordered = is_nan(a) || is_nan(b);
  switch (VARIANT) {
    case 0u: { return a + b; }
    case 1u: { return a - b; }
    case 2u: { return a * b; }
    case 3u: { return quotient(a, b); }
    case 4u: { return power(a, b); }
    case 5u: { return maximum(a, b); }
    case 6u: { return minimum(a, b); }
    case 7u: { return truth(!unordered && rank_of(a) == rank_of(b)); }
    case 8u: { return truth(unordered || rank_of(a) != rank_of(b)); }
    case 9u: { return truth(!unordered && rank_of(a) < rank_of(b)); }
    default: { return truth(!unordered && rank_of(a) <= rank_of(b)); }
  }
}

@compute @workgroup_size(256)
fn elementwise_binary(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = unit_of(workgroup) * 256u + local;
  if (i >= p.N) { return; }
  let index = index_of(i);
  let a = get_a(place_of(index, p.a_stride0, p.a_stride1, p.a_stride2, p.a_stride3));
  let b = get_b(place_of(index, p.b_stride0, p.b_stride1, p.b_stride2, p.b_stride3));
  set_y(i, apply(a, b));
}
