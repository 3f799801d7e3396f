// The reverse of body_integrate.wgsl. Gradients of states are bodies, with that of the end point in the place of the angles; those of rates are cores.
//@use body_integrate

fn body_zero() -> Body { return Body(); }

// What the gradient of an activation rate adds to that of the action and of the activation.
fn activation_rate_backward(m: u32, action: f32, activation: f32, d_rate: f32) -> vec2f {
  let least = muscle_number(m, MINIMUM_ACTIVATION);
  let u = between(action, least, 1.0);
  let a = between(activation, least, 1.0);
  let t = 0.5 + 1.5 * a;
  let d = d_rate * activation_inverse_time(m, t, u > a);
  // 1 +- 1.5 (u - a)/t, plus where activation rises: the absolute difference either way.
  let d_activation = -(d * (1.5 * abs(u - a) / t + 1.0));
  return vec2f(select(0.0, d, lies_between(action, least, 1.0)), select(0.0, d_activation, lies_between(activation, least, 1.0)));
}

// Gradient of an activation before the limits of `activation_step`, from that of the result.
fn activation_step_backward(m: u32, activation: f32, rate: f32, h: f32, d: f32) -> f32 {
  return select(0.0, d, lies_between(rate * h + activation, muscle_number(m, MINIMUM_ACTIVATION), 1.0));
}

struct JointGradient { joint: vec4f, rate: vec4f }

// Slope of min(max(x, low), high): 1 inside, 0 outside, 1/2 at equality.
fn limit_slope(x: vec2f, low: vec2f, high: vec2f) -> vec2f {
  let raised = select(x, low, x < low);
  return vec2f(0.25) * (select(vec2f(0.0), vec2f(1.0), x > low) + select(vec2f(0.0), vec2f(1.0), x >= low)) *
    (select(vec2f(0.0), vec2f(1.0), raised < high) + select(vec2f(0.0), vec2f(1.0), raised <= high));
}

// The reverse of `joint_step`: gradient of the joint state and of velocities and accelerations.
fn joint_step_backward(joint: vec4f, rate: vec4f, h: f32, d: vec4f) -> JointGradient {
  let free = joint_free(joint, rate, h);
  let lower = joint_numbers(POSITION_LOWER);
  let upper = joint_numbers(POSITION_UPPER);
  let velocity_lower = joint_numbers(VELOCITY_LOWER);
  let velocity_upper = joint_numbers(VELOCITY_UPPER);
  let w = joint_limited(free.zw, velocity_lower, velocity_upper);
  let d_w = select(d.zw * limit_slope(free.zw, velocity_lower, velocity_upper), vec2f(0.0), joint_outward(w, free.xy, lower, upper));
  let d_q = d.xy * limit_slope(free.xy, lower, upper);
  return JointGradient(vec4f(d_q, d_w), vec4f(d_q * h, d_w * (h * table(INVERSE_MASS))));
}

// The reverse of `body_rates`, which gave `rates`: adds to `d`, `d_action` and `d_loads` (endpoint load, joint load).
fn body_rates_backward(
  s: ptr<function, Body>,
  action: ptr<function, Actions>,
  endpoint_load: vec2f,
  rates: ptr<function, Core>,
  d_rates: ptr<function, Core>,
  d: ptr<function, Body>,
  d_action: ptr<function, Actions>,
  d_loads: ptr<function, vec4f>,
) {
  let g = skeleton_acceleration_backward((*s).joint, (*s).angles, endpoint_load, (*rates).joint.zw, (*d_rates).joint.zw);
  (*d).joint += g.joint + vec4f(0.0, 0.0, (*d_rates).joint.xy - table(DAMPING) * g.torque);
  *d_loads += vec4f(g.load, g.torque);
  for (var m = 0u; m < MUSCLES; m++) {
    let geometry = (*s).geometry[m];
    let d_rate = (*d_rates).muscle[m];
    let a = activation_rate_backward(m, (*action)[m], (*s).muscle[m][0], d_rate.x);
    (*d_action)[m] += a.x;
    (*d).muscle[m][0] += a.y;
    if (COMPLIANT) {
      let v = muscle_fibre_velocity_backward(m, (*s).muscle[m], d_rate.y);
      (*d).muscle[m][0] += v.x;
      (*d).muscle[m][1] += v.y;
      (*d).muscle[m][ACTIVE] += v.z;
    }
    (*d).geometry[m] -= vec4f(0.0, 0.0, (*s).muscle[m][FORCE] * g.torque);
    (*d).muscle[m][FORCE] -= dot(g.torque, geometry.zw);
  }
}

// The reverse of `body_integrate` from `s` at `rates`: `d` becomes the gradient of `s`, the result that of the rates (no velocities among them).
fn body_integrate_backward(s: ptr<function, Body>, rates: ptr<function, Core>, h: f32, d: ptr<function, Body>) -> Core {
  var d_rates: Core;
  let joint = (*s).joint;
  let rate = vec4f(joint.zw, (*rates).joint.zw);
  let next = joint_step(joint, rate, h);
  let angles = skeleton_angles(next);
  var d_next = (*d).joint + skeleton_cartesian_backward(next, angles, (*d).angles);
  (*d).angles = vec4f(0.0);
  for (var m = 0u; m < MUSCLES; m++) {
    d_next += geometry_backward(m, next, angles, (*d).geometry[m]);
    let geometry = (*s).geometry[m];
    let rate_m = (*rates).muscle[m];
    let activation = (*s).muscle[m][0];
    let d_rows = with_strength(m, (*d).muscle[m]);
    let g = muscle_advance_backward(m, (*s).muscle[m], activation_step(m, activation, rate_m.x, h), geometry.x, geometry.y, h, d_rows);
    let d_activation = activation_step_backward(m, activation, rate_m.x, h, g.activation);
    d_rates.muscle[m] = vec2f(d_activation * h, g.fibre_velocity);
    var rows = MuscleRows();
    rows[0] = d_activation;
    if (COMPLIANT) { rows[1] = g.fibre; }
    (*d).muscle[m] = rows;
    (*d).geometry[m] = vec4f(g.length, g.velocity, 0.0, 0.0);
  }
  let g = joint_step_backward(joint, rate, h, d_next);
  (*d).joint = g.joint + vec4f(0.0, 0.0, g.rate.xy);
  d_rates.joint = vec4f(0.0, 0.0, g.rate.zw);
  return d_rates;
}
