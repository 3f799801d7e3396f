// Trains one model with one seed: an async generator of typed events that writes nothing. Batches → steps → validation → checkpoints, epoch by epoch.
//
// Equal plans give equal events (but for `seconds`): every draw is keyed by seed, epoch and trial, and nothing depends on the clock except when a `last`
// checkpoint is emitted. A run taken up from any `last` checkpoint ends with the same bytes as one that never stopped.
import type { Backend } from '../backends/backend.js';
import { BackendError, NumericsError } from '../errors.js';
import type { Model } from '../models/model.js';
import type { TrialData } from '../tasks/data.js';
import type { Task, TrialSet } from '../tasks/task.js';
import { createBreather } from './breathe.js';
import { describeNonFinite, namedTensors, type SessionState, sessionState } from './checkpoint-state.js';
import type { CheckpointEvent, CheckpointState, DoneEvent, EpochEvent, RunIdentity, TrainingEvent } from './events.js';
import { rampEpochs } from './loss.js';
import { checkTrainingMemory, trialCounts } from './memory.js';
import { momentCount } from './optimizer.js';
import type { TrainingOptions } from './options.js';
import { Progress } from './progress.js';
import { batchesPerEpoch, epochBatches } from './sampler.js';
import { createSchedule } from './schedule.js';
import { createTrainingSession, type StepResult, type TrainingSession } from './session.js';
import type { UserLoss } from './user-loss.js';

/** What to train: everything that decides the result, besides the backend's arithmetic. */
export interface TrainingPlan {
  readonly run: RunIdentity;
  readonly task: Task;
  readonly data: TrialData;
  readonly model: Model;
  readonly training: TrainingOptions;
  /** Keys initial weights, batches and noise. */
  readonly seed: number;
  /** Replaces the task's loss. */
  readonly userLoss?: UserLoss;
}

export interface TrainModelOptions {
  readonly backend: Backend;
  /** Stops between two steps; the run ends at its last completed epoch with `done`, reason `aborted`. */
  readonly signal?: AbortSignal;
  /** Goes on from here; null or absent: from the start. */
  readonly resume?: CheckpointState | null;
}

// Writing `last` may take up to a twentieth of the time; but no more than this passes without one.
const checkpointShare = 20;
const longestWithoutCheckpointMs = 10_000;
// Losses of an answer that ignores the input are below 1 on tasks with targets of order 1.
const transientLoss = 5;

/**
 * Trains a model. Yields `plan` first; per epoch `epoch`, then `checkpoint` events (kept epochs; `best`, then `last`, at the latest when the run ends);
 * `done` last. Throws ConfigError before anything else when the run would not fit into memory, RunFormatError when `resume` is not a checkpoint of this
 * model, NumericsError, naming step and tensor, when loss or gradient stop being finite, and BackendError when the backend is lost: the last good
 * checkpoint has been emitted by then.
 */
export async function* trainModel(plan: TrainingPlan, options: TrainModelOptions): AsyncGenerator<TrainingEvent> {
  const { run, data, model, training } = plan;
  const { backend, resume = null } = options;
  checkTrainingMemory({ backend, ...plan, data: trialCounts(data) }, run.path);
  const session = createTrainingSession({ backend, ...plan });
  try {
    const loop = new Loop(plan, session, options);
    if (resume) loop.restore(resume);
    yield {
      type: 'plan',
      run,
      backend: backend.description,
      parameterCount: model.parameterCount,
      trainingTrials: data.trainingIndices.length,
      validationTrials: data.validationIndices.length,
      batchesPerEpoch: batchesPerEpoch(loop.sampler),
      microBatchSize: session.microBatchSize,
      epochs: training.epochs,
      startEpoch: loop.progress.epoch,
      best: loop.progress.best,
      memoryBytes: session.memoryBytes,
    };
    yield* loop.train();
  } finally {
    session.dispose();
  }
}

/** The state of one run and its epochs. */
class Loop {
  readonly progress: Progress;
  readonly sampler;
  readonly #plan: TrainingPlan;
  readonly #session: TrainingSession;
  readonly #backend: Backend;
  readonly #signal: AbortSignal | null;
  readonly #schedule;
  readonly #breathe = createBreather();
  /** Epochs in which the loss is not yet what it will be: best epoch, early stopping and schedule leave them out. */
  readonly #rampEpochs: number;
  readonly #started = performance.now();
  /** What the session held after the last completed epoch. */
  #state: SessionState | null = null;
  /** The state after the last completed epoch, and that of the best one; null once emitted (`last` of a resumed run: not yet new). */
  #last: CheckpointEvent | null = null;
  #best: CheckpointEvent | null = null;
  #emitted = performance.now();
  #emissionCost = 0;
  #warned = false;
  #lastGood = 0;

  constructor(plan: TrainingPlan, session: TrainingSession, { backend, signal = null }: { backend: Backend; signal?: AbortSignal | null }) {
    const { training, data, seed } = plan;
    this.#plan = plan;
    this.#session = session;
    this.#backend = backend;
    this.#signal = signal;
    this.progress = new Progress(training.earlyStopping);
    this.#rampEpochs = plan.userLoss ? 0 : rampEpochs(plan.task.loss);
    this.#schedule = createSchedule(training.schedule, training.learningRate, training.epochs);
    this.sampler = { sampler: training.sampler, indices: data.trainingIndices, conditions: data.set.conditions, batchSize: training.batchSize, seed };
  }

  restore(checkpoint: CheckpointState): void {
    const { model, training } = this.#plan;
    this.#state = sessionState(model, checkpoint, momentCount(training.optimizer));
    this.#session.restore(this.#state);
    this.#schedule.load(checkpoint.counters);
    this.progress.load(checkpoint.epoch, checkpoint.counters);
    this.#lastGood = checkpoint.epoch;
  }

  async *train(): AsyncGenerator<TrainingEvent> {
    const { training } = this.#plan;
    if (this.progress.epoch === 0) this.#last = this.#checkpoint('last', await this.#capture(), Number.POSITIVE_INFINITY);
    try {
      while (this.progress.epoch < training.epochs && !this.progress.stopped && !this.#aborted) {
        const epoch = await this.#epoch();
        if (epoch === null) break;
        await this.#keep(epoch);
        yield epoch;
        yield* this.#afterEpoch(epoch);
      }
    } catch (error) {
      // Whatever went wrong (numbers, a lost device), what was good stays.
      yield* this.#emit();
      throw this.#backend.lostReason() === null ? error : this.#lostError();
    }
    yield* this.#emit();
    yield this.#done();
  }

  get #aborted(): boolean {
    return this.#signal?.aborted === true;
  }

  /** One pass over the training trials and one over the validation trials; null when aborted on the way. */
  async #epoch(): Promise<EpochEvent | null> {
    const { run, task } = this.#plan;
    const start = performance.now();
    const epoch = this.progress.epoch + 1;
    const learningRate = this.#schedule.learningRate(epoch - 1);
    const { conditions } = this.#loadTrials(epoch);
    const batches = epochBatches({ ...this.sampler, conditions }, epoch);
    const steps = await this.#steps(batches, epoch, learningRate);
    if (steps === null) return null;
    const trials = batches.reduce((sum, batch) => sum + batch.length, 0);
    const loss = steps.reduce((sum, step, i) => sum + step.loss * (batches[i] as Int32Array).length, 0);
    const norm = steps.reduce((sum, step) => sum + step.gradientNorm, 0);
    const validation = await this.#session.validate(epoch);
    if (!validation.valid) throw this.#numericsError(`the validation loss: ${validation.loss}`, epoch, this.#session.steps);
    const metrics = task.metrics?.(validation.outputs, this.#session.validationSet, validation.movement ?? undefined) ?? {};
    return {
      type: 'epoch',
      run,
      epoch,
      step: this.#session.steps,
      trainLoss: loss / trials,
      validationLoss: validation.loss,
      metrics,
      learningRate,
      gradientNorm: norm / batches.length,
      seconds: (performance.now() - start) / 1000,
    };
  }

  /**
   * The steps of an epoch; null when aborted on the way. Where reading is dear, losses are read every few steps; should one of them not be valid, the epoch
   * is taken again step by step from the state before it, so that the message names what went wrong first and that state stays.
   */
  async #steps(batches: readonly Int32Array[], epoch: number, learningRate: number): Promise<StepResult[] | null> {
    const session = this.#session;
    const together = session.stepsBetweenReads;
    const results: StepResult[] = [];
    for (let first = 0; together > 1 && first < batches.length; first += together) {
      for (const batch of batches.slice(first, first + together)) {
        if (this.#aborted) return null;
        session.queueStep(batch, epoch, learningRate);
        await this.#breathe();
      }
      const read = await session.results();
      if (!read.every(({ valid }) => valid)) {
        results.length = 0;
        session.restore(this.#state as SessionState);
        break;
      }
      results.push(...read);
    }
    for (const batch of batches.slice(results.length)) {
      if (this.#aborted) return null;
      const step = await session.step(batch, epoch, learningRate);
      await this.#checkStep(step, epoch);
      results.push(step);
      await this.#breathe();
    }
    return this.#aborted ? null : results;
  }

  /** The trials of an epoch, put on the backend where they are fresh ones. */
  #loadTrials(epoch: number): TrialSet {
    const { set, epochSet } = this.#plan.data;
    if (!epochSet) return set;
    const fresh = epochSet(epoch - 1);
    this.#session.load(fresh);
    return fresh;
  }

  /** Counts an epoch and takes its state from the backend; nothing counts before that is done. */
  async #keep(event: EpochEvent): Promise<void> {
    const comparable = event.epoch > this.#rampEpochs;
    const improved = this.progress.finishEpoch(event.validationLoss, comparable);
    if (comparable) this.#schedule.finishEpoch(event.validationLoss);
    const state = await this.#capture();
    this.#last = this.#checkpoint('last', state, event.validationLoss);
    this.#lastGood = event.epoch;
    if (improved) this.#best = this.#checkpoint('best', state, event.validationLoss);
  }

  /** Yields what is due: the checkpoint of an epoch that is kept, best and last, a warning. */
  async *#afterEpoch(event: EpochEvent): AsyncGenerator<TrainingEvent> {
    const last = this.#last as CheckpointEvent;
    if (this.#plan.training.checkpointEpochs.includes(event.epoch)) yield { ...last, kind: 'epoch' };
    if (performance.now() - this.#emitted >= Math.min(checkpointShare * this.#emissionCost, longestWithoutCheckpointMs)) yield* this.#emit();
    yield* this.#warn(event);
  }

  /** Yields the checkpoints that have not been emitted: `best` first, so that no `last` ever counts a best that is not there. */
  async *#emit(): AsyncGenerator<TrainingEvent> {
    const start = performance.now();
    if (this.#best) yield this.#best;
    if (this.#last) yield this.#last;
    this.#best = null;
    this.#last = null;
    this.#emitted = performance.now();
    this.#emissionCost = this.#emitted - start;
  }

  #checkpoint(kind: CheckpointEvent['kind'], state: CheckpointState, validationLoss: number): CheckpointEvent {
    return { type: 'checkpoint', run: this.#plan.run, kind, state, validationLoss };
  }

  /**
   * The state now, put back as a checkpoint holds it: in f32, so that going on equals resuming even on a backend that stores f64.
   * Throws NumericsError when a tensor is not finite: such a state is never kept.
   */
  async #capture(): Promise<CheckpointState> {
    const { model } = this.#plan;
    const state = await this.#session.save();
    const names = ['parameters', 'optimizer.moment1', 'optimizer.moment2'];
    [state.parameters, ...state.moments].forEach((flat, i) => {
      const bad = describeNonFinite(model, flat);
      if (bad) throw this.#numericsError(`${names[i]}: ${bad}`, this.progress.epoch, state.steps);
    });
    this.#session.restore(state);
    this.#state = state;
    const counters = { ...this.progress.save(), ...this.#schedule.save() };
    return { epoch: this.progress.epoch, step: state.steps, tensors: namedTensors(model, state), counters };
  }

  async #checkStep({ loss, valid, gradientNorm }: StepResult, epoch: number): Promise<void> {
    if (valid) return;
    const bad = describeNonFinite(this.#plan.model, await this.#session.gradient());
    const what = Number.isFinite(loss) ? `the gradient: ${bad ?? `norm = ${gradientNorm}`}` : `the loss: ${loss}`;
    throw this.#numericsError(what, epoch, this.#session.steps + 1);
  }

  #numericsError(what: string, epoch: number, step: number): NumericsError {
    const { run, training } = this.#plan;
    const advice = training.clip === null ? 'set training.clip or lower training.learningRate' : 'lower training.learningRate or training.clip';
    return new NumericsError(
      `${run.path}: expected finite numbers at step ${step} (epoch ${epoch}), got ${what}; ${advice}; the last good checkpoint, of epoch ${this.#lastGood}, is kept`,
    );
  }

  #lostError(): BackendError {
    const { name } = this.#backend.description;
    return new BackendError(
      `${this.#plan.run.path}: expected backend ${name} to last until the end, got one that stopped in epoch ${this.progress.epoch + 1}: ${this.#backend.lostReason()}; the last good checkpoint, of epoch ${this.#lastGood}, is kept: go on with --resume, on this backend or any other`,
    );
  }

  *#warn(event: EpochEvent): Generator<TrainingEvent> {
    const { model, run } = this.#plan;
    if (this.#warned || model.cell !== 'node' || event.trainLoss < transientLoss) return;
    this.#warned = true;
    const message = `the loss of epoch ${event.epoch} is ${event.trainLoss.toPrecision(3)}: the state of a NODE is unbounded, so that its first epochs may be far off before it settles; readoutInitialisation: small starts lower`;
    yield { type: 'warning', run, message };
  }

  #done(): DoneEvent {
    const { run, training } = this.#plan;
    const { epoch, best, stopped } = this.progress;
    const reason = epoch >= training.epochs ? 'completed' : stopped ? 'stopped early' : 'aborted';
    return { type: 'done', run, reason, epoch, best, seconds: (performance.now() - this.#started) / 1000 };
  }
}
