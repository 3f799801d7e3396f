// Cases of closed_loop_backward: those of closed_loop_forward, run first for the cache, with random gradients of everything that came of them.
import type { KernelCase, Tolerance } from '../support/cases.js';
import { normals } from '../support/values.js';
import { forwardCase, type LoopCase, loopCases, loopParams, loopSizes, sharedArguments } from './closed_loop_forward.js';

const tolerance: Tolerance = {
  atol: 1e-5,
  rtol: 1e-4,
  rtolOfMax: 1e-4,
  reason: 'f32 sums over trials and steps in another order than the f64 reference, with gradients that passed through muscles, delays and all steps',
};

/** The backward call of a closed-loop case. */
export function backwardCase(from: LoopCase, seed: number): KernelCase {
  const { cell, name, B = 4, T = 5, E = 3, states = false, inputGradients = false, bodyGradients = false, blind = false } = from;
  const { M, R, S } = loopSizes(from);
  const shared = sharedArguments(from, seed);
  const { shape } = shared['parameters'] as { shape: readonly number[] };
  const draw = (wanted: boolean, purpose: string, of: readonly number[], deviation: number) =>
    wanted
      ? {
          shape: of,
          data: normals(
            of.reduce((n, size) => n * size, 1),
            seed,
            purpose,
            deviation,
          ),
        }
      : null;
  return {
    kernel: 'closed_loop_backward',
    name,
    variant: cell,
    seed,
    args: {
      ...shared,
      outputs: { shape: [B, T, M] },
      joint: { shape: [B, T + 1, 4] },
      muscle: { shape: [B, T + 1, R, M] },
      d_outputs: draw(true, 'd outputs', [B, T, M], 1),
      d_fingertip: draw(!blind, 'd fingertip', [B, T, 2], 10),
      d_joint: draw(bodyGradients, 'd joint', [B, T + 1, 4], 1),
      d_muscle: draw(bodyGradients, 'd muscle', [B, T + 1, R, M], 0.1),
      d_states: draw(states, 'd states', [B, T, S], 0.3),
      gradient: { shape, data: normals(shape[0] as number, seed, 'gradient') },
      d_initial_state: { shape: [B, S] },
      d_inputs: inputGradients ? { shape: [B, T, E] } : null,
    },
    params: loopParams(from),
    tolerance: from.tolerance ?? tolerance,
    before: forwardCase(from, seed, true),
  };
}

export const cases: readonly KernelCase[] = loopCases.map(backwardCase);
