// GRU, forward. Math: src/backends/reference/cells/gru.ts. Record: h, r, z, n, c (the recurrent part of n's argument).
const NOISE_INSIDE = false;
fn reads_old_state() -> bool { return false; }

fn cell_forward(t: u32) {
  let size = units();
  let inputs_at = p.weights_inputs;
  for (var u = lane; u < size; u += lane_count()) {
    let input_bias = p.bias_at + u;
    let bias = input_bias + 3u * size;
    var r = vec4f(get_parameters(input_bias) + get_parameters(bias));
    var z = vec4f(get_parameters(input_bias + size) + get_parameters(bias + size));
    var c = vec4f(get_parameters(bias + 2u * size));
    var n = vec4f(get_parameters(input_bias + 2u * size));
    for (var k = 0u; k < fours(size); k++) {
      let at = k * 3u * size + u;
      let wr = workspace[at];
      let wz = workspace[at + size];
      let wc = workspace[at + 2u * size];
      let h0 = operand_row(4u * k);
      let h1 = operand_row(4u * k + 1u);
      let h2 = operand_row(4u * k + 2u);
      let h3 = operand_row(4u * k + 3u);
      r += wr.x * h0;
      z += wz.x * h0;
      c += wc.x * h0;
      r += wr.y * h1;
      z += wz.y * h1;
      c += wc.y * h1;
      r += wr.z * h2;
      z += wz.z * h2;
      c += wc.z * h2;
      r += wr.w * h3;
      z += wz.w * h3;
      c += wc.w * h3;
    }
    for (var k = 0u; k < fours(p.input_rows); k++) {
      let at = inputs_at + k * 3u * size + u;
      let wr = workspace[at];
      let wz = workspace[at + size];
      let wn = workspace[at + 2u * size];
      let row = p.row_inputs + 4u * k;
      let x0 = operand_row(row);
      let x1 = operand_row(row + 1u);
      let x2 = operand_row(row + 2u);
      let x3 = operand_row(row + 3u);
      r += wr.x * x0;
      z += wz.x * x0;
      n += wn.x * x0;
      r += wr.y * x1;
      z += wz.y * x1;
      n += wn.y * x1;
      r += wr.z * x2;
      z += wz.z * x2;
      n += wn.z * x2;
      r += wr.w * x3;
      z += wz.w * x3;
      n += wn.w * x3;
    }
    r = sigmoids(r);
    z = sigmoids(z);
    n = tangents(n + r * c);
    let h = memory(u);
    set_next(t, u, (1.0 - z) * n + z * h);
    keep(t, u, h);
    keep(t, size + u, r);
    keep(t, 2u * size + u, z);
    keep(t, 3u * size + u, n);
    keep(t, 4u * size + u, c);
  }
}
