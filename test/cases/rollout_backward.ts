// Cases of rollout_backward: those of rollout_forward, run first for the cache, with random gradients of outputs and states.
import type { KernelCase, Tolerance } from '../support/cases.js';
import { normals } from '../support/values.js';
import { type RolloutCase, forwardCase, rolloutCases, sharedArguments } from './rollout_forward.js';

const tolerance: Tolerance = {
  atol: 1e-6,
  rtol: 2e-5,
  rtolOfMax: 1e-5,
  reason: 'f32 sums over trials and steps in another order than the f64 reference, with deltas that passed through all steps',
};

/** The backward call of a rollout case. */
export function backwardCase(from: RolloutCase, seed: number): KernelCase {
  const { cell, name, B = 4, T = 5, I = 3, H = 5, O = 3, states = false, inputGradients = false, params = {}, gradientTolerance } = from;
  const S = cell === 'lstm' ? 2 * H : H;
  const shared = sharedArguments(from, seed);
  const { shape } = shared['parameters'] as { shape: readonly number[] };
  return {
    kernel: 'rollout_backward',
    name,
    variant: cell,
    seed,
    args: {
      ...shared,
      outputs: { shape: [B, T, O] },
      d_outputs: { shape: [B, T, O], data: normals(B * T * O, seed, 'd outputs') },
      d_states: states ? { shape: [B, T, S], data: normals(B * T * S, seed, 'd states', 0.3) } : null,
      gradient: { shape, data: normals(shape[0] as number, seed, 'gradient') },
      d_initial_state: { shape: [B, S] },
      d_inputs: inputGradients ? { shape: [B, T, I] } : null,
    },
    params: { hidden_size: H, ...params },
    tolerance,
    ...(gradientTolerance ? { tolerances: { gradient: gradientTolerance } } : {}),
    before: forwardCase(from, seed, true),
  };
}

export const cases: readonly KernelCase[] = rolloutCases.map(backwardCase);
