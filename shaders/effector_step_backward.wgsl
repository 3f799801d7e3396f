// effector_step_backward: gradient of one time step with respect to action, joint, muscle and geometry state and loads
// Math      the reverse of effector_step, lib/body_step_backward.wgsl; ministeps and stages are worked out again
// In        body_layout [K]  body [Q]  action [B, M]  joint [B, J]  muscle [B, R, M]  geometry [B, G, M]  endpoint_load? [B, D]  joint_load? [B, D]  d_next_joint? [B, J]
//           d_next_muscle? [B, R, M]  d_next_geometry? [B, G, M]  d_next_cartesian? [B, J]  d_acceleration? [B, D]
// Out       d_action [B, M]  d_joint [B, J]  d_muscle [B, R, M]  d_geometry [B, G, M]  d_endpoint_load? [B, D]  d_joint_load? [B, D]  scratch [0]
// Mapping   one invocation = one trial, workgroups of 64
// Memory    reads about 2 (R + 4) M and writes about (R + 4) M floats a trial; up to five bodies in function memory
// Limits    J = 4, D = 2; fewer than 2^32 elements an array
// Numerics  as lib/body_*.wgsl
// Twins     src/backends/reference/effector_step_backward.ts, assembly/effector_step_backward.ts
//@use body_recall
//@use body_step_backward

@compute @workgroup_size(64)
fn effector_step_backward(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let b = unit_of(workgroup) * 64u + local;
  if (b >= p.B) { return; }
  let endpoint_load = vec2f(get_endpoint_load(2u * b), get_endpoint_load(2u * b + 1u));
  let joint_load = vec2f(get_joint_load(2u * b), get_joint_load(2u * b + 1u));
  var s: Body;
  body_recall_rows(&s, b);
  s.angles = skeleton_angles(s.joint);
  var d = body_zero();
  var action: Actions;
  for (var m = 0u; m < MUSCLES; m++) {
    action[m] = get_action(b * MUSCLES + m);
    for (var r = 0u; r < 4u; r++) { s.geometry[m][r] = get_geometry((4u * b + r) * MUSCLES + m); }
    for (var r = 0u; r < MUSCLE_ROWS; r++) { d.muscle[m][r] = get_d_next_muscle((b * MUSCLE_ROWS + r) * MUSCLES + m); }
    for (var r = 0u; r < 4u; r++) { d.geometry[m][r] = get_d_next_geometry((4u * b + r) * MUSCLES + m); }
  }
  for (var i = 0u; i < 4u; i++) {
    d.joint[i] = get_d_next_joint(4u * b + i);
    d.angles[i] = get_d_next_cartesian(4u * b + i);
  }
  var d_action = Actions();
  var d_loads = vec4f(0.0);
  let d_acceleration = vec2f(get_d_acceleration(2u * b), get_d_acceleration(2u * b + 1u));
  body_ministeps_backward(&s, &action, endpoint_load, joint_load, d_acceleration, &d, &d_action, &d_loads);
  for (var m = 0u; m < MUSCLES; m++) {
    set_d_action(b * MUSCLES + m, d_action[m]);
    for (var r = 0u; r < MUSCLE_ROWS; r++) { set_d_muscle((b * MUSCLE_ROWS + r) * MUSCLES + m, d.muscle[m][r]); }
    for (var r = 0u; r < 4u; r++) { set_d_geometry((4u * b + r) * MUSCLES + m, d.geometry[m][r]); }
  }
  for (var i = 0u; i < 4u; i++) { set_d_joint(4u * b + i, d.joint[i]); }
  for (var i = 0u; i < 2u; i++) {
    set_d_endpoint_load(2u * b + i, d_loads[i]);
    set_d_joint_load(2u * b + i, d_loads[2u + i]);
  }
}
