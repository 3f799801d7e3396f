// Integration of a tile: rates of change of a state, steps along rates, and the reverse of each. euler and rk4-motornet advance a state with the geometry that it holds
// (`integrate`); classical rk4 integrates joints, activations and fibre lengths and derives all other rows from them (`form`, `observe`). Schemes: src/backends/reference/arm/integrate.ts.
// A block of rates: rows velocities (2) | accelerations (2) | of activation (M) | normalised fibre velocities (M, compliant tendons only).
import { fibreStep, fibreStepBackward, fibreVelocities, fibreVelocitiesBackward, tendonForces, tendonForcesBackward } from './body_compliant';
import { geometry, geometryGradient } from './body_geometry';
import {
  activationEuler,
  activationRates,
  activationRatesBackward,
  activationStep,
  activationStepBackward,
  observeMuscles,
  observeMusclesBackward,
  rigidForces,
  rigidForcesBackward,
} from './body_muscles';
import { BodyPlan, COMPLIANT_HILL, geometryRowsOf, muscleRowsOf } from './body_layout';
import { acceleration, accelerationBackward, accumulate, jointStep, jointStepBackward, kinematics, kinematicsBackward } from './body_skeleton';
import { madd } from './math';
import { clearRows, copyRows, rowAt } from './tile';

/** Row of accelerations and of activation rates in a block of rates; fibre velocities stand M rows further. */
export const ACCELERATION_ROW: i32 = 2;
export const ACTIVATION_ROW: i32 = 4;

/** Rates of a stored state: all of its rows are read as they are. */
export function ode(plan: BodyPlan, state: usize, actions: usize, endpointLoad: usize, jointLoad: usize, rates: usize): void {
  copyRows(rates, rowAt(state, 2), 2);
  acceleration(plan, state, endpointLoad, jointLoad, rowAt(rates, ACCELERATION_ROW));
  const muscle = muscleRowsOf(plan, state);
  activationRates(plan, actions, muscle, rowAt(rates, ACTIVATION_ROW));
  if (plan.muscle == COMPLIANT_HILL) fibreVelocities(plan, muscle, rowAt(rates, ACTIVATION_ROW + plan.muscles));
}

/** The reverse: adds to `dState`, `dAction` [M] and `dLoads` [4] (or 0). `rates` is what `ode` gave. */
export function odeBackward(
  plan: BodyPlan,
  state: usize,
  actions: usize,
  endpointLoad: usize,
  rates: usize,
  dRates: usize,
  dState: usize,
  dAction: usize,
  dLoads: usize,
): void {
  const muscle = muscleRowsOf(plan, state);
  const dMuscle = muscleRowsOf(plan, dState);
  for (let o: usize = 0; o < 64; o += 16) accumulate(dState + 64 + o, v128.load(dRates + o));
  if (plan.muscle == COMPLIANT_HILL) fibreVelocitiesBackward(plan, muscle, rowAt(dRates, ACTIVATION_ROW + plan.muscles), dMuscle);
  activationRatesBackward(plan, actions, muscle, rowAt(dRates, ACTIVATION_ROW), dMuscle, dAction);
  accelerationBackward(plan, state, endpointLoad, rowAt(rates, ACCELERATION_ROW), rowAt(dRates, ACCELERATION_ROW), dState, dLoads);
}

/** `h` seconds of constant rates: muscles with the stored geometry, joints with the stored velocity, then the new geometry. Length, velocity and force rows lag the joints by a step. */
export function integrate(plan: BodyPlan, state: usize, rates: usize, h: f32, next: usize): void {
  const muscle = muscleRowsOf(plan, state);
  const nextMuscle = muscleRowsOf(plan, next);
  const held = geometryRowsOf(plan, state);
  activationStep(plan, muscle, rowAt(rates, ACTIVATION_ROW), h, nextMuscle);
  if (plan.muscle == COMPLIANT_HILL) {
    const length = rowAt(muscle, plan.muscles);
    fibreStep(plan, length, rowAt(rates, ACTIVATION_ROW + plan.muscles), h, nextMuscle);
    tendonForces(plan, held, length, nextMuscle);
  } else rigidForces(plan, held, nextMuscle);
  jointStep(plan, state, rowAt(state, 2), rowAt(rates, ACCELERATION_ROW), h, next);
  configure(plan, next);
}

/** `ode` and `integrate` at once, to the same bits, in two parts between which a caller may do something else: first joints and geometry of `next`. `work`: plan.rateRows rows. */
export function eulerJoints(plan: BodyPlan, state: usize, endpointLoad: usize, jointLoad: usize, next: usize, work: usize): void {
  acceleration(plan, state, endpointLoad, jointLoad, work);
  jointStep(plan, state, rowAt(state, 2), work, plan.step, next);
  configure(plan, next);
}

/** The other part: muscles of `next`. */
export function eulerMuscles(plan: BodyPlan, state: usize, actions: usize, next: usize, work: usize): void {
  const muscle = muscleRowsOf(plan, state);
  const nextMuscle = muscleRowsOf(plan, next);
  const held = geometryRowsOf(plan, state);
  activationEuler(plan, actions, muscle, plan.step, nextMuscle);
  if (plan.muscle == COMPLIANT_HILL) {
    const length = rowAt(muscle, plan.muscles);
    fibreVelocities(plan, muscle, work);
    fibreStep(plan, length, work, plan.step, nextMuscle);
    tendonForces(plan, held, length, nextMuscle);
  } else rigidForces(plan, held, nextMuscle);
}

/** The reverse: adds to `dState`, overwrites `dRates`; `dNext` has its geometry and Cartesian rows already in its joint rows. `work`: rows [M]. */
export function integrateBackward(plan: BodyPlan, state: usize, rates: usize, h: f32, dNext: usize, dState: usize, dRates: usize, work: usize): void {
  const M = plan.muscles;
  const muscle = muscleRowsOf(plan, state);
  const dMuscle = muscleRowsOf(plan, dState);
  const dNextMuscle = muscleRowsOf(plan, dNext);
  const held = geometryRowsOf(plan, state);
  const dHeld = geometryRowsOf(plan, dState);
  clearRows(dRates, 2);
  if (plan.muscle == COMPLIANT_HILL) {
    const length = rowAt(muscle, M);
    const dLength = rowAt(dMuscle, M);
    const dVelocity = rowAt(dRates, ACTIVATION_ROW + M);
    clearRows(dVelocity, M);
    fibreStepBackward(plan, h, dNextMuscle, dLength, dVelocity);
    tendonForcesBackward(plan, held, length, dNextMuscle, dLength, dHeld);
  } else {
    activationStep(plan, muscle, rowAt(rates, ACTIVATION_ROW), h, work);
    rigidForcesBackward(plan, held, work, dNextMuscle, dHeld);
  }
  activationStepBackward(plan, muscle, rowAt(rates, ACTIVATION_ROW), h, dNextMuscle, dMuscle, rowAt(dRates, ACTIVATION_ROW));
  jointStepBackward(plan, state, rowAt(state, 2), rowAt(rates, ACCELERATION_ROW), h, dNext, dState, rowAt(dState, 2), rowAt(dRates, ACCELERATION_ROW));
}

/** Fills the geometry, Cartesian and angle rows of a state from its joint rows. */
export function configure(plan: BodyPlan, state: usize): void {
  kinematics(plan, state);
  geometry(plan, state);
}

/** Adds to the joint rows of `dState` what its geometry and Cartesian rows contribute. */
export function configureBackward(plan: BodyPlan, state: usize, dState: usize): void {
  kinematicsBackward(plan, state, dState);
  geometryGradient(plan, state, dState);
}

/** Joints, activations and fibre lengths of `base` after `h` seconds at the given rates, velocities among them, within limits. Fills nothing else of `next` that lasts. */
export function form(plan: BodyPlan, base: usize, rates: usize, h: f32, next: usize): void {
  const muscle = muscleRowsOf(plan, base);
  const nextMuscle = muscleRowsOf(plan, next);
  jointStep(plan, base, rates, rowAt(rates, ACCELERATION_ROW), h, next);
  activationStep(plan, muscle, rowAt(rates, ACTIVATION_ROW), h, nextMuscle);
  if (plan.muscle == COMPLIANT_HILL) fibreStep(plan, rowAt(muscle, plan.muscles), rowAt(rates, ACTIVATION_ROW + plan.muscles), h, nextMuscle);
}

/** The reverse: adds to joint, activation and fibre length rows of `dBase`, overwrites `dRates`. */
export function formBackward(plan: BodyPlan, base: usize, rates: usize, h: f32, dNext: usize, dBase: usize, dRates: usize): void {
  const muscle = muscleRowsOf(plan, base);
  const dMuscle = muscleRowsOf(plan, dBase);
  const dNextMuscle = muscleRowsOf(plan, dNext);
  clearRows(dRates, plan.rateRows);
  if (plan.muscle == COMPLIANT_HILL) fibreStepBackward(plan, h, dNextMuscle, rowAt(dMuscle, plan.muscles), rowAt(dRates, ACTIVATION_ROW + plan.muscles));
  activationStepBackward(plan, muscle, rowAt(rates, ACTIVATION_ROW), h, dNextMuscle, dMuscle, rowAt(dRates, ACTIVATION_ROW));
  jointStepBackward(plan, base, rates, rowAt(rates, ACCELERATION_ROW), h, dNext, dBase, dRates, rowAt(dRates, ACCELERATION_ROW));
}

/** Fills all other rows of a state whose joint, activation and (compliant tendons) fibre length rows are set. */
export function observe(plan: BodyPlan, state: usize): void {
  configure(plan, state);
  observeMuscles(plan, geometryRowsOf(plan, state), muscleRowsOf(plan, state));
}

/** The reverse: gathers the gradient of all rows in joint, activation and fibre length rows; the velocity rows of the muscles become 0. `work`: rows [2M]. */
export function observeBackward(plan: BodyPlan, state: usize, dState: usize, work: usize): void {
  const dMuscle = muscleRowsOf(plan, dState);
  observeMusclesBackward(plan, geometryRowsOf(plan, state), muscleRowsOf(plan, state), dMuscle, geometryRowsOf(plan, dState), work);
  configureBackward(plan, state, dState);
  clearRows(rowAt(dMuscle, 2 * plan.muscles), plan.muscles);
}

/** sum = (first ? 0 : sum) + weight · rates, on whole blocks. */
export function addRates(plan: BodyPlan, sum: usize, rates: usize, weight: f32, first: bool): void {
  const bytes = usize(plan.rateRows) << 5;
  const scale = f32x4.splat(weight);
  for (let o: usize = 0; o < bytes; o += 16) {
    const term = v128.load(rates + o);
    v128.store(sum + o, first ? f32x4.mul(scale, term) : madd(scale, term, v128.load(sum + o)));
  }
}
