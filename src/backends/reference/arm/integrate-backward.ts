// The reverse of integrate.ts: every function adds to the cotangents that it is handed, and recomputes what it needs from the states that the step started from.
import { type BodyModel, type BodyState, type Drive, zeroState } from './body.js';
import { geometryBackward } from './geometry.js';
import { type Core, coreOf, meanRate, meanVelocity, muscleDrive, type Rate, reach, rowsOf, stagesOf, torqueOf, zeroRate } from './integrate.js';
import { activationRateBackward, inside } from './muscle.js';
import { accelerationBackward, jointStep, jointStepBackward } from './skeleton.js';

/** Weights of the stages in their mean. */
const weights = [1 / 6, 2 / 6, 2 / 6, 1 / 6] as const;

function addRows({ M }: BodyModel, dMuscle: Float64Array, m: number, dRows: Float64Array): void {
  dRows.forEach((d, r) => {
    dMuscle[r * M + m] += d;
  });
}

function addScaled(to: Float64Array, from: Float64Array, scale: number): void {
  for (let i = 0; i < to.length; i++) to[i] += scale * from[i];
}

function odeBackward(body: BodyModel, drive: Drive, state: BodyState, dRate: Rate, dState: BodyState, dDrive: Drive): void {
  const { M, R } = body;
  const dTorque = new Float64Array(2);
  accelerationBackward(body, state.joint, torqueOf(body, drive, state), drive.endpointLoad, dRate.acceleration, dState.joint, dTorque, dDrive.endpointLoad);
  for (let j = 0; j < 2; j++) {
    dDrive.jointLoad[j] += dTorque[j];
    dState.joint[2 + j] -= body.damping * dTorque[j];
    for (let m = 0; m < M; m++) {
      dState.muscle[(R - 1) * M + m] -= dTorque[j] * state.geometry[(2 + j) * M + m];
      dState.geometry[(2 + j) * M + m] -= dTorque[j] * state.muscle[(R - 1) * M + m];
    }
  }
  body.parameters.forEach((p, m) => {
    const d = activationRateBackward(p, drive.command[m], state.muscle[m], dRate.activation[m]);
    dDrive.command[m] += d.command;
    dState.muscle[m] += d.activation;
    if (!body.muscle.compliant) return;
    const dRows = new Float64Array(R);
    body.muscle.fibreVelocityBackward(p, rowsOf(body, state.muscle, m), dRate.fibre[m], dRows);
    addRows(body, dState.muscle, m, dRows);
  });
}

/** Cotangent of an activation before its clamp, from that after it. */
function activationBackward(body: BodyModel, m: number, activation: number, rate: number, step: number, dNext: number): number {
  return dNext * inside(activation + rate * step, body.parameters[m].minimumActivation, 1);
}

function integrateBackward(body: BodyModel, step: number, rate: Rate, state: BodyState, dNext: BodyState, dRate: Rate, dState: BodyState): void {
  const { M, R } = body;
  const velocity = state.joint.subarray(2);
  const dJoint = dNext.joint.slice();
  geometryBackward(body, jointStep(body, step, rate.acceleration, velocity, state.joint), dNext.geometry, dJoint);
  jointStepBackward(body, step, rate.acceleration, velocity, state.joint, dJoint, dRate.acceleration, dState.joint.subarray(2), dState.joint);
  body.parameters.forEach((p, m) => {
    const dRows = new Float64Array(R);
    const dDrive = { activation: 0, fibreVelocity: 0, length: 0, velocity: 0 };
    const drive = muscleDrive(body, step, rate, state, m);
    body.muscle.advanceBackward(p, rowsOf(body, state.muscle, m), drive, step, rowsOf(body, dNext.muscle, m), dRows, dDrive);
    addRows(body, dState.muscle, m, dRows);
    const dActivation = activationBackward(body, m, state.muscle[m], rate.activation[m], step, dDrive.activation);
    dState.muscle[m] += dActivation;
    dRate.activation[m] += dActivation * step;
    dRate.fibre[m] += dDrive.fibreVelocity;
    dState.geometry[m] += dDrive.length;
    dState.geometry[M + m] += dDrive.velocity;
  });
}

function zeroCore({ M }: BodyModel): Core {
  return { joint: new Float64Array(4), activation: new Float64Array(M), fibre: new Float64Array(M) };
}

/** From the cotangent of the state that belongs to a core (which `state` holds). */
function observeBackward(body: BodyModel, state: BodyState, dState: BodyState, dCore: Core): void {
  const { M } = body;
  const { joint, activation, fibre } = coreOf(body, state);
  const dGeometry = dState.geometry.slice();
  body.parameters.forEach((p, m) => {
    const d = body.muscle.observeBackward(p, activation[m], fibre[m], state.geometry[m], state.geometry[M + m], rowsOf(body, dState.muscle, m));
    dCore.activation[m] += d.activation;
    dCore.fibre[m] += d.fibreLength;
    dGeometry[m] += d.length;
    dGeometry[M + m] += d.velocity;
  });
  addScaled(dCore.joint, dState.joint, 1);
  geometryBackward(body, joint, dGeometry, dCore.joint);
}

function formBackward(
  body: BodyModel,
  step: number,
  rate: Rate,
  velocity: Float64Array,
  base: Core,
  dNext: Core,
  dRate: Rate,
  dVelocity: Float64Array,
  dBase: Core,
): void {
  jointStepBackward(body, step, rate.acceleration, velocity, base.joint, dNext.joint, dRate.acceleration, dVelocity, dBase.joint);
  body.parameters.forEach((p, m) => {
    const dActivation = activationBackward(body, m, base.activation[m], rate.activation[m], step, dNext.activation[m]);
    dBase.activation[m] += dActivation;
    dRate.activation[m] += dActivation * step;
    dBase.fibre[m] += dNext.fibre[m];
    dRate.fibre[m] += dNext.fibre[m] * step * p.optimalLength;
  });
}

/**
 * The reverse of `advance`: adds to the cotangents of the state and of the drive. `dFirst` is a cotangent of the rates at the first stage, as `effector_step`
 * gives them out; absent where nothing depends on them.
 */
export function advanceBackward(
  body: BodyModel,
  drive: Drive,
  state: BodyState,
  next: BodyState,
  dNext: BodyState,
  dFirst: Rate | null,
  dState: BodyState,
  dDrive: Drive,
): void {
  const h = body.ministep;
  const { states, rates } = stagesOf(body, drive, state);
  const dStates = states.map(() => zeroState(body));
  const dRates = states.map(() => zeroRate(body));
  const dBase = zeroCore(body);
  const base = coreOf(body, state);
  if (body.integrator === 'euler') {
    integrateBackward(body, h, rates[0], state, dNext, dRates[0], dState);
  } else {
    const dMean = zeroRate(body);
    const mean = meanRate(body, rates);
    if (body.integrator === 'rk4-motornet') {
      integrateBackward(body, h, mean, state, dNext, dMean, dState);
    } else {
      const dVelocity = new Float64Array(2);
      const dCore = zeroCore(body);
      observeBackward(body, next, dNext, dCore);
      formBackward(body, h, mean, meanVelocity(states), base, dCore, dMean, dVelocity, dBase);
      for (const [i, weight] of weights.entries()) addScaled(dStates[i].joint.subarray(2), dVelocity, weight);
    }
    for (const [i, weight] of weights.entries()) {
      for (const name of ['acceleration', 'activation', 'fibre'] as const) addScaled(dRates[i][name], dMean[name], weight);
    }
    for (let i = 3; i > 0; i--) {
      odeBackward(body, drive, states[i], dRates[i], dStates[i], dDrive);
      const step = reach[i - 1] * h;
      if (body.integrator === 'rk4-motornet') {
        integrateBackward(body, step, rates[i - 1], states[i - 1], dStates[i], dRates[i - 1], dStates[i - 1]);
      } else {
        const dCore = zeroCore(body);
        observeBackward(body, states[i], dStates[i], dCore);
        const [velocity, dVelocity] = [states[i - 1], dStates[i - 1]].map(({ joint }) => joint.subarray(2));
        formBackward(body, step, rates[i - 1], velocity, base, dCore, dRates[i - 1], dVelocity, dBase);
      }
    }
  }
  if (dFirst) for (const name of ['acceleration', 'activation', 'fibre'] as const) addScaled(dRates[0][name], dFirst[name], 1);
  odeBackward(body, drive, states[0], dRates[0], dStates[0], dDrive);
  if (body.integrator === 'rk4') {
    observeBackward(body, states[0], dStates[0], dBase);
    addScaled(dState.joint, dBase.joint, 1);
    addScaled(dState.muscle.subarray(0, body.M), dBase.activation, 1);
    if (body.muscle.compliant) addScaled(dState.muscle.subarray(body.M, 2 * body.M), dBase.fibre, 1);
  } else {
    addScaled(dState.joint, dStates[0].joint, 1);
    addScaled(dState.muscle, dStates[0].muscle, 1);
    addScaled(dState.geometry, dStates[0].geometry, 1);
  }
}
