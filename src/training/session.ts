// A model in training on a backend: data, parameters, gradient and optimiser state, with one optimiser step as one call.
// The loop (train-model.ts) decides which trials and when; this file turns them into kernel calls, and one read a step or, on a GPU, every few steps.
import type { KernelArgument } from '../backends/backend.js';
import { ShapeError } from '../errors.js';
import { evaluationKeys, type NoiseKeys, trainingKeys } from '../rollout/noise.js';
import { type ForwardResult, Rollout } from '../rollout/rollout.js';
import { sizeOf, view, Workspace } from '../rollout/workspace.js';
import { selectTrials } from '../tasks/data.js';
import type { Movement, TrialSet } from '../tasks/task.js';
import type { SessionState } from './checkpoint-state.js';
import { latentsOf, type TrialBatch, TrialColumns } from './columns.js';
import { addLatentNorm, addLatentSquares, addReachLoss, addTaskLoss, isUndefinedLoss, type LossGradients } from './loss.js';
import { freezeMask, Optimizer } from './optimizer.js';
import { checkSizes, estimateTrainingBytes, readInterval, rolloutOptions, type SessionPlan } from './session-plan.js';
import { UserLossTerm } from './user-loss.js';

export interface StepResult {
  /** Mean over the trials of the batch, before the update. */
  readonly loss: number;
  /** Whether the update was made: loss and gradient norm are finite, or the loss has no value in this epoch by definition. */
  readonly valid: boolean;
  /** Global 2-norm over the trainable parameters, before clipping. */
  readonly gradientNorm: number;
}

export interface ValidationResult {
  readonly loss: number;
  /** False when the loss is not finite and should be. */
  readonly valid: boolean;
  /** [V, T, O]: in a closed loop the positions of the end point. Behind the length of a trial, where it has one, they may be 0. */
  readonly outputs: Float32Array;
  /** What else moved, or null without a plant. */
  readonly movement: Movement | null;
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
  /** Takes other trials, of the same number and sizes, in place of those so far. */
  load(set: TrialSet): void;
  /**
   * One optimiser step on the trials `indices` of the data set; `epoch`, from 1, keys the noise and sets the ramp of the loss. When loss or gradient norm
   * are not finite, the update is not made: parameters and moments stay as they were.
   */
  step(indices: Int32Array, epoch: number, learningRate: number): Promise<StepResult>;
  /** Steps that may be queued before `results` must be asked for: 1 where reading costs nothing. */
  readonly stepsBetweenReads: number;
  /** Queues a step like `step`, but makes the update whatever comes out. */
  queueStep(indices: Int32Array, epoch: number, learningRate: number): void;
  /** Results of the steps queued since the last call, in one read. After one that is not valid, parameters and moments are of no use. */
  results(): Promise<StepResult[]>;
  /** Loss (with the ramp of `epoch`, from 1) and what came of the validation trials, with the same noise every time. */
  validate(epoch: number): Promise<ValidationResult>;
  /** The gradient [P] of the last step, before clipping. */
  gradient(): Promise<Float32Array>;
  /** Everything that training has changed so far. */
  save(): Promise<SessionState>;
  /** Puts back what `save` gave. Throws ShapeError when it does not fit the model or the optimiser. */
  restore(state: SessionState): void;
  /** Frees everything on the backend; safe to call twice. */
  dispose(): void;
}

/** Puts model, data and optimiser on the backend. Throws BackendError when memory runs out, ConfigError for names in `freeze` that do not exist. */
export function createTrainingSession(plan: SessionPlan): TrainingSession {
  return new Session(plan);
}

class Session implements TrainingSession {
  readonly microBatchSize: number;
  readonly memoryBytes: number;
  readonly stepsBetweenReads: number;
  readonly validationSet: TrialSet;
  readonly #plan: SessionPlan;
  readonly #workspace: Workspace;
  readonly #rollout: Rollout;
  readonly #optimizer: Optimizer;
  readonly #userLoss: UserLossTerm | null;
  readonly #columns: TrialColumns;
  readonly #trialIndices: KernelArgument;
  readonly #parameters: KernelArgument;
  readonly #gradient: KernelArgument;
  /** Sum of each trial slot's losses over micro-batches [pass]. */
  readonly #trialLoss: KernelArgument;
  /** What is read: the trial losses and the gradient's norm of each step since the last read [steps, pass + 1]. */
  readonly #result: KernelArgument;
  /** Epochs of the steps whose results have not been read. */
  #unread: number[] = [];
  #disposed = false;

  constructor(plan: SessionPlan) {
    const { backend, model, task, data, training } = plan;
    checkSizes(plan);
    this.#plan = plan;
    const mask = freezeMask(model.parameters, training.freeze);
    this.validationSet = selectTrials(data.set, data.validationIndices);
    const options = rolloutOptions(plan);
    this.microBatchSize = options.trials;
    this.stepsBetweenReads = readInterval(plan);
    this.memoryBytes = estimateTrainingBytes(plan);
    this.#workspace = new Workspace(backend);
    const undo: { dispose(): void }[] = [this.#workspace];
    try {
      this.#rollout = new Rollout(options);
      undo.push(this.#rollout);
      this.#trialIndices = this.#workspace.allocate([this.microBatchSize], 'i32');
      this.#parameters = this.#workspace.upload(model.initialise(plan.seed), [model.parameterCount]);
      this.#gradient = this.#workspace.allocate([model.parameterCount]);
      this.#trialLoss = this.#workspace.allocate([this.microBatchSize]);
      this.#result = this.#workspace.allocate([this.stepsBetweenReads, this.microBatchSize + 1]);
      this.#optimizer = new Optimizer(backend, this.#parameters, training, mask);
      undo.push(this.#optimizer);
      this.#columns = new TrialColumns(this.#workspace, task, data.set, this.microBatchSize, plan.userLoss === undefined, model.latentL2 === 0);
      undo.push(this.#columns);
      this.#userLoss = plan.userLoss ? new UserLossTerm(backend, plan.userLoss) : null;
    } catch (error) {
      for (const owner of undo) owner.dispose();
      throw error;
    }
  }

  get steps(): number {
    return this.#optimizer.steps;
  }

  load(set: TrialSet): void {
    this.#columns.load(set);
  }

  async step(indices: Int32Array, epoch: number, learningRate: number): Promise<StepResult> {
    this.#queueGradient(indices, epoch);
    const result = (await this.results()).at(-1) as StepResult;
    if (result.valid) this.#optimizer.step(this.#gradient, learningRate);
    return result;
  }

  queueStep(indices: Int32Array, epoch: number, learningRate: number): void {
    this.#queueGradient(indices, epoch);
    this.#optimizer.step(this.#gradient, learningRate);
  }

  async results(): Promise<StepResult[]> {
    const epochs = this.#unread.splice(0);
    const slots = this.microBatchSize;
    const read = await this.#plan.backend.read(this.#result.buffer, 0, epochs.length * (slots + 1));
    return epochs.map((epoch, i) => {
      const row = read.subarray(i * (slots + 1), (i + 1) * (slots + 1));
      const loss = sum(row, slots);
      const gradientNorm = row[slots] as number;
      return { loss, gradientNorm, valid: this.#isValid(loss, epoch) && Number.isFinite(gradientNorm) };
    });
  }

  /** Gradient of a batch and its norm; what they come to waits in `#result`. */
  #queueGradient(indices: Int32Array, epoch: number): void {
    const { backend, seed } = this.#plan;
    if (indices.length === 0) throw new ShapeError('TrainingSession.step: expected at least one trial, got none');
    if (this.#unread.length >= this.stepsBetweenReads)
      throw new ShapeError(`TrainingSession: expected at most ${this.stepsBetweenReads} steps before their results are read, got one more`);
    const keys = this.#keys(trainingKeys(seed, epoch));
    this.#clear(this.#gradient);
    this.#clear(this.#trialLoss);
    const ordered = this.#columns.order(indices).map((place) => indices[place] as number);
    for (let first = 0; first < ordered.length; first += this.microBatchSize) {
      this.#forward(ordered.subarray(first, first + this.microBatchSize), keys, epoch, ordered.length, true);
      this.#rollout.backward(this.#gradient);
    }
    this.#optimizer.measure(this.#gradient);
    const slots = this.microBatchSize;
    const row = this.#unread.length * (slots + 1);
    backend.copy(this.#trialLoss.buffer, 0, this.#result.buffer, row, slots);
    backend.copy(this.#optimizer.norm.buffer, 0, this.#result.buffer, row + slots, 1);
    this.#unread.push(epoch);
  }

  async validate(epoch: number): Promise<ValidationResult> {
    const { backend, seed, task, data } = this.#plan;
    const indices = data.validationIndices;
    const keys = this.#keys(evaluationKeys(seed));
    const results: Partial<Record<keyof ForwardResult, Float32Array>> = {};
    this.#clear(this.#trialLoss);
    const order = this.#columns.order(indices);
    for (let first = 0; first < indices.length; first += this.microBatchSize) {
      const places = order.subarray(first, first + this.microBatchSize);
      const result = this.#forward(
        places.map((place) => indices[place] as number),
        keys,
        epoch,
        indices.length,
        false,
      );
      for (const name of task.plant ? (['outputs', 'fingertip', 'joint', 'muscle'] as const) : (['outputs'] as const)) {
        const source = result[name] as KernelArgument;
        const made = sizeOf(source.shape.slice(1));
        const perTrial = name === 'outputs' && !task.plant ? (made / (source.shape[1] as number)) * task.steps : made;
        const target = results[name] ?? new Float32Array(indices.length * perTrial);
        results[name] = target;
        const read = await backend.read(source.buffer, 0, places.length * made);
        places.forEach((place, row) => {
          target.set(read.subarray(row * made, (row + 1) * made), place * perTrial);
        });
      }
    }
    const loss = sum(await backend.read(this.#trialLoss.buffer), this.microBatchSize);
    const { outputs, fingertip, joint, muscle } = results as Readonly<Record<keyof ForwardResult, Float32Array>>;
    const moved = task.plant ? { outputs: fingertip, movement: { actions: outputs, joint, muscle } } : { outputs, movement: null };
    return { loss, valid: this.#isValid(loss, epoch), ...moved };
  }

  #isValid(loss: number, epoch: number): boolean {
    const { task, userLoss } = this.#plan;
    return Number.isFinite(loss) || (!userLoss && isUndefinedLoss(task.loss, task.steps, epoch - 1));
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
    for (const owner of [this.#columns, this.#workspace, this.#rollout, this.#optimizer, this.#userLoss]) owner?.dispose();
  }

  /** One micro-batch forward, with its loss added to the trial losses; with gradients, ready for the backward pass. */
  #forward(indices: Int32Array, keys: NoiseKeys, epoch: number, batchSize: number, gradients: boolean): ForwardResult {
    const { backend, model } = this.#plan;
    const trials = indices.length;
    backend.write(this.#trialIndices.buffer, indices);
    const trialIndices = view(this.#trialIndices, [trials]);
    const batch = this.#columns.gather(trialIndices, indices);
    const result = this.#rollout.forward({ ...batchInput(batch), parameters: this.#parameters, trialIndices, keys, keep: gradients });
    const into = { trialLoss: view(this.#trialLoss, [trials]), ...(gradients ? this.#rollout.clearGradients() : noGradients) };
    this.#addLoss(batch, result, into, epoch, batchSize);
    if (model.latentL2 > 0) addLatentNorm(backend, { ...into, states: result.states as KernelArgument }, model.latentL2, model.hiddenSize, batchSize);
    return result;
  }

  #addLoss(
    { inputs, targets: target, weights: weight, latentWeights }: TrialBatch,
    result: ForwardResult,
    into: LossGradients,
    epoch: number,
    batchSize: number,
  ): void {
    const { backend, task } = this.#plan;
    const { trialLoss, dOutputs, dFingertip } = into;
    if (this.#userLoss) {
      const share = (trialLoss.shape[0] as number) / batchSize;
      this.#userLoss.add({ ...result, targets: target, inputs }, into, epoch - 1, share);
    } else if (task.loss.kind === 'reach') {
      const position = { prediction: result.fingertip as KernelArgument, target, weight, trialLoss, dPrediction: dFingertip };
      const actions = { prediction: result.outputs, target: null, weight: null, trialLoss, dPrediction: dOutputs };
      addReachLoss(backend, position, actions, task.loss, epoch - 1, batchSize);
    } else {
      addTaskLoss(backend, task.loss, { prediction: result.outputs, target, weight, trialLoss, dPrediction: dOutputs }, batchSize);
      const penalty = latentsOf(task);
      if (penalty) {
        const latents = { prediction: result.states as KernelArgument, target: null, weight: latentWeights, trialLoss, dPrediction: into.dStates };
        addLatentSquares(backend, latents, penalty.weight, batchSize);
      }
    }
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

const noGradients = { dOutputs: null, dStates: null, dFingertip: null, dJoint: null, dMuscle: null };

/** What a rollout needs of a batch. */
function batchInput({ inputs, joints, endpointLoads, jointLoads, interventions }: TrialBatch) {
  return { inputs, joints, endpointLoads, jointLoads, interventions };
}
