// closed_loop_forward: a cell moves a body through all T steps of B trials, from muscles at rest in joint0.
// Math  o_k = [vision, proprioception, earlier actions] with the delays of `sampleOf` and the noise of the reading, + observation noise; x_k: closed_loop.ts
//       h'_k = cell(x_k, h_k); y_k = W_o h'_k + b_o, or its sigmoid; h_{k+1} = h'_k + state noise; s_{k+1} = effector_step(y_k + action noise, loads_k, s_k)
//       Changed units, force fields (part of the load on the end point) and muscle strengths: interventions.ts
import { cartesian } from './arm/skeleton.js';
import type { BodyState } from './arm/body.js';
import { driveOf, resetState, stepStates } from './arm/step.js';
import { addGiven } from './arm/step-backward.js';
import { addBias, addProduct, sigmoid } from './cells/cell.js';
import { type ClosedLoop, openClosedLoop, proprioceptionOf, sampleOf } from './closed_loop.js';
import type { ReferenceCall, Values } from './kernel.js';
import { addNoise, bodyAt, changed, fieldAt, fieldForce, unitChange } from './interventions.js';
import { recordOf, vectorAt } from './rollout.js';

export function closed_loop_forward(call: ReferenceCall): void {
  const { args, dims } = call;
  const { B, T } = dims;
  const { inputs, initial_state, joint0, outputs, fingertip, joint, muscle } = args;
  const stateNoise: Values | undefined = args.state_noise;
  const actionNoise: Values | undefined = args.action_noise;
  const statesOut: Values | undefined = args.states;
  const inputsOut: Values | undefined = args.network_inputs;
  const cache: Values | undefined = args.cache;
  const loop = openClosedLoop('closed_loop_forward', call);
  const { body, rollout, E, I, cacheLength } = loop;
  const { cell, sizes, S, parameters } = rollout;
  const { M, R } = body;
  for (let b = 0; b < B; b++) {
    let h = changed(unitChange(call, b, 0), vectorAt(initial_state, b, S));
    const states = [resetState(body, vectorAt(joint0, b, 4))];
    const actions: Float64Array[] = [];
    const store = (k: number) => {
      joint.set(states[k].joint, (b * (T + 1) + k) * 4);
      muscle.set(states[k].muscle, (b * (T + 1) + k) * R * M);
    };
    store(0);
    for (let k = 0; k < T; k++) {
      const step = b * T + k;
      const memory = new Float64Array(cacheLength);
      const x = memory.subarray(0, I);
      x.set(networkInput(loop, call, vectorAt(inputs, step, E), states, actions, b, k));
      const record = recordOf(rollout, x, memory.subarray(I));
      record.state.set(h);
      const noise = stateNoise ? vectorAt(stateNoise, step, sizes.H) : null;
      cell.forward(sizes, parameters, record, noise);
      const change = unitChange(call, b, k + 1);
      const next = changed(change, record.next);

      const y = new Float64Array(M);
      addProduct(parameters, rollout.readoutWeight, M, sizes.H, rollout.readsOldState ? record.state : next, y);
      addBias(parameters, rollout.readoutBias, y);
      for (let m = 0; m < M; m++) {
        if (rollout.sigmoid) y[m] = sigmoid(y[m]);
        outputs[step * M + m] = y[m];
        if (actionNoise) y[m] += actionNoise[step * M + m];
      }
      actions.push(y);

      const drive = driveOf(body, y, step, args.endpoint_load, args.joint_load);
      const field = fieldAt(call, step);
      if (field) addGiven(drive.endpointLoad, fieldForce(field, cartesian(body, states[k].joint)), 0);
      states.push(stepStates(bodyAt(body, call, step), drive, states[k])[body.ministeps]);
      store(k + 1);
      fingertip.set(cartesian(body, states[k + 1].joint).subarray(0, 2), step * 2);

      if (noise && !cell.noiseInside) addNoise(change, noise, next);
      h = next;
      statesOut?.set(h, step * S);
      inputsOut?.set(x, step * I);
      cache?.set(memory, step * cacheLength);
    }
  }
}

/** x_k [I] from the external inputs [E], the body's states 0 … k and the noisy actions 0 … k − 1. */
function networkInput(
  { body, leading, frames, visionDelay, proprioceptionDelay, V }: ClosedLoop,
  { args, dims: { T } }: ReferenceCall,
  external: Float64Array,
  states: readonly BodyState[],
  actions: readonly Float64Array[],
  b: number,
  k: number,
): number[] {
  const sense = (delay: number, size: number, noise: Values | undefined, read: (state: BodyState) => Float64Array) => {
    const { state, reading } = sampleOf(k, delay);
    const noiseOf = noise ? vectorAt(noise, b * (T + 2) + reading, size) : null;
    return Array.from(read(states[state]).subarray(0, size), (value, i) => value + (noiseOf ? noiseOf[i] : 0));
  };
  const observation = [
    ...sense(visionDelay, 2, args.vision_noise, ({ joint }) => cartesian(body, joint)),
    ...sense(proprioceptionDelay, 2 * body.M, args.proprioception_noise, ({ muscle }) => proprioceptionOf(body, muscle)),
    ...Array.from({ length: frames }, (_, i) => Array.from(actions[k - frames + i] ?? new Float64Array(body.M))).flat(),
  ];
  const noise: Values | undefined = args.observation_noise;
  const noisy = noise ? observation.map((value, i) => value + noise[(b * T + k) * V + i]) : observation;
  return [...external.subarray(0, leading), ...noisy, ...external.subarray(leading)];
}
