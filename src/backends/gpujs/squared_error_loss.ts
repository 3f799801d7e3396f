// squared_error_loss: trial_loss[b] += scale Σ_{t < steps} Σ_o w (p − y)²; d_prediction += 2 scale w (p − y).
import { errorLoss } from './error-loss.js';
import type { GpujsCall } from './kernel.js';

export function squared_error_loss(call: GpujsCall): void {
  errorLoss(call, 'error * error', '2.0 * error');
}
