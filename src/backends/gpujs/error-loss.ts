// What absolute_error_loss and squared_error_loss share: a weighted sum over the first steps of each trial, and its gradient, from the terms of one element.
import type { GpujsArray } from './array.js';
import { type GpujsCall, places } from './kernel.js';

/** `size` and `slope` of one element by `error`, in the language of the kernels. */
export function errorLoss({ args, dims: { B, T, O, W }, params: { scale, steps }, launcher }: GpujsCall, size: string, slope: string): void {
  const { prediction, trial_loss } = args;
  const target: GpujsArray | undefined = args.target;
  const weight: GpujsArray | undefined = args.weight;
  const d_prediction: GpujsArray | undefined = args.d_prediction;
  const given = { prediction: prediction.value, ...(target ? { target: target.value } : {}), ...(weight ? { weight: weight.value } : {}) };
  const element = `
    const error = prediction[k] ${target ? '- target[k]' : ''};
    const w = ${weight ? `weight[(b * ${T} + t) * ${W} + ${W === 1 ? '0' : 'o'}]` : '1.0'};`;
  const count = Math.max(0, Math.min(T, steps));
  if (d_prediction) {
    const body = `${places(['b', 't', 'o'], [T, O])}
      if (t >= ${count}) { return d_prediction[i]; }
      const k = i; ${element}
      return d_prediction[i] + scale * w * (${slope});`;
    d_prediction.setDevice(launcher.run(body, B * T * O, { ...given, d_prediction: d_prediction.value }, { floats: { scale } }));
  }
  const body = `const b = i;
    let sum = 0.0;
    for (let t = 0; t < ${count}; t++) {
      for (let o = 0; o < ${O}; o++) {
        const k = (b * ${T} + t) * ${O} + o; ${element}
        sum += w * (${size});
      }
    }
    return trial_loss[i] + scale * sum;`;
  trial_loss.setDevice(launcher.run(body, B, { ...given, trial_loss: trial_loss.value }, { floats: { scale } }));
}
