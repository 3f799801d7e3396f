// effector_reset: muscles at rest in a joint state, with the geometry and the end point that belong to it
// Math      activation = its minimum; rigid tendons: force equations at (L, V); compliant ones: equilibrium length, advanced by the body's reset step (lib/body_muscle_*.wgsl)
// In        body_layout [K]  body [Q]  joint [B, J]
// Out       muscle [B, R, M]  geometry [B, G, M]  cartesian [B, J]  scratch [0]
// Mapping   one invocation = one trial, workgroups of 64
// Memory    reads 4 and writes (R + 4) M + 4 floats a trial; one body in function memory
// Limits    J = 4; fewer than 2^32 elements an array
// Numerics  as lib/body_*.wgsl; sine and cosine within 2e-7, divisions within 2.5 ulp
// Twins     src/backends/reference/effector_reset.ts, assembly/effector_reset.ts
//@use body_step
@compute @workgroup_size(64)
fn effector_reset(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let b = unit_of(workgroup) * 64u + local;
  if (b >= p.B) { return; }
  var s: Body;
  s.joint = vec4f(get_joint(4u * b), get_joint(4u * b + 1u), get_joint(4u * b + 2u), get_joint(4u * b + 3u));
  body_reset(&s);
  for (var m = 0u; m < MUSCLES; m++) {
    for (var r = 0u; r < MUSCLE_ROWS; r++) { set_muscle((b * MUSCLE_ROWS + r) * MUSCLES + m, s.muscle[m][r]); }
    for (var r = 0u; r < 4u; r++) { set_geometry((4u * b + r) * MUSCLES + m, s.geometry[m][r]); }
  }
  let place = body_cartesian(&s);
  for (var i = 0u; i < 4u; i++) { set_cartesian(4u * b + i, place[i]); }
}
