// effector_points_backward: gradient of the path points' positions, velocities and derivatives with respect to the joint state; overwrites d_joint.
import { openBody } from './arm/open.js';
import { pointStateBackward, zeroPoint } from './arm/points.js';
import type { ReferenceCall, Values } from './kernel.js';
import { vectorAt } from './rollout.js';

export function effector_points_backward(call: ReferenceCall): void {
  const { args, dims } = call;
  const body = openBody('effector_points_backward', call);
  const N = dims.N;
  const add = (to: number[], given: Values | undefined, b: number, n: number) => {
    if (given) for (let i = 0; i < to.length; i++) to[i] += given[(b * to.length + i) * N + n];
  };
  for (let b = 0; b < dims.B; b++) {
    const joint = vectorAt(args.joint, b, 4);
    const dJoint = new Float64Array(4);
    body.points.forEach((point, n) => {
      const d = zeroPoint();
      add(d.position, args.d_point, b, n);
      add(d.velocity, args.d_velocity, b, n);
      add(d.derivative, args.d_derivative, b, n);
      pointStateBackward(body, joint, point, d, dJoint);
    });
    args.d_joint.set(dJoint, b * 4);
  }
}
