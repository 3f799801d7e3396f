// Muscles with rigid tendons as texts of gpu.js kernels, equations and Back as with the reference (src/backends/reference/arm): from activation `a`, musculotendon
// length `len` and velocity `vel` of muscle m the rows `x0` … of its state; from their cotangents `g0` … those of the three, `da`, `dlen`, `dvel`.
import { bodyNumber, muscleCode, muscleNumber, muscleStride } from '../body-layout.js';

export interface MuscleText {
  /** Rows of a muscle's state; the last is the force. */
  readonly rows: number;
  readonly forward: string;
  readonly backward: string;
  /** At rest the force is 0 even where the minimum activation is not. */
  readonly idleAtRest: boolean;
}

/** Where muscle m of a body's table has one of its numbers. */
const number = (name: keyof typeof muscleNumber) => `body[${bodyNumber.muscles + muscleNumber[name]} + m * ${muscleStride}]`;
/** That number as a constant of its name. */
const constants = (...names: (keyof typeof muscleNumber)[]) => names.map((name) => `const ${name} = ${number(name)};`).join(' ');

export const minimumActivation = number('minimumActivation');
export const activationTimes = constants('activationTime', 'deactivationTime');

const relu: MuscleText = {
  rows: 4,
  forward: `const x0 = a; const x1 = len; const x2 = vel; const x3 = a * ${number('maximumForce')};`,
  backward: `const da = g0 + g3 * ${number('maximumForce')}; const dlen = g1; const dvel = g2;`,
  idleAtRest: true,
};

const mujocoShared = `${constants('maximumForce', 'optimalLength', 'tendonLength', 'slack', 'minimumLength', 'maximumLength', 'maximumVelocity', 'maximumForceVelocity', 'passiveForces')}
  const n = Math.max(len - tendonLength, 0.001) / optimalLength;
  const v = vel / maximumVelocity;
  const bend = 0.5 * (1.0 + maximumLength);
  const p1 = bend - 1.0;
  const p2 = 0.25 * slack;
  let pe = 0.0;
  let dPe = 0.0;
  if (n > bend) { pe = p2 * (1.0 + 3.0 * ((n - bend) / p1)); dPe = p2 * 3.0 / p1; }
  else if (n > 1.0) { const stretch = (n - 1.0) / p1; pe = p2 * (stretch * stretch * stretch); dPe = p2 * 3.0 * stretch * stretch / p1; }
  const sideMiddle = 0.5 * (minimumLength + 0.95);
  const ce = humpOf(n, minimumLength, 1.0, maximumLength) + 0.15 * humpOf(n, minimumLength, sideMiddle, 0.95);
  const lift = maximumForceVelocity - 1.0;
  let fv = maximumForceVelocity;
  let dFv = 0.0;
  if (v <= -1.0) { fv = 0.0; }
  else if (v <= 0.0) { fv = (v + 1.0) * (v + 1.0); dFv = 2.0 * (v + 1.0); }
  else if (v <= lift) { fv = maximumForceVelocity - (lift - v) * (lift - v) / lift; dFv = 2.0 * (lift - v) / lift; }`;

const mujocoHill: MuscleText = {
  rows: 7,
  forward: `${mujocoShared}
    const x0 = a; const x1 = n * optimalLength; const x2 = v * maximumVelocity; const x3 = pe; const x4 = ce; const x5 = fv;
    const x6 = (a * ce * fv + passiveForces * pe) * maximumForce;`,
  backward: `${mujocoShared}
    const dCe = humpSlope(n, minimumLength, 1.0, maximumLength) + 0.15 * humpSlope(n, minimumLength, sideMiddle, 0.95);
    const dForce = g6 * maximumForce;
    const dPassive = dForce * passiveForces + g3;
    const dActive = dForce * a * fv + g4;
    const dSpeed = dForce * a * ce + g5;
    const dN = dPassive * dPe + dActive * dCe + g1 * optimalLength;
    const dV = dSpeed * dFv + g2 * maximumVelocity;
    const da = dForce * ce * fv + g0;
    let dlen = 0.0;
    if (len - tendonLength >= 0.001) { dlen = dN / optimalLength; }
    const dvel = dV / maximumVelocity;`,
  idleAtRest: false,
};

const rigidShared = `${constants('maximumForce', 'optimalLength', 'tendonLength', 'slack', 'maximumVelocity')}
  const slackLength = slack * optimalLength;
  const span = 1.66 - slackLength / optimalLength;
  const stiffness = 1.0 / (span * span);
  const l = Math.max(len - tendonLength, 0.0);
  const strain = Math.max((l - slackLength) / optimalLength, 0.0);
  const n = l / optimalLength;
  const v = vel / maximumVelocity;
  const low = 1.0 - 0.9 * ((a - 0.3) / -0.295);
  let br = 5.2;
  let dBr = 0.0;
  if (a < 0.3) { br = 5.2 * (low * low); dBr = -9.36 * low / -0.295; }
  const curve = 1.0 - (n - 1.0) * (n - 1.0) / 0.4356;
  let ce = 0.01;
  let dCe = 0.0;
  if (curve >= 0.01) { ce = curve; dCe = 2.0 * (1.0 - n) / 0.4356; }
  let ar = 0.41;
  if (n > 1.0) { ar = 0.41 * ce; }
  const K = a * (ce + ar) / br;
  const f = ce * a;
  const t = f * 0.5;
  const D = 0.001 - K * 2.0;
  const p1 = -t / D;
  const p2 = t * t / D;
  const p3 = -1.5 * f;
  let numerator = -p1 * p3 + p1 * 0.001 * v + p2 - p3 * v + 0.001 * (v * v);
  let denominator = p1 + v;
  if (v < 0.0) { numerator = v * a * ar + f * br; denominator = br - v; }
  let active = 0.0;
  if (denominator != 0.0) { active = numerator / denominator; }`;

const rigidHill: MuscleText = {
  rows: 7,
  forward: `${rigidShared}
    const x0 = a; const x1 = l; const x2 = vel; const x3 = stiffness * (strain * strain); const x4 = ce; const x5 = Math.max(active, 0.0);
    const x6 = (x5 + x3) * maximumForce;`,
  backward: `${rigidShared}
    const dForce = g6 * maximumForce;
    let dG = 0.0;
    if (active >= 0.0) { dG = dForce + g5; }
    const dPe = dForce + g3;
    let dNumerator = 0.0;
    let dDenominator = 0.0;
    if (denominator != 0.0) { dNumerator = dG / denominator; dDenominator = -dG * active / denominator; }
    let dV = 0.0;
    let dAr = 0.0;
    let dBrel = 0.0;
    let dF = 0.0;
    let dCurve = g4;
    let da = g0;
    if (v < 0.0) {
      dV = dNumerator * a * ar - dDenominator;
      dAr = dNumerator * v * a;
      dBrel = dNumerator * f + dDenominator;
      dF = dNumerator * br;
      da += dNumerator * v * ar;
    } else {
      const dP1 = dNumerator * (0.001 * v - p3) + dDenominator;
      const dP3 = dNumerator * (-p1 - v);
      const dT = (2.0 * t * dNumerator - dP1) / D;
      const dK = 2.0 * (dP1 * p1 + dNumerator * p2) / D;
      dV = dNumerator * (p1 * 0.001 - p3 + 0.002 * v) + dDenominator;
      dAr = dK * a / br;
      dBrel = -dK * K / br;
      dF = -1.5 * dP3 + 0.5 * dT;
      dCurve += dK * a / br;
      da += dK * (ce + ar) / br;
    }
    dCurve += dF * a;
    if (n > 1.0) { dCurve += 0.41 * dAr; }
    da += dF * ce + dBrel * dBr;
    let dlen = 0.0;
    if (len - tendonLength >= 0.0) { dlen = dPe * stiffness * 2.0 * strain / optimalLength + dCurve * dCe / optimalLength + g1; }
    const dvel = dV / maximumVelocity + g2;`,
  idleAtRest: false,
};

const passiveScale = Math.exp(5) - 1;
const thelenShared = `${constants('maximumForce', 'optimalLength', 'tendonLength', 'slack', 'maximumVelocity')}
  const l = Math.max(len - tendonLength, 0.001);
  const v = vel;
  const k0 = 3.0 * maximumVelocity;
  const k1 = 0.25 * maximumVelocity;
  const k2 = 0.3 * maximumVelocity;
  const k4 = 0.1 * maximumVelocity;
  let numerator = k2 * a + 14.0 * v + k4;
  let denominator = k4 * (a * 3.0) + 10.0 * v + k4;
  if (v <= 0.0) { numerator = 0.25 * (a * k0 + 4.0 * v + maximumVelocity); denominator = a * 3.0 * k1 + k1 - 4.0 * v; }
  const speed = numerator / denominator;
  const exponential = Math.exp(${5 / 0.6} * (l - optimalLength * slack) / optimalLength);
  const pull = (exponential - 1.0) / ${passiveScale};
  const stretch = l / optimalLength - 1.0;
  const ce = Math.exp(-(stretch * stretch) / 0.45);
  const fv = Math.max(speed, 0.0);`;

const thelen: MuscleText = {
  rows: 7,
  forward: `${thelenShared}
    const x0 = a; const x1 = l; const x2 = v; const x3 = Math.max(pull, 0.0); const x4 = ce; const x5 = fv;
    const x6 = (a * ce * fv + x3) * maximumForce;`,
  backward: `${thelenShared}
    const dForce = g6 * maximumForce;
    let dFv = 0.0;
    if (speed >= 0.0) { dFv = dForce * a * ce + g5; }
    const dCe = dForce * a * fv + g4;
    let dPe = 0.0;
    if (pull >= 0.0) { dPe = dForce + g3; }
    const dNumerator = dFv / denominator;
    const dDenominator = -dFv * speed / denominator;
    let da = dForce * ce * fv + g0;
    let dvel = g2;
    if (v <= 0.0) { da += dNumerator * 0.25 * k0 + 3.0 * dDenominator * k1; dvel += 4.0 * (dNumerator * 0.25 - dDenominator); }
    else { da += dNumerator * k2 + 3.0 * dDenominator * k4; dvel += dNumerator * 14.0 + dDenominator * 10.0; }
    let dlen = 0.0;
    if (len - tendonLength >= 0.001) {
      dlen = dPe * exponential * ${5 / 0.6} / (optimalLength * ${passiveScale}) - 2.0 * dCe * ce * stretch / (0.45 * optimalLength) + g1;
    }`,
  idleAtRest: false,
};

/** By the code in a body's layout; compliant tendons are not among them. */
export const muscleTexts: Readonly<Record<number, MuscleText>> = {
  [muscleCode.relu]: relu,
  [muscleCode.mujocoHill]: mujocoHill,
  [muscleCode.rigidHill]: rigidHill,
  [muscleCode.thelen]: thelen,
};
