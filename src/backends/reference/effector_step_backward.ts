// effector_step_backward: gradient of one time step with respect to action, joint, muscle and geometry state and loads; overwrites all of them.
import { openBody } from './arm/open.js';
import { zeroState } from './arm/body.js';
import { zeroRate } from './arm/integrate.js';
import { cartesianBackward } from './arm/skeleton.js';
import { driveOf, stateAt, stepStates } from './arm/step.js';
import { addGiven, stepBackward } from './arm/step-backward.js';
import type { ReferenceCall, Values } from './kernel.js';
import { vectorAt } from './rollout.js';

export function effector_step_backward(call: ReferenceCall): void {
  const { args, dims } = call;
  const { d_action, d_joint, d_muscle, d_geometry } = args;
  const d_endpoint_load: Values | undefined = args.d_endpoint_load;
  const d_joint_load: Values | undefined = args.d_joint_load;
  const body = openBody('effector_step_backward', call);
  const { M, R } = body;
  for (let b = 0; b < dims.B; b++) {
    const state = stateAt(body, b, args.joint, args.muscle, args.geometry);
    const action = vectorAt(args.action, b, M);
    const drive = driveOf(body, action, b, args.endpoint_load, args.joint_load);
    const dNext = zeroState(body);
    addGiven(dNext.joint, args.d_next_joint, b);
    addGiven(dNext.muscle, args.d_next_muscle, b);
    addGiven(dNext.geometry, args.d_next_geometry, b);
    const dCartesian = new Float64Array(4);
    addGiven(dCartesian, args.d_next_cartesian, b);
    cartesianBackward(body, stepStates(body, drive, state)[body.ministeps].joint, dCartesian, dNext.joint);
    const dFirst = zeroRate(body);
    addGiven(dFirst.acceleration, args.d_acceleration, b);
    const d = stepBackward(body, action, drive, state, dNext, dFirst);
    d_action.set(d.drive.command, b * M);
    d_joint.set(d.state.joint, b * 4);
    d_muscle.set(d.state.muscle, b * R * M);
    d_geometry.set(d.state.geometry, b * 4 * M);
    d_endpoint_load?.set(d.drive.endpointLoad, b * 2);
    d_joint_load?.set(d.drive.jointLoad, b * 2);
  }
}
