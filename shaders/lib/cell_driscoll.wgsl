// Driscoll leaky RNN, forward, as published or as CtDB has it. Math: src/backends/reference/cells/driscoll.ts. Record: h, a.
const NOISE_INSIDE = true;
fn reads_old_state() -> bool { return p.ctdb != 0; }

/// f of p.activation: softplus, tanh, relu, retanh. NaN passes.
fn activate(a: f32) -> f32 {
  switch (p.activation) {
    case 0: { return softplus(a); }
    case 1: { return hyperbolic_tangent(a); }
    case 2: { return select(max(a, 0.0), a, is_nan(a)); }
    default: { return select(max(hyperbolic_tangent(a), 0.0), a, is_nan(a)); }
  }
}

fn cell_forward(t: u32) {
  let size = units();
  for (var u = lane; u < size; u += lane_count()) {
    let recurrent = weigh(vec4f(0.0), 0u, size, u, 0u, 0u, fours(size));
    let driven = weigh(vec4f(get_parameters(p.bias_at + u)), p.weights_inputs, size, u, p.row_inputs, 0u, fours(p.input_rows));
    var a = recurrent + driven;
    if (p.given_noise != 0u) { a += state_noises(t, u); }
    let h = memory(u);
    let f = vec4f(activate(a.x), activate(a.y), activate(a.z), activate(a.w));
    set_next(t, u, (1.0 - p.gamma) * select(h, recurrent, vec4<bool>(p.ctdb != 0)) + p.gamma * f);
    keep(t, u, h);
    keep(t, size + u, a);
  }
}
