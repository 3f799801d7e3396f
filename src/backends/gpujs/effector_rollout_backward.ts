// effector_rollout_backward: back-propagation through time of effector_rollout_forward, without truncation. Overwrites d_actions, d_joint0 and the loads' gradients.
import type { GpujsValue } from '../../platform/gpujs.js';
import type { GpujsArray } from './array.js';
import { steppedBack } from './body-advance.js';
import { openBody } from './body.js';
import { BodyLauncher } from './body-step.js';
import type { GpujsCall } from './kernel.js';

export function effector_rollout_backward(call: GpujsCall): void {
  const { args, dims, launcher } = call;
  const { B, T, N } = dims;
  const d_endpoint_load: GpujsArray | undefined = args.d_endpoint_load;
  const d_joint_load: GpujsArray | undefined = args.d_joint_load;
  const on = new BodyLauncher(launcher, openBody('effector_rollout_backward', call), B);
  const { M } = on.body;
  const actions = args.actions.value;
  const joint = args.joint.value;
  const muscle = args.muscle.value;
  const cotangents = { d_joint: args.d_joint, d_muscle: args.d_muscle, d_geometry: args.d_geometry, d_cartesian: args.d_cartesian };
  const drives: GpujsValue[] = [];
  let d = on.given(joint, cotangents, N, T);
  for (let t = T - 1; t >= 0; t--) {
    const state = on.pack(joint, muscle, N, t);
    const drive = on.drive(actions, args.endpoint_load, args.joint_load, T, t);
    const { dState, dDrive } = steppedBack(on, drive, state, d);
    drives.push(dDrive);
    launcher.release(state, drive, d);
    d = on.sum([
      [dState, 1],
      [on.given(joint, cotangents, N, t), 1],
    ]);
  }
  const first = on.run(4, `return joint[b * ${4 * N} + z];`, { joint });
  args.d_joint0.setDevice(on.resetBack(first, d));
  launcher.release(d, first);
  if (drives.length === 0) return;
  const all = launcher.stack(drives.reverse());
  args.d_actions.setDevice(on.actionsBack(actions, all, T));
  d_endpoint_load?.setDevice(on.unpack(all, T, M + 4, M, 2));
  d_joint_load?.setDevice(on.unpack(all, T, M + 4, M + 2, 2));
  launcher.release(all);
}
