// closed_loop_backward: back-propagation through time through network, senses, delays, body and force fields; noise and the reset state are constant.
// Math  from k = T − 1 down: ∂s_{k+1} += given gradients and what later observations read of it; the step's reverse gives ∂s_k and ∂(noisy action k), to which
//       later observations of the action add; g = d_outputs_k + ∂action, times y (1 − y) with the sigmoid read-out; then read-out and cell as in rollout_backward;
//       ∂x_k goes to the state or action that each entry was read from. Adds to `gradient`; overwrites d_initial_state and d_inputs.
import { type BodyState, zeroState } from './arm/body.js';
import { cartesian, cartesianBackward } from './arm/skeleton.js';
import { driveOf, stateAt } from './arm/step.js';
import { addGiven, stepBackward } from './arm/step-backward.js';
import { addProductBackward } from './cells/cell.js';
import { type ClosedLoop, openClosedLoop, sampleOf } from './closed_loop.js';
import type { ReferenceCall, Values } from './kernel.js';
import { bodyAt, changed, changedBackward, fieldAt, fieldForce, fieldForceBackward, unitChange } from './interventions.js';
import { recordOf, vectorAt } from './rollout.js';

export function closed_loop_backward(call: ReferenceCall): void {
  const { args, dims } = call;
  const { B, T, P } = dims;
  const { outputs, cache, joint, muscle, d_outputs, gradient, d_initial_state } = args;
  const actionNoise: Values | undefined = args.action_noise;
  const d_inputs: Values | undefined = args.d_inputs;
  const loop = openClosedLoop('closed_loop_backward', call);
  const { body, rollout, E, I, V, leading, cacheLength } = loop;
  const { cell, sizes, S, parameters } = rollout;
  const { M } = body;
  const total = new Float64Array(P);
  for (let b = 0; b < B; b++) {
    const at = (k: number) => stateAt(body, b * (T + 1) + k, joint, muscle);
    const dStates = Array.from({ length: T + 1 }, () => zeroState(body));
    const dActions = Array.from({ length: T }, () => new Float64Array(M));
    let carry = new Float64Array(S);
    let dBody = zeroState(body);
    for (let k = T - 1; k >= 0; k--) {
      const step = b * T + k;
      const dNext = dStates[k + 1];
      addState(dNext, dBody);
      addGiven(dNext.joint, args.d_joint, b * (T + 1) + k + 1);
      addGiven(dNext.muscle, args.d_muscle, b * (T + 1) + k + 1);
      addFingertip(loop, at(k + 1), args.d_fingertip ? vectorAt(args.d_fingertip, step, 2) : null, dNext);
      const y = vectorAt(outputs, step, M);
      const action = actionNoise ? y.map((value, m) => value + actionNoise[step * M + m]) : y;
      const drive = driveOf(body, action, step, args.endpoint_load, args.joint_load);
      const field = fieldAt(call, step);
      if (field) addGiven(drive.endpointLoad, fieldForce(field, cartesian(body, at(k).joint)), 0);
      const d = stepBackward(bodyAt(body, call, step), action, drive, at(k), dNext);
      dBody = d.state;
      if (field) cartesianBackward(body, at(k).joint, fieldForceBackward(field, d.drive.endpointLoad), dBody.joint);

      const g = vectorAt(d_outputs, step, M);
      for (let m = 0; m < M; m++) {
        g[m] += d.drive.command[m] + dActions[k][m];
        if (rollout.sigmoid) g[m] *= y[m] * (1 - y[m]);
        total[rollout.readoutBias + m] += g[m];
      }
      addGiven(carry, args.d_states, step);
      const memory = vectorAt(cache, step, cacheLength);
      const record = recordOf(rollout, memory.subarray(0, I), memory.subarray(I));
      const change = unitChange(call, b, k + 1);
      const read = rollout.readsOldState ? record.state : changed(change, record.next);
      const dRead = new Float64Array(sizes.H);
      addProductBackward(parameters, rollout.readoutWeight, M, sizes.H, read, g, total, dRead);
      const dH = new Float64Array(S);
      const dX = new Float64Array(I);
      if (!rollout.readsOldState) for (let j = 0; j < sizes.H; j++) carry[j] += dRead[j];
      changedBackward(change, carry);
      cell.backward(sizes, parameters, record, carry, total, dH, dX);
      if (rollout.readsOldState) for (let j = 0; j < sizes.H; j++) dH[j] += dRead[j];
      carry = dH;

      d_inputs?.set(dX.subarray(0, leading), step * E);
      d_inputs?.set(dX.subarray(leading + V), step * E + leading);
      observationBackward(loop, k, at, dX.subarray(leading, leading + V), dStates, dActions);
    }
    changedBackward(unitChange(call, b, 0), carry);
    d_initial_state.set(carry, b * S);
  }
  for (let p = 0; p < P; p++) gradient[p] += total[p];
}

function addState(to: BodyState, from: BodyState): void {
  addGiven(to.joint, from.joint, 0);
  addGiven(to.muscle, from.muscle, 0);
  addGiven(to.geometry, from.geometry, 0);
}

function addFingertip({ body }: ClosedLoop, state: BodyState, dFingertip: Float64Array | null, dState: BodyState): void {
  if (dFingertip) cartesianBackward(body, state.joint, Float64Array.of(dFingertip[0], dFingertip[1], 0, 0), dState.joint);
}

/** Adds the gradient of observation k [V] to the states and noisy actions that it was read from; samples of the reset state are constant. */
function observationBackward(
  loop: ClosedLoop,
  k: number,
  at: (k: number) => BodyState,
  dObservation: Float64Array,
  dStates: readonly BodyState[],
  dActions: readonly Float64Array[],
): void {
  const { body, frames, visionDelay, proprioceptionDelay } = loop;
  const { M, parameters } = body;
  const seen = sampleOf(k, visionDelay).state;
  if (seen > 0) addFingertip(loop, at(seen), dObservation, dStates[seen]);
  const felt = sampleOf(k, proprioceptionDelay).state;
  if (felt > 0) {
    parameters.forEach(({ optimalLength, maximumVelocity }, m) => {
      dStates[felt].muscle[M + m] += dObservation[2 + m] / optimalLength;
      dStates[felt].muscle[2 * M + m] += dObservation[2 + M + m] / maximumVelocity;
    });
  }
  for (let i = 0; i < frames; i++) {
    const action = k - frames + i;
    if (action >= 0) for (let m = 0; m < M; m++) dActions[action][m] += dObservation[2 + 2 * M + i * M + m];
  }
}
