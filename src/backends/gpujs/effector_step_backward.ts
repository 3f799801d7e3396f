// effector_step_backward: gradient of one time step with respect to action, joint, muscle and geometry state and loads; overwrites all of them.
import type { GpujsArray } from './array.js';
import { stepped, steppedBack } from './body-advance.js';
import { openBody } from './body.js';
import { BodyLauncher } from './body-step.js';
import type { GpujsCall } from './kernel.js';

export function effector_step_backward(call: GpujsCall): void {
  const { args, dims, launcher } = call;
  const d_acceleration: GpujsArray | undefined = args.d_acceleration;
  const d_endpoint_load: GpujsArray | undefined = args.d_endpoint_load;
  const d_joint_load: GpujsArray | undefined = args.d_joint_load;
  const on = new BodyLauncher(launcher, openBody('effector_step_backward', call), dims.B);
  const { M, R, Z } = on.body;
  const action = args.action.value;
  const state = on.pack(args.joint.value, args.muscle.value, 1, 0, args.geometry.value);
  const drive = on.drive(action, args.endpoint_load, args.joint_load, 1, 0);
  const next = stepped(on, drive, state);
  const joint = on.unpack(next, 1, Z, 0, 4);
  const dNext = on.given(
    joint,
    { d_joint: args.d_next_joint, d_muscle: args.d_next_muscle, d_geometry: args.d_next_geometry, d_cartesian: args.d_next_cartesian },
    1,
    0,
  );
  const dFirst = d_acceleration
    ? on.run(2 + M, 'if (z < 2) { return d_acceleration[b * 2 + z]; } return 0.0;', { d_acceleration: d_acceleration.value })
    : null;
  const { dState, dDrive } = steppedBack(on, drive, state, dNext, dFirst);
  args.d_action.setDevice(on.actionsBack(action, dDrive, 1));
  args.d_joint.setDevice(on.unpack(dState, 1, Z, 0, 4));
  args.d_muscle.setDevice(on.unpack(dState, 1, Z, 4, R * M));
  args.d_geometry.setDevice(on.unpack(dState, 1, Z, 4 + R * M, 4 * M));
  d_endpoint_load?.setDevice(on.unpack(dDrive, 1, M + 4, M, 2));
  d_joint_load?.setDevice(on.unpack(dDrive, 1, M + 4, M + 2, 2));
  launcher.release(state, drive, next, joint, dNext, dState, dDrive, ...(dFirst ? [dFirst] : []));
}
