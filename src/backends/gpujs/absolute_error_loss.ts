// absolute_error_loss: trial_loss[b] += scale Σ_{t < steps} Σ_o w |p − y|; d_prediction += scale w sign(p − y), 0 where they are equal.
import { errorLoss } from './error-loss.js';
import type { GpujsCall } from './kernel.js';

export function absolute_error_loss(call: GpujsCall): void {
  errorLoss(call, 'Math.abs(error)', 'error > 0.0 ? 1.0 : (error < 0.0 ? -1.0 : 0.0)');
}
