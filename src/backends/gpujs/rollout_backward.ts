// rollout_backward: back-propagation through time over the whole trial, without truncation, step by step from the last; weight gradients of all steps at the end.
import { KernelError } from '../../errors.js';
import type { GpujsValue } from '../../platform/gpujs.js';
import type { GpujsArray } from './array.js';
import type { GpujsCall } from './kernel.js';
import { openNetwork, unitChanges } from './network.js';
import { addReadoutGradient, addWeightGradient, givenStates, inputsBack, lastStateBack, readoutBack, rowsBack, stateBack } from './network-backward.js';

export function rollout_backward(call: GpujsCall): void {
  const { args, dims, launcher } = call;
  const { B, T, I, O, P } = dims;
  const d_states: GpujsArray | undefined = args.d_states;
  const d_inputs: GpujsArray | undefined = args.d_inputs;
  const network = openNetwork(call, I, O);
  const { plan, readsOldState } = network;
  const { kept } = args.cache;
  if (!kept) throw new KernelError('rollout_backward: expected the cache that rollout_forward filled, got one that holds nothing; run it first');
  const states = kept.states as GpujsValue;
  const pre = plan.layers.map((_, layer) => kept[`rows${layer}`] as GpujsValue);
  const parameters = args.parameters.value;
  const inputs = args.inputs.value;
  const changes = unitChanges(call);

  const g = readoutBack(launcher, network, { d_outputs: args.d_outputs.value, outputs: args.outputs.value }, B * T * O);
  const given = givenStates(launcher, network, B, T, { g, parameters, ...(d_states ? { d_states: d_states.value } : {}) });
  const read = readsOldState ? { read: states, offset: 0 } : kept.read ? { read: kept.read, offset: 0 } : { read: states, offset: 1 };
  addReadoutGradient(launcher, network, B, T, { g, read: read.read }, read.offset, args.gradient, P);

  const back: GpujsValue[][] = plan.layers.map(() => []);
  let d = lastStateBack(launcher, network, B, T, given, changes);
  for (let t = T - 1; t >= 0; t--) {
    let dRows = d;
    for (let layer = plan.layers.length - 1; layer >= 0; layer--) {
      dRows = rowsBack(launcher, network, layer, B, t, { pre, states, parameters, d: dRows });
      back[layer]?.push(dRows);
    }
    const before = stateBack(launcher, network, B, T, t, { pre: pre[pre.length - 1] as GpujsValue, states, parameters, d, dRows, given }, changes);
    launcher.release(d);
    d = before;
  }
  args.d_initial_state.setDevice(d);
  plan.layers.forEach((_, layer) => {
    const dRows = launcher.stack((back[layer] as GpujsValue[]).reverse());
    addWeightGradient(launcher, network, layer, B, T, { dRows, source: layer === 0 ? states : (pre[layer - 1] as GpujsValue), inputs }, args.gradient, P);
    if (layer === 0) d_inputs?.setDevice(inputsBack(launcher, network, B, T, { dRows, parameters }));
    launcher.release(dRows);
  });
  launcher.release(g, given);
}
