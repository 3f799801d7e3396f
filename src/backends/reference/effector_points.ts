// effector_points: where the points of all muscle paths are, how fast they move, and their derivatives by the joints (arm/points.ts).
import { openBody } from './arm/open.js';
import { pointState } from './arm/points.js';
import type { ReferenceCall } from './kernel.js';
import { vectorAt } from './rollout.js';

export function effector_points(call: ReferenceCall): void {
  const { args, dims } = call;
  const { point, velocity, derivative } = args;
  const body = openBody('effector_points', call);
  const N = dims.N;
  for (let b = 0; b < dims.B; b++) {
    const joint = vectorAt(args.joint, b, 4);
    body.points.forEach((place, n) => {
      const state = pointState(body, joint, place);
      for (let i = 0; i < 2; i++) {
        point[(b * 2 + i) * N + n] = state.position[i];
        velocity[(b * 2 + i) * N + n] = state.velocity[i];
      }
      for (let i = 0; i < 4; i++) derivative[(b * 4 + i) * N + n] = state.derivative[i];
    });
  }
}
