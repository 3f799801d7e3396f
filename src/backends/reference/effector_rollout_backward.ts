// effector_rollout_backward: back-propagation through time of effector_rollout_forward, without truncation.
// Math  from t = T − 1 down: ∂s_{t+1} += given gradients (the end point's through the joint state), then the step's own reverse (arm/step-backward.ts);
//       at t = 0 the initial muscle and geometry states pass theirs on to joint0. Overwrites d_actions, d_joint0 and the loads' gradients.
import { openBody } from './arm/open.js';
import { type BodyState, zeroState } from './arm/body.js';
import { cartesianBackward } from './arm/skeleton.js';
import { driveOf, stateAt } from './arm/step.js';
import { addGiven, resetBackward, stepBackward } from './arm/step-backward.js';
import type { ReferenceCall, Values } from './kernel.js';
import { vectorAt } from './rollout.js';

export function effector_rollout_backward(call: ReferenceCall): void {
  const { args, dims } = call;
  const { B, T } = dims;
  const { actions, joint, muscle, d_actions, d_joint0 } = args;
  const d_endpoint_load: Values | undefined = args.d_endpoint_load;
  const d_joint_load: Values | undefined = args.d_joint_load;
  const body = openBody('effector_rollout_backward', call);
  const { M } = body;
  const addAllGiven = (dState: BodyState, state: BodyState, index: number) => {
    addGiven(dState.joint, args.d_joint, index);
    addGiven(dState.muscle, args.d_muscle, index);
    addGiven(dState.geometry, args.d_geometry, index);
    const dCartesian = new Float64Array(4);
    addGiven(dCartesian, args.d_cartesian, index);
    cartesianBackward(body, state.joint, dCartesian, dState.joint);
  };
  for (let b = 0; b < B; b++) {
    const start = b * (T + 1);
    let dState = zeroState(body);
    for (let t = T - 1; t >= 0; t--) {
      addAllGiven(dState, stateAt(body, start + t + 1, joint, muscle), start + t + 1);
      const step = b * T + t;
      const action = vectorAt(actions, step, M);
      const drive = driveOf(body, action, step, args.endpoint_load, args.joint_load);
      const d = stepBackward(body, action, drive, stateAt(body, start + t, joint, muscle), dState);
      d_actions.set(d.drive.command, step * M);
      d_endpoint_load?.set(d.drive.endpointLoad, step * 2);
      d_joint_load?.set(d.drive.jointLoad, step * 2);
      dState = d.state;
    }
    const first = stateAt(body, start, joint, muscle);
    addAllGiven(dState, first, start);
    const dJoint = new Float64Array(4);
    resetBackward(body, first, dState, dJoint);
    d_joint0.set(dJoint, b * 4);
  }
}
