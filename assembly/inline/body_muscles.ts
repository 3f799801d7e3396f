// What all muscles share, on a tile: activation dynamics, ReLU, and the choice of the muscle's own equations (body_mujoco.ts, body_hill.ts, body_thelen.ts, body_compliant.ts).
// Math  ȧ = (u − a)/τ with u, a limited to [a_min, 1]; τ = τ_act (0.5 + 1.5 a) where u > a, else τ_deact/(0.5 + 1.5 a); after h seconds a + h ȧ, limited again
import { fibreStep, fibreStepBackward, fibreVelocities, fibreVelocitiesBackward, restFibres, restFibresBackward, tendonForces, tendonForcesBackward } from './body_compliant';
import { hillForces, hillForcesBackward } from './body_hill';
import { mujocoForces, mujocoForcesBackward } from './body_mujoco';
import {
  ACTIVATION_RATE,
  BodyPlan,
  COMPLIANT_HILL,
  DEACTIVATION_RATE,
  MAXIMUM_FORCE,
  MINIMUM_ACTIVATION,
  MUJOCO_HILL,
  MUSCLE_BYTES,
  RELU,
  RIGID_HILL,
} from './body_layout';
import { accumulate } from './body_skeleton';
import { thelenForces, thelenForcesBackward } from './body_thelen';
import { clamp, flushTiny, madd } from './math';
import { clearRows, rowAt } from './tile';

/** 1 / τ, given t = 0.5 + 1.5 a. */
// @ts-ignore: decorator
@inline
function inverseTime(c: usize, t: v128, reciprocal: v128, rising: v128): v128 {
  return v128.bitselect(f32x4.mul(reciprocal, v128.load(c, ACTIVATION_RATE)), f32x4.mul(t, v128.load(c, DEACTIVATION_RATE)), rising);
}

/** The rate of activation of four trials. */
// @ts-ignore: decorator
@inline
function rateOf(c: usize, action: v128, activation: v128): v128 {
  const least = v128.load(c, MINIMUM_ACTIVATION);
  const one = f32x4.splat(1);
  const u = clamp(action, least, one);
  const a = clamp(activation, least, one);
  const t = madd(f32x4.splat(1.5), a, f32x4.splat(0.5));
  return f32x4.mul(f32x4.sub(u, a), inverseTime(c, t, f32x4.div(one, t), f32x4.gt(u, a)));
}

/** Four activations after `step` seconds; those below 1e-25 become 0. */
// @ts-ignore: decorator
@inline
function advanced(c: usize, activation: v128, rate: v128, step: v128): v128 {
  return flushTiny(clamp(madd(rate, step, activation), v128.load(c, MINIMUM_ACTIVATION), f32x4.splat(1)));
}

/** activationRates and activationStep at once. */
export function activationEuler(plan: BodyPlan, actions: usize, activation: usize, h: f32, next: usize): void {
  const size = usize(plan.muscles) << 5;
  const step = f32x4.splat(h);
  let c = plan.muscleConstants;
  for (let i: usize = 0; i < size; i += 32, c += MUSCLE_BYTES) {
    const a0 = v128.load(activation + i);
    const a1 = v128.load(activation + i, 16);
    v128.store(next + i, advanced(c, a0, rateOf(c, v128.load(actions + i), a0), step));
    v128.store(next + i, advanced(c, a1, rateOf(c, v128.load(actions + i, 16), a1), step), 16);
  }
}

/** Rows [M]: rates of activation under `actions` (rows [M], not clamped) from activations (rows [M]). */
export function activationRates(plan: BodyPlan, actions: usize, activation: usize, to: usize): void {
  const size = usize(plan.muscles) << 5;
  let c = plan.muscleConstants;
  for (let i: usize = 0; i < size; i += 32, c += MUSCLE_BYTES) {
    v128.store(to + i, rateOf(c, v128.load(actions + i), v128.load(activation + i)));
    v128.store(to + i, rateOf(c, v128.load(actions + i, 16), v128.load(activation + i, 16)), 16);
  }
}

/** The reverse: adds to rows [M] of activations and of actions. */
export function activationRatesBackward(plan: BodyPlan, actions: usize, activation: usize, dRates: usize, dActivation: usize, dActions: usize): void {
  const size = usize(plan.muscles) << 5;
  const one = f32x4.splat(1);
  for (let o: usize = 0; o < 32; o += 16) {
    let c = plan.muscleConstants;
    for (let i = o; i < size; i += 32, c += MUSCLE_BYTES) {
      const least = v128.load(c, MINIMUM_ACTIVATION);
      const action = v128.load(actions + i);
      const stored = v128.load(activation + i);
      const u = clamp(action, least, one);
      const a = clamp(stored, least, one);
      const t = madd(f32x4.splat(1.5), a, f32x4.splat(0.5));
      const reciprocal = f32x4.div(one, t);
      const difference = f32x4.sub(u, a);
      const d = f32x4.mul(v128.load(dRates + i), inverseTime(c, t, reciprocal, f32x4.gt(u, a)));
      // 1 ± 1.5 (u − a)/t, plus where activation rises: the absolute difference either way.
      const slope = madd(f32x4.mul(f32x4.splat(1.5), f32x4.abs(difference)), reciprocal, one);
      accumulate(dActions + i, v128.and(d, v128.and(f32x4.ge(action, least), f32x4.le(action, one))));
      const da = v128.and(f32x4.mul(d, slope), v128.and(f32x4.ge(stored, least), f32x4.le(stored, one)));
      v128.store(dActivation + i, f32x4.sub(v128.load(dActivation + i), da));
    }
  }
}

/** Activations (rows [M]) after h seconds at the given rates. */
export function activationStep(plan: BodyPlan, activation: usize, rates: usize, h: f32, next: usize): void {
  const size = usize(plan.muscles) << 5;
  const step = f32x4.splat(h);
  let c = plan.muscleConstants;
  for (let i: usize = 0; i < size; i += 32, c += MUSCLE_BYTES) {
    v128.store(next + i, advanced(c, v128.load(activation + i), v128.load(rates + i), step));
    v128.store(next + i, advanced(c, v128.load(activation + i, 16), v128.load(rates + i, 16), step), 16);
  }
}

/** The reverse: adds to activations, overwrites the gradient of the rates. */
export function activationStepBackward(plan: BodyPlan, activation: usize, rates: usize, h: f32, dNext: usize, dActivation: usize, dRates: usize): void {
  const size = usize(plan.muscles) << 5;
  const step = f32x4.splat(h);
  for (let o: usize = 0; o < 32; o += 16) {
    let c = plan.muscleConstants;
    for (let i = o; i < size; i += 32, c += MUSCLE_BYTES) {
      const a = madd(v128.load(rates + i), step, v128.load(activation + i));
      const inside = v128.and(f32x4.ge(a, v128.load(c, MINIMUM_ACTIVATION)), f32x4.le(a, f32x4.splat(1)));
      const d = flushTiny(v128.and(v128.load(dNext + i), inside));
      accumulate(dActivation + i, d);
      v128.store(dRates + i, f32x4.mul(d, step));
    }
  }
}

function reluForces(plan: BodyPlan, geometry: usize, muscle: usize): void {
  const size = usize(plan.muscles) << 5;
  for (let o: usize = 0; o < 32; o += 16) {
    let c = plan.muscleConstants;
    for (let i = o; i < size; i += 32, c += MUSCLE_BYTES) {
      const row = muscle + i;
      v128.store(row + size, v128.load(geometry + i));
      v128.store(row + 2 * size, v128.load(geometry + i + size));
      v128.store(row + 3 * size, f32x4.mul(v128.load(row), v128.load(c, MAXIMUM_FORCE)));
    }
  }
}

function reluForcesBackward(plan: BodyPlan, dMuscle: usize, dGeometry: usize): void {
  const size = usize(plan.muscles) << 5;
  for (let o: usize = 0; o < 32; o += 16) {
    let c = plan.muscleConstants;
    for (let i = o; i < size; i += 32, c += MUSCLE_BYTES) {
      const row = dMuscle + i;
      accumulate(dGeometry + i, v128.load(row + size));
      accumulate(dGeometry + i + size, v128.load(row + 2 * size));
      v128.store(row, madd(v128.load(row + 3 * size), v128.load(c, MAXIMUM_FORCE), v128.load(row)));
    }
  }
}

/** Rows 1 … R − 1 of muscles with rigid tendons from activation (row 0 of `muscle`) and musculotendon length and velocity (rows of `geometry`). */
export function rigidForces(plan: BodyPlan, geometry: usize, muscle: usize): void {
  if (plan.muscle == MUJOCO_HILL) mujocoForces(plan, geometry, muscle);
  else if (plan.muscle == RELU) reluForces(plan, geometry, muscle);
  else if (plan.muscle == RIGID_HILL) hillForces(plan, geometry, muscle);
  else thelenForces(plan, geometry, muscle);
}

/** The reverse: adds to row 0 of `dMuscle` and to the length and velocity rows of `dGeometry`; `activation`: the rows [M] that the forces were made with. */
export function rigidForcesBackward(plan: BodyPlan, geometry: usize, activation: usize, dMuscle: usize, dGeometry: usize): void {
  if (plan.muscle == MUJOCO_HILL) mujocoForcesBackward(plan, geometry, activation, dMuscle, dGeometry);
  else if (plan.muscle == RELU) reluForcesBackward(plan, dMuscle, dGeometry);
  else if (plan.muscle == RIGID_HILL) hillForcesBackward(plan, geometry, activation, dMuscle, dGeometry);
  else thelenForcesBackward(plan, geometry, activation, dMuscle, dGeometry);
}

/** Rows 1 … R − 1 as functions of activation (row 0), fibre length (row 1, compliant tendons only) and geometry, none of them lagging behind. */
export function observeMuscles(plan: BodyPlan, geometry: usize, muscle: usize): void {
  if (plan.muscle != COMPLIANT_HILL) {
    rigidForces(plan, geometry, muscle);
    return;
  }
  const length = rowAt(muscle, plan.muscles);
  tendonForces(plan, geometry, length, muscle);
  const velocity = rowAt(length, plan.muscles);
  fibreVelocities(plan, muscle, velocity);
  fibreStep(plan, length, velocity, 0, muscle);
}

/** The reverse: adds to rows 0 (and 1, compliant) of `dMuscle` and to the length and velocity rows of `dGeometry`. `work`: rows [M]. */
export function observeMusclesBackward(plan: BodyPlan, geometry: usize, muscle: usize, dMuscle: usize, dGeometry: usize, work: usize): void {
  if (plan.muscle != COMPLIANT_HILL) {
    rigidForcesBackward(plan, geometry, muscle, dMuscle, dGeometry);
    return;
  }
  const M = plan.muscles;
  clearRows(work, 2 * M);
  fibreStepBackward(plan, 0, dMuscle, rowAt(work, M), work); // the length itself stays in row 1
  fibreVelocitiesBackward(plan, muscle, work, dMuscle);
  tendonForcesBackward(plan, geometry, rowAt(muscle, M), dMuscle, rowAt(dMuscle, M), dGeometry);
}

/** All muscle rows at rest, from the geometry. `work`: rows [2M]. */
export function resetMuscles(plan: BodyPlan, geometry: usize, muscle: usize, work: usize): void {
  const M = plan.muscles;
  for (let m = 0; m < M; m++) {
    const least = v128.load(plan.muscleConstants + usize(m) * MUSCLE_BYTES, MINIMUM_ACTIVATION);
    v128.store(rowAt(muscle, m), least);
    v128.store(rowAt(muscle, m), least, 16);
  }
  if (plan.muscle == COMPLIANT_HILL) {
    const velocities = rowAt(work, M);
    restFibres(plan, geometry, work, velocities);
    fibreStep(plan, work, velocities, plan.resetStep, muscle);
    tendonForces(plan, geometry, work, muscle);
    return;
  }
  rigidForces(plan, geometry, muscle);
  if (plan.muscle == RELU) clearRows(rowAt(muscle, 3 * M), M); // at rest even where the minimum activation is not 0
}

/** The reverse: adds to the length and velocity rows of `dGeometry`; overwrites `dMuscle`. `work`: rows [4M + 2]. */
export function resetMusclesBackward(plan: BodyPlan, geometry: usize, muscle: usize, dMuscle: usize, dGeometry: usize, work: usize): void {
  const M = plan.muscles;
  if (plan.muscle == COMPLIANT_HILL) {
    const velocities = rowAt(work, M);
    const dLengths = rowAt(velocities, M);
    const dVelocities = rowAt(dLengths, M);
    restFibres(plan, geometry, work, velocities);
    clearRows(dLengths, 2 * M);
    fibreStepBackward(plan, plan.resetStep, dMuscle, dLengths, dVelocities);
    tendonForcesBackward(plan, geometry, work, dMuscle, dLengths, dGeometry);
    restFibresBackward(plan, geometry, work, dLengths, dVelocities, dGeometry, rowAt(dVelocities, M));
    return;
  }
  if (plan.muscle == RELU) clearRows(rowAt(dMuscle, 3 * M), M);
  rigidForcesBackward(plan, geometry, muscle, dMuscle, dGeometry);
}
