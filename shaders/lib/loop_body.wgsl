// What the outputs of a closed loop's network do to the body: one invocation a trial. States go through joint [B, N, 4] and muscle [B, N, R, M], so that a step starts from the same
// bits wherever a dispatch begins.
//@use loop_delay
//@use body_step
//@use body_recall
//@use body_store

/// State 0 of trial b: muscles at rest in the joint state joint0.
fn start_body(b: u32) {
  var s: Body;
  s.joint = vec4f(get_joint0(4u * b), get_joint0(4u * b + 1u), get_joint0(4u * b + 2u), get_joint0(4u * b + 3u));
  body_configure(&s);
  body_reset(&s);
  body_store(&s, b * (p.T + 1u));
  let position = body_cartesian(&s);
  set_scratch(p.origin + 2u * b, position.x);
  set_scratch(p.origin + 2u * b + 1u, position.y);
}

/// From state k of trial b to state k + 1, under the outputs of step k.
fn move_body(b: u32, k: u32) {
  let step = b * p.T + k;
  var s: Body;
  body_recall(&s, b * (p.T + 1u) + k);
  var action: Actions;
  actions_of(step, &action);
  let loads = loads_of(step);
  body_step(&s, &action, loads.xy, loads.zw);
  body_store(&s, b * (p.T + 1u) + k + 1u);
  let position = body_cartesian(&s);
  set_fingertip(2u * step, position.x);
  set_fingertip(2u * step + 1u, position.y);
}
