// A tile of 8 bodies in time: reset, geometry, one time step, and the reverse of each. Blocks and rows as in body_layout.ts; whoever runs a tile keeps its blocks.
// All blocks hold plan.stateRows rows; a gradient block has the same rows as its state, those of the angles unused.
import {
  addRates,
  configure,
  configureBackward,
  eulerJoints,
  eulerMuscles,
  form,
  formBackward,
  integrate,
  integrateBackward,
  observe,
  observeBackward,
  ode,
  odeBackward,
} from './body_integrate';
import { resetMuscles, resetMusclesBackward } from './body_muscles';
import { BodyPlan, COMPLIANT_HILL, EULER, RK4, geometryRowsOf, muscleRowsOf } from './body_layout';
import { addRows, clearRows, copyRows, rowAt } from './tile';

/** Fills the geometry, Cartesian and angle rows of a state from its joint rows. */
export function geometryOf(plan: BodyPlan, state: usize): void {
  configure(plan, state);
}

/** Adds to the joint rows of `dState` what its geometry and Cartesian rows contribute; `state` needs joint and angle rows. */
export function geometryBackward(plan: BodyPlan, state: usize, dState: usize): void {
  configureBackward(plan, state, dState);
}

/** Fills all other rows of a state from its joint rows: where a trial starts. `work`: plan.workRows rows, here and below. */
export function resetBody(plan: BodyPlan, state: usize, work: usize): void {
  configure(plan, state);
  resetMuscles(plan, geometryRowsOf(plan, state), muscleRowsOf(plan, state), work);
}

/** Adds to the joint rows of `dState` what all its other rows contribute through the reset; may overwrite the others. `state` is what `resetBody` filled. */
export function resetBodyBackward(plan: BodyPlan, state: usize, dState: usize, work: usize): void {
  resetMusclesBackward(plan, geometryRowsOf(plan, state), muscleRowsOf(plan, state), muscleRowsOf(plan, dState), geometryRowsOf(plan, dState), work);
  configureBackward(plan, state, dState);
}

/** The nth block of states in `work`, behind spare rows and blocks of rates. */
// @ts-ignore: decorator
@inline
function blockAt(plan: BodyPlan, work: usize, n: i32): usize {
  return rowAt(work, plan.workRows - plan.stateRows * (n + 1));
}

/** The nth block of rates in `work`, behind spare rows. */
// @ts-ignore: decorator
@inline
function ratesAt(plan: BodyPlan, work: usize, n: i32): usize {
  return rowAt(work, 4 * plan.muscles + 4 + plan.rateRows * n);
}

/**
 * Rates at the start of a step, a block of them (body_integrate.ts): behind 2 rows of velocities, accelerations (2), rates of activation (M) and for compliant tendons of
 * normalised fibre length (M). With classical rk4 they are those of the state that joints, activations and fibre lengths stand for.
 */
export function bodyRates(plan: BodyPlan, state: usize, actions: usize, endpointLoad: usize, jointLoad: usize, to: usize, work: usize): void {
  ode(plan, firstStage(plan, state, 0, blockAt(plan, work, 2)), actions, endpointLoad, jointLoad, to);
}

/** The reverse of `bodyRates`: adds to `dState`, `dAction` [M] and `dLoads` [4] (or 0); `rates` is what it gave, `dRates` has the same rows. */
export function bodyRatesBackward(
  plan: BodyPlan,
  state: usize,
  actions: usize,
  endpointLoad: usize,
  rates: usize,
  dRates: usize,
  dState: usize,
  dAction: usize,
  dLoads: usize,
  work: usize,
): void {
  const first = firstStage(plan, state, 0, blockAt(plan, work, 2));
  if (first == state) {
    odeBackward(plan, state, actions, endpointLoad, rates, dRates, dState, dAction, dLoads);
    return;
  }
  const dFirst = blockAt(plan, work, 6);
  clearRows(dFirst, plan.stateRows);
  odeBackward(plan, first, actions, endpointLoad, rates, dRates, dFirst, dAction, dLoads);
  firstStageBackward(plan, first, 0, dFirst, dState, work);
}

/**
 * One time step. `state` needs all rows; its geometry may differ from that of its joints (effector_step takes any), but the angles must be theirs.
 * @param actions rows [M], not clamped
 * @param endpointLoad rows [2] or 0
 * @param jointLoad rows [2] or 0
 * @param strengths rows [M] that scale all forces computed in this step, or 0
 * @param next all rows are filled; must not be `state`
 */
export function stepBody(plan: BodyPlan, state: usize, actions: usize, endpointLoad: usize, jointLoad: usize, strengths: usize, next: usize, work: usize): void {
  let from = state;
  for (let i = 1; i <= plan.ministeps; i++) {
    const to = i == plan.ministeps ? next : blockAt(plan, work, i & 1);
    ministep(plan, from, actions, endpointLoad, jointLoad, strengths, to, work);
    from = to;
  }
}

function ministep(plan: BodyPlan, state: usize, actions: usize, endpointLoad: usize, jointLoad: usize, strengths: usize, next: usize, work: usize): void {
  const h = plan.step;
  const rates = ratesAt(plan, work, 0);
  if (plan.integrator == EULER) {
    eulerJoints(plan, state, endpointLoad, jointLoad, next, rates);
    eulerMuscles(plan, state, actions, next, rates);
    scaleForces(plan, next, strengths);
    return;
  }
  const mean = ratesAt(plan, work, 1);
  let stage = firstStage(plan, state, strengths, blockAt(plan, work, 2));
  for (let i = 0; i < 4; i++) {
    ode(plan, stage, actions, endpointLoad, jointLoad, rates);
    addRates(plan, mean, rates, weightOf(i), i == 0);
    if (i == 3) break;
    const to = blockAt(plan, work, 3 - (i & 1));
    nextStage(plan, state, stage, rates, reachOf(i, h), strengths, to);
    stage = to;
  }
  nextStage(plan, state, state, mean, h, strengths, next);
}

/** Weight of stage i in the mean of rates. */
// @ts-ignore: decorator
@inline
function weightOf(i: i32): f32 {
  return i == 0 || i == 3 ? f32(1.0 / 6.0) : f32(1.0 / 3.0);
}

/** How far along the rates of stage i the next stage stands. */
// @ts-ignore: decorator
@inline
function reachOf(i: i32, h: f32): f32 {
  return i == 2 ? h : h * 0.5;
}

/** Muscle rows that classical rk4 integrates: activations, and fibre lengths behind compliant tendons. */
function coreRows(plan: BodyPlan): i32 {
  return plan.muscle == COMPLIANT_HILL ? 2 * plan.muscles : plan.muscles;
}

/** The first stage: the state itself, or for classical rk4 what its joints, activations and fibre lengths stand for, in `block`. */
function firstStage(plan: BodyPlan, state: usize, strengths: usize, block: usize): usize {
  if (plan.integrator != RK4) return state;
  copyRows(block, state, 4);
  copyRows(muscleRowsOf(plan, block), muscleRowsOf(plan, state), coreRows(plan));
  observe(plan, block);
  scaleForces(plan, block, strengths);
  return block;
}

/** A stage from the rates of the one before it: classical rk4 starts from `base`, MotorNet's from the stage `before`. */
function nextStage(plan: BodyPlan, base: usize, before: usize, rates: usize, h: f32, strengths: usize, to: usize): void {
  if (plan.integrator != RK4) integrate(plan, before, rates, h, to);
  else {
    form(plan, base, rates, h, to);
    observe(plan, to);
  }
  scaleForces(plan, to, strengths);
}

/** The forces of a state, or their gradients, times the strengths of the muscles, rows [M]; 0: all muscles are as they are. */
function scaleForces(plan: BodyPlan, state: usize, strengths: usize): void {
  if (strengths == 0) return;
  const size = usize(plan.muscles) << 5;
  const forces = muscleRowsOf(plan, state) + usize(plan.muscleRows - 1) * size;
  for (let i: usize = 0; i < size; i += 16) v128.store(forces + i, f32x4.mul(v128.load(strengths + i), v128.load(forces + i)));
}

/**
 * The reverse of `stepBody`: ministeps and stages are worked out again, to the same bits.
 * @param state, actions, endpointLoad, jointLoad, strengths as given to `stepBody`
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
  strengths: usize,
  next: usize,
  dNext: usize,
  dState: usize,
  dAction: usize,
  dLoads: usize,
  work: usize,
): void {
  const last = plan.ministeps - 1;
  clearRows(dAction, plan.muscles);
  if (dLoads != 0) clearRows(dLoads, 4);
  // The states between ministeps stand in blocks 8 … (2 … with euler), the one after ministep i in the ith of them.
  const kept = plan.integrator == EULER ? 2 : 8;
  let from = state;
  for (let i = 0; i < last; i++) {
    const to = blockAt(plan, work, kept + i);
    ministep(plan, from, actions, endpointLoad, jointLoad, strengths, to, work);
    from = to;
  }
  let end = next;
  if (next == 0 || plan.integrator == RK4) {
    end = blockAt(plan, work, kept + last);
    ministep(plan, from, actions, endpointLoad, jointLoad, strengths, end, work);
  }
  let d = dNext;
  for (let i = last; i >= 0; i--) {
    const start = i == 0 ? state : blockAt(plan, work, kept + i - 1);
    const to = i == 0 ? dState : blockAt(plan, work, i & 1);
    clearRows(to, plan.stateRows);
    if (plan.integrator == EULER) eulerBackward(plan, start, actions, endpointLoad, jointLoad, strengths, end, d, to, dAction, dLoads, work);
    else stagesBackward(plan, start, actions, endpointLoad, jointLoad, strengths, end, d, to, dAction, dLoads, work);
    d = to;
    end = start;
  }
}

function eulerBackward(
  plan: BodyPlan,
  state: usize,
  actions: usize,
  endpointLoad: usize,
  jointLoad: usize,
  strengths: usize,
  next: usize,
  dNext: usize,
  dState: usize,
  dAction: usize,
  dLoads: usize,
  work: usize,
): void {
  const rates = ratesAt(plan, work, 0);
  const dRates = ratesAt(plan, work, 1);
  scaleForces(plan, dNext, strengths);
  configureBackward(plan, next, dNext);
  ode(plan, state, actions, endpointLoad, jointLoad, rates);
  integrateBackward(plan, state, rates, plan.step, dNext, dState, dRates, work);
  odeBackward(plan, state, actions, endpointLoad, rates, dRates, dState, dAction, dLoads);
}

/** The reverse of a ministep of rk4 or rk4-motornet. Blocks 2 … 5: stages; 6, 7: their gradients. Blocks of rates 0 … 3: stages; 4: mean; 5: its gradient; 6: that of a stage. */
function stagesBackward(
  plan: BodyPlan,
  state: usize,
  actions: usize,
  endpointLoad: usize,
  jointLoad: usize,
  strengths: usize,
  next: usize,
  dNext: usize,
  dState: usize,
  dAction: usize,
  dLoads: usize,
  work: usize,
): void {
  const h = plan.step;
  const classical = plan.integrator == RK4;
  const mean = ratesAt(plan, work, 4);
  const dMean = ratesAt(plan, work, 5);
  const dRates = ratesAt(plan, work, 6);
  let stage = firstStage(plan, state, strengths, blockAt(plan, work, 2));
  const first = stage;
  for (let i = 0; i < 4; i++) {
    const rates = ratesAt(plan, work, i);
    ode(plan, stage, actions, endpointLoad, jointLoad, rates);
    addRates(plan, mean, rates, weightOf(i), i == 0);
    if (i == 3) break;
    const to = blockAt(plan, work, 3 + i);
    nextStage(plan, state, stage, rates, reachOf(i, h), strengths, to);
    stage = to;
  }
  stageBackward(plan, state, state, next, mean, h, strengths, dNext, dState, dState, dMean, work);
  let dStage: usize = 0;
  for (let i = 3; i >= 0; i--) {
    const rates = ratesAt(plan, work, i);
    const at = i == 0 ? first : blockAt(plan, work, 2 + i);
    let to = blockAt(plan, work, 6 + (i & 1));
    if (i == 0 && !classical) to = dState;
    else clearRows(to, plan.stateRows);
    if (i == 3) clearRows(dRates, plan.rateRows);
    else stageBackward(plan, state, at, blockAt(plan, work, 3 + i), rates, reachOf(i, h), strengths, dStage, dState, to, dRates, work);
    addRates(plan, dRates, dMean, weightOf(i), false);
    odeBackward(plan, at, actions, endpointLoad, rates, dRates, to, dAction, dLoads);
    dStage = to;
  }
  if (classical) firstStageBackward(plan, first, strengths, dStage, dState, work);
}

/** The reverse of `firstStage` with classical rk4: adds to joint, activation and fibre length rows of `dState`. */
function firstStageBackward(plan: BodyPlan, first: usize, strengths: usize, dFirst: usize, dState: usize, work: usize): void {
  scaleForces(plan, dFirst, strengths);
  observeBackward(plan, first, dFirst, work);
  addRows(dState, dFirst, 4);
  addRows(muscleRowsOf(plan, dState), muscleRowsOf(plan, dFirst), coreRows(plan));
}

/** The reverse of `nextStage`: adds to the gradient of `base` (classical) or of the stage before; overwrites `dRates`. */
function stageBackward(
  plan: BodyPlan,
  base: usize,
  before: usize,
  stage: usize,
  rates: usize,
  h: f32,
  strengths: usize,
  dStage: usize,
  dBase: usize,
  dBefore: usize,
  dRates: usize,
  work: usize,
): void {
  scaleForces(plan, dStage, strengths);
  if (plan.integrator == RK4) {
    observeBackward(plan, stage, dStage, work);
    formBackward(plan, base, rates, h, dStage, dBase, dRates);
    return;
  }
  configureBackward(plan, stage, dStage);
  integrateBackward(plan, before, rates, h, dStage, dBefore, dRates, work);
}
