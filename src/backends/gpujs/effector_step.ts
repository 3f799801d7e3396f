// effector_step: one time step of a body from any joint, muscle and geometry state, and the rates at its start.
import type { GpujsArray } from './array.js';
import { stepped } from './body-advance.js';
import { openBody } from './body.js';
import { BodyLauncher } from './body-step.js';
import type { GpujsCall } from './kernel.js';

export function effector_step(call: GpujsCall): void {
  const { args, dims, launcher } = call;
  const acceleration: GpujsArray | undefined = args.acceleration;
  const muscle_rate: GpujsArray | undefined = args.muscle_rate;
  const on = new BodyLauncher(launcher, openBody('effector_step', call), dims.B);
  const { M, R, Z } = on.body;
  const state = on.pack(args.joint.value, args.muscle.value, 1, 0, args.geometry.value);
  const drive = on.drive(args.action.value, args.endpoint_load, args.joint_load, 1, 0);
  if (acceleration || muscle_rate) {
    const rate = on.ode(state, drive);
    acceleration?.setDevice(on.unpack(rate, 1, 2 + M, 0, 2));
    muscle_rate?.setDevice(on.unpack(rate, 1, 2 + M, 2, M));
    launcher.release(rate);
  }
  const next = stepped(on, drive, state);
  args.next_joint.setDevice(on.unpack(next, 1, Z, 0, 4));
  args.next_muscle.setDevice(on.unpack(next, 1, Z, 4, R * M));
  args.next_geometry.setDevice(on.unpack(next, 1, Z, 4 + R * M, 4 * M));
  args.next_cartesian.setDevice(on.cartesian(args.next_joint.value, 1));
  launcher.release(state, drive, next);
}
