// The planar two-joint arm: M(q2) q'' + C(q, q') = torque + J^T f, relative elbow angle, no gravity; M: m11 = a11 + b11 cos q2, m12 = a12 + b12 cos q2, m22 = a12.
// Kinematics, equation of motion and the reverse of each. The same functions as body_skeleton_mass.wgsl.
//@use body_angle
//@use body_state

const ARM: bool = true;

fn skeleton_angles(joint: vec4f) -> vec4f {
  let first = sine_cosine(joint.x);
  let both = sine_cosine(joint.x + joint.y);
  return vec4f(first.y, first.x, both.y, both.x);
}

// x y vx vy of the hand.
fn skeleton_cartesian(joint: vec4f, angles: vec4f) -> vec4f {
  let forearm = table(LENGTH2) * angles.zw;
  let hand = table(LENGTH1) * angles.xy + forearm;
  return vec4f(hand, -(hand.y * joint.z + forearm.y * joint.w), hand.x * joint.z + forearm.x * joint.w);
}

// What the gradient of the Cartesian state adds to that of the joint state.
fn skeleton_cartesian_backward(joint: vec4f, angles: vec4f, d: vec4f) -> vec4f {
  let forearm = table(LENGTH2) * angles.zw;
  let hand = table(LENGTH1) * angles.xy + forearm;
  let w = joint.z + joint.w;
  return vec4f(
    d.y * hand.x - d.x * hand.y - d.z * (hand.x * joint.z + forearm.x * joint.w) - d.w * (hand.y * joint.z + forearm.y * joint.w),
    d.y * forearm.x - d.x * forearm.y - w * (d.z * forearm.x + d.w * forearm.y),
    d.w * hand.x - d.z * hand.y,
    d.w * forearm.x - d.z * forearm.y,
  );
}

struct Inertia { m11: f32, m12: f32, m22: f32, inverse: f32 }

fn arm_inertia(cosine2: f32) -> Inertia {
  let m22 = table(A12);
  let m11 = cosine2 * table(B11) + table(A11);
  let m12 = cosine2 * table(B12) + m22;
  return Inertia(m11, m12, m22, 1.0 / (m11 * m22 - m12 * m12));
}

// Joint accelerations; `torque` excludes the end-point load.
fn skeleton_acceleration(joint: vec4f, angles: vec4f, torque: vec2f, load: vec2f) -> vec2f {
  let load2 = table(LENGTH2) * (angles.z * load.y - angles.w * load.x);
  let load1 = table(LENGTH1) * (angles.x * load.y - angles.y * load.x) + load2;
  let i = arm_inertia(angles.z * angles.x + angles.w * angles.y);
  let coriolis = table(B12) * (angles.w * angles.x - angles.z * angles.y);
  let viscosity = table(VISCOSITY);
  let r1 = torque.x + load1 + coriolis * (2.0 * joint.z + joint.w) * joint.w - viscosity * joint.z;
  let r2 = torque.y + load2 - coriolis * joint.z * joint.z - viscosity * joint.w;
  return i.inverse * vec2f(i.m22 * r1 - i.m12 * r2, i.m11 * r2 - i.m12 * r1);
}

struct AccelerationGradient { joint: vec4f, torque: vec2f, load: vec2f }

// Gradient of `skeleton_acceleration`, which gave `acceleration`.
fn skeleton_acceleration_backward(joint: vec4f, angles: vec4f, load: vec2f, acceleration: vec2f, d: vec2f) -> AccelerationGradient {
  let cosine2 = angles.z * angles.x + angles.w * angles.y;
  let sine2 = angles.w * angles.x - angles.z * angles.y;
  let i = arm_inertia(cosine2);
  let e = i.inverse * vec2f(i.m22 * d.x - i.m12 * d.y, i.m11 * d.y - i.m12 * d.x);
  let b12 = table(B12);
  let coriolis = b12 * sine2;
  let viscosity = table(VISCOSITY);
  let d_cosine = -(e.x * acceleration.x * table(B11) + b12 * (e.x * acceleration.y + e.y * acceleration.x));
  let d_sine = b12 * (e.x * (2.0 * joint.z + joint.w) * joint.w - e.y * joint.z * joint.z);
  let along2 = table(LENGTH2) * (angles.z * load.x + angles.w * load.y); // minus the derivative of the load's torque on the forearm
  let along1 = table(LENGTH1) * (angles.x * load.x + angles.y * load.y) + along2;
  let both = table(LENGTH2) * (e.x + e.y);
  let upper = table(LENGTH1) * e.x;
  return AccelerationGradient(
    vec4f(
      -(e.x * along1 + e.y * along2),
      cosine2 * d_sine - sine2 * d_cosine - (e.x + e.y) * along2,
      2.0 * coriolis * (e.x * joint.w - e.y * joint.z) - viscosity * e.x,
      2.0 * coriolis * e.x * (joint.z + joint.w) - viscosity * e.y,
    ),
    e,
    vec2f(-(upper * angles.y + both * angles.w), upper * angles.x + both * angles.z),
  );
}
