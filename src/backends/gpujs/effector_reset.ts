// effector_reset: muscles at rest in a joint state, with the geometry and the end point that belong to it.
import { openBody } from './body.js';
import { BodyLauncher } from './body-step.js';
import type { GpujsCall } from './kernel.js';

export function effector_reset(call: GpujsCall): void {
  const { args, dims, launcher } = call;
  const on = new BodyLauncher(launcher, openBody('effector_reset', call), dims.B);
  const { M, R, Z } = on.body;
  const joint = args.joint.value;
  const state = on.reset(joint);
  args.muscle.setDevice(on.unpack(state, 1, Z, 4, R * M));
  args.geometry.setDevice(on.unpack(state, 1, Z, 4 + R * M, 4 * M));
  args.cartesian.setDevice(on.cartesian(joint, 1));
  launcher.release(state);
}
