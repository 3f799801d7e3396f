// What the outputs of a closed loop's network do to the body: one invocation a trial. States go through joint [B, N, 4] and muscle [B, N, R, M], so that a step starts from the same
// bits wherever a dispatch begins.
//@use loop_change
//@use loop_delay
//@use body_step
//@use body_recall
//@use body_store

/// State k of trial b: muscles at rest in the joint state joint0, or from state k - 1 under the outputs of step k - 1.
fn move_body(b: u32, k: u32) {
  let row = b * (p.T + 1u) + k;
  let step = b * p.T + k - 1u;
  var s: Body;
  if (k == 0u) {
    s.joint = vec4f(get_joint0(4u * b), get_joint0(4u * b + 1u), get_joint0(4u * b + 2u), get_joint0(4u * b + 3u));
  } else {
    body_recall_rows(&s, row - 1u);
  }
  body_configure(&s);
  if (k == 0u) {
    body_rest(&s);
  } else {
    var action: Actions;
    actions_of(step, &action);
    choose_strengths(step);
    let loads = loads_of(step, body_cartesian(&s));
    body_step(&s, &action, loads.xy, loads.zw);
  }
  body_store(&s, row);
  let position = body_cartesian(&s);
  for (var i = 0u; i < 2u; i++) {
    if (k == 0u) {
      set_scratch(p.origin + 2u * b + i, position[i]);
    } else {
      set_fingertip(2u * step + i, position[i]);
    }
  }
}
