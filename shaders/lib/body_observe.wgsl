// States of classical rk4: all rows are functions of joints, activations and fibre lengths, none of them lagging.
//@use body_integrate

fn body_core(s: ptr<function, Body>) -> Core {
  var core: Core;
  core.joint = (*s).joint;
  for (var m = 0u; m < MUSCLES; m++) { core.muscle[m] = vec2f((*s).muscle[m][0], select(0.0, (*s).muscle[m][1], COMPLIANT)); }
  return core;
}

// What lies `h` seconds from `base` at the given rates, velocities among them, within limits; with h = 0 `base` itself.
fn body_formed(base: ptr<function, Core>, rates: ptr<function, Core>, h: f32) -> Core {
  if (h == 0.0) { return *base; }
  var core: Core;
  core.joint = joint_step((*base).joint, (*rates).joint, h);
  for (var m = 0u; m < MUSCLES; m++) {
    let before = (*base).muscle[m];
    let rate = (*rates).muscle[m];
    core.muscle[m] = vec2f(activation_step(m, before.x, rate.x, h), rate.y * h * muscle_number(m, OPTIMAL_LENGTH) + before.y);
  }
  return core;
}

// The state that a core stands for.
fn body_observe(s: ptr<function, Body>, core: ptr<function, Core>) {
  (*s).joint = (*core).joint;
  body_configure(s);
  for (var m = 0u; m < MUSCLES; m++) {
    let geometry = (*s).geometry[m];
    let of_m = (*core).muscle[m];
    (*s).muscle[m] = with_strength(m, muscle_observe(m, of_m.x, of_m.y, geometry.x, geometry.y));
  }
}
