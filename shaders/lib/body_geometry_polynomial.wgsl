// Polynomial geometry: x_j = q_j - offset_j; L = a0 + sum (a1_j + x_j a2_j) x_j; R_j = 2 a2_j x_j + a1_j; V = sum w_j R_j.
//@use body_state

// Length, velocity and moment arms of muscle m.
fn geometry_of(m: u32, joint: vec4f, angles: vec4f) -> vec4f {
  let g = GEOMETRY_TABLE + 8u * m;
  let x = joint.xy - vec2f(table(g + 5u), table(g + 6u));
  let t = x * vec2f(table(g + 2u), table(g + 3u));
  let u = vec2f(table(g), table(g + 1u)) + t;
  let r = u + t;
  return vec4f(u.y * x.y + (u.x * x.x + table(g + 4u)), joint.z * r.x + joint.w * r.y, r);
}

// What the gradient of `geometry_of` adds to that of the joint state.
fn geometry_backward(m: u32, joint: vec4f, angles: vec4f, d: vec4f) -> vec4f {
  let g = GEOMETRY_TABLE + 8u * m;
  let x = joint.xy - vec2f(table(g + 5u), table(g + 6u));
  let b = 2.0 * vec2f(table(g + 2u), table(g + 3u));
  let r = x * b + vec2f(table(g), table(g + 1u));
  return vec4f(d.x * r + b * (d.y * joint.zw + d.zw), d.y * r);
}
