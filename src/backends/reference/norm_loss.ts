// norm_loss: trial_loss[b] += scale · n with n = ‖states[b, :, 0 … size)‖₂; d_states += scale · states / n, nothing where n = 0.
// Source: the latent penalty of NoisyGRU_LatentL2, which takes the norm over all times and units of a trial, not its square.
import type { ReferenceCall, Values } from './kernel.js';

export function norm_loss({ args, dims: { B, T, S }, params: { scale, size } }: ReferenceCall): void {
  const { states, trial_loss } = args;
  const d_states: Values | undefined = args.d_states;
  for (let b = 0; b < B; b++) {
    let squares = 0;
    for (let t = 0; t < T; t++) {
      for (let s = 0; s < size; s++) squares += states[(b * T + t) * S + s] ** 2;
    }
    const norm = Math.sqrt(squares);
    trial_loss[b] += scale * norm;
    if (!d_states || norm === 0) continue;
    for (let t = 0; t < T; t++) {
      for (let s = 0; s < size; s++) {
        const i = (b * T + t) * S + s;
        d_states[i] += (scale * states[i]) / norm;
      }
    }
  }
}
