// NODE, forward: p.L hidden ReLU layers and a linear one. Math: src/backends/reference/cells/node.ts. Record: h, then the layers' activations.
// Layers alternate between two blocks of memory rows. The last one has few rows often: it is cut along k.
// Matrices of the table: the first layer's columns of h, those of x, the other layers, then the read-out.
const NOISE_INSIDE = false;
fn reads_old_state() -> bool { return false; }

fn cell_forward(t: u32) {
  let size = units();
  var feature = size;
  var bias = 0u;
  var width = size;
  for (var layer = 0u; layer < p.L; layer++) {
    let rows = u32(get_layer_sizes(layer));
    let to = p.row_layers + (layer & 1u) * p.layer_rows;
    bias += rows * select(width, size + p.input_rows, layer == 0u);
    for (var row = lane; row < fours(rows) * 4u; row += lane_count()) {
      var a = vec4f(0.0); // behind the last row: for products that read fours
      if (row < rows) {
        a = vec4f(get_parameters(bias + row));
        if (layer == 0u) {
          a = weigh(a, 0u, rows, row, 0u, 0u, fours(size));
          a = weigh(a, packed_matrix(1u), rows, row, p.row_inputs, 0u, fours(p.input_rows));
        } else {
          a = weigh(a, packed_matrix(layer + 1u), rows, row, p.row_layers + ((layer - 1u) & 1u) * p.layer_rows, 0u, fours(width));
        }
        a = vec4f(rectify(a.x), rectify(a.y), rectify(a.z), rectify(a.w));
        keep(t, feature + row, a);
      }
      set_memory(to + row, a);
    }
    feature += rows;
    bias += rows;
    width = rows;
    tile_barrier();
  }
  bias += size * width;
  weigh_slices(0u, p.cell_slices, packed_matrix(p.L + 1u), size, p.row_layers + ((p.L - 1u) & 1u) * p.layer_rows, fours(width));
  tile_barrier();
  for (var u = lane; u < size; u += lane_count()) {
    let h = memory(u);
    keep(t, u, h);
    set_next(t, u, h + p.step_size * sum_slices(vec4f(get_parameters(bias + u)), 0u, p.cell_slices, size, u));
  }
}

/// max(a, 0); NaN passes.
fn rectify(a: f32) -> f32 { return select(max(a, 0.0), a, is_nan(a)); }

/// Where a matrix of the table stands in the workspace.
fn packed_matrix(matrix: u32) -> u32 { return whole(matrix * MATRIX + 6u); }
