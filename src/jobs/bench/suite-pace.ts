// How fast each backend of a suite has been so far: what would take too long on it is known before it is tried.
import type { SuiteItem } from './suite-plan.js';

type Rollout = Pick<SuiteItem, 'flops' | 'trialSteps'>;

/** The best speed of each backend in training steps, whose operations are counted. */
export class Pace {
  readonly #best = new Map<string, number>();

  /** A run of an item, or of a share of its work, took so many seconds. */
  saw(name: string, { flops, trialSteps }: Rollout, seconds: number, share = 1): void {
    if (flops === null || trialSteps === null || seconds <= 0) return;
    this.#best.set(name, Math.max(this.#best.get(name) ?? 0, (share * flops) / seconds));
  }

  /** Seconds of a run at that speed; null where nothing is known. */
  seconds(name: string, { flops, trialSteps }: Rollout): number | null {
    const best = this.#best.get(name);
    return best === undefined || flops === null || trialSteps === null ? null : flops / best;
  }
}
