// damped_step: the damped Gauss-Newton step of ½‖F(x) − x‖² (Levenberg 1944; Marquardt 1963), by Cholesky factors of JᵀJ + damping I.
import type { ReferenceCall } from './kernel.js';
import { vectorAt } from './rollout.js';

export function damped_step({ args, dims: { B, S } }: ReferenceCall): void {
  for (let b = 0; b < B; b++) {
    const jacobian = vectorAt(args.jacobian, b, S * S);
    for (let i = 0; i < S; i++) jacobian[i * S + i] -= 1;
    const residual = vectorAt(args.next, b, S);
    let speed = 0;
    for (let i = 0; i < S; i++) {
      residual[i] -= args.states[b * S + i];
      speed += 0.5 * residual[i] * residual[i];
    }
    args.speed[b] = speed;
    args.step.set(solve(jacobian, residual, args.damping[b], S), b * S);
  }
}

/** δ of (JᵀJ + λI) δ = −JᵀR; NaN where a pivot is not positive. */
function solve(jacobian: Float64Array, residual: Float64Array, damping: number, S: number): Float64Array {
  const factor = new Float64Array(S * S); // lower triangle L of LLᵀ
  const step = new Float64Array(S);
  for (let i = 0; i < S; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = i === j ? damping : 0;
      for (let k = 0; k < S; k++) sum += jacobian[k * S + i] * jacobian[k * S + j];
      for (let k = 0; k < j; k++) sum -= factor[i * S + k] * factor[j * S + k];
      factor[i * S + j] = i === j ? Math.sqrt(sum > 0 ? sum : Number.NaN) : sum / factor[j * S + j];
    }
    for (let k = 0; k < S; k++) step[i] -= jacobian[k * S + i] * residual[k];
    for (let k = 0; k < i; k++) step[i] -= factor[i * S + k] * step[k];
    step[i] /= factor[i * S + i];
  }
  for (let i = S - 1; i >= 0; i--) {
    for (let k = i + 1; k < S; k++) step[i] -= factor[k * S + i] * step[k];
    step[i] /= factor[i * S + i];
  }
  return step;
}
