//@use rollout_tile
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
// Arguments it reads and writes: parameters, initial_state, state_noise, layer_sizes, outputs, states, cache. It has nothing to do with inputs: the rows above are
// where they come from. A record of a step and trial in the cache has p.record floats from `record_at(trial, t)`; those from p.record_own on are the kernel's,
// as many as it asked for (a closed loop keeps its network inputs there), for the steps 0 ... T (T + 1 records a trial).
//
// Numbers from the host besides rollout_tile's: first_step, last_step, input_rows, output_rows, state_size, readout_at, readout_slices, record, record_own,
// cache_at (floats of `cache` before the records), saved_at.
