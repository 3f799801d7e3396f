//@use math
//@use rollout_tile
//@use rollout_pack
//@use rollout_units
// A network's way forward: cell, state noise, read-out, what the way back needs. The parts cell_NAME.wgsl hold the cells.
//
// A kernel (rollout_forward, closed_loop_forward) runs it so, in uniform control flow; t counts from p.first_step to p.last_step - 1:
//
//     open_tile(workgroup, local);
//     network_open();                        // state from initial_state, or where the last chunk of time left it
//     for (var t = p.first_step; t < p.last_step; t++) {
//       ... set_memory(input_row(i), x_i of step t) for all i < p.input_rows, spread over the lanes ...
//       tile_barrier();
//       network_cell(t);                     // reads the input rows; may hold barriers
//       tile_barrier();                      // from here on the input rows are free for the next step
//       network_update(t);                   // the state with its noise, partial sums of the read-out
//       tile_barrier();
//       network_outputs(t);                  // memory(output_row(o)) and the argument `outputs`; after one more barrier every lane may read them
//     }
//     network_close();                       // leaves the state for the next chunk of time
//
// It may write the inputs of step t + 1 between the second and the third barrier; then the first one is not needed. Outputs stay until the next network_outputs.
//
// Arguments it reads and writes: parameters, initial_state, state_noise, layer_sizes, unit_row, unit_gain, unit_shift, outputs, states, cache. It has nothing to do with inputs: the rows above are
// where they come from. A record of a step and trial in the cache has p.record floats from `record_at(trial, t)`; those from p.record_own on are the kernel's,
// as many as it asked for (a closed loop keeps its network inputs there), for the steps 0 ... T (T + 1 records a trial).
//
// The network's numbers, memory rows and table come from src/backends/webgpu/rollout-network.ts.


fn sigmoids(x: vec4f) -> vec4f { return vec4f(sigmoid(x.x), sigmoid(x.y), sigmoid(x.z), sigmoid(x.w)); }
fn tangents(x: vec4f) -> vec4f { return vec4f(hyperbolic_tangent(x.x), hyperbolic_tangent(x.y), hyperbolic_tangent(x.z), hyperbolic_tangent(x.w)); }

/// Keeps a feature of the step's record.
fn keep(t: u32, feature: u32, value: vec4f) {
  if (p.given_cache == 0u) { return; }
  let at = record_at(quad_trial, t) + feature;
  if (quad_trial < p.B) { set_cache(at, value.x); }
  if (quad_trial + 1u < p.B) { set_cache(at + p.record, value.y); }
  if (quad_trial + 2u < p.B) { set_cache(at + 2u * p.record, value.z); }
  if (quad_trial + 3u < p.B) { set_cache(at + 3u * p.record, value.w); }
}

fn input_row(i: u32) -> u32 { return p.row_inputs + i; }
fn output_row(o: u32) -> u32 { return p.row_outputs + o; }

fn network_open() {
  let b = quad_trials() * p.S;
  for (var u = lane; u < units(); u += lane_count()) {
    for (var s = u; s < p.S; s += units()) {
      var value = vec4f(get_initial_state(b.x + s), get_initial_state(b.y + s), get_initial_state(b.z + s), get_initial_state(b.w + s));
      if (p.first_step > 0u) {
        value = workspace[saved(s)];
      } else {
        if (s == u) { value = changed_unit(0u, u, value); }
      }
      if (s == u) {
        set_memory(u, value);
      } else {
        set_carried(s, value);
      }
    }
  }
}

/// What a cell makes of unit u in step t.
fn set_next(t: u32, u: u32, value: vec4f) { set_memory(p.row_next + u, changed_unit(t + 1u, u, value)); }

fn network_cell(t: u32) {
  // The read-out of the old state puts its parts where those of the last step may still be read.
  if (reads_old_state()) { tile_barrier(); }
  cell_forward(t);
  if (reads_old_state()) { weigh_slices(0u, p.readout_slices, p.weights_readout, p.output_rows, 0u, fours(units())); }
}

fn network_update(t: u32) {
  if (!reads_old_state()) { weigh_slices(0u, p.readout_slices, p.weights_readout, p.output_rows, p.row_next, fours(units())); }
  for (var u = lane; u < units(); u += lane_count()) {
    var state = memory(p.row_next + u);
    if (p.given_noise != 0u && !NOISE_INSIDE) {
      keep(t, p.record_clean + u, state);
      state += scaled_unit(t + 1u, u, state_noises(t, u));
    }
    set_memory(u, state);
    store_state(t, u, state);
    if (p.S > units()) { store_state(t, units() + u, carried(units() + u)); }
  }
}

fn state_noises(t: u32, u: u32) -> vec4f {
  let at = (quad_trials() * p.T + t) * units() + u;
  return vec4f(get_state_noise(at.x), get_state_noise(at.y), get_state_noise(at.z), get_state_noise(at.w));
}

fn store_state(t: u32, s: u32, value: vec4f) {
  if (p.given_states == 0u) { return; }
  let at = (quad_trial * p.T + t) * p.S + s;
  let next = p.T * p.S;
  if (quad_trial < p.B) { set_states(at, value.x); }
  if (quad_trial + 1u < p.B) { set_states(at + next, value.y); }
  if (quad_trial + 2u < p.B) { set_states(at + 2u * next, value.z); }
  if (quad_trial + 3u < p.B) { set_states(at + 3u * next, value.w); }
}

fn network_outputs(t: u32) {
  let next = p.T * p.output_rows;
  for (var o = lane; o < p.output_rows; o += lane_count()) {
    var y = sum_slices(vec4f(get_parameters(p.readout_bias + o)), 0u, p.readout_slices, p.output_rows, o);
    if (p.readout_sigmoid != 0) { y = sigmoids(y); }
    set_memory(p.row_outputs + o, y);
    let at = (quad_trial * p.T + t) * p.output_rows + o;
    if (quad_trial < p.B) { set_outputs(at, y.x); }
    if (quad_trial + 1u < p.B) { set_outputs(at + next, y.y); }
    if (quad_trial + 2u < p.B) { set_outputs(at + 2u * next, y.z); }
    if (quad_trial + 3u < p.B) { set_outputs(at + 3u * next, y.w); }
  }
}

fn network_close() {
  for (var u = lane; u < units(); u += lane_count()) {
    let state = memory(u);
    if (p.last_step == p.T) {
      keep(p.T, u, state);
    } else {
      workspace[saved(u)] = state;
      if (p.S > units()) { workspace[saved(units() + u)] = carried(units() + u); }
    }
  }
}
