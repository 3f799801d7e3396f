// A body on gpu.js: its tables, and the texts of which the launches of a time step are made (body-step.ts). The equations stand with the reference (arm/).
// A packed state of a trial has Z = 4 + R·M + 4·M entries: joint [4], muscle [R, M], geometry [4, M]. A rate has 2 + M: accelerations, activation rates.
// A drive has M + 4: clamped commands, end-point load [2], joint load [2]. What is said of one of them holds for its cotangent.
import { KernelError } from '../../errors.js';
import type { GpujsValue } from '../../platform/gpujs.js';
import { bodyNumber, bodyWord, geometryCode, geometryNumber, geometryStart, geometryStride, integratorCode, muscleCode, skeletonCode } from '../body-layout.js';
import type { GpujsCall } from './kernel.js';
import { type MuscleText, muscleTexts } from './muscles.js';

export interface GpujsBody {
  readonly table: GpujsValue;
  readonly isArm: boolean;
  readonly polynomial: boolean;
  readonly chained: boolean;
  readonly ministeps: number;
  /** Seconds of a ministep. */
  readonly ministep: number;
  readonly M: number;
  readonly R: number;
  readonly Z: number;
  readonly muscle: MuscleText;
}

/** Reads the tables that `checkBody` found sound. Throws KernelError for a body that this backend lacks. */
export function openBody(kernel: string, { args: { body_layout, body } }: GpujsCall): GpujsBody {
  const layout = body_layout.data;
  const refuse = (what: string) => {
    throw new KernelError(`${kernel}: expected a body that the gpujs backend has, got one with ${what}; use the wasm or webgpu backend`);
  };
  const code = layout[bodyWord.muscle] as number;
  const muscle = muscleTexts[code];
  if (!muscle || code === muscleCode.compliantHill) return refuse('compliant tendons, whose stiff equations floats of WebGL do not hold');
  if (layout[bodyWord.geometry] === geometryCode.paths) return refuse('muscles along paths of points');
  if (layout[bodyWord.integrator] === integratorCode.rk4) return refuse('the classical rk4 scheme (it has euler and rk4-motornet)');
  const M = layout[bodyWord.muscles] as number;
  const ministeps = layout[bodyWord.ministeps] as number;
  return {
    table: body.value,
    isArm: layout[bodyWord.skeleton] === skeletonCode.arm,
    polynomial: layout[bodyWord.geometry] === geometryCode.polynomial,
    chained: layout[bodyWord.integrator] === integratorCode.rk4Motornet,
    ministeps,
    ministep: (body.data[bodyNumber.timeStep] as number) / ministeps,
    M,
    R: muscle.rows,
    Z: 4 + (muscle.rows + 4) * M,
    muscle,
  };
}

/** Statements that define q0, q1, w0, w1 of the packed state `state` of trial b. */
export const jointOf = ({ Z }: GpujsBody) =>
  `const q0 = state[b * ${Z}]; const q1 = state[b * ${Z} + 1]; const w0 = state[b * ${Z} + 2]; const w1 = state[b * ${Z} + 3];`;

const numberOf = (name: keyof typeof bodyNumber, more = 0) => `body[${bodyNumber[name] + more}]`;

/** Statements that define the state n0, n1 (positions), u0, u1 (velocities) after `step` seconds of `rate`, and for the reverse speed, position, outward of both. */
export function jointStep({ isArm, M }: GpujsBody): string {
  const mass = isArm ? '' : ` / ${numberOf('mass')}`;
  const of = (j: 0 | 1) => `
    const speed${j} = w${j} + rate[b * ${2 + M} + ${j}] * step${mass};
    const clipped${j} = Math.min(Math.max(speed${j}, ${numberOf('velocityLower', j)}), ${numberOf('velocityUpper', j)});
    const place${j} = q${j} + w${j} * step;
    let u${j} = clipped${j};
    if ((clipped${j} < 0.0 && place${j} <= ${numberOf('positionLower', j)}) || (clipped${j} > 0.0 && place${j} >= ${numberOf('positionUpper', j)})) { u${j} = 0.0; }
    const n${j} = Math.min(Math.max(place${j}, ${numberOf('positionLower', j)}), ${numberOf('positionUpper', j)});`;
  return of(0) + of(1);
}

/** Slope of min(max(x, low), high): 1 inside, 0 outside, 1/2 at a bound. */
const limitSlope = (x: string, low: string, high: string) => `limitSlope(${x}, ${low}, ${high})`;

/** Statements that define what joint j of the state before gets (`dq`, `dw`) and the rate (`dr`), from `dn`, `du` of the joint after. */
export function jointStepBack({ isArm }: GpujsBody, j: 0 | 1): string {
  const outward = `(clipped${j} < 0.0 && place${j} <= ${numberOf('positionLower', j)}) || (clipped${j} > 0.0 && place${j} >= ${numberOf('positionUpper', j)})`;
  return `
    const dq = dn * ${limitSlope(`place${j}`, numberOf('positionLower', j), numberOf('positionUpper', j))};
    let dSpeed = du * ${limitSlope(`speed${j}`, numberOf('velocityLower', j), numberOf('velocityUpper', j))};
    if (${outward}) { dSpeed = 0.0; }
    const dw = dSpeed + dq * step;
    const dr = dSpeed * step${isArm ? '' : ` / ${numberOf('mass')}`};`;
}

/** Where the geometry of muscle m has one of its numbers. */
const geometryOf = (M: number, index: number) => `body[${geometryStart(M) + index} + m * ${geometryStride}]`;

/** Statements that define len, vel, arm0, arm1 of muscle m in the joint state (names of positions and velocities). */
export function geometry({ polynomial, M }: GpujsBody, [q0, q1, w0, w1]: readonly string[]): string {
  if (!polynomial) {
    return `const len = 0.0; const vel = 0.0; const arm0 = ${geometryOf(M, geometryNumber.momentArm)}; const arm1 = ${geometryOf(M, geometryNumber.momentArm + 1)};`;
  }
  const at = (name: 'a1' | 'a2' | 'offset', j: number) => geometryOf(M, geometryNumber[name] + j);
  return `
    const away0 = ${q0} - ${at('offset', 0)}; const away1 = ${q1} - ${at('offset', 1)};
    const arm0 = away0 * ${at('a2', 0)} * 2.0 + ${at('a1', 0)};
    const arm1 = away1 * ${at('a2', 1)} * 2.0 + ${at('a1', 1)};
    const len = (${at('a1', 0)} + away0 * ${at('a2', 0)}) * away0 + (${at('a1', 1)} + away1 * ${at('a2', 1)}) * away1 + ${geometryOf(M, geometryNumber.a0)};
    const vel = ${w0} * arm0 + ${w1} * arm1;`;
}

/** A loop over all muscles beside the muscle m of a text: gpu.js has one scope for the names of loops. */
const ofEach = (text: string) => text.replace(/\bm\b/g, 'k');

/** Statements that add to dn and du what joint j gets of the geometry's cotangent `dGeometry(row)` of all muscles. */
export function geometryBack({ polynomial, M }: GpujsBody, j: 0 | 1, position: string, velocity: string, dGeometry: (row: number) => string): string {
  if (!polynomial) return '';
  const at = (name: 'a1' | 'a2' | 'offset') => geometryOf(M, geometryNumber[name] + j);
  const text = `for (let m = 0; m < ${M}; m++) {
    const arm = (${position} - ${at('offset')}) * ${at('a2')} * 2.0 + ${at('a1')};
    dn += ${dGeometry(0)} * arm + 2.0 * ${at('a2')} * (${dGeometry(2 + j)} + ${dGeometry(1)} * ${velocity});
    du += ${dGeometry(1)} * arm;
  }`;
  return ofEach(text);
}

/** Statements that define sines and cosines of an arm's angles, its Jacobian J11 … J22. */
export const jacobian = `
  const s1 = sine(q0); const c1 = cosine(q0); const s12 = sine(q0 + q1); const c12 = cosine(q0 + q1);
  const l1 = ${numberOf('length1')}; const l2 = ${numberOf('length2')};
  const J11 = -l1 * s1 - l2 * s12; const J12 = -l2 * s12; const J21 = l1 * c1 + l2 * c12; const J22 = l2 * c12;`;

/** Statements that define the torques t0, t1 of a packed state without the end-point load, and the accelerations acc0, acc1. */
export function acceleration(body: GpujsBody): string {
  const { isArm, M, R, Z } = body;
  const D = M + 4;
  const force = `state[b * ${Z} + ${4 + (R - 1) * M} + m]`;
  const arm = (j: number) => `state[b * ${Z} + ${4 + (R + 2 + j) * M} + m]`;
  const torques = `
    let pull0 = 0.0; let pull1 = 0.0;
    ${ofEach(`for (let m = 0; m < ${M}; m++) { pull0 += ${force} * ${arm(0)}; pull1 += ${force} * ${arm(1)}; }`)}
    const fx = drive[b * ${D} + ${M}]; const fy = drive[b * ${D} + ${M + 1}];
    const t0 = -pull0 + drive[b * ${D} + ${M + 2}] - ${numberOf('damping')} * w0;
    const t1 = -pull1 + drive[b * ${D} + ${M + 3}] - ${numberOf('damping')} * w1;`;
  if (!isArm) return `${torques} const acc0 = t0 + fx; const acc1 = t1 + fy;`;
  return `${torques} ${jacobian}
    const b12 = ${numberOf('b12')}; const viscosity = ${numberOf('viscosity')};
    const s2 = sine(q1); const c2 = cosine(q1);
    const m11 = ${numberOf('a11')} + c2 * ${numberOf('b11')}; const m12 = ${numberOf('a12')} + c2 * b12; const m22 = ${numberOf('a12')};
    const inverse = 1.0 / (m11 * m22 - m12 * m12);
    const r1 = b12 * s2 * (2.0 * w0 + w1) * w1 - viscosity * w0 + t0 + (J11 * fx + J21 * fy);
    const r2 = -b12 * s2 * w0 * w0 - viscosity * w1 + t1 + (J12 * fx + J22 * fy);
    const acc0 = inverse * m22 * r1 - inverse * m12 * r2;
    const acc1 = -inverse * m12 * r1 + inverse * m11 * r2;`;
}

/** Statements that follow `acceleration` and define what its cotangent `dRate` gives to joints (dj0 … dj3), torques (dT1, dT2) and end-point load (dfx, dfy). */
export function accelerationBack({ isArm, M }: GpujsBody): string {
  const read = `const dA1 = dRate[b * ${2 + M}]; const dA2 = dRate[b * ${2 + M} + 1];`;
  const damped = (dj2: string, dj3: string) => `const dj2 = ${dj2} - ${numberOf('damping')} * dT1; const dj3 = ${dj3} - ${numberOf('damping')} * dT2;`;
  if (!isArm) return `${read} const dT1 = dA1; const dT2 = dA2; const dj0 = 0.0; const dj1 = 0.0; ${damped('0.0', '0.0')} const dfx = dA1; const dfy = dA2;`;
  return `${read}
    const dT1 = inverse * (m22 * dA1 - m12 * dA2);
    const dT2 = inverse * (m11 * dA2 - m12 * dA1);
    const dC2 = -dT1 * acc0 * ${numberOf('b11')} - (dT1 * acc1 + dT2 * acc0) * b12;
    const dS2 = dT1 * b12 * (2.0 * w0 + w1) * w1 - dT2 * b12 * w0 * w0;
    const across = J12 * fy - J22 * fx;
    const dj0 = dT1 * (J11 * fy - J21 * fx) + dT2 * across;
    const dj1 = (dT1 + dT2) * across + c2 * dS2 - s2 * dC2;
    ${damped('dT1 * (2.0 * b12 * s2 * w1 - viscosity) - 2.0 * dT2 * b12 * s2 * w0', '2.0 * dT1 * b12 * s2 * (w0 + w1) - dT2 * viscosity')}
    const dfx = dT1 * J11 + dT2 * J12; const dfy = dT1 * J21 + dT2 * J22;`;
}
