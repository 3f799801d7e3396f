// norm_loss: Euclidean norm of the states of every trial over time and units, and its gradient
// Math      trial_loss[b] += scale · n with n = ‖states[b, :, 0 … size)‖₂; d_states += scale · states / n, nothing where n = 0
// In        states [B, T, S]
// Out       trial_loss [B], updated  d_states [B, T, S] (optional), updated
// Mapping   one workgroup of 128 = one trial b, whose invocations share out its elements, then halve their number step by step
// Memory    reads the trial's states once, with a gradient twice; workgroup: 2 KiB
// Limits    T S < 2^32
// Numerics  squares in f32 by lib/norm.wgsl, so that none overflows or vanishes; T size / 128 + 7 roundings deep
// Twins     src/backends/reference/norm_loss.ts, assembly/norm_loss.ts
//@use norm

var<workgroup> results: array<vec4f, 128>;

@compute @workgroup_size(128)
fn norm_loss(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let b = unit_of(workgroup);
  let inside = b < p.B;
  let size = u32(p.size);
  let count = p.T * size;
  var sums = vec4f(0.0);
  if (inside) {
    for (var i = local; i < count; i += 128u) { sums = squares_with(sums, get_states((b * p.T + i / size) * p.S + i % size)); }
  }
  results[local] = sums;
  workgroupBarrier();
  for (var width = 64u; width > 0u; width >>= 1u) {
    if (local < width) { results[local] = squares_together(results[local], results[local + width]); }
    workgroupBarrier();
  }
  if (!inside) { return; }
  let norm = norm_of(results[0]);
  if (local == 0u) { set_trial_loss(b, get_trial_loss(b) + p.scale * norm); }
  if (!has_d_states || norm == 0.0) { return; }
  for (var i = local; i < count; i += 128u) {
    let at = (b * p.T + i / size) * p.S + i % size;
    set_d_states(at, get_d_states(at) + p.scale * (get_states(at) / norm));
  }
}
