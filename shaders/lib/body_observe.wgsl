// States of classical rk4: all rows are functions of joints, activations and fibre lengths, none of them lagging.
//@use body_integrate

fn body_core(s: ptr<function, Body>) -> Core {
  var core: Core;
  core.joint = (*s).joint;
  for (var m = 0u; m < MUSCLES; m++) { core.muscle[m] = vec2f((*s).muscle[m][0], select(0.0, (*s).muscle[m][1], COMPLIANT)); }
  return core;
}

// Fills all other rows of a state whose joints, activations and (compliant tendons) fibre lengths are set.
fn body_observe(s: ptr<function, Body>) {
  body_configure(s);
  for (var m = 0u; m < MUSCLES; m++) {
    let geometry = (*s).geometry[m];
    (*s).muscle[m] = muscle_observe(m, (*s).muscle[m][0], (*s).muscle[m][1], geometry.x, geometry.y);
  }
}

// The state `h` seconds from `base` at the given rates, velocities among them, within limits.
fn body_form(s: ptr<function, Body>, base: ptr<function, Core>, rates: ptr<function, Core>, h: f32) {
  (*s).joint = joint_step((*base).joint, (*rates).joint, h);
  for (var m = 0u; m < MUSCLES; m++) {
    let before = (*base).muscle[m];
    let rate = (*rates).muscle[m];
    (*s).muscle[m][0] = activation_step(m, before.x, rate.x, h);
    (*s).muscle[m][1] = rate.y * h * muscle_number(m, OPTIMAL_LENGTH) + before.y;
  }
  body_observe(s);
}
