// One body in time, as one invocation runs it: reset, one time step, end point. A caller of its own (closed loop) takes these; the reverse stands in body_step_backward.wgsl.
//
// struct Body (body_state.wgsl)    joint: vec4f, angles: vec4f, muscle: array<MuscleRows, MUSCLES>, geometry: array<vec4f, MUSCLES>; (*s).muscle[m][r] is row r of muscle m
// Actions                          array<f32, MUSCLES>, not clamped
//
// body_configure(s: ptr<function, Body>)                                      angles and geometry from (*s).joint
// body_reset(s: ptr<function, Body>)                                          all else from (*s).joint: muscles at rest
// body_step(s: ptr<function, Body>, action: ptr<function, Actions>, endpoint_load: vec2f, joint_load: vec2f)     one time step, in place
// body_cartesian(s: ptr<function, Body>) -> vec4f                             x y vx vy of the end point; reads joint and angles
// body_recall(s: ptr<function, Body>, row: u32)   body_recall.wgsl            joint and the muscle rows that a step reads from the kernel's joint [.., 4] and muscle [.., R, M]
//                                                                             at state `row`, then body_configure: all that a step needs of a stored state
// body_store(s: ptr<function, Body>, row: u32)    body_store.wgsl             joint and muscle rows to the kernel's joint and muscle
//
// In body_step_backward.wgsl:
// body_cartesian_backward(s: ptr<function, Body>, d_cartesian: vec4f) -> vec4f    what to add to the joint's gradient
// body_step_backward(s, action, endpoint_load: vec2f, joint_load: vec2f, d: ptr<function, Body>, d_action: ptr<function, Actions>, d_loads: ptr<function, vec4f>)
//                                  s: state before the step (clobbered); d: gradient of the state after it, becomes that of the state before it; adds to d_action and
//                                  d_loads (endpoint load, joint load)
// body_reset_backward(s: ptr<function, Body>, d: ptr<function, Body>) -> vec4f    gradient of the joint state that body_reset started from; s: any state with joint, angles, geometry
// body_zero() -> Body                                                         a gradient to start from
//
// Proprioception of muscle m: (*s).muscle[m][1] * muscle_number(m, INVERSE_LENGTH), (*s).muscle[m][2] * muscle_number(m, INVERSE_VELOCITY).
//
// The row of a kernel (src/backends/webgpu/body-plan.ts): bodyPlan(layout, body) gives { parts, backwardParts, constants, table }; the table's first numbers are the body's.
//@use body_integrate

// All else from the joint state: muscles at rest.
fn body_reset(s: ptr<function, Body>) {
  body_configure(s);
  for (var m = 0u; m < MUSCLES; m++) {
    let geometry = (*s).geometry[m];
    (*s).muscle[m] = muscle_reset(m, geometry.x, geometry.y, table(RESET_STEP));
  }
}

// One time step, in place; the state needs all rows, its geometry may differ from that of its joints, but its angles must be theirs.
fn body_step(s: ptr<function, Body>, action: ptr<function, Actions>, endpoint_load: vec2f, joint_load: vec2f) {
  body_prepare(s);
  for (var i = 0u; i < MINISTEPS; i++) { body_ministep(s, action, endpoint_load, joint_load); }
}

// x y vx vy of the end point.
fn body_cartesian(s: ptr<function, Body>) -> vec4f { return skeleton_cartesian((*s).joint, (*s).angles); }
