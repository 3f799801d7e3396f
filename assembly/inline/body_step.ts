// A tile of 8 bodies in time: reset, geometry, one time step, and the reverse of each. Blocks and rows as in body_plan.ts; whoever runs a tile keeps its blocks.
// All blocks hold plan.stateRows rows; a gradient block has the same rows as its state, those of the angles unused.
import { BodyPlan } from './body_plan';

/** Fills the geometry, Cartesian and angle rows of a state from its joint rows. */
export function geometryOf(plan: BodyPlan, state: usize): void {}

/** Adds to the joint rows of `dState` what its geometry and Cartesian rows contribute; `state` needs joint and angle rows. */
export function geometryBackward(plan: BodyPlan, state: usize, dState: usize): void {}

/** Fills all other rows of a state from its joint rows: where a trial starts. `work`: plan.workRows rows, here and below. */
export function resetBody(plan: BodyPlan, state: usize, work: usize): void {}

/** Adds to the joint rows of `dState` what all its other rows contribute through the reset; may overwrite the others. `state` is what `resetBody` filled. */
export function resetBodyBackward(plan: BodyPlan, state: usize, dState: usize, work: usize): void {}

/**
 * One time step. `state` needs all rows; its geometry may differ from that of its joints (effector_step takes any), but the angles must be theirs.
 * @param actions rows [M], not clamped
 * @param endpointLoad rows [2] or 0
 * @param jointLoad rows [2] or 0
 * @param next all rows are filled; must not be `state`
 */
export function stepBody(plan: BodyPlan, state: usize, actions: usize, endpointLoad: usize, jointLoad: usize, next: usize, work: usize): void {}

/**
 * The reverse of `stepBody`: ministeps and stages are worked out again, to the same bits.
 * @param state, actions, endpointLoad, jointLoad as given to `stepBody`
 * @param next the state that came of it (joint and angle rows), or 0: then it is worked out again
 * @param dNext gradient of that state: joint, muscle, geometry and Cartesian rows; may be overwritten
 * @param dState gradient of `state`, overwritten: joint, muscle and geometry rows (geometry as an input of its own: in a rollout these rows are part of the next
 * call's `dNext`, or of `resetBodyBackward`'s or `geometryBackward`'s gradient); Cartesian rows become 0
 * @param dAction rows [M], overwritten
 * @param dLoads rows [4], overwritten: endpoint load, joint load; or 0
 */
export function stepBodyBackward(
  plan: BodyPlan,
  state: usize,
  actions: usize,
  endpointLoad: usize,
  jointLoad: usize,
  next: usize,
  dNext: usize,
  dState: usize,
  dAction: usize,
  dLoads: usize,
  work: usize,
): void {}
