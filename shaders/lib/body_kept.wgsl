// States cut down to what a step reads of them, kept on the way forward for the way back.
//@use body_integrate

struct Kept {
  joint: vec4f,
  muscle: array<vec4f, MUSCLES>,
}

fn body_kept(s: ptr<function, Body>) -> Kept {
  var kept: Kept;
  kept.joint = (*s).joint;
  for (var m = 0u; m < MUSCLES; m++) { kept.muscle[m] = muscle_kept((*s).muscle[m]); }
  return kept;
}

// The state that `kept` was cut down from, for a ministep to start from.
fn body_recalled(s: ptr<function, Body>, kept: ptr<function, Kept>) {
  (*s).joint = (*kept).joint;
  for (var m = 0u; m < MUSCLES; m++) { (*s).muscle[m] = muscle_recalled((*kept).muscle[m]); }
  if (!OBSERVED) { body_configure(s); }
}
