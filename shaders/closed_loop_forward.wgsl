// closed_loop_forward: a network moves a body through all steps of a chunk of time in one dispatch: observation, cell, read-out, muscles, skeleton
// Math      x_k = [leading inputs; vision; proprioception; earlier actions; other inputs], see lib/loop_senses; cell and read-out as in rollout_forward;
//           action = y_k + noise; one step of the body under it and the loads, see lib/body_step;
//           changed units, force fields, strengths of muscles: lib/rollout_units, lib/loop_change
// In        inputs [B, T, E]  parameters [P]  initial_state [B, S]  state_noise? [B, T, H]  layer_sizes? [L]  body_layout [K]  body [Q]  joint0 [B, J]  endpoint_load? [B, T, D]
//           joint_load? [B, T, D]  action_noise? [B, T, M]  vision_noise? [B, U, D]  proprioception_noise? [B, U, F]  observation_noise? [B, T, V]
//           unit_row? [B, N]  unit_gain? [W, H]  unit_shift? [W, H]  field_row? [B, T]  fields? [X, Z]  strength_row? [B, T]  strengths? [Y, M]
// Out       outputs [B, T, M]  fingertip [B, T, D]  joint [B, N, J]  muscle [B, N, R, M]  states? [B, T, S]  network_inputs? [B, T, I]  cache? [scratch]: records of the
//           cell with the network's inputs, by trial and step, read by closed_loop_backward  scratch [scratch]: states between chunks of time, end points of state 0
// Mapping   pack and tile as rollout_forward: one workgroup = a tile of trials through all steps; the body of a trial is moved by one invocation
// Memory    as rollout_forward; what a sense waits for is read back from joint, muscle, fingertip and outputs
// Limits    as rollout_forward
// Numerics  those of rollout_forward and effector_step; same bits for any chunks of time
// Twins     src/backends/reference/closed_loop_forward.ts, assembly/closed_loop_forward.ts
//@use loop_body
//@use loop_senses
//@use rollout_network

/// What one invocation wrote to the arrays may be read by others of the workgroup.
fn loop_barrier() {
  storageBarrier();
  workgroupBarrier();
}

fn sense(t: u32) {
  let trials = quad_trials();
  for (var i = lane; i < p.input_rows; i += lane_count()) {
    var x = vec4f();
    for (var c = 0u; c < 4u; c++) {
      let b = trials[c];
      x[c] = network_input(b, t, i);
      if (quad_trial + c < p.B) { set_network_inputs((b * p.T + t) * p.input_rows + i, x[c]); }
    }
    set_memory(input_row(i), x);
    keep(t, p.record_own + i, x);
  }
}

@compute @workgroup_size(WORKGROUP)
fn closed_loop_forward(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  open_tile(workgroup, local);
  // Bodies of the tile: each belongs to one invocation.
  let first_trial = 4u * tile * p.groups;
  let trials = min(4u * p.groups, max(p.B, first_trial) - first_trial);
  network_open();
  for (var t = p.first_step; ; t++) {
    if (t == 0u || t > p.first_step) {
      for (var i = local; i < trials; i += WORKGROUP) { move_body(first_trial + i, t); }
      loop_barrier();
    }
    if (t == p.last_step) { break; }
    sense(t);
    tile_barrier();
    network_cell(t);
    tile_barrier();
    network_update(t);
    tile_barrier();
    network_outputs(t);
    loop_barrier();
  }
  network_close();
}
