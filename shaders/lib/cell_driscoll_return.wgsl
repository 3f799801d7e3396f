// Driscoll leaky RNN, the way back. Math: src/backends/reference/cells/driscoll.ts. Rows of deltas: δ; with ctdb ρ, which reaches h, and δ, which reaches x.
fn reads_old_state() -> bool { return p.ctdb != 0; }
fn cell_layers(t: u32) {}

/// f' of p.activation: softplus, tanh, relu, retanh; 0 at a kink.
fn slope(a: f32) -> f32 {
  let tangent = hyperbolic_tangent(a);
  switch (p.activation) {
    case 0: { return sigmoid(a); }
    case 1: { return 1.0 - tangent * tangent; }
    case 2: { return select(0.0, 1.0, a > 0.0); }
    default: { return select(0.0, 1.0 - tangent * tangent, a > 0.0); }
  }
}

fn cell_delta(t: u32, u: u32, d: vec4f) -> vec4f {
  let a = kept(t, units() + u);
  let delta = p.gamma * d * vec4f(slope(a.x), slope(a.y), slope(a.z), slope(a.w));
  let leak = (1.0 - p.gamma) * d;
  if (p.ctdb == 0) {
    set_delta(t, u, delta);
    return leak;
  }
  set_delta(t, u, delta + leak);
  set_delta(t, units() + u, delta);
  return vec4f(0.0);
}
