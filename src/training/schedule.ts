// The learning rate over epochs: constant, cosine with warm-up, reduce on plateau. State is plain numbers, so that resuming is exact.
import type { TrainingOptions } from './options.js';

/** Counters of a checkpoint, as far as a schedule has any. */
export type ScheduleState = Readonly<Record<string, number | null>>;

export interface Schedule {
  /** Learning rate of an epoch, counted from 0. */
  learningRate(epoch: number): number;
  /** Tells the schedule how an epoch ended. */
  finishEpoch(validationLoss: number): void;
  save(): ScheduleState;
  load(state: ScheduleState): void;
}

/** A fresh schedule that starts at `learningRate` and, if it has an end, ends after `epochs`. */
export function createSchedule(options: TrainingOptions['schedule'], learningRate: number, epochs: number): Schedule {
  switch (options.name) {
    case 'constant':
      return { learningRate: () => learningRate, finishEpoch: () => {}, save: () => ({}), load: () => {} };
    case 'cosine': {
      const { minimum, warmupEpochs } = options;
      const rate = (epoch: number) => {
        if (epoch < warmupEpochs) return (learningRate * (epoch + 1)) / warmupEpochs;
        const progress = Math.min(1, (epoch - warmupEpochs) / Math.max(1, epochs - warmupEpochs));
        return minimum + (learningRate - minimum) * 0.5 * (1 + cosinePi(progress));
      };
      return { learningRate: rate, finishEpoch: () => {}, save: () => ({}), load: () => {} };
    }
    case 'plateau':
      return new Plateau(options, learningRate);
  }
}

/** An epoch improves when its loss is below this share of the best one (PyTorch's ReduceLROnPlateau, relative threshold 1e-4). */
const improvement = 1 - 1e-4;

/** Multiplies the rate by `factor` once more than `patience` epochs in a row brought no improvement. */
class Plateau implements Schedule {
  readonly #options: Extract<TrainingOptions['schedule'], { name: 'plateau' }>;
  #rate: number;
  #best: number | null = null;
  #badEpochs = 0;

  constructor(options: Extract<TrainingOptions['schedule'], { name: 'plateau' }>, learningRate: number) {
    this.#options = options;
    this.#rate = learningRate;
  }

  learningRate(): number {
    return this.#rate;
  }

  finishEpoch(validationLoss: number): void {
    if (this.#best === null || validationLoss < this.#best * improvement) {
      this.#best = validationLoss;
      this.#badEpochs = 0;
      return;
    }
    this.#badEpochs++;
    if (this.#badEpochs <= this.#options.patience) return;
    this.#rate = Math.max(this.#options.minimum, this.#rate * this.#options.factor);
    this.#badEpochs = 0;
  }

  save(): ScheduleState {
    return { 'schedule.learningRate': this.#rate, 'schedule.best': this.#best, 'schedule.badEpochs': this.#badEpochs };
  }

  load(state: ScheduleState): void {
    this.#rate = state['schedule.learningRate'] ?? this.#rate;
    this.#best = state['schedule.best'] ?? null;
    this.#badEpochs = state['schedule.badEpochs'] ?? 0;
  }
}

/** cos(πx) for x in [0, 1] by its Taylor series around the nearest of 0, ½, 1: Math.cos differs between engines in the last bit. */
function cosinePi(x: number): number {
  if (x > 0.75) return -cosinePi(1 - x);
  const sine = x > 0.25;
  const angle = Math.PI * (sine ? 0.5 - x : x);
  // sin and cos on [−π/4, π/4]; eleven terms leave less than 1e-20.
  let term = sine ? angle : 1;
  let sum = term;
  for (let k = sine ? 3 : 2; k < 22; k += 2) {
    term *= -(angle * angle) / (k * (k - 1));
    sum += term;
  }
  return sum;
}
