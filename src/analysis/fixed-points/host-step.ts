// The damped step of a state map that has no kernel for it: Cholesky factors on the host (ml-matrix).
import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import type { DampedStep, StateMap } from './state-map.js';

/** StateMap.dampedStep for any map: δ of (JᵀJ + λI) δ = −JᵀR for each state; NaN where the matrix is not positive definite. */
export async function hostDampedStep(map: StateMap, states: Float64Array, inputs: Float64Array, damping: Float64Array): Promise<DampedStep> {
  const S = map.stateSize;
  const K = states.length / S;
  const { next, jacobian } = await map.linearise(states, inputs);
  const speed = new Float64Array(K);
  const step = new Float64Array(K * S);
  for (let k = 0; k < K; k++) {
    const residual = new Matrix(S, 1);
    for (let i = 0; i < S; i++) {
      const r = (next[k * S + i] as number) - (states[k * S + i] as number);
      residual.set(i, 0, r);
      speed[k] = (speed[k] as number) + 0.5 * r * r;
    }
    step.set(solve(jacobian.subarray(k * S * S, (k + 1) * S * S), residual, damping[k] as number, S), k * S);
  }
  return { next, speed, step };
}

function solve(jacobian: Float64Array, residual: Matrix, damping: number, S: number): ArrayLike<number> {
  if (!jacobian.every(Number.isFinite)) return new Float64Array(S).fill(Number.NaN);
  const transposed = new Matrix(S, S);
  for (let i = 0; i < S; i++) for (let j = 0; j < S; j++) transposed.set(j, i, (jacobian[i * S + j] as number) - (i === j ? 1 : 0));
  const normal = transposed.mmul(transposed.transpose());
  for (let i = 0; i < S; i++) normal.set(i, i, normal.get(i, i) + damping);
  const factors = new CholeskyDecomposition(normal);
  if (!factors.isPositiveDefinite()) return new Float64Array(S).fill(Number.NaN);
  return factors.solve(transposed.mmul(residual)).neg().to1DArray();
}
