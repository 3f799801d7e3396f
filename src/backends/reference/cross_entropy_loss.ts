// cross_entropy_loss: trial_loss[b] −= scale Σ_t w Σ_o y log softmax(p)_o; d_prediction += scale w (softmax(p)_o Σ_o' y_o' − y_o).
// The target y holds probabilities; log softmax(p)_o = p_o − m − ln Σ_o' e^(p_o' − m) with m = max p, so that no exponential overflows.
import type { ReferenceCall, Values } from './kernel.js';

export function cross_entropy_loss({ args, dims: { B, T, O }, params: { scale } }: ReferenceCall): void {
  const { prediction, target, trial_loss } = args;
  const weight: Values | undefined = args.weight;
  const d_prediction: Values | undefined = args.d_prediction;
  for (let b = 0; b < B; b++) {
    let sum = 0;
    for (let t = 0; t < T; t++) {
      const row = (b * T + t) * O;
      const w = weight ? weight[b * T + t] : 1;
      let highest = Number.NEGATIVE_INFINITY;
      for (let o = 0; o < O; o++) highest = Math.max(highest, prediction[row + o]);
      let exponentials = 0;
      let mass = 0;
      for (let o = 0; o < O; o++) {
        exponentials += Math.exp(prediction[row + o] - highest);
        mass += target[row + o];
      }
      const logarithm = highest + Math.log(exponentials);
      for (let o = 0; o < O; o++) {
        const logProbability = prediction[row + o] - logarithm;
        sum -= w * target[row + o] * logProbability;
        if (d_prediction) d_prediction[row + o] += scale * w * (Math.exp(logProbability) * mass - target[row + o]);
      }
    }
    trial_loss[b] += scale * sum;
  }
}
