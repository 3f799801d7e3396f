// A time step of the way back through the closed loop on a tile of 8 trials, besides the network's own: from the gradients of what the network sensed to those of its outputs.
// What a sample or an earlier action owes to a step waits in a ring of as many rows as the delay is long. State 0 and all noise are constants.
import { INVERSE_LENGTH, INVERSE_VELOCITY, JOINT_ROWS, LOAD_ROWS, cartesianRowsOf, muscleRowsOf } from './body_plan';
import { stepBodyBackward } from './body_step';
import { fieldRowsAt, returnThroughFields, strengthRowsAt } from './loop_change';
import { senseRows } from './loop_plan';
import { Loop, addEntries, blockAt, scaleRows } from './loop_step';
import { addRows, clearRows, copyRows, rowAt } from './tile';

/** The rows of gradients behind the body's workspace. */
export function makeLoopGradients(loop: Loop): void {
  loop.nextGradient = loop.own;
  loop.stateGradient = rowAt(loop.nextGradient, loop.body.stateRows);
  loop.actionGradient = rowAt(loop.stateGradient, loop.body.stateRows);
  loop.visionGradients = rowAt(loop.actionGradient, loop.plan.muscles);
  loop.proprioceptionGradients = rowAt(loop.visionGradients, 2 * loop.plan.visionDelay);
  loop.actionGradients = rowAt(loop.proprioceptionGradients, 2 * loop.plan.muscles * loop.plan.proprioceptionDelay);
}

/** Behind the last step no gradient comes from later ones. */
export function startLoopReturn(loop: Loop): void {
  clearRows(loop.nextGradient, loop.body.stateRows);
  clearRows(loop.visionGradients, senseRows(loop.plan));
}

/** Adds to `outputGradient`, rows [M], what the output of step k owes through the body: to state k + 1 and all that follows from it. */
export function returnThroughBody(loop: Loop, k: i32, dJoint: usize, dMuscle: usize, dFingertip: usize, outputGradient: usize): void {
  const plan = loop.plan;
  const body = loop.body;
  const muscles = plan.muscles;
  const states = loop.steps + 1;
  const next = loop.nextGradient;
  const muscle = muscleRowsOf(body, next);
  const cartesian = cartesianRowsOf(body, next);
  addEntries(loop, next, dJoint, states, k + 1, JOINT_ROWS);
  addEntries(loop, muscle, dMuscle, states, k + 1, body.muscleRows * muscles);
  addEntries(loop, cartesian, dFingertip, loop.steps, k, 2);
  addRows(cartesian, rowAt(loop.visionGradients, 2 * ((k + 1) % plan.visionDelay)), 2);
  addRows(rowAt(muscle, muscles), rowAt(loop.proprioceptionGradients, 2 * muscles * ((k + 1) % plan.proprioceptionDelay)), 2 * muscles);
  const block = blockAt(loop, k);
  const loads = rowAt(block, plan.loadRow);
  const fields = fieldRowsAt(plan, loop.first, loop.trials, loop.steps, k);
  const endpointLoad = plan.endpointLoad != 0 || fields != 0 ? loads : 0;
  const jointLoad = plan.jointLoad != 0 ? rowAt(loads, LOAD_ROWS) : 0;
  const action = rowAt(block, plan.actionRow);
  const strengths = strengthRowsAt(plan, loop.first, loop.trials, loop.steps, k, loop.strengths);
  const dLoads = fields != 0 ? loop.loadGradients : 0;
  const after = blockAt(loop, k + 1);
  stepBodyBackward(body, block, action, endpointLoad, jointLoad, strengths, after, next, loop.stateGradient, loop.actionGradient, dLoads, loop.bodyWork);
  if (fields != 0) returnThroughFields(plan, body, fields, loop.trials, loop.steps, dLoads, loop.stateGradient);
  loop.nextGradient = loop.stateGradient;
  loop.stateGradient = next;
  addRows(outputGradient, loop.actionGradient, muscles);
  if (plan.actionFrames == 0) return;
  const later = rowAt(loop.actionGradients, muscles * (k % plan.actionFrames));
  addRows(outputGradient, later, muscles);
  clearRows(later, muscles);
}

/** Keeps the gradient of the network's inputs of step k, rows at `from`, for the steps that its samples and earlier actions come from. */
export function returnThroughSenses(loop: Loop, k: i32, from: usize): void {
  const plan = loop.plan;
  const muscles = plan.muscles;
  const vision = rowAt(from, plan.leading);
  const seen = k - plan.visionDelay + 1;
  if (seen > 0) copyRows(rowAt(loop.visionGradients, 2 * (seen % plan.visionDelay)), vision, 2);
  const felt = k - plan.proprioceptionDelay + 1;
  const proprioception = rowAt(vision, 2);
  if (felt > 0) {
    const to = rowAt(loop.proprioceptionGradients, 2 * muscles * (felt % plan.proprioceptionDelay));
    scaleRows(loop.body, to, proprioception, INVERSE_LENGTH);
    scaleRows(loop.body, rowAt(to, muscles), rowAt(proprioception, muscles), INVERSE_VELOCITY);
  }
  let row = rowAt(proprioception, 2 * muscles);
  for (let earlier = k - plan.actionFrames; earlier < k; earlier++) {
    if (earlier >= 0) addRows(rowAt(loop.actionGradients, muscles * (earlier % plan.actionFrames)), row, muscles);
    row = rowAt(row, muscles);
  }
}
