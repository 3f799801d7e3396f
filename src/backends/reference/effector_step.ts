// effector_step: one time step of a body from any joint, muscle and geometry state, and the rates at its start.
// Math  command = clamp(action, minimum activation, 1); `ministeps` of the integrator (arm/integrate.ts); acceleration [2] (force of a point mass), activation rate
//       and, for compliant muscles, normalised fibre velocity are those of the first ministep's first stage
import { openBody } from './arm/open.js';
import { stagesOf } from './arm/integrate.js';
import { cartesian as cartesianOf } from './arm/skeleton.js';
import { driveOf, stateAt, stepStates } from './arm/step.js';
import type { ReferenceCall, Values } from './kernel.js';
import { vectorAt } from './rollout.js';

export function effector_step(call: ReferenceCall): void {
  const { args, dims } = call;
  const { action, joint, muscle, geometry, next_joint, next_muscle, next_geometry, next_cartesian } = args;
  const acceleration: Values | undefined = args.acceleration;
  const muscle_rate: Values | undefined = args.muscle_rate;
  const body = openBody('effector_step', call);
  const { M, R } = body;
  for (let b = 0; b < dims.B; b++) {
    const state = stateAt(body, b, joint, muscle, geometry);
    const drive = driveOf(body, vectorAt(action, b, M), b, args.endpoint_load, args.joint_load);
    const [rate] = stagesOf(body, drive, state).rates;
    const next = stepStates(body, drive, state)[body.ministeps];
    next_joint.set(next.joint, b * 4);
    next_muscle.set(next.muscle, b * R * M);
    next_geometry.set(next.geometry, b * 4 * M);
    next_cartesian.set(cartesianOf(body, next.joint), b * 4);
    acceleration?.set(rate.acceleration, b * 2);
    muscle_rate?.set(rate.activation, b * dims.C * M);
    if (body.muscle.compliant) muscle_rate?.set(rate.fibre, (b * dims.C + 1) * M);
  }
}
