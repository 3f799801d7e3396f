// rollout_forward: runs a cell and its read-out through all steps of all trials in one launch
// Math      x_t, h_t → y_t, h_{t+1} for t = 0 … T−1; cells in inline/cell_*.ts; y = W_o h' + b_o (σ of it where readout_sigmoid is 1), h' the new state before
//           state noise (Driscoll: noise inside the activation; in its ctdb form y is read from the old state)
// In        inputs [B, T, I]  parameters [P]  initial_state [B, S]  state_noise? [B, T, H]  layer_sizes? [L]
// Out       outputs [B, T, O]  states? [B, T, S]  cache? [scratch]: a record a step and tile, read by rollout_backward  scratch [scratch]: packed weights, a workspace a thread
// Mapping   pack: one unit = a slice of the weights; then one unit = a tile of 8 trials through all steps, feature-major [feature][8 trials]
// Memory    weights packed once a launch in panels [k][8 rows]; a step of GRU-128 reads 200 KB of panels against an operand of 4 KB
// Limits    L ≤ 32; sizes below 2^31 floats an array
// Numerics  gates by inline/activation (3e-7); states below 1e-25 become 0; same bits for any number of threads
// Twins     src/backends/reference/rollout_forward.ts
import { sigmoid4 } from './inline/activation';
import { driscollForward } from './inline/cell_driscoll';
import { gruForward } from './inline/cell_gru';
import { lstmForward } from './inline/cell_lstm';
import { eulerStep, relu } from './inline/cell_node';
import { rnnForward } from './inline/cell_rnn';
import { product } from './inline/gemm';
import { at } from './inline/math';
import { packLayer } from './inline/rollout_pack';
import { DRISCOLL, GRU, LSTM, NODE, PLAN_BYTES, Plan, RNN, depthOf, layerAt, makePlan, rowsOf } from './inline/rollout_plan';
import { TILE, clear, gatherTile, scatterTile } from './inline/tile';

/** Packs the weights. Units: SLICES slices. */
export function rollout_forward_pack(
  variant: i32, _inputs: usize, parameters: usize, _initialState: usize, stateNoise: usize, layerSizes: usize, _outputs: usize, _states: usize, _cache: usize, scratch: usize,
  b: i32, t: i32, i: i32, _p: i32, s: i32, _h: i32, l: i32, o: i32,
  hiddenSize: i32, _readoutSigmoid: i32, _stepSize: f32, _gamma: f32, _activation: i32, ctdb: i32,
  start: i32, end: i32, thread: i32,
): void {
  const plan = makePlan(scratch + usize(thread) * PLAN_BYTES, variant, layerSizes, b, t, i, s, l, o, hiddenSize, stateNoise != 0, ctdb);
  // Room for the plans of 64 threads comes first, then the packed weights, then the workspaces.
  const packed = scratch + 64 * PLAN_BYTES;
  for (let index = 0; index < plan.layers; index++) packLayer(layerAt(plan, index), parameters, packed, start, end);
}
