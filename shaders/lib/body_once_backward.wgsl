// The reverse of a time step of one ministep. As body_often_backward.wgsl.
//@use body_step_backward

fn body_ministeps_backward(
  s: ptr<function, Body>,
  action: ptr<function, Actions>,
  endpoint_load: vec2f,
  joint_load: vec2f,
  d_acceleration: vec2f,
  d: ptr<function, Body>,
  d_action: ptr<function, Actions>,
  d_loads: ptr<function, vec4f>,
) {
  body_ministep_backward(true, s, action, endpoint_load, joint_load, d_acceleration, d, d_action, d_loads);
}
