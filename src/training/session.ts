// A model in training on a backend: data, parameters, gradient and optimiser state, with one optimiser step as one call.
// The loop (train-model.ts) decides which trials and when; this file turns them into kernel calls and one read a step.
import type { Backend, KernelArgument } from '../backends/backend.js';
import { ShapeError } from '../errors.js';
import type { Model } from '../models/model.js';
import { evaluationKeys, microBatchSize, type NoiseKeys, Rollout, rolloutBytes, type RolloutOptions, trainingKeys } from '../rollout/rollout.js';
import { sizeOf, view, Workspace } from '../rollout/workspace.js';
import { selectTrials, type TrialData } from '../tasks/data.js';
import type { Task, TrialSet } from '../tasks/task.js';
import type { SessionState } from './checkpoint-state.js';
import { addLatentNorm, addTaskLoss, weightChannels } from './loss.js';
import { freezeMask, momentCount, Optimizer } from './optimizer.js';
import type { TrainingOptions } from './options.js';
import { type UserLoss, UserLossTerm } from './user-loss.js';

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

export interface StepResult {
  /** Mean over the trials of the batch, before the update. */
  readonly loss: number;
  /** Global 2-norm over the trainable parameters, before clipping. */
  readonly gradientNorm: number;
}

export interface TrainingSession {
  /** Trials that go through the backend at once. */
  readonly microBatchSize: number;
  /** Bytes of every buffer of this session, 4 an element. */
  readonly memoryBytes: number;
  /** Optimiser steps made. */
  readonly steps: number;
  /** The validation trials, in the order of `validationIndices`. */
  readonly validationSet: TrialSet;
  /**
   * One optimiser step on the trials `indices` of the data set; `epoch` keys the noise. When loss or gradient norm are not finite, the
   * update is not made: parameters and moments stay as they were.
   */
  step(indices: Int32Array, epoch: number, learningRate: number): Promise<StepResult>;
  /** Loss and outputs [V, T, O] on the validation trials, with the same noise every time. */
  validate(): Promise<{ loss: number; outputs: Float32Array }>;
  /** The gradient [P] of the last step, before clipping. */
  gradient(): Promise<Float32Array>;
  /** Everything that training has changed so far. */
  save(): Promise<SessionState>;
  /** Puts back what `save` gave. Throws ShapeError when it does not fit the model or the optimiser. */
  restore(state: SessionState): void;
  /** Frees everything on the backend; safe to call twice. */
  dispose(): void;
}

/** What the sizes of a session depend on: no trial needs to exist yet. */
export interface SessionSizes extends Omit<SessionPlan, 'data' | 'seed'> {
  readonly data: { readonly set: Pick<TrialSet, 'trials' | 'steps'>; readonly trainingIndices: { readonly length: number } };
}

/** Bytes on the backend that training with this plan takes, 4 an element: known before anything is allocated. */
export function estimateTrainingBytes(plan: SessionSizes): number {
  return rolloutBytes(rolloutOptions(plan)) + 4 * bufferShapes(plan).reduce((sum, [, shape]) => sum + sizeOf(shape), 0);
}

/** Puts model, data and optimiser on the backend. Throws BackendError when memory runs out, ConfigError for names in `freeze` that do not exist. */
export function createTrainingSession(plan: SessionPlan): TrainingSession {
  return new Session(plan);
}

/** Trials of one pass: a micro-batch of the largest batch there can be. */
function passSize({ backend, model, task, data, training }: SessionSizes): number {
  const largest = Math.max(1, Math.min(training.batchSize, data.trainingIndices.length));
  return microBatchSize(backend, model, task.steps, largest, training.microBatchBytes);
}

function rolloutOptions(plan: SessionSizes): RolloutOptions {
  const { backend, model, task, training, userLoss } = plan;
  return {
    backend,
    model,
    trials: passSize(plan),
    steps: task.steps,
    gradients: true,
    states: model.latentL2 > 0 || userLoss !== undefined,
    inputNoise: training.inputNoise,
  };
}

/** Every buffer besides those of the rollout: the whole data set, one micro-batch of it, parameters, gradient, results. */
function bufferShapes(plan: SessionSizes): [string, number[]][] {
  const { model, task, data, training, userLoss } = plan;
  const { trials, steps } = data.set;
  const pass = passSize(plan);
  const parameters = [model.parameterCount];
  const moments = Array.from({ length: momentCount(training.optimizer) }, (_, i): [string, number[]] => [`moment${i + 1}`, parameters]);
  const weightSize = userLoss ? 0 : weightChannels(task.loss, task.outputSize);
  const perTrial: [string, number][] = [
    ['inputs', task.inputSize],
    ['targets', task.outputSize],
    ['weights', weightSize],
  ];
  return [
    ...perTrial.flatMap(([name, size]): [string, number[]][] => [
      [`all ${name}`, [trials, steps, size]],
      [name, [pass, steps, size]],
    ]),
    ['parameters', parameters],
    ['gradient', parameters],
    ...moments,
    ['trial loss', [pass]],
    ['result', [pass + 1]],
    ['trial indices', [pass]],
  ];
}

/** One array of the data set: all of it on the backend, and the micro-batch gathered from it. */
interface Column {
  readonly all: KernelArgument;
  readonly batch: KernelArgument;
}

class Session implements TrainingSession {
  readonly microBatchSize: number;
  readonly memoryBytes: number;
  readonly validationSet: TrialSet;
  readonly #plan: SessionPlan;
  readonly #workspace: Workspace;
  readonly #rollout: Rollout;
  readonly #optimizer: Optimizer;
  readonly #userLoss: UserLossTerm | null;
  readonly #inputs: Column;
  readonly #targets: Column;
  readonly #weights: Column | null;
  readonly #trialIndices: KernelArgument;
  readonly #parameters: KernelArgument;
  readonly #gradient: KernelArgument;
  /** Sum of each trial slot's losses over micro-batches [pass]. */
  readonly #trialLoss: KernelArgument;
  /** What one step reads: the trial losses and the gradient's norm [pass + 1]. */
  readonly #result: KernelArgument;
  #disposed = false;

  constructor(plan: SessionPlan) {
    const { backend, model, task, data, training } = plan;
    checkSizes(plan);
    this.#plan = plan;
    const mask = freezeMask(model.parameters, training.freeze);
    this.validationSet = selectTrials(data.set, data.validationIndices);
    this.microBatchSize = passSize(plan);
    this.memoryBytes = estimateTrainingBytes(plan);
    this.#workspace = new Workspace(backend);
    const undo: { dispose(): void }[] = [this.#workspace];
    try {
      this.#rollout = new Rollout(rolloutOptions(plan));
      undo.push(this.#rollout);
      const { set } = data;
      this.#inputs = this.#column(set.inputs, task.inputSize);
      this.#targets = this.#column(set.targets, task.outputSize);
      const weights = plan.userLoss ? null : task.loss.weights(set);
      this.#weights = weights ? this.#column(weights, weightChannels(task.loss, task.outputSize)) : null;
      this.#trialIndices = this.#workspace.allocate([this.microBatchSize], 'i32');
      this.#parameters = this.#workspace.upload(model.initialise(plan.seed), [model.parameterCount]);
      this.#gradient = this.#workspace.allocate([model.parameterCount]);
      this.#trialLoss = this.#workspace.allocate([this.microBatchSize]);
      this.#result = this.#workspace.allocate([this.microBatchSize + 1]);
      this.#optimizer = new Optimizer(backend, this.#parameters, training, mask);
      undo.push(this.#optimizer);
      this.#userLoss = plan.userLoss ? new UserLossTerm(backend, plan.userLoss) : null;
    } catch (error) {
      for (const owner of undo) owner.dispose();
      throw error;
    }
  }

  get steps(): number {
    return this.#optimizer.steps;
  }

  async step(indices: Int32Array, epoch: number, learningRate: number): Promise<StepResult> {
    const { backend, seed } = this.#plan;
    if (indices.length === 0) throw new ShapeError('TrainingSession.step: expected at least one trial, got none');
    const keys = this.#keys(trainingKeys(seed, epoch));
    this.#clear(this.#gradient);
    this.#clear(this.#trialLoss);
    for (let first = 0; first < indices.length; first += this.microBatchSize) {
      this.#forward(indices.subarray(first, first + this.microBatchSize), keys, indices.length, true);
      this.#rollout.backward(this.#gradient);
    }
    this.#optimizer.measure(this.#gradient);
    const slots = this.microBatchSize;
    backend.copy(this.#trialLoss.buffer, 0, this.#result.buffer, 0, slots);
    backend.copy(this.#optimizer.norm.buffer, 0, this.#result.buffer, slots, 1);
    const result = await backend.read(this.#result.buffer);
    const loss = sum(result, slots);
    const gradientNorm = result[slots] as number;
    if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) this.#optimizer.step(this.#gradient, learningRate);
    return { loss, gradientNorm };
  }

  async validate(): Promise<{ loss: number; outputs: Float32Array }> {
    const { backend, seed, task, data } = this.#plan;
    const indices = data.validationIndices;
    const keys = this.#keys(evaluationKeys(seed));
    const perTrial = task.steps * task.outputSize;
    const outputs = new Float32Array(indices.length * perTrial);
    this.#clear(this.#trialLoss);
    for (let first = 0; first < indices.length; first += this.microBatchSize) {
      const part = indices.subarray(first, first + this.microBatchSize);
      const predicted = this.#forward(part, keys, indices.length, false);
      outputs.set(await backend.read(predicted.buffer, 0, part.length * perTrial), first * perTrial);
    }
    return { loss: sum(await backend.read(this.#trialLoss.buffer), this.microBatchSize), outputs };
  }

  gradient(): Promise<Float32Array> {
    return this.#read(this.#gradient);
  }

  async save(): Promise<SessionState> {
    return { parameters: await this.#read(this.#parameters), moments: await this.#optimizer.moments(), steps: this.steps };
  }

  restore({ parameters, moments, steps }: SessionState): void {
    const { backend, model } = this.#plan;
    if (parameters.length !== model.parameterCount) {
      throw new ShapeError(`TrainingSession.restore: expected ${model.parameterCount} parameters, got ${parameters.length}; do they belong to another model?`);
    }
    backend.write(this.#parameters.buffer, parameters);
    this.#optimizer.restore(moments, steps);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const owner of [this.#workspace, this.#rollout, this.#optimizer, this.#userLoss]) owner?.dispose();
  }

  /** One micro-batch forward, with its loss added to the trial losses; with gradients, ready for the backward pass. Returns the outputs. */
  #forward(indices: Int32Array, keys: NoiseKeys, batchSize: number, gradients: boolean): KernelArgument {
    const { backend, model, task } = this.#plan;
    const trials = indices.length;
    backend.write(this.#trialIndices.buffer, indices);
    const trialIndices = view(this.#trialIndices, [trials]);
    const inputs = this.#gather(this.#inputs, trialIndices);
    const target = this.#gather(this.#targets, trialIndices);
    const weight = this.#weights ? this.#gather(this.#weights, trialIndices) : null;
    const { outputs, states } = this.#rollout.forward({ parameters: this.#parameters, inputs, trialIndices, keys, keep: gradients });
    const { dOutputs, dStates } = gradients ? this.#rollout.clearGradients() : { dOutputs: null, dStates: null };
    const trialLoss = view(this.#trialLoss, [trials]);
    if (this.#userLoss) {
      this.#userLoss.add({ outputs, states: states as KernelArgument, targets: target, inputs }, { trialLoss, dOutputs, dStates }, trials / batchSize);
    } else {
      addTaskLoss(backend, task.loss, { prediction: outputs, target, weight, trialLoss, dPrediction: dOutputs }, batchSize);
    }
    if (model.latentL2 > 0) addLatentNorm(backend, { states: states as KernelArgument, trialLoss, dStates }, model.latentL2, model.hiddenSize, batchSize);
    return outputs;
  }

  #column(data: Float32Array, channels: number): Column {
    const { trials, steps } = this.#plan.data.set;
    return { all: this.#workspace.upload(data, [trials, steps, channels]), batch: this.#workspace.allocate([this.microBatchSize, steps, channels]) };
  }

  /** The rows of a column that belong to these trials. */
  #gather({ all, batch }: Column, trialIndices: KernelArgument): KernelArgument {
    const rows = trialIndices.shape[0] as number;
    const length = sizeOf(all.shape.slice(1));
    this.#plan.backend.run('gather', { args: { x: view(all, [all.shape[0] as number, length]), index: trialIndices, y: view(batch, [rows, length]) } });
    return view(batch, [rows, ...batch.shape.slice(1)]);
  }

  /** Streams for the sources of noise that this run has. */
  #keys(keys: NoiseKeys): NoiseKeys {
    return this.#plan.training.inputNoise > 0 ? keys : { ...keys, input: null };
  }

  #clear(argument: KernelArgument): void {
    this.#plan.backend.run('fill', { args: { y: view(argument, [sizeOf(argument.shape)]) }, params: { value: 0 } });
  }

  async #read(argument: KernelArgument): Promise<Float32Array> {
    return Float32Array.from(await this.#plan.backend.read(argument.buffer));
  }
}

/** Σ of the first `count` values, in f64. */
function sum(values: ArrayLike<number>, count: number): number {
  let total = 0;
  for (let i = 0; i < count; i++) total += values[i] as number;
  return total;
}

function checkSizes({ model, task, data }: SessionPlan): void {
  if (model.inputSize !== task.inputSize || model.outputSize !== task.outputSize) {
    throw new ShapeError(
      `createTrainingSession: expected a model with ${task.inputSize} inputs and ${task.outputSize} outputs for task ${task.name}, got ${model.inputSize} and ${model.outputSize}`,
    );
  }
  if (data.set.steps !== task.steps)
    throw new ShapeError(`createTrainingSession: expected trials of ${task.steps} steps, got ${data.set.steps}; do the data belong to another task?`);
}
