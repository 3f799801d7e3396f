// Constant moment arms: length and velocity of a muscle are 0. The same functions as body_geometry_polynomial.wgsl and body_geometry_paths.wgsl.
//@use body_state

// Length, velocity and moment arms of muscle m.
fn geometry_of(m: u32, joint: vec4f, angles: vec4f) -> vec4f {
  let g = GEOMETRY_TABLE + 8u * m;
  return vec4f(0.0, 0.0, table(g), table(g + 1u));
}

// What the gradient of `geometry_of` adds to that of the joint state.
fn geometry_backward(m: u32, joint: vec4f, angles: vec4f, d: vec4f) -> vec4f { return vec4f(0.0); }
