// MotorNet's rk4: stages are chained (stage 3 starts from stage 2, stage 4 from stage 3), positions advance with the old velocity; of first order.
// Every function is called in one place, in a loop over stages: compilers inline them all.
//@use body_integrate

// As in body_euler.wgsl.
const OBSERVED: bool = false;

fn body_prepare(s: ptr<function, Body>) {}

fn body_ministep(s: ptr<function, Body>, action: ptr<function, Actions>, endpoint_load: vec2f, joint_load: vec2f) {
  let h = table(MINISTEP);
  let base = *s;
  var mean = Core();
  for (var i = 0u; i < 4u; i++) {
    var rates = body_rates(s, action, endpoint_load, joint_load);
    body_add_rates(&mean, &rates, stage_weight(i));
    if (i == 3u) {
      rates = mean;
      *s = base;
    }
    body_integrate(s, &rates, stage_reach(i) * h);
  }
}
