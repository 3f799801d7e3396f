// LSTM, forward. Math: src/backends/reference/cells/lstm.ts. Record: h, c, i, f, g, o. The cell state c is carried by the lane of its unit.
const NOISE_INSIDE = false;
fn reads_old_state() -> bool { return false; }

fn cell_forward(t: u32) {
  let size = units();
  for (var u = lane; u < size; u += lane_count()) {
    let input_bias = p.bias_at + u;
    let bias = input_bias + 4u * size;
    var i = vec4f(get_parameters(input_bias) + get_parameters(bias));
    var f = vec4f(get_parameters(input_bias + size) + get_parameters(bias + size));
    var g = vec4f(get_parameters(input_bias + 2u * size) + get_parameters(bias + 2u * size));
    var o = vec4f(get_parameters(input_bias + 3u * size) + get_parameters(bias + 3u * size));
    let hidden = fours(size);
    for (var k = 0u; k < hidden + fours(p.input_rows); k++) {
      // Weights of the inputs follow those of the state.
      let at = k * 4u * size + u;
      let wi = workspace[at];
      let wf = workspace[at + size];
      let wg = workspace[at + 2u * size];
      let wo = workspace[at + 3u * size];
      let row = select(p.row_inputs + 4u * (k - hidden), 4u * k, k < hidden);
      let v0 = operand_row(row);
      let v1 = operand_row(row + 1u);
      let v2 = operand_row(row + 2u);
      let v3 = operand_row(row + 3u);
      i += wi.x * v0;
      f += wf.x * v0;
      g += wg.x * v0;
      o += wo.x * v0;
      i += wi.y * v1;
      f += wf.y * v1;
      g += wg.y * v1;
      o += wo.y * v1;
      i += wi.z * v2;
      f += wf.z * v2;
      g += wg.z * v2;
      o += wo.z * v2;
      i += wi.w * v3;
      f += wf.w * v3;
      g += wg.w * v3;
      o += wo.w * v3;
    }
    i = sigmoids(i);
    f = sigmoids(f);
    g = tangents(g);
    o = sigmoids(o);
    let c = carried(size + u);
    let next = f * c + i * g;
    keep(t, u, memory(u));
    keep(t, size + u, c);
    keep(t, 2u * size + u, i);
    keep(t, 3u * size + u, f);
    keep(t, 4u * size + u, g);
    keep(t, 5u * size + u, o);
    set_carried(size + u, next);
    set_next(t, u, o * tangents(next));
  }
}
