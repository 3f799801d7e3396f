// Classical rk4 on joints, activations and fibre lengths; geometry and all other rows are evaluated anew at every stage.
// Every function is called in one place, in a loop over stages: compilers inline them all.
//@use body_observe

// As in body_euler.wgsl.
const OBSERVED: bool = true;

// A stored state is taken for what its joints, activations and fibre lengths stand for.
fn body_prepare(s: ptr<function, Body>) {
  var core = body_core(s);
  body_observe(s, &core);
}

// Seconds from the start of a ministep to its stage i, and to its end (i = 4).
fn stage_time(i: u32, h: f32) -> f32 {
  if (i == 0u) { return 0.0; }
  return select(h, 0.5 * h, i < 3u);
}

// All rows of `s` but those of its core may be any.
fn body_ministep(s: ptr<function, Body>, action: ptr<function, Actions>, endpoint_load: vec2f, joint_load: vec2f) {
  let h = table(MINISTEP);
  var base = body_core(s);
  var rates = Core();
  var mean = Core();
  for (var i = 0u; i <= 4u; i++) {
    var core = body_formed(&base, &rates, stage_time(i, h));
    body_observe(s, &core);
    if (i == 4u) { break; }
    rates = body_rates(s, action, endpoint_load, joint_load);
    body_add_rates(&mean, &rates, stage_weight(i));
    if (i == 3u) { rates = mean; }
  }
}
