// MotorNet's rk4: stages are chained (stage 3 starts from stage 2, stage 4 from stage 3), positions advance with the old velocity; of first order.
//@use body_integrate

// Whether the rows of a state follow from its joints, activations and fibre lengths.
const OBSERVED: bool = false;

fn body_prepare(s: ptr<function, Body>) {}

fn body_ministep(s: ptr<function, Body>, action: ptr<function, Actions>, endpoint_load: vec2f, joint_load: vec2f) {
  let h = table(MINISTEP);
  var stage = *s;
  var mean = Core();
  for (var i = 0u; i < 4u; i++) {
    var rates = body_rates(&stage, action, endpoint_load, joint_load);
    body_add_rates(&mean, &rates, stage_weight(i));
    if (i < 3u) { body_integrate(&stage, &rates, stage_reach(i) * h); }
  }
  body_integrate(s, &mean, h);
}
