// cross_entropy_loss: trial_loss[b] −= scale Σ_t w Σ_o y log softmax(p)_o; d_prediction += scale w (softmax(p)_o Σ_o' y_o' − y_o).
import type { GpujsArray } from './array.js';
import { type GpujsCall, places } from './kernel.js';

export function cross_entropy_loss({ args, dims: { B, T, O }, params: { scale }, launcher }: GpujsCall): void {
  const { prediction, target, trial_loss } = args;
  const weight: GpujsArray | undefined = args.weight;
  const d_prediction: GpujsArray | undefined = args.d_prediction;
  const given = { prediction: prediction.value, target: target.value, ...(weight ? { weight: weight.value } : {}) };
  const step = `
    const row = (b * ${T} + t) * ${O};
    const w = ${weight ? `weight[b * ${T} + t]` : '1.0'};
    let highest = prediction[row];
    for (let k = 1; k < ${O}; k++) { highest = Math.max(highest, prediction[row + k]); }
    let exponentials = 0.0;
    let mass = 0.0;
    for (let k = 0; k < ${O}; k++) {
      exponentials += Math.exp(prediction[row + k] - highest);
      mass += target[row + k];
    }
    const logarithm = highest + Math.log(exponentials);`;
  if (d_prediction) {
    const body = `${places(['b', 't', 'o'], [T, O])} ${step}
      return d_prediction[i] + scale * w * (Math.exp(prediction[i] - logarithm) * mass - target[i]);`;
    d_prediction.setDevice(launcher.run(body, B * T * O, { ...given, d_prediction: d_prediction.value }, { floats: { scale } }));
  }
  const body = `const b = i;
    let sum = 0.0;
    for (let t = 0; t < ${T}; t++) { ${step}
      for (let k = 0; k < ${O}; k++) { sum += w * target[row + k] * (logarithm - prediction[row + k]); }
    }
    return trial_loss[i] + scale * sum;`;
  trial_loss.setDevice(launcher.run(body, B, { ...given, trial_loss: trial_loss.value }, { floats: { scale } }));
}
