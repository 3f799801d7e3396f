// One time step of a body as the kernels state it: the command is clamped once, then `ministeps` of the integrator follow.
import type { Values } from '../kernel.js';
import { vectorAt } from '../rollout.js';
import { type BodyModel, type BodyState, type Drive, zeroDrive, zeroState } from './body.js';
import { geometryOf } from './geometry.js';
import { advance, storeRows } from './integrate.js';
import { clamp } from './muscle.js';

/** What acts on trial b: raw actions [M] are clamped to [minimum activation, 1]; loads that were left out are 0. */
export function driveOf(body: BodyModel, action: Float64Array, index: number, endpointLoad: Values | undefined, jointLoad: Values | undefined): Drive {
  const drive = zeroDrive(body);
  body.parameters.forEach(({ minimumActivation }, m) => {
    drive.command[m] = clamp(action[m], minimumActivation, 1);
  });
  if (endpointLoad) drive.endpointLoad.set(vectorAt(endpointLoad, index, 2));
  if (jointLoad) drive.jointLoad.set(vectorAt(jointLoad, index, 2));
  return drive;
}

/** The states that the ministeps of one time step start from, and last the state after it. */
export function stepStates(body: BodyModel, drive: Drive, state: BodyState): BodyState[] {
  const states = [state];
  for (let i = 0; i < body.ministeps; i++) states.push(advance(body, drive, states[i]));
  return states;
}

/** Muscles at rest in a joint state [4], with its geometry. */
export function resetState(body: BodyModel, joint: Float64Array): BodyState {
  const state = zeroState(body);
  state.joint.set(joint);
  state.geometry.set(geometryOf(body, joint));
  body.parameters.forEach((p, m) => {
    const rows = new Float64Array(body.R);
    body.muscle.reset(p, state.geometry[m], state.geometry[body.M + m], body.resetStep, rows);
    storeRows(body, state.muscle, m, rows);
  });
  return state;
}

/** Trial b of joint [B, 4], muscle [B, R, M], geometry [B, 4, M]; geometry left out follows from the joint state. */
export function stateAt(body: BodyModel, index: number, joint: Values, muscle: Values, geometry?: Values): BodyState {
  const q = vectorAt(joint, index, 4);
  return {
    joint: q,
    muscle: vectorAt(muscle, index, body.R * body.M),
    geometry: geometry ? vectorAt(geometry, index, 4 * body.M) : geometryOf(body, q),
  };
}
