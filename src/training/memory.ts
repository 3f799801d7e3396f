// Whether a run fits into memory, known before anything is allocated or generated.
import type { Backend } from '../backends/backend.js';
import { ConfigError } from '../errors.js';
import type { Model } from '../models/model.js';
import { hostMemory } from '../platform/host.js';
import { estimateDataBytes, type TrialData } from '../tasks/data.js';
import type { Task } from '../tasks/task.js';
import type { TrainingOptions } from './options.js';
import { momentCount } from './optimizer.js';
import { estimateTrainingBytes } from './session-plan.js';
import type { UserLoss } from './user-loss.js';

export interface MemoryPlan {
  readonly backend: Backend;
  readonly model: Model;
  readonly task: Task;
  /** Numbers of trials; the trials themselves need not exist yet. */
  readonly data: TrialCounts;
  readonly training: TrainingOptions;
  readonly userLoss?: UserLoss;
}

export interface TrialCounts {
  readonly trials: number;
  /** Those that train. */
  readonly training: number;
}

/** The counts of existing data. */
export function trialCounts(data: TrialData): TrialCounts {
  return { trials: data.set.trials, training: data.trainingIndices.length };
}

/** Memory of a run, bytes. */
export interface MemoryEstimate {
  /** The trials, on the host. */
  readonly data: number;
  /** Everything on the backend: trials, parameters and moments, activations. */
  readonly backend: number;
  /** Of which parameters, gradient and moments. */
  readonly parameters: number;
}

/** Estimates the memory that training takes. */
export function estimateMemory(plan: MemoryPlan): MemoryEstimate {
  const { model, task, data, training } = plan;
  const sizes = { set: { trials: data.trials, steps: task.steps }, trainingIndices: { length: data.training } };
  return {
    data: estimateDataBytes(task, data.trials),
    backend: estimateTrainingBytes({ ...plan, data: sizes }),
    parameters: 4 * model.parameterCount * (2 + momentCount(training.optimizer)),
  };
}

/** Throws ConfigError, with the estimate and what to change, when a run would not fit into the backend's memory or the machine's. `where` names the run. */
export function checkTrainingMemory(plan: MemoryPlan, where: string): MemoryEstimate {
  const estimate = estimateMemory(plan);
  const { description } = plan.backend;
  const host = hostMemory();
  const onHost = description.adapter === null;
  const problems: string[] = [];
  const limit = plan.backend.memoryLimit ?? Number.POSITIVE_INFINITY;
  const needs = `${describe(estimate)}; ${advice(plan, estimate)}`;
  if (estimate.backend > limit)
    problems.push(`expected a run that fits into the ${sizeText(limit)} of backend ${description.name}, got one that takes ${needs}`);
  else if (estimate.data + (onHost ? estimate.backend : 0) > host)
    problems.push(`expected a run that fits into the ${sizeText(host)} of this machine, got one that takes ${needs}`);
  if (problems.length > 0) throw new ConfigError(where, problems);
  return estimate;
}

function describe({ data, backend, parameters }: MemoryEstimate): string {
  return `about ${sizeText(data + backend)} (trials ${sizeText(data)}; on the backend ${sizeText(backend)}, of which parameters and optimiser ${sizeText(parameters)})`;
}

/** What to make smaller, by what takes most. */
function advice({ task }: MemoryPlan, { data, backend, parameters }: MemoryEstimate): string {
  if (parameters > backend / 2) return 'use a smaller hiddenSize';
  // The backend holds inputs, targets and weights: about three quarters of what the host holds.
  if (data > backend / 2) return `use fewer trials (data.trials) or shorter ones than ${task.steps} steps`;
  return 'use a smaller training.batchSize, training.microBatchBytes or hiddenSize, or shorter trials';
}

function sizeText(bytes: number): string {
  const [size, unit] = bytes < 2 ** 30 ? [bytes / 2 ** 20, 'MiB'] : [bytes / 2 ** 30, 'GiB'];
  return `${size < 10 ? size.toFixed(2) : Math.round(size)} ${unit}`;
}
