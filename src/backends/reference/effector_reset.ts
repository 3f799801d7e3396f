// effector_reset: muscles at rest in a joint state, with the geometry and the end point that belong to it.
// Math  activation = its minimum; rigid tendons: force equations at (L, V); compliant ones: equilibrium length, advanced by the body's reset step (arm/)
import { openBody } from './arm/open.js';
import { cartesian as cartesianOf } from './arm/skeleton.js';
import { resetState } from './arm/step.js';
import type { ReferenceCall } from './kernel.js';
import { vectorAt } from './rollout.js';

export function effector_reset(call: ReferenceCall): void {
  const { joint, muscle, geometry, cartesian } = call.args;
  const body = openBody('effector_reset', call);
  const { M, R } = body;
  for (let b = 0; b < call.dims.B; b++) {
    const state = resetState(body, vectorAt(joint, b, 4));
    muscle.set(state.muscle, b * R * M);
    geometry.set(state.geometry, b * 4 * M);
    cartesian.set(cartesianOf(body, state.joint), b * 4);
  }
}
