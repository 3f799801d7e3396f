// rollout_forward: runs a cell and its linear read-out through all T steps of B trials, step by step: gpu.js has neither workgroup memory nor barriers.
// A step is one launch for each linear map and one for the units; states of all steps are put together at the end, for the read-out and the way back.
import type { GpujsValue } from '../../platform/gpujs.js';
import type { GpujsArray } from './array.js';
import type { GpujsCall } from './kernel.js';
import { openNetwork, unitChanges } from './network.js';
import { byTrial, changedStart, linear, nextState, readOut, withNoise } from './network-forward.js';

export function rollout_forward(call: GpujsCall): void {
  const { args, dims, launcher } = call;
  const { B, T } = dims;
  const states: GpujsArray | undefined = args.states;
  const cache: GpujsArray | undefined = args.cache;
  const stateNoise: GpujsArray | undefined = args.state_noise;
  const network = openNetwork(call, dims.I, dims.O);
  const { plan, readsOldState } = network;
  const parameters = args.parameters.value;
  const inputs = args.inputs.value;
  const changes = unitChanges(call);
  const initial = args.initial_state.value;
  const S = plan.stateSize;
  const first = changes ? changedStart(launcher, network, B, T, initial, changes) : launcher.run('return initial[i];', B * S, { initial });
  const all: GpujsValue[] = [first];
  const seen: GpujsValue[] = [];
  const rows: GpujsValue[][] = plan.layers.map(() => []);
  let state = first;
  for (let t = 0; t < T; t++) {
    let source = state;
    plan.layers.forEach((_, layer) => {
      source = linear(launcher, network, layer, B, T, t, {
        inputs,
        state: source,
        parameters,
        ...(stateNoise && plan.noiseInside ? { noise: stateNoise.value } : {}),
      });
      rows[layer]?.push(source);
    });
    const next = nextState(launcher, network, B, T, t, { pre: source, state }, changes);
    if (!cache) launcher.release(...rows.flatMap((list) => list.splice(0)));
    if (stateNoise && !plan.noiseInside) {
      seen.push(next);
      state = withNoise(launcher, network, B, T, t, next, stateNoise.value, changes);
    } else state = next;
    all.push(state);
  }
  const kept = launcher.stack(all);
  const noiseFree = seen.length > 0 ? launcher.stack(seen) : null;
  const read = readsOldState ? { read: kept, offset: 0 } : noiseFree ? { read: noiseFree, offset: 0 } : { read: kept, offset: 1 };
  args.outputs.setDevice(readOut(launcher, network, B, T, { read: read.read, parameters }, read.offset));
  states?.setDevice(byTrial(launcher, B, T, S, kept, 1));
  if (cache) {
    cache.clear();
    cache.kept = {
      states: kept,
      ...(noiseFree ? { read: noiseFree } : {}),
      ...Object.fromEntries(rows.map((list, layer) => [`rows${layer}`, launcher.stack(list)])),
    };
  } else launcher.release(kept, ...(noiseFree ? [noiseFree] : []));
}
