// Classical rk4 on joints, activations and fibre lengths; geometry and all other rows are evaluated anew at every stage.
//@use body_observe

// Whether the rows of a state follow from its joints, activations and fibre lengths.
const OBSERVED: bool = true;

// A stored state is taken for what its joints, activations and fibre lengths stand for.
fn body_prepare(s: ptr<function, Body>) { body_observe(s); }

fn body_ministep(s: ptr<function, Body>, action: ptr<function, Actions>, endpoint_load: vec2f, joint_load: vec2f) {
  let h = table(MINISTEP);
  var base = body_core(s);
  var mean = Core();
  for (var i = 0u; i < 4u; i++) {
    var rates = body_rates(s, action, endpoint_load, joint_load);
    body_add_rates(&mean, &rates, stage_weight(i));
    if (i < 3u) { body_form(s, &base, &rates, stage_reach(i) * h); }
  }
  body_form(s, &base, &mean, h);
}
