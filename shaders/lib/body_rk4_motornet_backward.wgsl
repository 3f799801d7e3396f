// The reverse of a ministep of body_rk4_motornet.wgsl: stages 2 to 4 are kept as what a step reads of them, stage 1 is the state itself.
//@use body_integrate_backward
//@use body_kept
//@use body_rk4_motornet

// As in body_euler_backward.wgsl.
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
  let h = table(MINISTEP);
  let base = *s;
  var kept: array<Kept, 3>;
  var all_rates: array<Core, 5>; // of four stages, and their mean
  for (var i = 0u; i < 4u; i++) {
    var rates = body_rates(s, action, endpoint_load, joint_load);
    all_rates[i] = rates;
    var mean = all_rates[4];
    body_add_rates(&mean, &rates, stage_weight(i));
    all_rates[4] = mean;
    if (i == 3u && back) { break; }
    if (i == 3u) {
      rates = mean;
      *s = base;
    }
    body_integrate(s, &rates, stage_reach(i) * h);
    if (i < 3u) { kept[i] = body_kept(s); }
  }
  if (!back) { return; }
  // From the end of the ministep (k = 4), formed from the state itself, through its stages to the first; stage i + 1 was formed from stage i.
  var d_base: Body;
  var d_mean: Core;
  for (var k = 5u; k > 0u; k--) {
    let i = k - 1u;
    if (i == 0u || i == 4u) {
      *s = base;
    } else {
      var stage = kept[i - 1u];
      body_recalled(s, &stage);
    }
    var rates = all_rates[i];
    var d_rates = Core();
    if (i != 3u) { d_rates = body_integrate_backward(s, &rates, stage_reach(i) * h, d); }
    if (i == 4u) {
      d_mean = d_rates;
      d_base = *d;
      *d = Body();
      continue;
    }
    if (i == 0u) { d_rates.joint += vec4f(0.0, 0.0, d_acceleration); }
    body_add_rates(&d_rates, &d_mean, stage_weight(i));
    body_rates_backward(s, action, endpoint_load, &rates, &d_rates, d, d_action, d_loads);
  }
  (*d).joint += d_base.joint;
  for (var m = 0u; m < MUSCLES; m++) {
    (*d).geometry[m] += d_base.geometry[m];
    for (var r = 0u; r < MUSCLE_ROWS; r++) { (*d).muscle[m][r] += d_base.muscle[m][r]; }
  }
}
