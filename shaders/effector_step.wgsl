// effector_step: one time step of a body from any joint, muscle and geometry state, and the rates at its start
// Math      command = action limited to [minimum activation, 1]; ministeps of the integrator (lib/body_step.wgsl); rates are those of the first ministep's first stage
// In        body_layout [K]  body [Q]  action [B, M]  joint [B, J]  muscle [B, R, M]  geometry [B, G, M]  endpoint_load? [B, D]  joint_load? [B, D]
// Out       next_joint [B, J]  next_muscle [B, R, M]  next_geometry [B, G, M]  next_cartesian [B, J]  acceleration? [B, D]  muscle_rate? [B, C, M]  scratch [0]
// Mapping   one invocation = one trial, workgroups of 64
// Memory    reads and writes about (R + 4) M + 8 floats a trial; one to three bodies in function memory
// Limits    J = 4, D = 2; fewer than 2^32 elements an array
// Numerics  as lib/body_*.wgsl; sine and cosine within 2e-7, divisions within 2.5 ulp
// Twins     src/backends/reference/effector_step.ts, assembly/effector_step.ts
//@use body_recall
//@use body_step
@compute @workgroup_size(64)
fn effector_step(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let b = unit_of(workgroup) * 64u + local;
  if (b >= p.B) { return; }
  var s: Body;
  body_recall_rows(&s, b);
  s.angles = skeleton_angles(s.joint);
  var action: Actions;
  for (var m = 0u; m < MUSCLES; m++) {
    action[m] = get_action(b * MUSCLES + m);
    for (var r = 0u; r < 4u; r++) { s.geometry[m][r] = get_geometry((4u * b + r) * MUSCLES + m); }
  }
  let endpoint_load = vec2f(get_endpoint_load(2u * b), get_endpoint_load(2u * b + 1u));
  let joint_load = vec2f(get_joint_load(2u * b), get_joint_load(2u * b + 1u));
  if (has_acceleration || has_muscle_rate) {
    body_prepare(&s);
    let rates = body_rates(&s, &action, endpoint_load, joint_load);
    set_acceleration(2u * b, rates.joint.z);
    set_acceleration(2u * b + 1u, rates.joint.w);
    for (var m = 0u; m < MUSCLES; m++) {
      set_muscle_rate(b * p.C * MUSCLES + m, rates.muscle[m].x);
      if (COMPLIANT) { set_muscle_rate((b * p.C + 1u) * MUSCLES + m, rates.muscle[m].y); }
    }
  }
  body_step(&s, &action, endpoint_load, joint_load);
  for (var m = 0u; m < MUSCLES; m++) {
    for (var r = 0u; r < MUSCLE_ROWS; r++) { set_next_muscle((b * MUSCLE_ROWS + r) * MUSCLES + m, s.muscle[m][r]); }
    for (var r = 0u; r < 4u; r++) { set_next_geometry((4u * b + r) * MUSCLES + m, s.geometry[m][r]); }
  }
  let place = body_cartesian(&s);
  for (var i = 0u; i < 4u; i++) {
    set_next_joint(4u * b + i, s.joint[i]);
    set_next_cartesian(4u * b + i, place[i]);
  }
}
