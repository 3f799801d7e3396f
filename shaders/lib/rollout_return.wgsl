//@use rollout_tile
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
//       tile_barrier();                      // needed where there are input gradients
//       return_inputs(t);                    // calls take_input_gradient(t, i, value) for every input i, spread over the lanes, each once; value: the quad's
//     }
//     return_close();                        // d_initial_state, or leaves the gradient for the next chunk of time
//
// Output gradients of step t - 1 may be set after the second barrier of step t; the barrier before return_deltas(t - 1) then is the third one.
// The kernel defines
//     fn take_input_gradient(t: u32, i: u32, value: vec4f)       stores it; called only where the constant INPUT_GRADIENTS is true, but has to exist
//     fn operand_input(trial: u32, t: u32, i: u32) -> f32        input i of the network, as it was in the forward pass: for the weight gradient (rollout_product)
//
// Arguments it reads and writes: parameters, state_noise, layer_sizes, outputs, cache, d_states, gradient, d_initial_state, scratch (deltas).
// `record_at(trial, t)` is as in rollout_network. The kernel's own place in `scratch` comes first: p.deltas_at floats.
