// Integration of a body: rates of change of a stored state and steps along rates. What kinds of skeleton, geometry and muscle there are is the business of other parts.
// Activation  a' = (u - a)/tau with u, a limited to [a_min, 1]; tau = tau_act (0.5 + 1.5 a) where u > a, else tau_deact/(0.5 + 1.5 a); after h seconds a + h a', limited again
//@use body_state

// 1/tau, given t = 0.5 + 1.5 a.
fn activation_inverse_time(m: u32, t: f32, rising: bool) -> f32 {
  if (rising) { return muscle_number(m, ACTIVATION_RATE) / t; }
  return muscle_number(m, DEACTIVATION_RATE) * t;
}

fn activation_rate(m: u32, action: f32, activation: f32) -> f32 {
  let least = muscle_number(m, MINIMUM_ACTIVATION);
  let u = between(action, least, 1.0);
  let a = between(activation, least, 1.0);
  return (u - a) * activation_inverse_time(m, 0.5 + 1.5 * a, u > a);
}

// Activation after `h` seconds.
fn activation_step(m: u32, activation: f32, rate: f32, h: f32) -> f32 {
  return between(rate * h + activation, muscle_number(m, MINIMUM_ACTIVATION), 1.0);
}

// Joint state after `h` seconds at the given velocities and accelerations (rate.xy, rate.zw), within the limits: a velocity that points out of a limit which the unclipped
// position is at or beyond becomes 0, then the position is clipped.
fn joint_step(joint: vec4f, rate: vec4f, h: f32) -> vec4f {
  let free = joint_free(joint, rate, h);
  let lower = joint_numbers(POSITION_LOWER);
  let upper = joint_numbers(POSITION_UPPER);
  let w = joint_limited(free.zw, joint_numbers(VELOCITY_LOWER), joint_numbers(VELOCITY_UPPER));
  return vec4f(joint_limited(free.xy, lower, upper), select(w, vec2f(0.0), joint_outward(w, free.xy, lower, upper)));
}

// Joint state before any limit.
fn joint_free(joint: vec4f, rate: vec4f, h: f32) -> vec4f {
  return vec4f(rate.xy * h + joint.xy, rate.zw * (h * table(INVERSE_MASS)) + joint.zw);
}

fn joint_limited(x: vec2f, low: vec2f, high: vec2f) -> vec2f {
  let raised = select(x, low, x < low);
  return select(raised, high, raised > high);
}

fn joint_outward(w: vec2f, q: vec2f, lower: vec2f, upper: vec2f) -> vec2<bool> {
  return ((w < vec2f(0.0)) & (q <= lower)) | ((w > vec2f(0.0)) & (q >= upper));
}

// Fills angles and geometry from the joint state.
fn body_configure(s: ptr<function, Body>) {
  let joint = (*s).joint;
  let angles = skeleton_angles(joint);
  (*s).angles = angles;
  for (var m = 0u; m < MUSCLES; m++) { (*s).geometry[m] = geometry_of(m, joint, angles); }
}

// Rates of a stored state: all of its rows are read as they are.
fn body_rates(s: ptr<function, Body>, action: ptr<function, Actions>, endpoint_load: vec2f, joint_load: vec2f) -> Core {
  var rates: Core;
  let joint = (*s).joint;
  var torque = joint_load - table(DAMPING) * joint.zw;
  for (var m = 0u; m < MUSCLES; m++) {
    torque -= (*s).muscle[m][FORCE] * (*s).geometry[m].zw;
    rates.muscle[m] = vec2f(activation_rate(m, (*action)[m], (*s).muscle[m][0]), muscle_fibre_velocity(m, (*s).muscle[m]));
  }
  rates.joint = vec4f(joint.zw, skeleton_acceleration(joint, (*s).angles, torque, endpoint_load));
  return rates;
}

// `h` seconds of constant rates (euler, rk4-motornet): muscles with the stored geometry, joints with the stored velocity, then the new geometry.
// Length, velocity and force rows lag the joints by a step.
fn body_integrate(s: ptr<function, Body>, rates: ptr<function, Core>, h: f32) {
  for (var m = 0u; m < MUSCLES; m++) {
    let geometry = (*s).geometry[m];
    let rate = (*rates).muscle[m];
    let a = activation_step(m, (*s).muscle[m][0], rate.x, h);
    (*s).muscle[m] = with_strength(m, muscle_advance(m, (*s).muscle[m], a, rate.y, geometry.x, geometry.y, h));
  }
  (*s).joint = joint_step((*s).joint, vec4f((*s).joint.zw, (*rates).joint.zw), h);
  body_configure(s);
}

// sum + weight rates.
fn body_add_rates(sum: ptr<function, Core>, rates: ptr<function, Core>, weight: f32) {
  (*sum).joint += weight * (*rates).joint;
  for (var m = 0u; m < MUSCLES; m++) { (*sum).muscle[m] += weight * (*rates).muscle[m]; }
}

// Weight of stage i of four in the mean of rates.
fn stage_weight(i: u32) -> f32 { return select(1.0 / 3.0, 1.0 / 6.0, i == 0u || i == 3u); }

// How many ministeps along the rates of stage i the next stage stands; along the mean rates (i > 2) the end.
fn stage_reach(i: u32) -> f32 { return select(1.0, 0.5, i < 2u); }
