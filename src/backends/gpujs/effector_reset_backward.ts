// effector_reset_backward: gradient of muscles, geometry and end point at rest with respect to the joint state; overwrites d_joint.
import { openBody } from './body.js';
import { BodyLauncher } from './body-step.js';
import type { GpujsCall } from './kernel.js';

export function effector_reset_backward(call: GpujsCall): void {
  const { args, dims, launcher } = call;
  const on = new BodyLauncher(launcher, openBody('effector_reset_backward', call), dims.B);
  const joint = args.joint.value;
  const given = on.given(joint, { d_joint: undefined, d_muscle: args.d_muscle, d_geometry: args.d_geometry, d_cartesian: args.d_cartesian }, 1, 0);
  args.d_joint.setDevice(on.resetBack(joint, given));
  launcher.release(given);
}
