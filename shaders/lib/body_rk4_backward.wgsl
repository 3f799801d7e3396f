// The reverse of a ministep of body_rk4.wgsl: stages are formed again from the rates, which are kept.
//@use body_integrate_backward
//@use body_rk4

// Gathers the gradient of all rows of an observed state in those of its core; the others become 0.
fn body_observe_backward(s: ptr<function, Body>, d: ptr<function, Body>) -> Core {
  var d_core: Core;
  let joint = (*s).joint;
  let angles = (*s).angles;
  var d_joint = (*d).joint + skeleton_cartesian_backward(joint, angles, (*d).angles);
  for (var m = 0u; m < MUSCLES; m++) {
    let geometry = (*s).geometry[m];
    let g = muscle_observe_backward(m, (*s).muscle[m], geometry.x, geometry.y, with_strength(m, (*d).muscle[m]));
    d_joint += geometry_backward(m, joint, angles, (*d).geometry[m] + vec4f(g.length, g.velocity, 0.0, 0.0));
    d_core.muscle[m] = vec2f(g.activation, g.fibre);
  }
  d_core.joint = d_joint;
  *d = Body();
  return d_core;
}

// The reverse of `body_formed`: adds to the gradient of `base`, gives that of the rates.
fn body_formed_backward(base: ptr<function, Core>, rates: ptr<function, Core>, h: f32, d: ptr<function, Core>, d_base: ptr<function, Core>) -> Core {
  var d_rates: Core;
  let g = joint_step_backward((*base).joint, (*rates).joint, h, (*d).joint);
  (*d_base).joint += g.joint;
  d_rates.joint = g.rate;
  for (var m = 0u; m < MUSCLES; m++) {
    let d_core = (*d).muscle[m];
    let d_activation = activation_step_backward(m, (*base).muscle[m].x, (*rates).muscle[m].x, h, d_core.x);
    (*d_base).muscle[m] += vec2f(d_activation, d_core.y);
    d_rates.muscle[m] = h * vec2f(d_activation, d_core.y * muscle_number(m, OPTIMAL_LENGTH));
  }
  return d_rates;
}

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
  var all_rates: array<Core, 5>; // of four stages, and their mean
  var base = body_core(s);
  var d_base = Core();
  var d_mean = Core();
  var d_rates = Core();
  // Forward through stages 0 to 3 to the end of the ministep (4), then back.
  for (var k = 0u; k <= 8u; k++) {
    let i = select(8u - k, k, k <= 4u);
    var rates = all_rates[select(max(i, 1u) - 1u, 4u, i == 4u)];
    var core = body_formed(&base, &rates, stage_time(i, h));
    body_observe(s, &core);
    if (k < 4u) {
      var here = body_rates(s, action, endpoint_load, joint_load);
      all_rates[i] = here;
      var mean = all_rates[4];
      body_add_rates(&mean, &here, stage_weight(i));
      all_rates[4] = mean;
      continue;
    }
    if (!back) { break; }
    if (i < 4u) {
      var here = all_rates[i];
      if (i == 0u) { d_rates.joint += vec4f(0.0, 0.0, d_acceleration); }
      body_add_rates(&d_rates, &d_mean, stage_weight(i));
      body_rates_backward(s, action, endpoint_load, &here, &d_rates, d, d_action, d_loads);
    }
    var d_core = body_observe_backward(s, d);
    if (i == 0u) {
      body_add_rates(&d_base, &d_core, 1.0);
      break;
    }
    d_rates = body_formed_backward(&base, &rates, stage_time(i, h), &d_core, &d_base);
    if (i == 4u) {
      d_mean = d_rates;
      d_rates = Core();
    }
  }
  if (!back) { return; }
  (*d).joint = d_base.joint;
  for (var m = 0u; m < MUSCLES; m++) {
    (*d).muscle[m][0] = d_base.muscle[m].x;
    if (COMPLIANT) { (*d).muscle[m][1] = d_base.muscle[m].y; }
  }
}
