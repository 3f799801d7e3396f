// The integrator euler: rates of the stored state, then everything advances by a ministep. The same functions as body_rk4.wgsl and body_rk4_motornet.wgsl.
//@use body_integrate

// Whether the rows of a state follow from its joints, activations and fibre lengths.
const OBSERVED: bool = false;

// Makes a stored state one that `body_rates` may be asked of: here every state is.
fn body_prepare(s: ptr<function, Body>) {}

fn body_ministep(s: ptr<function, Body>, action: ptr<function, Actions>, endpoint_load: vec2f, joint_load: vec2f) {
  var rates = body_rates(s, action, endpoint_load, joint_load);
  body_integrate(s, &rates, table(MINISTEP));
}
