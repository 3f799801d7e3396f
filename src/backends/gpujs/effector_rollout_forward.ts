// effector_rollout_forward: a body under given actions and loads through T steps; state 0 is the reset state of joint0, state t + 1 that after action t.
import type { GpujsArray } from './array.js';
import { stepped } from './body-advance.js';
import { openBody } from './body.js';
import { BodyLauncher } from './body-step.js';
import type { GpujsCall } from './kernel.js';

export function effector_rollout_forward(call: GpujsCall): void {
  const { args, dims, launcher } = call;
  const { B, T, N } = dims;
  const cartesian: GpujsArray | undefined = args.cartesian;
  const geometry: GpujsArray | undefined = args.geometry;
  const on = new BodyLauncher(launcher, openBody('effector_rollout_forward', call), B);
  const { M, R, Z } = on.body;
  const actions = args.actions.value;
  const states = [on.reset(args.joint0.value)];
  for (let t = 0; t < T; t++) {
    const drive = on.drive(actions, args.endpoint_load, args.joint_load, T, t);
    states.push(stepped(on, drive, states[t] as (typeof states)[number]));
    launcher.release(drive);
  }
  const all = launcher.stack(states);
  args.joint.setDevice(on.unpack(all, N, Z, 0, 4));
  args.muscle.setDevice(on.unpack(all, N, Z, 4, R * M));
  geometry?.setDevice(on.unpack(all, N, Z, 4 + R * M, 4 * M));
  cartesian?.setDevice(on.cartesian(args.joint.value, N));
  launcher.release(all);
}
