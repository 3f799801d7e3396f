// The reverse of a ministep of body_euler.wgsl.
//@use body_euler
//@use body_integrate_backward

// The reverse of `body_prepare`: `d` becomes the gradient of the stored state, which `s` has been made of.
fn body_prepare_backward(s: ptr<function, Body>, d: ptr<function, Body>) {}

// `d`: gradient of the state after, becomes that of `s`, the state before (unchanged here, not by all integrators); adds to `d_action` and `d_loads`.
fn body_ministep_backward(
  s: ptr<function, Body>,
  action: ptr<function, Actions>,
  endpoint_load: vec2f,
  joint_load: vec2f,
  d: ptr<function, Body>,
  d_action: ptr<function, Actions>,
  d_loads: ptr<function, vec4f>,
) {
  var rates = body_rates(s, action, endpoint_load, joint_load);
  var d_rates = body_integrate_backward(s, &rates, table(MINISTEP), d);
  body_rates_backward(s, action, endpoint_load, &rates, &d_rates, d, d_action, d_loads);
}
