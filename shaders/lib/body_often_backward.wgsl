// The reverse of a time step of several ministeps: the states that they start from are worked out again and kept. SEGMENTS of at most SEGMENT ministeps each, from the host:
// where there are many, only the starts of segments are kept at first, and each segment is gone through once more.
//@use body_kept
//@use body_step_backward

// `s`: state before the step, overwritten. `d`: gradient of the state after it, becomes that of the state before it; adds to `d_action` and `d_loads`.
fn body_step_backward(
  s: ptr<function, Body>,
  action: ptr<function, Actions>,
  endpoint_load: vec2f,
  joint_load: vec2f,
  d: ptr<function, Body>,
  d_action: ptr<function, Actions>,
  d_loads: ptr<function, vec4f>,
) {
  var starts: array<Kept, SEGMENTS>;
  var inner: array<Kept, SEGMENT>;
  body_prepare(s);
  let start = *s; // its geometry may be any
  for (var i = 1u; i <= (SEGMENTS - 1u) * SEGMENT; i++) {
    body_ministep(s, action, endpoint_load, joint_load);
    if (i % SEGMENT == 0u) { starts[i / SEGMENT] = body_kept(s); }
  }
  for (var k = 0u; k < SEGMENTS; k++) {
    let segment = SEGMENTS - 1u - k;
    let count = min(SEGMENT, MINISTEPS - segment * SEGMENT);
    var first = starts[segment];
    for (var i = 0u; i < count; i++) {
      if (i > 0u) {
        body_ministep(s, action, endpoint_load, joint_load);
        inner[i] = body_kept(s);
      } else if (segment == 0u) {
        *s = start;
      } else {
        body_recalled(s, &first);
      }
    }
    for (var j = 0u; j < count; j++) {
      let i = count - 1u - j;
      if (i > 0u) {
        var kept = inner[i];
        body_recalled(s, &kept);
      } else if (segment == 0u) {
        *s = start;
      } else {
        body_recalled(s, &first);
      }
      body_ministep_backward(s, action, endpoint_load, joint_load, d, d_action, d_loads);
    }
  }
}
