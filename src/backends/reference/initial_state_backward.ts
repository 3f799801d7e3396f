// initial_state_backward: gradient[offset + s] += Σ_b d_initial_state[b, s], b ascending. The noise is additive and adds no term.
import type { ReferenceCall } from './kernel.js';

export function initial_state_backward({ args: { d_initial_state, gradient }, dims: { B, S }, params: { offset } }: ReferenceCall): void {
  for (let s = 0; s < S; s++) {
    let sum = 0;
    for (let b = 0; b < B; b++) sum += d_initial_state[b * S + s];
    gradient[offset + s] += sum;
  }
}
