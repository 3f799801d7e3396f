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
  // Round 0 goes through all segments but the last, whose starts it keeps; the rounds after it through one segment each, from the last to the first, and back.
  for (var round = select(1u, 0u, SEGMENTS > 1u); round <= SEGMENTS; round++) {
    let segment = select(SEGMENTS - round, 0u, round == 0u);
    let first = segment * SEGMENT;
    let count = select(min(SEGMENT, MINISTEPS - first), (SEGMENTS - 1u) * SEGMENT, round == 0u);
    let visits = select(2u * count - 1u, count, round == 0u);
    for (var visit = 0u; visit < visits; visit++) {
      let back = round > 0u && visit + 1u >= count;
      let i = select(visit, 2u * count - 2u - visit, back); // ministep of the segment
      if (first + i == 0u) {
        *s = start;
      } else if (i == 0u || (back && visit >= count)) {
        var here = starts[segment];
        if (i > 0u) { here = kept[i]; }
        body_recalled(s, &here);
      }
      if (round > 0u && !back) { kept[i] = body_kept(s); }
      let d_first = select(vec2f(0.0), d_acceleration, first + i == 0u);
      body_ministep_backward(back, s, action, endpoint_load, joint_load, d_first, d, d_action, d_loads);
      if (round == 0u && (i + 1u) % SEGMENT == 0u) { starts[(i + 1u) / SEGMENT] = body_kept(s); }
    }
  }
}
