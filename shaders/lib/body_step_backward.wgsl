// The reverse of body_step.wgsl, but for `body_step_backward`, which stands in body_once_backward.wgsl (one ministep) and body_often_backward.wgsl (more).
//@use body_integrate_backward
//@use body_step

// What the gradient of the end point adds to that of the joint state.
fn body_cartesian_backward(s: ptr<function, Body>, d_cartesian: vec4f) -> vec4f {
  return skeleton_cartesian_backward((*s).joint, (*s).angles, d_cartesian);
}

// Gradient of the joint state that `body_reset` started from; of `s`, joints, angles and geometry are read.
fn body_reset_backward(s: ptr<function, Body>, d: ptr<function, Body>) -> vec4f {
  var d_joint = (*d).joint;
  for (var m = 0u; m < MUSCLES; m++) {
    let geometry = (*s).geometry[m];
    let g = muscle_reset_backward(m, geometry.x, geometry.y, table(RESET_STEP), (*d).muscle[m]);
    d_joint += geometry_backward(m, (*s).joint, (*s).angles, (*d).geometry[m] + vec4f(g, 0.0, 0.0));
  }
  return d_joint;
}
