// Losses as kernel calls: each adds its value, trial by trial, and its gradient with respect to outputs and states.
// Every loss is a sum over trials, so micro-batches add up exactly; the caller hands in the mean's 1/B as part of the scale.
import type { Backend, KernelArgument } from '../backends/backend.js';
import type { TaskLoss } from '../tasks/task.js';

/** Where a loss reads and adds. Gradients are null when only the value is wanted. */
export interface LossBuffers {
  /** Outputs [B, T, O]. */
  readonly prediction: KernelArgument;
  /** [B, T, O]; null means zeros. */
  readonly target: KernelArgument | null;
  /** [B, T, O] or [B, T, 1]; null means ones. */
  readonly weight: KernelArgument | null;
  /** Added to, trial by trial [B]. */
  readonly trialLoss: KernelArgument;
  /** Added to [B, T, O]. */
  readonly dPrediction: KernelArgument | null;
}

/** scale · Σ weight (prediction − target)² over the first `steps` steps (default: all) of each trial. */
export function addSquaredError(backend: Backend, at: LossBuffers, scale: number, steps?: number): void {
  backend.run('squared_error_loss', {
    args: { prediction: at.prediction, target: at.target, weight: at.weight, trial_loss: at.trialLoss, d_prediction: at.dPrediction },
    params: { scale, steps: steps ?? (at.prediction.shape[1] as number) },
  });
}

/** −scale · Σ weight · target · log softmax(prediction); the target holds probabilities and is required. */
export function addCrossEntropy(backend: Backend, at: LossBuffers, scale: number): void {
  backend.run('cross_entropy_loss', {
    args: { prediction: at.prediction, target: at.target, weight: at.weight, trial_loss: at.trialLoss, d_prediction: at.dPrediction },
    params: { scale },
  });
}

/** A task's own loss; `batchSize` is the number of trials of the whole batch, of which these may be a part. */
export function addTaskLoss(backend: Backend, loss: TaskLoss, at: LossBuffers, batchSize: number): void {
  if (loss.kind === 'cross entropy') addCrossEntropy(backend, at, loss.scale / batchSize);
  else addSquaredError(backend, at, loss.scale / batchSize);
}

/** Channels of a task's weights: one for each output where errors are squared, one for all with cross entropy. */
export function weightChannels(loss: TaskLoss, outputSize: number): number {
  return loss.kind === 'cross entropy' ? 1 : outputSize;
}

/**
 * The latent penalty of NoisyGRU_LatentL2: weight · mean over trials of ‖latents of a trial‖₂, the norm over all steps and the first
 * `size` state entries, not its square.
 */
export function addLatentNorm(
  backend: Backend,
  at: { readonly states: KernelArgument; readonly trialLoss: KernelArgument; readonly dStates: KernelArgument | null },
  weight: number,
  size: number,
  batchSize: number,
): void {
  backend.run('norm_loss', { args: { states: at.states, trial_loss: at.trialLoss, d_states: at.dStates }, params: { scale: weight / batchSize, size } });
}

/** Steps at the start of a trial and of the response that MultiTaskLoss leaves out. */
const blindSteps = 5;
const responseWeight = 5;

/**
 * Weights of MultiTaskLoss (CtDB) over time: `outputs` [S, T, 1] and `latents` [S, T, 1]. `extra` [S, 2] holds start and end of the
 * response. Outputs: 1; first five steps 0; response 5, its own first five steps 0; nothing after it. Latents: 1 until the response ends.
 */
export function multiTaskWeights(extra: ArrayLike<number>, trials: number, steps: number): { outputs: Float32Array; latents: Float32Array } {
  const outputs = new Float32Array(trials * steps).fill(1);
  const latents = new Float32Array(trials * steps).fill(1);
  for (let trial = 0; trial < trials; trial++) {
    const start = extra[2 * trial] as number;
    const end = extra[2 * trial + 1] as number;
    const set = (weights: Float32Array, from: number, to: number, value: number) =>
      weights.fill(value, trial * steps + Math.min(steps, Math.max(0, from)), trial * steps + Math.min(steps, Math.max(0, to)));
    // In this order: a later line overrides an earlier one.
    set(outputs, 0, blindSteps, 0);
    set(outputs, start, end, responseWeight);
    set(outputs, start, start + blindSteps, 0);
    set(outputs, end, steps, 0);
    set(latents, end, steps, 0);
  }
  return { outputs, latents };
}

/**
 * MultiTaskLoss: mean over trials and channels of the weighted squared error summed over time, and latentWeight · mean over trials and
 * units of the weighted squared latents summed over time. `latents.weight` is [B, T, 1].
 */
export function addMultiTaskLoss(backend: Backend, outputs: LossBuffers, latents: LossBuffers | null, latentWeight: number, batchSize: number): void {
  addSquaredError(backend, outputs, 1 / (batchSize * (outputs.prediction.shape[2] as number)));
  if (latents && latentWeight > 0) addSquaredError(backend, latents, latentWeight / (batchSize * (latents.prediction.shape[2] as number)));
}

/** Epochs over which RandomTargetLoss lets its position term grow from nothing to the whole trial. */
const defaultRampEpochs = 200;

/** Steps that the position term of RandomTargetLoss includes at `epoch` (0-based): ceil(T · min(1, epoch / ramp)). */
export function randomTargetSteps(steps: number, epoch: number, rampEpochs = defaultRampEpochs): number {
  return Math.ceil(steps * Math.min(1, epoch / rampEpochs));
}

export interface RandomTargetOptions {
  readonly positionWeight: number;
  readonly actionWeight: number;
  /** 0-based. */
  readonly epoch: number;
  readonly rampEpochs?: number;
  readonly batchSize: number;
  /** `ctdb`: the loss of epoch 0 is NaN (the mean of no steps); else its position term is 0. The gradient is the same. Default `none`. */
  readonly compat?: 'none' | 'ctdb';
}

/**
 * RandomTargetLoss: positionWeight · mean squared distance over the included steps + actionWeight · mean squared action over all steps.
 * `position` [B, T, 2] with targets, `actions` [B, T, M] without.
 */
export function addRandomTargetLoss(backend: Backend, position: LossBuffers, actions: LossBuffers, options: RandomTargetOptions): void {
  const [, steps, axes] = position.prediction.shape as [number, number, number];
  const included = randomTargetSteps(steps, options.epoch, options.rampEpochs);
  if (included > 0) {
    addSquaredError(backend, position, options.positionWeight / (options.batchSize * included * axes), included);
  } else if (options.compat === 'ctdb') {
    // The original's mean of an empty tensor is NaN in the value and nothing in the gradient.
    addSquaredError(backend, { ...position, dPrediction: null }, Number.NaN);
  }
  const [, actionSteps, muscles] = actions.prediction.shape as [number, number, number];
  addSquaredError(backend, actions, options.actionWeight / (options.batchSize * actionSteps * muscles));
}
