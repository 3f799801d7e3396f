// GRU, the way back. Math: src/backends/reference/cells/gru.ts. Rows of deltas: recurrent n, r, z, input n: the first three reach h, the last three x.
fn reads_old_state() -> bool { return false; }
fn cell_layers(t: u32) {}

/// Gives the gradient of the old state that does not pass through weights.
fn cell_delta(t: u32, u: u32, d: vec4f) -> vec4f {
  let size = units();
  let h = kept(t, u);
  let r = kept(t, size + u);
  let z = kept(t, 2u * size + u);
  let n = kept(t, 3u * size + u);
  let c = kept(t, 4u * size + u);
  let n_delta = d * (1.0 - z) * (1.0 - n * n);
  set_delta(t, u, n_delta * r);
  set_delta(t, size + u, n_delta * c * r * (1.0 - r));
  set_delta(t, 2u * size + u, d * (h - n) * z * (1.0 - z));
  if (p.input_gradients != 0u) {
    set_delta(t, 3u * size + u, n_delta);
  } else {
    keep_delta(t, 3u * size + u, n_delta);
  }
  return d * z;
}
