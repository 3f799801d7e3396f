// The reverse of body_step.wgsl. How a time step is cut into ministeps: body_once_backward.wgsl (one) or body_often_backward.wgsl (more), which go through them in reverse.
// Gradients of states may hold that of the end point (x y vx vy) in (*d).angles: it is taken into that of the joint state, and becomes 0.
//@use body_integrate_backward
//@use body_step

// The reverse of `body_step`. `s`: state before the step, overwritten; `d`: gradient of the state after it, becomes that of the state before it; adds to `d_action` and to
// `d_loads` (endpoint load, joint load).
fn body_step_backward(
  s: ptr<function, Body>,
  action: ptr<function, Actions>,
  endpoint_load: vec2f,
  joint_load: vec2f,
  d: ptr<function, Body>,
  d_action: ptr<function, Actions>,
  d_loads: ptr<function, vec4f>,
) {
  body_ministeps_backward(s, action, endpoint_load, joint_load, vec2f(0.0), d, d_action, d_loads);
}

// Gradient of the joint state that `body_reset` started from; of `s`, joints, angles and geometry are read.
fn body_reset_backward(s: ptr<function, Body>, d: ptr<function, Body>) -> vec4f {
  var d_joint = (*d).joint + skeleton_cartesian_backward((*s).joint, (*s).angles, (*d).angles);
  for (var m = 0u; m < MUSCLES; m++) {
    let geometry = (*s).geometry[m];
    let g = muscle_reset_backward(m, geometry.x, geometry.y, table(RESET_STEP), (*d).muscle[m]);
    d_joint += geometry_backward(m, (*s).joint, (*s).angles, (*d).geometry[m] + vec4f(g, 0.0, 0.0));
  }
  return d_joint;
}
