// What a training session is made from, and how large it becomes: micro-batch, buffers and bytes, known before anything is allocated.
import type { Backend } from '../backends/backend.js';
import { ShapeError } from '../errors.js';
import type { Model } from '../models/model.js';
import { interventionBytes } from '../rollout/interventions.js';
import { microBatchSize, rolloutBytes, type RolloutOptions } from '../rollout/plan.js';
import { sizeOf } from '../rollout/workspace.js';
import type { TrialData } from '../tasks/data.js';
import { networkSize, type Task } from '../tasks/task.js';
import { columnShapes, fitsBackend, latentsOf, piecesPerTrial, type TrialSizes } from './columns.js';
import { momentCount } from './optimizer.js';
import type { TrainingOptions } from './options.js';
import type { UserLoss } from './user-loss.js';

export interface SessionPlan {
  readonly backend: Backend;
  readonly model: Model;
  readonly task: Task;
  readonly data: TrialData;
  readonly training: TrainingOptions;
  /** Seed of the replicate: initial parameters and noise. */
  readonly seed: number;
  /** Replaces the task's loss; the model's latent penalty is still added. */
  readonly userLoss?: UserLoss;
}

/** What the sizes of a session depend on: no trial needs to exist yet. */
export interface SessionSizes extends Omit<SessionPlan, 'data' | 'seed'> {
  readonly data: { readonly set: TrialSizes; readonly trainingIndices: { readonly length: number } };
}

/** Bytes on the backend that training with this plan takes, 4 an element: known before anything is allocated. */
export function estimateTrainingBytes(plan: SessionSizes): number {
  const options = rolloutOptions(plan);
  const { set } = plan.data;
  const interventions = 'interventions' in set && set.interventions ? interventionBytes(set.interventions, options.trials, set.steps) : 0;
  return rolloutBytes(options) + interventions + 4 * bufferShapes(plan, options.trials).reduce((sum, [, shape]) => sum + sizeOf(shape), 0);
}

/** What goes through the backend at once: a micro-batch of the largest batch there can be. */
export function rolloutOptions(plan: SessionSizes): RolloutOptions {
  const { backend, model, task, data, training, userLoss } = plan;
  const options = {
    backend,
    model,
    plant: task.plant,
    steps: task.steps,
    states: model.latentL2 > 0 || latentsOf(task) !== undefined || userLoss !== undefined,
    bodyGradients: userLoss !== undefined,
    inputNoise: training.inputNoise,
  };
  const largest = Math.max(1, Math.min(training.batchSize, data.trainingIndices.length));
  const columns = Object.values(columnShapes(task, data.set, isWeighted(plan)));
  return { ...options, gradients: true, trials: microBatchSize(options, largest, training.microBatchBytes, columns) };
}

/** Whether the errors of this plan's loss have weights. */
function isWeighted({ task, data, userLoss }: SessionSizes): boolean {
  return !userLoss && (!('inputs' in data.set) || task.loss.weights(data.set) !== null);
}

/** Losses of so many steps are read at once. */
export function readInterval({ backend }: Pick<SessionPlan, 'backend'>): number {
  return backend.stepsBetweenReads ?? 1;
}

/** Every buffer besides those of the rollout: the whole data set, one micro-batch of it, parameters, gradient, results. */
function bufferShapes(plan: SessionSizes, pass: number): [string, number[]][] {
  const { backend, model, task, data, training } = plan;
  const { trials } = data.set;
  const parameters = [model.parameterCount];
  const moments = Array.from({ length: momentCount(training.optimizer) }, (_, i): [string, number[]] => [`moment${i + 1}`, parameters]);
  return [
    ...Object.entries(columnShapes(task, data.set, isWeighted(plan))).flatMap(([name, shape]): [string, number[]][] => [
      ...(fitsBackend(backend, trials, shape) ? [[`all ${name}`, [trials, ...shape]] as [string, number[]]] : []),
      [name, [pass, ...shape]],
    ]),
    ['parameters', parameters],
    ['gradient', parameters],
    ...moments,
    ['trial loss', [pass]],
    ['result', [readInterval(plan) * (pass + 1)]],
    ['trial indices', [pass]],
    ['pieces of trials', [pass * piecesPerTrial(task, data.set, !plan.userLoss, model.latentL2 === 0)]],
  ];
}

/** Throws ShapeError when model, task and data do not fit each other. */
export function checkSizes({ model, task, data }: SessionPlan): void {
  const [inputs, outputs] = networkSize(task);
  if (model.inputSize !== inputs || model.outputSize !== outputs) {
    throw new ShapeError(
      `createTrainingSession: expected a model with ${inputs} inputs and ${outputs} outputs for task ${task.name}, got ${model.inputSize} and ${model.outputSize}`,
    );
  }
  if ((task.loss.kind === 'reach') !== (task.plant !== undefined)) {
    const got = task.plant ? `a plant with a loss of kind ${task.loss.kind}` : 'a loss of kind reach without one';
    throw new ShapeError(`createTrainingSession: expected task ${task.name} to have a plant and a loss of kind reach, or neither, got ${got}`);
  }
  if (data.set.steps !== task.steps)
    throw new ShapeError(`createTrainingSession: expected trials of ${task.steps} steps, got ${data.set.steps}; do the data belong to another task?`);
}
