// rollout_forward: runs a cell and its linear read-out through all T steps of B trials
// Math      h'_t = cell(x_t, h_t); y_t = W_o h'_t + b_o, or its sigmoid; h_{t+1} = h'_t + ν_t; changed units, see lib/rollout_units    (cells and what varies between them: src/backends/reference/cells)
// In        inputs [B, T, I]  parameters [P]  initial_state [B, S]  state_noise? [B, T, H]  layer_sizes? [L]  unit_row? [B, N]  unit_gain? [W, H]  unit_shift? [W, H]
// Out       outputs [B, T, O]  states? [B, T, S]  cache?: a record a step and trial (lib/cell_*.wgsl)  scratch: empty
// Mapping   `pack`, then one workgroup a tile of 4 to 32 trials runs all steps; an invocation computes whole units (all gates) of four trials (lib/rollout_tile.wgsl)
// Memory    workgroup: state, next state, inputs, parts of the read-out, vec4f of four trials each, at most 16 KiB; the rest stands in the workspace
//           packed weights are read once a step and quad of trials, neighbouring units next to one another
// Limits    parameters, packed weights, cache within one binding each; any hidden size, number of inputs, layers and their widths
// Numerics  f32, sums in ascending k; the same bits for any chunks of time and tiles; gates from lib/math
// Twins     src/backends/reference/rollout_forward.ts, assembly/rollout_forward.ts
//@use rollout_network

/// Input i of step t, for the quad.
fn input_at(t: u32, i: u32) -> vec4f {
  let at = (quad_trials() * p.T + t) * p.I + i;
  return vec4f(get_inputs(at.x), get_inputs(at.y), get_inputs(at.z), get_inputs(at.w));
}

@compute @workgroup_size(WORKGROUP)
fn rollout_forward(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  open_tile(workgroup, local);
  network_open();
  for (var i = lane; i < p.I; i += lane_count()) { set_memory(input_row(i), input_at(p.first_step, i)); }
  tile_barrier();
  for (var t = p.first_step; t < p.last_step; t++) {
    // Asked for before the cell's products, so that it is there when they are done.
    let next = min(t + 1u, p.last_step - 1u);
    var ahead = vec4f(0.0);
    if (lane < p.I) { ahead = input_at(next, lane); }
    network_cell(t);
    tile_barrier();
    network_update(t);
    if (lane < p.I) { set_memory(input_row(lane), ahead); }
    for (var i = lane + lane_count(); i < p.I; i += lane_count()) { set_memory(input_row(i), input_at(next, i)); }
    tile_barrier();
    network_outputs(t);
  }
  network_close();
}
