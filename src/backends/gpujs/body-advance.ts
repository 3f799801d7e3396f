// Time steps of a body on gpu.js: ministeps of euler or of MotorNet's chained rk4, forward and in reverse (src/backends/reference/arm/integrate.ts says how).
import type { GpujsValue } from '../../platform/gpujs.js';
import type { BodyLauncher } from './body-step.js';

/** How far each later stage reaches, and what each stage weighs in their mean. */
const reach = [0.5, 0.5, 1] as const;
const weights = [1 / 6, 2 / 6, 2 / 6, 1 / 6] as const;

interface Stages {
  /** The first is the state that the ministep starts from; it stays its owner's. */
  readonly states: readonly GpujsValue[];
  readonly rates: readonly GpujsValue[];
}

function stagesOf(on: BodyLauncher, drive: GpujsValue, state: GpujsValue): Stages {
  const states = [state];
  const rates = [on.ode(state, drive)];
  if (on.body.chained) {
    for (const [i, share] of reach.entries()) {
      const next = on.integrate(share * on.body.ministep, rates[i] as GpujsValue, states[i] as GpujsValue);
      states.push(next);
      rates.push(on.ode(next, drive));
    }
  }
  return { states, rates };
}

function release(on: BodyLauncher, { states, rates }: Stages): void {
  on.launcher.release(...states.slice(1), ...rates);
}

/** The mean of the stages' rates, or the only one: the caller's. */
function meanOf(on: BodyLauncher, { rates }: Stages): GpujsValue {
  const copies = rates.map(
    (rate, i) => [on.launcher.run('return rate[i];', on.launcher.lengthOf(rate), { rate }), on.body.chained ? weights[i] : 1] as [GpujsValue, number],
  );
  return on.sum(copies);
}

/** The state after one time step. */
export function stepped(on: BodyLauncher, drive: GpujsValue, state: GpujsValue): GpujsValue {
  let current = state;
  for (let k = 0; k < on.body.ministeps; k++) {
    const next = advanced(on, drive, current);
    if (current !== state) on.launcher.release(current);
    current = next;
  }
  return current;
}

function advanced(on: BodyLauncher, drive: GpujsValue, state: GpujsValue): GpujsValue {
  const stages = stagesOf(on, drive, state);
  const mean = meanOf(on, stages);
  const next = on.integrate(on.body.ministep, mean, state);
  release(on, stages);
  on.launcher.release(mean);
  return next;
}

/** ∂L/∂(state before) and ∂L/∂drive of one time step, from that of the state after it, which stays the caller's, and of the first rates where given. */
export function steppedBack(
  on: BodyLauncher,
  drive: GpujsValue,
  state: GpujsValue,
  dNext: GpujsValue,
  dFirst: GpujsValue | null = null,
): { dState: GpujsValue; dDrive: GpujsValue } {
  const states = [state];
  for (let k = 1; k < on.body.ministeps; k++) states.push(advanced(on, drive, states[k - 1] as GpujsValue));
  const drives: [GpujsValue, number][] = [];
  let d = dNext;
  for (let k = on.body.ministeps - 1; k >= 0; k--) {
    const before = advancedBack(on, drive, states[k] as GpujsValue, d, k === 0 ? dFirst : null, drives);
    if (d !== dNext) on.launcher.release(d);
    d = before;
  }
  on.launcher.release(...states.slice(1));
  let dDrive = drives[0]?.[0] as GpujsValue;
  for (const [more] of drives.slice(1)) {
    dDrive = on.sum([
      [dDrive, 1],
      [more, 1],
    ]);
  }
  return { dState: d, dDrive };
}

/** ∂L/∂(state before) of a ministep; adds to `drives`. */
function advancedBack(
  on: BodyLauncher,
  drive: GpujsValue,
  state: GpujsValue,
  dNext: GpujsValue,
  dFirst: GpujsValue | null,
  drives: [GpujsValue, number][],
): GpujsValue {
  const h = on.body.ministep;
  const stages = stagesOf(on, drive, state);
  const mean = meanOf(on, stages);
  const dMean = on.integrateBackRate(h, mean, state, dNext);
  const first: GpujsValue[] = [on.integrateBackState(h, mean, state, dNext)];
  const copy = (value: GpujsValue) => on.launcher.run('return value[i];', on.launcher.lengthOf(value), { value });
  /** Cotangents of each stage's rate and state, summed when they are needed. */
  const dRates = stages.rates.map((_, i): [GpujsValue, number][] => [[copy(dMean), on.body.chained ? (weights[i] as number) : 1]]);
  if (dFirst) dRates[0]?.push([copy(dFirst), 1]);
  on.launcher.release(dMean);
  let dStage: GpujsValue | null = null;
  for (let i = stages.states.length - 1; i > 0; i--) {
    const [at, before] = [stages.states[i] as GpujsValue, stages.states[i - 1] as GpujsValue];
    const dRate = on.sum(dRates[i] as [GpujsValue, number][]);
    drives.push([on.odeBackDrive(at, drive, dRate), 1]);
    const parts: [GpujsValue, number][] = [[on.odeBackState(at, drive, dRate), 1], ...(dStage ? [[dStage, 1] as [GpujsValue, number]] : [])];
    const dAt = on.sum(parts);
    const step = (reach[i - 1] as number) * h;
    const rate = stages.rates[i - 1] as GpujsValue;
    dRates[i - 1]?.push([on.integrateBackRate(step, rate, before, dAt), 1]);
    dStage = on.integrateBackState(step, rate, before, dAt);
    on.launcher.release(dRate, dAt);
  }
  if (dStage) first.push(dStage);
  const dRate = on.sum(dRates[0] as [GpujsValue, number][]);
  drives.push([on.odeBackDrive(state, drive, dRate), 1]);
  first.push(on.odeBackState(state, drive, dRate));
  on.launcher.release(dRate, mean);
  release(on, stages);
  return on.sum(first.map((value) => [value, 1] as const));
}
