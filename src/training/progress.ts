// What a run has reached besides its tensors: counters, the best epoch, early stopping. Plain numbers, so that resuming is exact.
import type { CheckpointState, DoneEvent } from './events.js';
import type { TrainingOptions } from './options.js';

type Counters = CheckpointState['counters'];

/** Progress over epochs; `save` and `load` go through the counters of a checkpoint. */
export class Progress {
  /** Epochs completed. */
  epoch = 0;
  #best: DoneEvent['best'] = null;
  /** Loss that early stopping compares with, and epochs since it was reached. */
  #reference: number | null = null;
  #waited = 0;
  readonly #stopping: TrainingOptions['earlyStopping'];

  constructor(stopping: TrainingOptions['earlyStopping']) {
    this.#stopping = stopping;
  }

  /** The epoch of the lowest validation loss (the earliest of equals), or null before the first. */
  get best(): DoneEvent['best'] {
    return this.#best;
  }

  /** True once `patience` epochs in a row have not lowered the validation loss by more than `minimumImprovement`. */
  get stopped(): boolean {
    return this.#stopping !== null && this.#waited >= this.#stopping.patience;
  }

  /** Counts an epoch; true when its validation loss is the lowest so far. Losses that do not compare with later ones (a ramp) count for nothing. */
  finishEpoch(validationLoss: number, comparable = true): boolean {
    this.epoch++;
    if (!comparable) return false;
    if (this.#reference === null || validationLoss < this.#reference - (this.#stopping?.minimumImprovement ?? 0)) {
      this.#reference = validationLoss;
      this.#waited = 0;
    } else {
      this.#waited++;
    }
    if (this.#best !== null && validationLoss >= this.#best.validationLoss) return false;
    this.#best = { epoch: this.epoch, validationLoss };
    return true;
  }

  save(): Counters {
    return {
      'best.epoch': this.#best?.epoch ?? null,
      'best.validationLoss': this.#best?.validationLoss ?? null,
      'stopping.reference': this.#reference,
      'stopping.waited': this.#waited,
    };
  }

  load(epoch: number, counters: Counters): void {
    const {
      'best.epoch': bestEpoch = null,
      'best.validationLoss': validationLoss = null,
      'stopping.reference': reference = null,
      'stopping.waited': waited,
    } = counters;
    this.epoch = epoch;
    this.#best = bestEpoch !== null && validationLoss !== null ? { epoch: bestEpoch, validationLoss } : null;
    this.#reference = reference;
    this.#waited = waited ?? 0;
  }
}
