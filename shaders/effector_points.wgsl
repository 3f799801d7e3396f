// effector_points: where the points of all muscle paths are, how fast they move, and their derivatives by the joints
// Math      lib/body_points.wgsl; velocity = D_1 w1 + D_2 w2 (MotorNet's: D_1 w1 + D_2 (w1 + w2)) with D_j = dp/dq_j
// In        body_layout [K]  body [Q]  joint [B, J]
// Out       point [B, D, N]  velocity [B, D, N]  derivative [B, D, D, N]: x or y, joint, point  scratch [0]
// Mapping   one invocation = one point of one trial, workgroups of 64
// Memory    writes 8 floats a point
// Limits    J = 4, D = 2; B N < 2^32 / 8
// Numerics  sine and cosine within 2e-7
// Twins     src/backends/reference/effector_points.ts, assembly/effector_points.ts
//@use body_points
@compute @workgroup_size(64)
fn effector_points(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = unit_of(workgroup) * 64u + local;
  if (i >= p.B * POINTS) { return; }
  let b = i / POINTS;
  let n = i % POINTS;
  let joint = vec4f(get_joint(4u * b), get_joint(4u * b + 1u), get_joint(4u * b + 2u), get_joint(4u * b + 3u));
  let here = path_point(n, joint, skeleton_angles(joint));
  let first = select(vec2f(here.a.x, 0.0), vec2f(-here.a.y, here.a.x), ARM);
  let second = select(vec2f(0.0, here.a.y), vec2f(-here.b.y, here.b.x), ARM);
  let velocity = first * joint.z + second * second_rate(joint);
  for (var k = 0u; k < 2u; k++) {
    set_point((2u * b + k) * POINTS + n, here.place[k]);
    set_velocity((2u * b + k) * POINTS + n, velocity[k]);
    set_derivative((4u * b + 2u * k) * POINTS + n, first[k]);
    set_derivative((4u * b + 2u * k + 1u) * POINTS + n, second[k]);
  }
}
