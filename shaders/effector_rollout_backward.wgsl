// effector_rollout_backward: back-propagation through time of effector_rollout_forward, without truncation
// Math      from t = T - 1 down: gradient of state t + 1 += given gradients (the end point's through the joint state), then the step's reverse (lib/body_step_backward.wgsl);
//           at t = 0 the initial muscle and geometry states pass theirs on to joint0
// In        body_layout [K]  body [Q]  actions [B, T, M]  endpoint_load? [B, T, D]  joint_load? [B, T, D]  joint [B, N, J]  muscle [B, N, R, M]
//           d_joint? [B, N, J]  d_muscle? [B, N, R, M]  d_cartesian? [B, N, J]  d_geometry? [B, N, G, M]
// Out       d_actions [B, T, M]  d_joint0 [B, J]  d_endpoint_load? [B, T, D]  d_joint_load? [B, T, D]  scratch [0]
// Mapping   one invocation = one trial through steps p.last - 1 down to p.first, workgroups of 64
// Memory    states are read back from joint and muscle; two bodies in function memory (rk4-motornet: four); between chunks of time a trial's gradient, 8 M + 4 floats,
//           stands in the workspace, [vector][trial]
// Limits    J = 4, D = 2; fewer than 2^32 elements an array
// Numerics  as lib/body_*.wgsl; same bits however time is cut
// Twins     src/backends/reference/effector_rollout_backward.ts, assembly/effector_rollout_backward.ts
//@use body_recall
//@use body_step_backward

// Adds the gradients given of the state at `row`; that of its end point goes where body_step_backward.wgsl says.
fn add_given(d: ptr<function, Body>, row: u32) {
  for (var i = 0u; i < 4u; i++) {
    (*d).joint[i] += get_d_joint(4u * row + i);
    (*d).angles[i] = get_d_cartesian(4u * row + i);
  }
  for (var m = 0u; m < MUSCLES; m++) {
    if (has_d_muscle) {
      for (var r = 0u; r < MUSCLE_ROWS; r++) { (*d).muscle[m][r] += get_d_muscle((row * MUSCLE_ROWS + r) * MUSCLES + m); }
    }
    if (has_d_geometry) {
      for (var r = 0u; r < 4u; r++) { (*d).geometry[m][r] += get_d_geometry((4u * row + r) * MUSCLES + m); }
    }
  }
}

@compute @workgroup_size(64)
fn effector_rollout_backward(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let b = unit_of(workgroup) * 64u + local;
  if (b >= p.B) { return; }
  let row = b * p.N;
  var s: Body;
  var d = body_zero();
  if (p.last < p.T) {
    d.joint = workspace[b];
    for (var m = 0u; m < MUSCLES; m++) {
      d.geometry[m] = workspace[(1u + m) * p.B + b];
      d.muscle[m] = muscle_recalled(workspace[(1u + MUSCLES + m) * p.B + b]);
    }
  }
  var action: Actions;
  for (var t = p.last; ; t--) {
    // At the end of a chunk its last state's gradients are left to the next one.
    if (t > p.first || t == 0u) { add_given(&d, row + t); }
    // The state before step t - 1; in the end state 0, for the reset.
    body_recall(&s, row + max(t, 1u) - 1u);
    if (t == p.first) { break; }
    let step = b * p.T + t - 1u;
    for (var m = 0u; m < MUSCLES; m++) { action[m] = get_actions(step * MUSCLES + m); }
    let endpoint_load = vec2f(get_endpoint_load(2u * step), get_endpoint_load(2u * step + 1u));
    let joint_load = vec2f(get_joint_load(2u * step), get_joint_load(2u * step + 1u));
    var d_action = Actions();
    var d_loads = vec4f(0.0);
    body_step_backward(&s, &action, endpoint_load, joint_load, &d, &d_action, &d_loads);
    for (var m = 0u; m < MUSCLES; m++) { set_d_actions(step * MUSCLES + m, d_action[m]); }
    for (var i = 0u; i < 2u; i++) {
      set_d_endpoint_load(2u * step + i, d_loads[i]);
      set_d_joint_load(2u * step + i, d_loads[2u + i]);
    }
  }
  if (p.first > 0u) {
    workspace[b] = d.joint;
    for (var m = 0u; m < MUSCLES; m++) {
      workspace[(1u + m) * p.B + b] = d.geometry[m];
      workspace[(1u + MUSCLES + m) * p.B + b] = muscle_kept(d.muscle[m]);
    }
    return;
  }
  let d_joint = body_reset_backward(&s, &d);
  for (var i = 0u; i < 4u; i++) { set_d_joint0(4u * b + i, d_joint[i]); }
}
