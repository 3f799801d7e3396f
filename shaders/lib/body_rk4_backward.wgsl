// The reverse of a ministep of body_rk4.wgsl: stages are formed again from the rates, which are kept.
//@use body_integrate_backward
//@use body_rk4

// Gathers the gradient of all rows of an observed state in those of joints, activations and fibre lengths; the others become 0.
fn body_observe_backward(s: ptr<function, Body>, d: ptr<function, Body>) {
  for (var m = 0u; m < MUSCLES; m++) {
    let geometry = (*s).geometry[m];
    let g = muscle_observe_backward(m, (*s).muscle[m], geometry.x, geometry.y, (*d).muscle[m]);
    (*d).joint += geometry_backward(m, (*s).joint, (*s).angles, (*d).geometry[m] + vec4f(g.length, g.velocity, 0.0, 0.0));
    var rows = MuscleRows();
    rows[0] = g.activation;
    if (COMPLIANT) { rows[1] = g.fibre; }
    (*d).muscle[m] = rows;
    (*d).geometry[m] = vec4f(0.0);
  }
}

fn body_prepare_backward(s: ptr<function, Body>, d: ptr<function, Body>) { body_observe_backward(s, d); }

// The reverse of `body_form`: from `d`, the gradient of the state formed, which becomes zero; adds to that of `base`; the result is that of the rates.
fn body_form_backward(s: ptr<function, Body>, base: ptr<function, Core>, rates: ptr<function, Core>, h: f32, d: ptr<function, Body>, d_base: ptr<function, Core>) -> Core {
  var d_rates: Core;
  body_observe_backward(s, d);
  let g = joint_step_backward((*base).joint, (*rates).joint, h, (*d).joint);
  (*d_base).joint += g.joint;
  d_rates.joint = g.rate;
  for (var m = 0u; m < MUSCLES; m++) {
    let d_activation = activation_step_backward(m, (*base).muscle[m].x, (*rates).muscle[m].x, h, (*d).muscle[m][0]);
    let d_fibre = select(0.0, (*d).muscle[m][1], COMPLIANT);
    (*d_base).muscle[m] += vec2f(d_activation, d_fibre);
    d_rates.muscle[m] = h * vec2f(d_activation, d_fibre * muscle_number(m, OPTIMAL_LENGTH));
  }
  *d = Body();
  return d_rates;
}

// `s`: a prepared state, overwritten.
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
  var rates: array<Core, 4>;
  var mean = Core();
  var base = body_core(s);
  for (var i = 0u; i < 4u; i++) {
    var here = body_rates(s, action, endpoint_load, joint_load);
    rates[i] = here;
    body_add_rates(&mean, &here, stage_weight(i));
    if (i < 3u) { body_form(s, &base, &here, stage_reach(i) * h); }
  }
  body_form(s, &base, &mean, h);
  var d_base = Core();
  var d_mean = body_form_backward(s, &base, &mean, h, d, &d_base);
  for (var k = 0u; k < 4u; k++) {
    let i = 3u - k;
    var here = rates[i];
    var d_here = Core();
    // `s` is stage i + 1 here, which `d` is the gradient of.
    if (i < 3u) { d_here = body_form_backward(s, &base, &here, stage_reach(i) * h, d, &d_base); }
    body_add_rates(&d_here, &d_mean, stage_weight(i));
    if (i > 0u) {
      var before = rates[i - 1u];
      body_form(s, &base, &before, stage_reach(i - 1u) * h);
    } else {
      (*s).joint = base.joint;
      for (var m = 0u; m < MUSCLES; m++) {
        (*s).muscle[m][0] = base.muscle[m].x;
        (*s).muscle[m][1] = base.muscle[m].y;
      }
      body_observe(s);
    }
    body_rates_backward(s, action, endpoint_load, &here, &d_here, d, d_action, d_loads);
  }
  body_observe_backward(s, d);
  (*d).joint += d_base.joint;
  for (var m = 0u; m < MUSCLES; m++) {
    (*d).muscle[m][0] += d_base.muscle[m].x;
    if (COMPLIANT) { (*d).muscle[m][1] += d_base.muscle[m].y; }
  }
}
