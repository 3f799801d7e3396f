// Cases of ceiling.
import type { KernelCase } from '../support/cases.js';

const tolerance = { atol: 0, rtol: 1e-6, reason: 'f32 against f64 after steps that halve every error' };

export const cases: readonly KernelCase[] = [0, 1, 2, 7, 1000].flatMap((iterations) =>
  [1, 2, 3, 5].map(
    (length): KernelCase => ({
      kernel: 'ceiling',
      name: `${iterations} steps, ${length} elements`,
      args: { y: { shape: [length] } },
      params: { iterations },
      tolerance,
    }),
  ),
);
