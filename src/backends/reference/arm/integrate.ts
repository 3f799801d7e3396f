// One time step of a body, forward: rates of change, integration step, and the three integrators. The reverse stands in integrate-backward.ts.
//
// euler           s' = integrate(h, ode(s), s).
// rk4-motornet    k1 = ode(s), s1 = integrate(h/2, k1, s), k2 = ode(s1), s2 = integrate(h/2, k2, s1), k3 = ode(s2), s3 = integrate(h, k3, s2), k4 = ode(s3),
//                 s' = integrate(h, (k1 + 2 (k2 + k3) + k4)/6, s): stages are chained and positions advance with the velocity of s, so it is of first order.
// Both read every stored row of `s`. `integrate` advances the muscles with the geometry that `s` holds, then the joints with the velocity that `s` holds,
// then evaluates the geometry anew: length, velocity and force rows lag the joints by one step.
//
// rk4 (classical) integrates y = (q, w, a, l): joint positions and velocities, activations and, for compliant muscles, fibre lengths. Nothing else of a
// stored state is read; geometry and all other muscle rows are functions of y, without a lag (`observe`):
//   geometry = g(q, w); rigid tendons: rows = force equations at (a, L, V); compliant: pe, se, fa, F = equations at (l, L), velocity row = vmax · vn(a, l, fa).
// Rates: q̇ = w, ẇ and ȧ and vn = ode(observe(y)); l̇ = vn · optimal length. One step of h from y0:
//   y1 = y0,                  k1 = rates(y1)
//   y2 = form(h/2, k1, y0),   k2 = rates(y2)
//   y3 = form(h/2, k2, y0),   k3 = rates(y3)
//   y4 = form(h, k3, y0),     k4 = rates(y4)
//   y' = form(h, (k1 + 2 (k2 + k3) + k4)/6, y0),   s' = observe(y')
// form(h, k, y0) adds h k to y0 and applies the limits as `integrate` does: w_t = w0 + h ẇ (/ mass), q_t = q0 + h q̇; velocity bounds; velocity 0 where q_t
// is at or beyond a limit and the velocity points outward; position bounds; activation clamped to [minimum, 1]; fibre lengths are not bounded.
// It is of fourth order wherever no limit, clamp or kink of a curve is passed within a step.
//
// The time step is cut into `ministeps` of h = time step / ministeps, with the same clamped action and loads.
import { type BodyModel, type BodyState, type Drive, zeroState } from './body.js';
import { geometryOf } from './geometry.js';
import { activationRate, clamp, type MuscleDrive, type MuscleParameters } from './muscle.js';
import { acceleration, jointStep } from './skeleton.js';

/** Rates of change of a body, and their cotangents: joint acceleration (force of a point mass) [2], activation rate [M], normalised fibre velocity [M]. */
export interface Rate {
  readonly acceleration: Float64Array;
  readonly activation: Float64Array;
  readonly fibre: Float64Array;
}

export function zeroRate({ M }: BodyModel): Rate {
  return { acceleration: new Float64Array(2), activation: new Float64Array(M), fibre: new Float64Array(M) };
}

/** Rows [R] of muscle m of a state [R, M]. */
export function rowsOf({ M, R }: BodyModel, muscle: Float64Array, m: number): Float64Array {
  const rows = new Float64Array(R);
  for (let r = 0; r < R; r++) rows[r] = muscle[r * M + m];
  return rows;
}

/** Stores the rows [R] of muscle m into a state [R, M]. */
export function storeRows({ M }: BodyModel, muscle: Float64Array, m: number, rows: Float64Array): void {
  rows.forEach((row, r) => {
    muscle[r * M + m] = row;
  });
}

/** Generalised force on both joints: −Σ F R_j + joint load − damping w_j, from the stored forces and moment arms. */
export function torqueOf({ M, R, damping }: BodyModel, { jointLoad }: Drive, { joint, muscle, geometry }: BodyState): Float64Array {
  const torque = new Float64Array(2);
  for (let j = 0; j < 2; j++) {
    let pull = 0;
    for (let m = 0; m < M; m++) pull += muscle[(R - 1) * M + m] * geometry[(2 + j) * M + m];
    torque[j] = -pull + jointLoad[j] - damping * joint[2 + j];
  }
  return torque;
}

/** Rates of a stored state: all of its rows are read as they are. */
export function ode(body: BodyModel, drive: Drive, state: BodyState): Rate {
  const rate = zeroRate(body);
  rate.acceleration.set(acceleration(body, state.joint, torqueOf(body, drive, state), drive.endpointLoad));
  body.parameters.forEach((p, m) => {
    rate.activation[m] = activationRate(p, drive.command[m], state.muscle[m]);
    if (body.muscle.compliant) rate.fibre[m] = body.muscle.fibreVelocity(p, rowsOf(body, state.muscle, m));
  });
  return rate;
}

/** Activation after `step` seconds. */
export function advanceActivation({ minimumActivation }: MuscleParameters, activation: number, rate: number, step: number): number {
  return clamp(activation + rate * step, minimumActivation, 1);
}

/** What advances muscle m of a stored state. */
export function muscleDrive(body: BodyModel, step: number, rate: Rate, { muscle, geometry }: BodyState, m: number): MuscleDrive {
  return {
    activation: advanceActivation(body.parameters[m], muscle[m], rate.activation[m], step),
    fibreVelocity: rate.fibre[m],
    length: geometry[m],
    velocity: geometry[body.M + m],
  };
}

/** `step` seconds of constant rates: muscles with the stored geometry, joints with the stored velocity, then the new geometry. */
export function integrate(body: BodyModel, step: number, rate: Rate, state: BodyState): BodyState {
  const { R } = body;
  const next = zeroState(body);
  body.parameters.forEach((p, m) => {
    const rows = new Float64Array(R);
    body.muscle.advance(p, rowsOf(body, state.muscle, m), muscleDrive(body, step, rate, state, m), step, rows);
    storeRows(body, next.muscle, m, rows);
  });
  next.joint.set(jointStep(body, step, rate.acceleration, state.joint.subarray(2), state.joint));
  next.geometry.set(geometryOf(body, next.joint));
  return next;
}

/** Rates of a weighted stage sum (k1 + 2 (k2 + k3) + k4)/6. */
export function meanRate(body: BodyModel, [k1, k2, k3, k4]: readonly Rate[]): Rate {
  const mean = zeroRate(body);
  for (const name of ['acceleration', 'activation', 'fibre'] as const) {
    for (let i = 0; i < mean[name].length; i++) mean[name][i] = (k1[name][i] + 2 * (k2[name][i] + k3[name][i]) + k4[name][i]) / 6;
  }
  return mean;
}

/** What the classical scheme integrates: joint state [4], activations [M], fibre lengths [M] (unused by rigid tendons). Also the shape of its cotangent. */
export interface Core {
  readonly joint: Float64Array;
  readonly activation: Float64Array;
  readonly fibre: Float64Array;
}

export function coreOf({ M }: BodyModel, { joint, muscle }: BodyState): Core {
  return { joint: joint.slice(), activation: muscle.slice(0, M), fibre: muscle.slice(M, 2 * M) };
}

/** The state that belongs to a core: its geometry, and muscle rows without a lag. */
export function observe(body: BodyModel, { joint, activation, fibre }: Core): BodyState {
  const state = zeroState(body);
  state.joint.set(joint);
  state.geometry.set(geometryOf(body, joint));
  body.parameters.forEach((p, m) => {
    const rows = new Float64Array(body.R);
    body.muscle.observe(p, activation[m], fibre[m], state.geometry[m], state.geometry[body.M + m], rows);
    storeRows(body, state.muscle, m, rows);
  });
  return state;
}

/** base + step · rates, positions advancing with `velocity` [2], within limits and clamps. */
export function form(body: BodyModel, step: number, rate: Rate, velocity: Float64Array, base: Core): Core {
  return {
    joint: jointStep(body, step, rate.acceleration, velocity, base.joint),
    activation: base.activation.map((activation, m) => advanceActivation(body.parameters[m], activation, rate.activation[m], step)),
    fibre: base.fibre.map((length, m) => length + step * rate.fibre[m] * body.parameters[m].optimalLength),
  };
}

/** Steps and weights of the four stages: stage i + 1 is formed `reach[i]` ministeps along the rates of stage i. */
export const reach = [0.5, 0.5, 1] as const;

/** What a ministep of rk4 or rk4-motornet passed through: the states whose rates were taken, and those rates. */
export interface Stages {
  readonly states: readonly BodyState[];
  readonly rates: readonly Rate[];
}

/** The stages of one ministep from `state`; euler has one. */
export function stagesOf(body: BodyModel, drive: Drive, state: BodyState): Stages {
  const h = body.ministep;
  const base = coreOf(body, state);
  const states = [body.integrator === 'rk4' ? observe(body, base) : state];
  const rates = [ode(body, drive, states[0])];
  if (body.integrator === 'euler') return { states, rates };
  reach.forEach((share, i) => {
    states.push(
      body.integrator === 'rk4'
        ? observe(body, form(body, share * h, rates[i], states[i].joint.subarray(2), base))
        : integrate(body, share * h, rates[i], states[i]),
    );
    rates.push(ode(body, drive, states[i + 1]));
  });
  return { states, rates };
}

/** Mean velocity [2] of the four stages of the classical scheme. */
export function meanVelocity([s1, s2, s3, s4]: readonly BodyState[]): Float64Array {
  return Float64Array.from({ length: 2 }, (_, i) => (s1.joint[2 + i] + 2 * (s2.joint[2 + i] + s3.joint[2 + i]) + s4.joint[2 + i]) / 6);
}

/** One ministep. */
export function advance(body: BodyModel, drive: Drive, state: BodyState): BodyState {
  const h = body.ministep;
  const { states, rates } = stagesOf(body, drive, state);
  if (body.integrator === 'euler') return integrate(body, h, rates[0], state);
  const mean = meanRate(body, rates);
  if (body.integrator === 'rk4-motornet') return integrate(body, h, mean, state);
  return observe(body, form(body, h, mean, meanVelocity(states), coreOf(body, state)));
}
