// closed_loop_backward: runs time in reverse through network, senses, delays and body; gradient of every parameter, of the initial state and of the inputs
// Math      back-propagation through time, as in rollout_backward; the output of step k owes to state k + 1 of the body (lib/body_step_backward), to the samples of it and to
//           the observations that hold the action (lib/loop_return). Noise, loads and state 0 are constants.
// In        inputs [B, T, E]  parameters [P]  initial_state [B, S]  state_noise? [B, T, H]  layer_sizes? [L]  body_layout [K]  body [Q]  joint0 [B, J]  endpoint_load? [B, T, D]
//           joint_load? [B, T, D]  action_noise? [B, T, M]  vision_noise? [B, U, D]  proprioception_noise? [B, U, F]  observation_noise? [B, T, V]
//           unit_row? [B, N]  unit_gain? [W, H]  unit_shift? [W, H]  field_row? [B, T]  fields? [X, Z]  strength_row? [B, T]  strengths? [Y, M]
//           outputs [B, T, M]  joint [B, N, J]  muscle [B, N, R, M]  cache [scratch]  d_outputs [B, T, M]  d_fingertip? [B, T, D]
//           d_joint? [B, N, J]  d_muscle? [B, N, R, M]  d_states? [B, T, S]
// Out       gradient [P] += …  d_initial_state [B, S]  d_inputs? [B, T, E]  scratch [scratch]: gradients that wait for an earlier step, then as rollout_backward
// Mapping   as rollout_backward; the body of a trial by one invocation
// Memory    as rollout_backward; the network's inputs are in the cache
// Limits    as rollout_backward
// Numerics  those of rollout_backward and effector_step_backward; sums in a fixed order: same bits for any chunks of time
// Twins     src/backends/reference/closed_loop_backward.ts, assembly/closed_loop_backward.ts
//@use loop_return
//@use rollout_return

fn operand_input(trial: u32, t: u32, i: u32) -> f32 { return get_cache(record_at(trial, t) + p.record_own + i); }

/// Gradient of input i of the network at step t: that of the observation is kept for earlier steps, the others go to d_inputs.
fn take_input_gradient(t: u32, i: u32, value: vec4f) {
  let v = i - u32(p.leading_inputs);
  let observed = i >= u32(p.leading_inputs) && v < OBSERVATION;
  for (var c = 0u; c < 4u; c++) {
    let b = quad_trial + c;
    if (b < p.B) {
      if (observed) {
        keep_observed(b, t, v, value[c]);
      } else {
        set_d_inputs((b * p.T + t) * p.E + select(i - OBSERVATION, i, i < u32(p.leading_inputs)), value[c]);
      }
    }
  }
}

/// What one invocation wrote to scratch may be read by others of the workgroup.
fn loop_barrier() {
  storageBarrier();
  workgroupBarrier();
}

/// Gradient of the outputs of step t: what is given, and what the body and later observations owe.
fn load_output_gradients(t: u32) {
  let trials = quad_trials();
  for (var o = lane; o < p.output_rows; o += lane_count()) {
    var d = vec4f();
    for (var c = 0u; c < 4u; c++) { d[c] = get_d_outputs((trials[c] * p.T + t) * MUSCLES + o) + get_scratch(action_at(trials[c], o)); }
    set_output_gradient(t, o, d);
  }
}

@compute @workgroup_size(WORKGROUP)
fn closed_loop_backward(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  open_tile(workgroup, local);
  let first_trial = 4u * tile * p.groups;
  let trials = min(4u * p.groups, max(p.B, first_trial) - first_trial);
  return_open();
  for (var t = p.last_step; t > p.first_step;) {
    t--;
    for (var i = local; i < trials; i += WORKGROUP) { return_through_body(first_trial + i, t); }
    loop_barrier();
    load_output_gradients(t);
    tile_barrier();
    return_deltas(t);
    tile_barrier();
    return_state(t);
    tile_barrier();
    return_inputs(t);
    loop_barrier();
  }
  return_close();
}
