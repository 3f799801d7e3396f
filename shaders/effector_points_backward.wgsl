// effector_points_backward: gradient of the path points' positions, velocities and derivatives with respect to the joint state
// Math      all of p, D_1 and D_2 turn: about the shoulder by a, about the elbow by b (lib/body_points.wgsl)
// In        body_layout [K]  body [Q]  joint [B, J]  d_point? [B, D, N]  d_velocity? [B, D, N]  d_derivative? [B, D, D, N]
// Out       d_joint [B, J]  scratch [0]
// Mapping   one invocation = one trial, its points one after another; workgroups of 64
// Memory    reads 8 floats a point, writes 4 a trial
// Limits    J = 4, D = 2; B N < 2^32 / 8
// Numerics  sums over points in their order
// Twins     src/backends/reference/effector_points_backward.ts, assembly/effector_points_backward.ts
//@use body_points
@compute @workgroup_size(64)
fn effector_points_backward(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let b = unit_of(workgroup) * 64u + local;
  if (b >= p.B) { return; }
  let joint = vec4f(get_joint(4u * b), get_joint(4u * b + 1u), get_joint(4u * b + 2u), get_joint(4u * b + 3u));
  let angles = skeleton_angles(joint);
  let w2 = second_rate(joint);
  var d_joint = vec4f(0.0);
  for (var n = 0u; n < POINTS; n++) {
    let here = path_point(n, joint, angles);
    let a = here.a;
    let e = here.b;
    let d_point = vec2f(get_d_point(2u * b * POINTS + n), get_d_point((2u * b + 1u) * POINTS + n));
    let d_velocity = vec2f(get_d_velocity(2u * b * POINTS + n), get_d_velocity((2u * b + 1u) * POINTS + n));
    if (!ARM) {
      d_joint += vec4f(d_point * a, d_velocity * a);
      continue;
    }
    let row = 4u * b * POINTS + n;
    let d_first = vec2f(get_d_derivative(row), get_d_derivative(row + 2u * POINTS)) + d_velocity * joint.z;
    let d_second = vec2f(get_d_derivative(row + POINTS), get_d_derivative(row + 3u * POINTS)) + d_velocity * w2;
    let turn = dot(d_second, e);
    let along = d_velocity.y * e.x - d_velocity.x * e.y;
    d_joint += vec4f(
      d_point.y * a.x - d_point.x * a.y - dot(d_first, a) - turn,
      d_point.y * e.x - d_point.x * e.y - dot(d_first, e) - turn,
      d_velocity.y * a.x - d_velocity.x * a.y + select(0.0, along, MOTORNET_PATHS),
      along,
    );
  }
  for (var i = 0u; i < 4u; i++) { set_d_joint(4u * b + i, d_joint[i]); }
}
