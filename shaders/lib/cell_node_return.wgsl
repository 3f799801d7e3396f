// NODE, the way back. Math: src/backends/reference/cells/node.ts. Rows of deltas: the last layer's (H), then those of the hidden layers, last first.
// They alternate between two blocks of memory rows; the first hidden layer's end in p.row_recurrent. Matrices of the table: that of h, of x, the read-out's, then
// those of the layers behind the first, in order.
fn reads_old_state() -> bool { return false; }

/// Rows that hold the deltas of a layer, 0 ... p.L.
fn delta_rows(layer: u32) -> u32 { return p.row_layers + (layer & 1u) * p.layer_rows; }

fn cell_delta(t: u32, u: u32, d: vec4f) -> vec4f {
  let delta = p.step_size * d;
  set_memory(delta_rows(p.L) + u, delta);
  keep_delta(t, u, delta);
  return d;
}

fn cell_layers(t: u32) {
  var above = units();
  var feature = units();
  for (var layer = 0u; layer < p.L; layer++) { feature += u32(get_layer_sizes(layer)); }
  var row_of_delta = units();
  for (var layer = p.L; layer > 0u; layer--) {
    // Widths alternate, so fours may reach into what an earlier layer left: those rows become zeros.
    for (var row = above + lane; row < 4u * fours(above); row += lane_count()) { set_memory(delta_rows(layer) + row, vec4f(0.0)); }
    tile_barrier();
    let rows = u32(get_layer_sizes(layer - 1u));
    feature -= rows;
    for (var row = lane; row < rows; row += lane_count()) {
      let d = weigh(vec4f(0.0), packed_matrix(layer + 2u), rows, row, delta_rows(layer), 0u, fours(above));
      let delta = select(vec4f(0.0), d, kept(t, feature + row) > vec4f(0.0));
      set_memory(delta_rows(layer - 1u) + row, delta);
      keep_delta(t, row_of_delta + row, delta);
    }
    row_of_delta += rows;
    above = rows;
  }
  for (var row = above + lane; row < 4u * fours(above); row += lane_count()) { set_memory(delta_rows(0u) + row, vec4f(0.0)); }
}

/// Where a matrix of the table stands in the workspace.
fn packed_matrix(matrix: u32) -> u32 { return whole(matrix * MATRIX + 6u); }
