// Vanilla RNN, the way back. Math: src/backends/reference/cells/rnn.ts. One row of deltas a unit.
fn reads_old_state() -> bool { return false; }
fn cell_layers(t: u32) {}

fn cell_delta(t: u32, u: u32, d: vec4f) -> vec4f {
  var next = vec4f(0.0);
  if (p.W > 0u) {
    next = kept(t, units() + u);
  } else if (p.given_noise != 0u) {
    next = kept(t, p.record_clean + u);
  } else {
    next = kept(t + 1u, u);
  }
  set_delta(t, u, d * (1.0 - next * next));
  return vec4f(0.0);
}
