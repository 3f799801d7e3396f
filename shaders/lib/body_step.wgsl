// One body in time, as one invocation runs it: reset, one time step, end point. The reverse stands in body_step_backward.wgsl, stored states in body_recall.wgsl and body_store.wgsl.
// Which skeleton, geometry, muscle and integrator there are is a choice of parts with the same function names (src/backends/webgpu/body-plan.ts); constants are read from a table.
// Every function is called in as few places as possible: compilers inline them all.
// Proprioception of muscle m: (*s).muscle[m][1] * muscle_number(m, INVERSE_LENGTH), (*s).muscle[m][2] * muscle_number(m, INVERSE_VELOCITY).
//@use body_integrate

// All else from the joint state: muscles at rest.
fn body_reset(s: ptr<function, Body>) {
  body_configure(s);
  body_rest(s);
}

// The same, from angles and geometry that are set.
fn body_rest(s: ptr<function, Body>) {
  for (var m = 0u; m < MUSCLES; m++) {
    let geometry = (*s).geometry[m];
    (*s).muscle[m] = muscle_reset(m, geometry.x, geometry.y, table(RESET_STEP));
  }
}

// One time step, in place; the state needs all rows, its geometry may differ from that of its joints, but its angles must be theirs.
fn body_step(s: ptr<function, Body>, action: ptr<function, Actions>, endpoint_load: vec2f, joint_load: vec2f) {
  for (var i = 0u; i < MINISTEPS; i++) { body_ministep(s, action, endpoint_load, joint_load); }
}

// x y vx vy of the end point.
fn body_cartesian(s: ptr<function, Body>) -> vec4f { return skeleton_cartesian((*s).joint, (*s).angles); }
