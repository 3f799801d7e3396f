// initial_state_forward: initial_state[b] = parameters[offset … offset + S) + noise_scale · noise[b] on the first N entries; offset < 0 means zeros.
// Source: latent_ics and its noise, of which noise_scale is the standard deviation (Computation-through-Dynamics Benchmark, GRU_RNN).
import type { ReferenceCall, Values } from './kernel.js';

export function initial_state_forward({ args, dims: { N, B, S }, params: { offset, noise_scale } }: ReferenceCall): void {
  const { parameters, initial_state } = args;
  const noise: Values | undefined = args.noise;
  for (let b = 0; b < B; b++) {
    for (let s = 0; s < S; s++) {
      const start = offset < 0 ? 0 : parameters[offset + s];
      initial_state[b * S + s] = start + (noise && s < N ? noise_scale * noise[b * N + s] : 0);
    }
  }
}
