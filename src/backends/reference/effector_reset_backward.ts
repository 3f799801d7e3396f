// effector_reset_backward: gradient of muscles, geometry and end point at rest with respect to the joint state; overwrites d_joint.
import { openBody } from './arm/open.js';
import { zeroState } from './arm/body.js';
import { cartesianBackward } from './arm/skeleton.js';
import { resetState } from './arm/step.js';
import { addGiven, resetBackward } from './arm/step-backward.js';
import type { ReferenceCall } from './kernel.js';
import { vectorAt } from './rollout.js';

export function effector_reset_backward(call: ReferenceCall): void {
  const { args, dims } = call;
  const body = openBody('effector_reset_backward', call);
  for (let b = 0; b < dims.B; b++) {
    const state = resetState(body, vectorAt(args.joint, b, 4));
    const dState = zeroState(body);
    addGiven(dState.muscle, args.d_muscle, b);
    addGiven(dState.geometry, args.d_geometry, b);
    const dCartesian = new Float64Array(4);
    addGiven(dCartesian, args.d_cartesian, b);
    const dJoint = new Float64Array(4);
    cartesianBackward(body, state.joint, dCartesian, dJoint);
    resetBackward(body, state, dState, dJoint);
    args.d_joint.set(dJoint, b * 4);
  }
}
