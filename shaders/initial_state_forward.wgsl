// initial_state_forward: the state in which every trial begins
// Math      initial_state[b, s] = parameters[offset + s] (0 when offset < 0) + noise_scale · noise[b, s], the latter for s < N
// In        parameters [P]  noise [B, N] (optional)
// Out       initial_state [B, S]
// Mapping   one invocation = one element, workgroups of 256
// Memory    writes B S floats
// Limits    B S < 2^32
// Numerics  a product and a sum in f32
// Twins     src/backends/reference/initial_state_forward.ts, assembly/initial_state_forward.ts

@compute @workgroup_size(256)
fn initial_state_forward(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = unit_of(workgroup) * 256u + local;
  if (i >= p.B * p.S) { return; }
  let s = i % p.S;
  var value = 0.0;
  if (p.offset >= 0) { value = get_parameters(u32(p.offset) + s); }
  if (has_noise && s < p.N) { value += p.noise_scale * get_noise((i / p.S) * p.N + s); }
  set_initial_state(i, value);
}
