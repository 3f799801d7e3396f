// rollout_backward: back-propagation through time over the whole trial, without truncation
// Math      from t = T − 1 down: d = ∂L/∂h_{t+1} + d_states_t + W_oᵀ g_t, g = d_outputs, times y (1 − y) with the sigmoid read-out; then the cell's own step
//           ∂L/∂W = Σ_{t, b} δ [h; x; 1]ᵀ of every layer after the scan    (src/backends/reference/rollout_backward.ts and cells)
// In        inputs [B, T, I]  parameters [P]  initial_state [B, S]  state_noise? [B, T, H]  layer_sizes? [L]
//           unit_row? [B, N]  unit_gain? [W, H]  unit_shift? [W, H]  outputs [B, T, O]  cache  d_outputs [B, T, O]  d_states? [B, T, S]
// Out       gradient [P] += ∂L/∂parameters  d_initial_state [B, S]  d_inputs? [B, T, I]  scratch: deltas of every step and trial, sums of slices
// Mapping   `pack` (transposed weights); one workgroup a tile of trials runs all steps in reverse (lib/rollout_return.wgsl); `product`: one workgroup a block of a
//           layer's gradient and slice of steps and trials; `add_slices`: one invocation a number of the gradient (lib/rollout_product.wgsl)
// Memory    workgroup: deltas of the step, output gradients, carried gradient, at most 16 KiB; the rest stands in the workspace; the product 2 to 8 KiB
// Limits    cache and scratch within one binding each; any hidden size, number of inputs, layers and their widths
// Numerics  f32; slices depend on shapes alone and are added in ascending order: the same bits for any chunks of time and tiles; the cache stays as it is
// Twins     src/backends/reference/rollout_backward.ts, assembly/rollout_backward.ts
//@use rollout_return

fn operand_input(trial: u32, t: u32, i: u32) -> f32 { return get_inputs((trial * p.T + t) * p.I + i); }

fn take_input_gradient(t: u32, i: u32, value: vec4f) {
  let at = (quad_trial * p.T + t) * p.I + i;
  let next = p.T * p.I;
  if (quad_trial < p.B) { set_d_inputs(at, value.x); }
  if (quad_trial + 1u < p.B) { set_d_inputs(at + next, value.y); }
  if (quad_trial + 2u < p.B) { set_d_inputs(at + 2u * next, value.z); }
  if (quad_trial + 3u < p.B) { set_d_inputs(at + 3u * next, value.w); }
}

/// Gradient of output o of step t, for the quad.
fn output_gradient_at(t: u32, o: u32) -> vec4f {
  let at = (quad_trials() * p.T + t) * p.O + o;
  return vec4f(get_d_outputs(at.x), get_d_outputs(at.y), get_d_outputs(at.z), get_d_outputs(at.w));
}

@compute @workgroup_size(WORKGROUP)
fn rollout_backward(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  open_tile(workgroup, local);
  return_open();
  for (var o = lane; o < p.O; o += lane_count()) { set_output_gradient(p.last_step - 1u, o, output_gradient_at(p.last_step - 1u, o)); }
  tile_barrier();
  for (var t = p.last_step; t > p.first_step;) {
    t--;
    return_deltas(t);
    tile_barrier();
    return_state(t);
    if (t > p.first_step) {
      for (var o = lane; o < p.O; o += lane_count()) { set_output_gradient(t - 1u, o, output_gradient_at(t - 1u, o)); }
    }
    tile_barrier();
    return_inputs(t);
  }
  return_close();
}
