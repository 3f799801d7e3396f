// Geometry of paths: sums over the straight segments between a muscle's points; L = sum |d|, R_j = sum d . (D_j' - D_j)/|d|, V = w1 R1 + w2 R2 (MotorNet's: w1 R1 + (w1 + w2) R2).
// A segment shorter than a micrometre has no direction: it adds neither velocity nor moment arms nor gradient.
//@use body_points
//@use body_state

fn segment_inverse(d: vec2f) -> f32 {
  let l = sqrt(dot(d, d));
  return select(0.0, 1.0 / max(l, 1e-6), l >= 1e-6);
}

// Moment arms of a segment of direction u whose ends' turns differ by a and b.
fn segment_arms(u: vec2f, a: vec2f, b: vec2f) -> vec2f {
  if (!ARM) { return a * u; }
  return vec2f(a.x * u.y - a.y * u.x, b.x * u.y - b.y * u.x);
}

// Length, velocity and moment arms of muscle m.
fn geometry_of(m: u32, joint: vec4f, angles: vec4f) -> vec4f {
  let first = first_point(m);
  let last = first_point(m + 1u);
  var begin = path_point(first, joint, angles);
  var length = 0.0;
  var r = vec2f(0.0);
  for (var n = first + 1u; n < last; n++) {
    let to = path_point(n, joint, angles);
    let d = to.place - begin.place;
    length += sqrt(dot(d, d));
    r += segment_arms(d * segment_inverse(d), to.a - begin.a, to.b - begin.b);
    begin = to;
  }
  return vec4f(length, r.x * joint.z + r.y * second_rate(joint), r);
}

// What the gradient of `geometry_of` adds to that of the joint state.
fn geometry_backward(m: u32, joint: vec4f, angles: vec4f, d_geometry: vec4f) -> vec4f {
  let first = first_point(m);
  let last = first_point(m + 1u);
  let d_r = d_geometry.y * vec2f(joint.z, second_rate(joint)) + d_geometry.zw;
  var begin = path_point(first, joint, angles);
  var r = vec2f(0.0);
  var d_q = vec2f(0.0);
  for (var n = first + 1u; n < last; n++) {
    let to = path_point(n, joint, angles);
    let d = to.place - begin.place;
    let a = to.a - begin.a;
    let b = to.b - begin.b;
    let inverse = segment_inverse(d);
    let u = d * inverse;
    let arms = segment_arms(u, a, b);
    r += arms;
    let along = d_geometry.x - dot(d_r, arms) * inverse;
    if (ARM) {
      let d_d = u * along + inverse * vec2f(-(d_r.x * a.y + d_r.y * b.y), d_r.x * a.x + d_r.y * b.x);
      let d_a = d_d + d_r.x * vec2f(u.y, -u.x); // the ends' turns are places
      let d_b = d_r.y * vec2f(u.y, -u.x);
      let shift = d_a + d_b;
      d_q += vec2f(d_a.y * a.x - d_a.x * a.y + (d_b.y * b.x - d_b.x * b.y), shift.y * b.x - shift.x * b.y);
    } else {
      d_q += a * (u * along + inverse * (d_r * a));
    }
    begin = to;
  }
  let second = d_geometry.y * r.y;
  return vec4f(d_q, d_geometry.y * r.x + select(0.0, second, ARM && MOTORNET_PATHS), second);
}
