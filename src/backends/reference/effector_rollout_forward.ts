// effector_rollout_forward: a body under given actions and loads through T steps; state 0 is the reset state of joint0, state t + 1 that after action t.
// Math  s_0 = effector_reset(joint0), s_{t+1} = effector_step(action_t, loads_t, s_t)
import { openBody } from './arm/open.js';
import { cartesian as cartesianOf } from './arm/skeleton.js';
import { driveOf, resetState, stepStates } from './arm/step.js';
import type { ReferenceCall, Values } from './kernel.js';
import { vectorAt } from './rollout.js';

export function effector_rollout_forward(call: ReferenceCall): void {
  const { args, dims } = call;
  const { joint0, actions, joint, muscle } = args;
  const cartesian: Values | undefined = args.cartesian;
  const geometry: Values | undefined = args.geometry;
  const { B, T } = dims;
  const body = openBody('effector_rollout_forward', call);
  const { M, R } = body;
  for (let b = 0; b < B; b++) {
    let state = resetState(body, vectorAt(joint0, b, 4));
    for (let t = 0; t <= T; t++) {
      const at = b * (T + 1) + t;
      joint.set(state.joint, at * 4);
      muscle.set(state.muscle, at * R * M);
      geometry?.set(state.geometry, at * 4 * M);
      cartesian?.set(cartesianOf(body, state.joint), at * 4);
      if (t === T) break;
      const step = b * T + t;
      const drive = driveOf(body, vectorAt(actions, step, M), step, args.endpoint_load, args.joint_load);
      state = stepStates(body, drive, state)[body.ministeps];
    }
  }
}
