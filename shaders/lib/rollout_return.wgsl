//@use math
//@use rollout_tile
//@use rollout_pack
//@use rollout_product
//@use rollout_units
// A network's way back, without truncation. The parts cell_NAME_return.wgsl hold the cells.
//
// A kernel (rollout_backward, closed_loop_backward) runs it so, in uniform control flow; t counts down from p.last_step - 1 to p.first_step:
//
//     open_tile(workgroup, local);
//     return_open();                         // the gradient of the state behind step p.last_step - 1: zeros, or what the last chunk of time left
//     for (var t = p.last_step; t > p.first_step;) {
//       t--;
//       ... set_output_gradient(t, o, value) for all o < p.output_rows, spread over the lanes; value: dL/dy_o of the quad, before the sigmoid's slope ...
//       tile_barrier();
//       return_deltas(t);                    // through read-out and cell to the products' results; may hold barriers
//       tile_barrier();
//       return_state(t);                     // the gradient of the state before the step; partial sums of that of the inputs
//       tile_barrier();
//       return_inputs(t);                    // ends the sums; calls take_input_gradient(t, i, value) for every input i, spread over the lanes, each once; value: the quad's
//     }
//     return_close();                        // d_initial_state, or leaves the gradient for the next chunk of time
//
// Output gradients of step t - 1 may be set after the second barrier of step t; the barrier before return_deltas(t - 1) then is the third one.
// The kernel defines
//     fn take_input_gradient(t: u32, i: u32, value: vec4f)       stores it; called only where the host says that these gradients are wanted
//     fn operand_input(trial: u32, t: u32, i: u32) -> f32        input i of the network, as it was in the forward pass: for the weight gradient (rollout_product)
//
// Arguments it reads and writes: parameters, state_noise, layer_sizes, unit_row, unit_gain, outputs, cache, d_states, gradient, d_initial_state, scratch (deltas).
// `record_at(trial, t)` is as in rollout_network. The kernel's own place in `scratch` comes first: p.deltas_at floats.

fn sigmoids(x: vec4f) -> vec4f { return vec4f(sigmoid(x.x), sigmoid(x.y), sigmoid(x.z), sigmoid(x.w)); }
fn tangents(x: vec4f) -> vec4f { return vec4f(hyperbolic_tangent(x.x), hyperbolic_tangent(x.y), hyperbolic_tangent(x.z), hyperbolic_tangent(x.w)); }

/// A feature of the step's record, for the quad.
fn kept(t: u32, feature: u32) -> vec4f {
  let b = quad_trials();
  return vec4f(
    get_cache(record_at(b.x, t) + feature),
    get_cache(record_at(b.y, t) + feature),
    get_cache(record_at(b.z, t) + feature),
    get_cache(record_at(b.w, t) + feature),
  );
}

/// Keeps a delta, dL/d(a row's sum), for the weight gradient: [t][trial][row].
fn keep_delta(t: u32, row: u32, value: vec4f) {
  let at = p.deltas_at + (t * p.B + quad_trial) * p.deltas + row;
  if (quad_trial < p.B) { set_scratch(at, value.x); }
  if (quad_trial + 1u < p.B) { set_scratch(at + p.deltas, value.y); }
  if (quad_trial + 2u < p.B) { set_scratch(at + 2u * p.deltas, value.z); }
  if (quad_trial + 3u < p.B) { set_scratch(at + 3u * p.deltas, value.w); }
}

/// Puts a delta of a cell with gates where the products of `return_state` read it, and keeps it. Rows: those that reach h only, those that reach both, those that reach x only.
fn set_delta(t: u32, row: u32, value: vec4f) {
  set_memory(p.row_recurrent + row, value);
  keep_delta(t, row, value);
}

fn return_open() {
  for (var u = lane; u < units(); u += lane_count()) {
    for (var s = u; s < p.S; s += units()) {
      if (p.last_step == p.T) {
        set_carried(s, vec4f(0.0));
      } else {
        if (!CARRY_OUTSIDE) { set_carried(s, workspace[saved(s)]); }
      }
    }
  }
}

fn set_output_gradient(t: u32, o: u32, value: vec4f) {
  var g = value;
  if (p.readout_sigmoid != 0) {
    let at = (quad_trials() * p.T + t) * p.output_rows + o;
    let y = vec4f(get_outputs(at.x), get_outputs(at.y), get_outputs(at.z), get_outputs(at.w));
    g *= y * (1.0 - y);
  }
  set_memory(p.row_gradient + o, g);
  keep_delta(t, p.delta_readout + o, g);
}

/// The gradient of entry s of the state behind step t.
fn state_gradient(t: u32, s: u32) -> vec4f {
  let carry = carried(s);
  if (p.given_d_states == 0u) { return carry; }
  let at = (quad_trials() * p.T + t) * p.S + s;
  return carry + vec4f(get_d_states(at.x), get_d_states(at.y), get_d_states(at.z), get_d_states(at.w));
}

fn return_deltas(t: u32) {
  for (var u = lane; u < units(); u += lane_count()) {
    let read = weigh(vec4f(0.0), p.weights_readout, units(), u, p.row_gradient, 0u, fours(p.output_rows));
    var d = state_gradient(t, u);
    if (!reads_old_state()) { d += read; }
    var own = cell_delta(t, u, scaled_unit(t + 1u, u, d));
    if (reads_old_state()) { own += read; }
    set_carried(u, own);
  }
  cell_layers(t);
}

fn return_state(t: u32) {
  if (p.state_slices > 1u) {
    weigh_slices(0u, p.state_slices, 0u, units(), p.row_recurrent, p.recurrent_fours);
  } else {
    for (var u = lane; u < units(); u += lane_count()) {
      set_carried(u, weigh(carried(u), 0u, units(), u, p.row_recurrent, 0u, p.recurrent_fours));
    }
  }
  if (p.input_gradients != 0u) { weigh_slices(p.row_input_parts, p.input_slices, p.weights_inputs, p.input_rows, p.row_external, p.external_fours); }
}

fn return_inputs(t: u32) {
  if (p.state_slices > 1u) {
    for (var u = lane; u < units(); u += lane_count()) { set_carried(u, sum_slices(carried(u), 0u, p.state_slices, units(), u)); }
  }
  if (p.input_gradients != 0u) {
    for (var i = lane; i < p.input_rows; i += lane_count()) {
      take_input_gradient(t, i, sum_slices(vec4f(0.0), p.row_input_parts, p.input_slices, p.input_rows, i));
    }
  }
}

fn return_close() {
  for (var u = lane; u < units(); u += lane_count()) {
    for (var s = u; s < p.S; s += units()) {
      var d = carried(s);
      if (s == u && p.first_step == 0u) { d = scaled_unit(0u, u, d); }
      if (p.first_step > 0u) {
        if (!CARRY_OUTSIDE) { workspace[saved(s)] = d; }
      } else {
        if (quad_trial < p.B) { set_d_initial_state(quad_trial * p.S + s, d.x); }
        if (quad_trial + 1u < p.B) { set_d_initial_state((quad_trial + 1u) * p.S + s, d.y); }
        if (quad_trial + 2u < p.B) { set_d_initial_state((quad_trial + 2u) * p.S + s, d.z); }
        if (quad_trial + 3u < p.B) { set_d_initial_state((quad_trial + 3u) * p.S + s, d.w); }
      }
    }
  }
}
