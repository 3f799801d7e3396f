// Vanilla RNN, forward. Math: src/backends/reference/cells/rnn.ts. Record: h; where units are changed what the cell made of them, too.
const NOISE_INSIDE = false;
fn reads_old_state() -> bool { return false; }

fn cell_forward(t: u32) {
  let size = units();
  for (var u = lane; u < size; u += lane_count()) {
    let bias = vec4f(get_parameters(p.bias_at + u) + get_parameters(p.bias_at + size + u));
    let a = weigh(weigh(bias, 0u, size, u, 0u, 0u, fours(size)), p.weights_inputs, size, u, p.row_inputs, 0u, fours(p.input_rows));
    let next = tangents(a);
    keep(t, u, memory(u));
    if (p.W > 0u) { keep(t, size + u, next); }
    set_next(t, u, next);
  }
}
