// optimizer_step: one update of all parameters θ from the gradient g; where mask is 0, θ and its moments stay.
// Math  clip > 0: g ← g · min(1, clip / (norm + 1e-6))    (PyTorch clip_grad_norm_)
//       sgd, adam: g ← g + λ θ; adamw: θ ← θ − lr λ θ    (L2; decoupled: Loshchilov & Hutter 2019, arXiv:1711.05101)
//       sgd: m ← momentum · m + g, θ ← θ − lr m
//       adam, adamw: m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², θ ← θ − (lr / c₁) m / (√v / √c₂ + ε)
//       with correction1 c₁ = 1 − β₁ᵏ, correction2 c₂ = 1 − β₂ᵏ at step k = 1, 2, …    (Kingma & Ba 2015, arXiv:1412.6980, as in PyTorch)
import type { ReferenceCall, Values } from './kernel.js';

export function optimizer_step({ variant, args, dims: { P }, params }: ReferenceCall): void {
  const { gradient, parameters } = args;
  const norm: Values | undefined = args.norm;
  const mask: Values | undefined = args.mask;
  const moment1: Values | undefined = args.moment1;
  const moment2: Values | undefined = args.moment2;
  const { learning_rate, weight_decay, clip, beta1, beta2, epsilon, correction1, correction2, momentum } = params;
  const shrink = clip > 0 && norm ? Math.min(1, clip / (norm[0] + 1e-6)) : 1;
  for (let p = 0; p < P; p++) {
    if (mask && mask[p] === 0) continue;
    let theta = parameters[p];
    let g = gradient[p] * shrink;
    if (variant === 'adamw') theta -= learning_rate * weight_decay * theta;
    else g += weight_decay * theta;
    if (variant === 'sgd') {
      const velocity = moment1 ? momentum * moment1[p] + g : g;
      if (moment1) moment1[p] = velocity;
      parameters[p] = theta - learning_rate * velocity;
    } else {
      const m = beta1 * moment1[p] + (1 - beta1) * g;
      const v = beta2 * moment2[p] + (1 - beta2) * g * g;
      moment1[p] = m;
      moment2[p] = v;
      parameters[p] = theta - ((learning_rate / correction1) * m) / (Math.sqrt(v) / Math.sqrt(correction2) + epsilon);
    }
  }
}
