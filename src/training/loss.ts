// Losses as kernel calls: each adds its value, trial by trial, and its gradient with respect to outputs and states.
// Every loss is a sum over trials, so micro-batches add up exactly; the caller hands in the mean's 1/B as part of the scale.
import type { Backend, KernelArgument } from '../backends/backend.js';
import type { OutputGradients } from '../rollout/rollout.js';
import type { ReachLoss, TaskLoss } from '../tasks/task.js';

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

/** What a loss adds to: values trial by trial, and gradients where there are any. */
export type LossGradients = { readonly trialLoss: KernelArgument } & Readonly<Record<keyof OutputGradients, KernelArgument | null>>;

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

/** scale · Σ weight |prediction − target| over the first `steps` steps (default: all) of each trial. */
export function addAbsoluteError(backend: Backend, at: LossBuffers, scale: number, steps?: number): void {
  backend.run('absolute_error_loss', {
    args: { prediction: at.prediction, target: at.target, weight: at.weight, trial_loss: at.trialLoss, d_prediction: at.dPrediction },
    params: { scale, steps: steps ?? (at.prediction.shape[1] as number) },
  });
}

/** A decoupled task's own loss; `batchSize` is the number of trials of the whole batch, of which these may be a part. */
export function addTaskLoss(backend: Backend, loss: TaskLoss, at: LossBuffers, batchSize: number): void {
  if (loss.kind === 'cross entropy') addCrossEntropy(backend, at, loss.scale / batchSize);
  else addSquaredError(backend, at, loss.scale / batchSize);
}

/** Channels of a task's weights: one for each output where errors of a decoupled task are squared, one for all otherwise. */
export function weightChannels(loss: TaskLoss | ReachLoss, outputSize: number): number {
  return loss.kind === 'squared error' ? outputSize : 1;
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

/**
 * The latent penalty of a task (MultiTaskLoss): weight · mean over trials and state entries of the weighted squared state summed over time.
 * `at.weight` is [B, T, 1].
 */
export function addLatentSquares(backend: Backend, at: LossBuffers, weight: number, batchSize: number): void {
  if (weight > 0) addSquaredError(backend, at, weight / (batchSize * (at.prediction.shape[2] as number)));
}

/** How a reach is scored, without the weights over time: `ReachLoss` has these and more. */
export type ReachTerms = Omit<ReachLoss, 'kind' | 'weights'>;

/** Steps that the position term includes at `epoch` (0-based): ⌈T · min(1, epoch / ramp)⌉, in f64 as CtDB evaluates it; all without a ramp. */
export function reachSteps(steps: number, epoch: number, rampEpochs: number): number {
  return rampEpochs > 0 ? Math.ceil(steps * Math.min(1, epoch / rampEpochs)) : steps;
}

/** Epochs (from 0) before a task's loss has its final form: only then do the losses of two epochs compare. */
export function rampEpochs(loss: TaskLoss | ReachLoss): number {
  return loss.kind === 'reach' ? loss.rampEpochs : 0;
}

/** Whether the value of the loss at `epoch` (0-based) is no number by definition: the mean of no steps, which `compat: ctdb` keeps. */
export function isUndefinedLoss(loss: TaskLoss | ReachLoss, steps: number, epoch: number): boolean {
  return loss.kind === 'reach' && loss.compat === 'ctdb' && reachSteps(steps, epoch, loss.rampEpochs) === 0;
}

/**
 * The loss of a reach (motor.md 7.5): positionWeight · mean error over the included steps + actionWeight · mean squared action over all steps.
 * Squared errors are averaged over axes too; absolute ones are summed over axes (MotorNet's tutorial). `position` [B, T, 2] with targets, `actions`
 * [B, T, M] without. `epoch` counts from 0; `batchSize` is the number of trials of the whole batch.
 */
export function addReachLoss(backend: Backend, position: LossBuffers, actions: LossBuffers, terms: ReachTerms, epoch: number, batchSize: number): void {
  const [, steps, axes] = position.prediction.shape as [number, number, number];
  const included = reachSteps(steps, epoch, terms.rampEpochs);
  if (included > 0) {
    const scale = terms.positionWeight / (batchSize * included);
    if (terms.position === 'absolute') addAbsoluteError(backend, position, scale, included);
    else addSquaredError(backend, position, scale / axes, included);
  } else if (terms.compat === 'ctdb') {
    // The original's mean of an empty tensor is NaN in the value and nothing in the gradient.
    addSquaredError(backend, { ...position, dPrediction: null }, Number.NaN);
  }
  const [, actionSteps, muscles] = actions.prediction.shape as [number, number, number];
  addSquaredError(backend, actions, terms.actionWeight / (batchSize * actionSteps * muscles));
}
