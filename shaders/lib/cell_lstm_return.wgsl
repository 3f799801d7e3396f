// LSTM, the way back. Math: src/backends/reference/cells/lstm.ts. Rows of deltas: i, f, g, o. The gradient of c is carried by the lane of its unit.
fn reads_old_state() -> bool { return false; }
fn cell_layers(t: u32) {}

fn cell_delta(t: u32, u: u32, d: vec4f) -> vec4f {
  let size = units();
  let c = kept(t, size + u);
  let i = kept(t, 2u * size + u);
  let f = kept(t, 3u * size + u);
  let g = kept(t, 4u * size + u);
  let o = kept(t, 5u * size + u);
  let tau = tangents(f * c + i * g);
  let c_gradient = state_gradient(t, size + u) + d * o * (1.0 - tau * tau);
  set_delta(t, u, c_gradient * g * i * (1.0 - i));
  set_delta(t, size + u, c_gradient * c * f * (1.0 - f));
  set_delta(t, 2u * size + u, c_gradient * i * (1.0 - g * g));
  set_delta(t, 3u * size + u, d * tau * o * (1.0 - o));
  set_carried(size + u, c_gradient * f);
  return vec4f(0.0);
}
