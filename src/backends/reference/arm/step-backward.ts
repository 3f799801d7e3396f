// The reverse of step.ts: one time step of a body, and the reset.
import { type BodyModel, type BodyState, type Drive, zeroDrive, zeroState } from './body.js';
import { geometryBackward } from './geometry.js';

import { type Rate, rowsOf } from './integrate.js';
import { advanceBackward } from './integrate-backward.js';
import { inside } from './muscle.js';
import { stepStates } from './step.js';

/** Cotangents of what one time step starts from. */
export interface StepGradient {
  readonly state: BodyState;
  /** `command` is that of the raw action, before its clamp. */
  readonly drive: Drive;
}

/** From the cotangent of the state after a step, and of the rates at its start where given. `action` [M] is raw. */
export function stepBackward(
  body: BodyModel,
  action: Float64Array,
  drive: Drive,
  state: BodyState,
  dNext: BodyState,
  dFirst: Rate | null = null,
): StepGradient {
  const states = stepStates(body, drive, state);
  const dDrive = zeroDrive(body);
  let d = dNext;
  for (let i = body.ministeps - 1; i >= 0; i--) {
    const dBefore = zeroState(body);
    advanceBackward(body, drive, states[i], states[i + 1], d, i === 0 ? dFirst : null, dBefore, dDrive);
    d = dBefore;
  }
  body.parameters.forEach(({ minimumActivation }, m) => {
    dDrive.command[m] *= inside(action[m], minimumActivation, 1);
  });
  return { state: d, drive: dDrive };
}

/** The reverse of `resetState`: adds to `dJoint` [4] what muscles and geometry at rest depend on. */
export function resetBackward(body: BodyModel, { joint, geometry }: BodyState, dState: BodyState, dJoint: Float64Array): void {
  const { M } = body;
  const dGeometry = dState.geometry.slice();
  body.parameters.forEach((p, m) => {
    const d = body.muscle.resetBackward(p, geometry[m], geometry[M + m], body.resetStep, rowsOf(body, dState.muscle, m));
    dGeometry[m] += d.length;
    dGeometry[M + m] += d.velocity;
  });
  for (let i = 0; i < 4; i++) dJoint[i] += dState.joint[i];
  geometryBackward(body, joint, dGeometry, dJoint);
}

/** Adds to a cotangent what the arrays of a call hold for state `index`; arrays left out hold nothing. */
export function addGiven(to: Float64Array, given: ArrayLike<number> | undefined, index: number): void {
  if (!given) return;
  for (let i = 0; i < to.length; i++) to[i] += given[index * to.length + i];
}
