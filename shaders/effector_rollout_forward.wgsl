// effector_rollout_forward: a body under given actions and loads through T steps; N = T + 1 states, the initial one first
// Math      reset, then T times a step, lib/body_step.wgsl
// In        body_layout [K]  body [Q]  joint0 [B, J]  actions [B, T, M]  endpoint_load? [B, T, D]  joint_load? [B, T, D]
// Out       joint [B, N, J]  muscle [B, N, R, M]  cartesian? [B, N, J]  geometry? [B, N, G, M]  scratch [0]
// Mapping   one invocation = one trial through steps p.first to p.last, workgroups of 64; a later chunk of time goes on from the joints and muscles stored
// Memory    writes R M + 4 floats and more a trial and step; one body in function memory (rk4-motornet: two)
// Limits    J = 4, D = 2; fewer than 2^32 elements an array
// Numerics  as lib/body_*.wgsl; sine and cosine within 2e-7, divisions within 2.5 ulp; same bits however time is cut
// Twins     src/backends/reference/effector_rollout_forward.ts, assembly/effector_rollout_forward.ts
//@use body_recall
//@use body_step
//@use body_store

fn store_state(s: ptr<function, Body>, row: u32) {
  body_store(s, row);
  if (has_cartesian) {
    let place = body_cartesian(s);
    for (var i = 0u; i < 4u; i++) { set_cartesian(4u * row + i, place[i]); }
  }
  if (has_geometry) {
    for (var m = 0u; m < MUSCLES; m++) {
      for (var r = 0u; r < 4u; r++) { set_geometry((4u * row + r) * MUSCLES + m, (*s).geometry[m][r]); }
    }
  }
}

@compute @workgroup_size(64)
fn effector_rollout_forward(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let b = unit_of(workgroup) * 64u + local;
  if (b >= p.B) { return; }
  let row = b * p.N;
  var s: Body;
  if (p.first == 0u) {
    s.joint = vec4f(get_joint0(4u * b), get_joint0(4u * b + 1u), get_joint0(4u * b + 2u), get_joint0(4u * b + 3u));
  } else {
    body_recall_rows(&s, row + p.first);
  }
  body_configure(&s);
  if (p.first == 0u) { body_rest(&s); }
  var action: Actions;
  for (var t = p.first; ; t++) {
    // The state that a later chunk starts from is there already.
    if (t > p.first || t == 0u) { store_state(&s, row + t); }
    if (t == p.last) { break; }
    let step = b * p.T + t;
    for (var m = 0u; m < MUSCLES; m++) { action[m] = get_actions(step * MUSCLES + m); }
    let endpoint_load = vec2f(get_endpoint_load(2u * step), get_endpoint_load(2u * step + 1u));
    let joint_load = vec2f(get_joint_load(2u * step), get_joint_load(2u * step + 1u));
    body_step(&s, &action, endpoint_load, joint_load);
  }
}
