// effector_reset_backward: gradient of muscles, geometry and end point at rest with respect to the joint state
// Math      the reverse of effector_reset, lib/body_step_backward.wgsl
// In        body_layout [K]  body [Q]  joint [B, J]  d_muscle? [B, R, M]  d_geometry? [B, G, M]  d_cartesian? [B, J]
// Out       d_joint [B, J]  scratch [0]
// Mapping   one invocation = one trial, workgroups of 64
// Memory    reads (R + 4) M + 8 and writes 4 floats a trial; two bodies in function memory
// Limits    J = 4; fewer than 2^32 elements an array
// Numerics  as lib/body_*.wgsl
// Twins     src/backends/reference/effector_reset_backward.ts, assembly/effector_reset_backward.ts
//@use body_step_backward
@compute @workgroup_size(64)
fn effector_reset_backward(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let b = unit_of(workgroup) * 64u + local;
  if (b >= p.B) { return; }
  var s: Body;
  s.joint = vec4f(get_joint(4u * b), get_joint(4u * b + 1u), get_joint(4u * b + 2u), get_joint(4u * b + 3u));
  body_configure(&s);
  var d = body_zero();
  for (var m = 0u; m < MUSCLES; m++) {
    for (var r = 0u; r < MUSCLE_ROWS; r++) { d.muscle[m][r] = get_d_muscle((b * MUSCLE_ROWS + r) * MUSCLES + m); }
    for (var r = 0u; r < 4u; r++) { d.geometry[m][r] = get_d_geometry((4u * b + r) * MUSCLES + m); }
  }
  for (var i = 0u; i < 4u; i++) { d.angles[i] = get_d_cartesian(4u * b + i); }
  let d_joint = body_reset_backward(&s, &d);
  for (var i = 0u; i < 4u; i++) { set_d_joint(4u * b + i, d_joint[i]); }
}
