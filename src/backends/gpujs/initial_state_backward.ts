// initial_state_backward: gradient[offset + s] += Σ_b d_initial_state[b, s], b ascending. The noise is additive and adds no term.
import type { GpujsCall } from './kernel.js';

export function initial_state_backward({ args: { d_initial_state, gradient }, dims: { B, S, P }, params: { offset }, launcher }: GpujsCall): void {
  const body = `
    const s = i - offset;
    if (s < 0 || s >= ${S}) { return gradient[i]; }
    let sum = 0.0;
    for (let b = 0; b < ${B}; b++) { sum += d[b * ${S} + s]; }
    return gradient[i] + sum;`;
  gradient.setDevice(launcher.run(body, P, { d: d_initial_state.value, gradient: gradient.value }, { ints: { offset } }));
}
