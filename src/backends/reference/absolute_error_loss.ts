// absolute_error_loss: trial_loss[b] += scale Σ_{t < steps} Σ_o w |p − y|; d_prediction += scale w sign(p − y), 0 where they are equal.
// Target absent means 0, weight absent means 1; the weight has one channel for all outputs (W = 1) or one for each (W = O).
import type { ReferenceCall, Values } from './kernel.js';

export function absolute_error_loss({ args, dims: { B, T, O, W }, params: { scale, steps } }: ReferenceCall): void {
  const { prediction, trial_loss } = args;
  const target: Values | undefined = args.target;
  const weight: Values | undefined = args.weight;
  const d_prediction: Values | undefined = args.d_prediction;
  for (let b = 0; b < B; b++) {
    let sum = 0;
    for (let t = 0; t < Math.min(T, steps); t++) {
      for (let o = 0; o < O; o++) {
        const i = (b * T + t) * O + o;
        const w = weight ? weight[(b * T + t) * W + (W === 1 ? 0 : o)] : 1;
        const error = prediction[i] - (target ? target[i] : 0);
        sum += w * Math.abs(error);
        if (d_prediction) d_prediction[i] += scale * w * Math.sign(error);
      }
    }
    trial_loss[b] += scale * sum;
  }
}
