// The reverse of a time step of several ministeps: the states that they start from are worked out again and kept. SEGMENTS of at most SEGMENT ministeps each, from the host:
// where there are many, only the starts of segments are kept at first, and each segment is gone through once more.
//@use body_kept
//@use body_step_backward

// As `body_step_backward`. `d_acceleration`: gradient of the acceleration at the start of the step.
fn body_ministeps_backward(
  s: ptr<function, Body>,
  action: ptr<function, Actions>,
  endpoint_load: vec2f,
  joint_load: vec2f,
  d_acceleration: vec2f,
  d: ptr<function, Body>,
  d_action: ptr<function, Actions>,
  d_loads: ptr<function, vec4f>,
) {
  var starts: array<Kept, SEGMENTS>;
  var kept: array<Kept, SEGMENT>;
  let start = *s; // its geometry may be any
  // Round 0 goes through all segments but the last, whose starts it keeps; the rounds after it through one segment each, from the last to the first.
  for (var round = select(1u, 0u, SEGMENTS > 1u); round <= SEGMENTS; round++) {
    let segment = select(SEGMENTS - round, 0u, round == 0u);
    let first = segment * SEGMENT;
    let count = select(min(SEGMENT, MINISTEPS - first), (SEGMENTS - 1u) * SEGMENT, round == 0u);
    if (segment == 0u) {
      *s = start;
    } else {
      var here = starts[segment];
      body_recalled(s, &here);
    }
    for (var i = 0u; i < count; i++) {
      if (round > 0u) { kept[i] = body_kept(s); } // before ministep i
      if (round > 0u && i + 1u == count) { break; }
      body_ministep(s, action, endpoint_load, joint_load);
      if (round == 0u && (i + 1u) % SEGMENT == 0u) { starts[(i + 1u) / SEGMENT] = body_kept(s); }
    }
    if (round == 0u) { continue; }
    for (var j = count; j > 0u; j--) {
      let i = first + j - 1u;
      if (i == 0u) {
        *s = start;
      } else {
        var here = kept[j - 1u];
        body_recalled(s, &here);
      }
      body_ministep_backward(s, action, endpoint_load, joint_load, select(vec2f(0.0), d_acceleration, i == 0u), d, d_action, d_loads);
    }
  }
}
