// cumulative_sum: running sum along the middle axis, from the end when reverse
// Math      y[l, r, c] = Σ_{s ≤ r} x[l, s, c], or Σ_{s ≥ r} when reverse
// In        x [L, R, C]
// Out       y [L, R, C]; may be x itself
// Mapping   one invocation = one (l, c), all R of it; workgroups of 64
// Memory    reads and writes L R C floats once, stride C between steps
// Limits    L R C < 2^32
// Numerics  sums in f32, their rounding errors carried along (TwoSum, Knuth): each element as if summed in f64, unless a compiler reorders sums, which WGSL allows
// Twins     src/backends/reference/cumulative_sum.ts, assembly/cumulative_sum.ts

@compute @workgroup_size(64)
fn cumulative_sum(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let unit = unit_of(workgroup) * 64u + local;
  if (unit >= p.L * p.C) { return; }
  let first = (unit / p.C) * p.R * p.C + unit % p.C;
  var sum = 0.0;
  var missing = 0.0;
  for (var step = 0u; step < p.R; step++) {
    var r = step;
    if (p.reverse != 0) { r = p.R - 1u - step; }
    let i = first + r * p.C;
    let term = get_x(i);
    let next = sum + term;
    let other = next - sum;
    let error = (sum - (next - other)) + (term - other);
    sum = next;
    // From an infinity on there is nothing to carry.
    missing = select(missing + error, 0.0, (bitcast<u32>(sum) & 0x7f800000u) == 0x7f800000u);
    set_y(i, sum + missing);
  }
}
