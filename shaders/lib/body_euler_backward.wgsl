// The reverse of a ministep of body_euler.wgsl.
//@use body_euler
//@use body_integrate_backward

// With `back` the reverse: `d`, the gradient of the state after, becomes that of `s`, the state before (overwritten); adds to `d_action` and `d_loads`; `d_acceleration` is the
// gradient of the acceleration at the start. Without it the ministep itself, as the way back goes forward first: in one function, so that what both need stands in a shader once.
fn body_ministep_backward(
  back: bool,
  s: ptr<function, Body>,
  action: ptr<function, Actions>,
  endpoint_load: vec2f,
  joint_load: vec2f,
  d_acceleration: vec2f,
  d: ptr<function, Body>,
  d_action: ptr<function, Actions>,
  d_loads: ptr<function, vec4f>,
) {
  var rates = body_rates(s, action, endpoint_load, joint_load);
  if (!back) {
    body_integrate(s, &rates, table(MINISTEP));
    return;
  }
  var d_rates = body_integrate_backward(s, &rates, table(MINISTEP), d);
  d_rates.joint += vec4f(0.0, 0.0, d_acceleration);
  body_rates_backward(s, action, endpoint_load, &rates, &d_rates, d, d_action, d_loads);
}
