// initial_state_backward: gradient of a trainable initial state
// Math      gradient[offset + s] += Σ_b d_initial_state[b, s]
// In        d_initial_state [B, S]
// Out       gradient [P], updated from offset on
// Mapping   one workgroup of 256 = 16 neighbouring s by 16 invocations that share out the trials, then add up in a tree
// Memory    reads B S floats once, 16 neighbours at a time; workgroup: 1 KiB
// Limits    B S < 2^32
// Numerics  sums in f32, B / 16 + 4 roundings deep
// Twins     src/backends/reference/initial_state_backward.ts, assembly/initial_state_backward.ts

var<workgroup> sums: array<f32, 256>;

@compute @workgroup_size(256)
fn initial_state_backward(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let s = unit_of(workgroup) * 16u + local % 16u;
  var sum = 0.0;
  if (s < p.S) {
    for (var b = local / 16u; b < p.B; b += 16u) { sum += get_d_initial_state(b * p.S + s); }
  }
  sums[local] = sum;
  workgroupBarrier();
  for (var width = 128u; width >= 16u; width >>= 1u) {
    if (local < width) { sums[local] += sums[local + width]; }
    workgroupBarrier();
  }
  if (local < 16u && s < p.S) {
    let i = u32(p.offset) + s;
    set_gradient(i, get_gradient(i) + sums[local]);
  }
}
