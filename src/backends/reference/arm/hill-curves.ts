// Curves that the two Kistemaker muscles (rigid and compliant tendon) share: active force-length, and the activation-dependent Hill constant b_rel.
import type { MuscleParameters } from './muscle.js';

/** Passive slack length l_pe (m) and stiffness k_pe = 1/(1.66 − slack)². */
export function passive(p: MuscleParameters): { slackLength: number; stiffness: number } {
  const slackLength = p.slack * p.optimalLength;
  const span = 1.66 - slackLength / p.optimalLength;
  return { slackLength, stiffness: 1 / (span * span) };
}

/** b_rel(a) = 5.2 (1 − 0.9 (a − 0.3)/(−0.295))² below a = 0.3, 5.2 above; ce(n) = max(1 − (n − 1)²/0.4356, 0.01); both with slopes. */
export function hillCurves(activation: number, n: number): { br: number; dBr: number; ce: number; dCe: number } {
  const y = 1 - 0.9 * ((activation - 0.3) / -0.295);
  const q = 1 + (-(n * n) + 2 * n - 1) / 0.4356;
  return {
    br: activation < 0.3 ? 5.2 * (y * y) : 5.2,
    dBr: activation < 0.3 ? (-9.36 * y) / -0.295 : 0,
    ce: Math.max(q, 0.01),
    dCe: q >= 0.01 ? (2 * (1 - n)) / 0.4356 : 0,
  };
}
