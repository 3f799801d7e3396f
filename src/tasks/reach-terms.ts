// The two terms of a reach's loss on the host, as training computes them over whole trials: where the end point was, and what it cost.
import type { Movement, ReachLoss, TrialSet } from './task.js';

/** Weights included, so that the loss is their sum. `outputs` are end points [S, T, 2]. */
export function reachTerms(loss: ReachLoss, outputs: Float32Array, set: TrialSet, { actions }: Movement): { position: number; action: number } {
  const axes = outputs.length / (set.trials * set.steps);
  const weights = loss.weights(set);
  let distance = 0;
  for (let i = 0; i < outputs.length; i++) {
    const error = (outputs[i] as number) - (set.targets[i] as number);
    distance += (weights ? (weights[Math.floor(i / axes)] as number) : 1) * (loss.position === 'absolute' ? Math.abs(error) : error * error);
  }
  let squares = 0;
  for (let i = 0; i < actions.length; i++) squares += (actions[i] as number) ** 2;
  return {
    position: (loss.positionWeight * distance) / (set.trials * set.steps * (loss.position === 'absolute' ? 1 : axes)),
    action: (loss.actionWeight * squares) / actions.length,
  };
}
