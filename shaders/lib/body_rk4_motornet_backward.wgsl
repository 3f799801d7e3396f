// The reverse of a ministep of body_rk4_motornet.wgsl: stages 2 to 4 are kept as what a step reads of them, stage 1 is the state itself.
//@use body_integrate_backward
//@use body_kept
//@use body_rk4_motornet

fn body_prepare_backward(s: ptr<function, Body>, d: ptr<function, Body>) {}

fn body_ministep_backward(
  s: ptr<function, Body>,
  action: ptr<function, Actions>,
  endpoint_load: vec2f,
  joint_load: vec2f,
  d: ptr<function, Body>,
  d_action: ptr<function, Actions>,
  d_loads: ptr<function, vec4f>,
) {
  let h = table(MINISTEP);
  var kept: array<Kept, 3>;
  var rates: array<Core, 4>;
  var mean = Core();
  var stage = *s;
  for (var i = 0u; i < 4u; i++) {
    var here = body_rates(&stage, action, endpoint_load, joint_load);
    rates[i] = here;
    body_add_rates(&mean, &here, stage_weight(i));
    if (i < 3u) {
      body_integrate(&stage, &here, stage_reach(i) * h);
      kept[i] = body_kept(&stage);
    }
  }
  var d_mean = body_integrate_backward(s, &mean, h, d);
  var d_stage = Body();
  for (var k = 0u; k < 4u; k++) {
    let i = 3u - k;
    if (i == 0u) {
      stage = *s;
    } else {
      var before = kept[i - 1u];
      body_recalled(&stage, &before);
    }
    var here = rates[i];
    var d_here = Core();
    if (i < 3u) { d_here = body_integrate_backward(&stage, &here, stage_reach(i) * h, &d_stage); }
    body_add_rates(&d_here, &d_mean, stage_weight(i));
    body_rates_backward(&stage, action, endpoint_load, &here, &d_here, &d_stage, d_action, d_loads);
  }
  (*d).joint += d_stage.joint;
  for (var m = 0u; m < MUSCLES; m++) {
    (*d).geometry[m] += d_stage.geometry[m];
    for (var r = 0u; r < MUSCLE_ROWS; r++) { (*d).muscle[m][r] += d_stage.muscle[m][r]; }
  }
}
