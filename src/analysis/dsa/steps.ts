// The two heavy steps of DSA, fit and comparison, as calls that somebody else may carry out: other processes, which give the same numbers in any order.
import type { TrialArray } from '../analysis.js';
import type { Dense } from './dense.js';
import { type Dmd, type DmdOptions, fitDmd } from './dmd.js';
import { compareOperators, type SimilarityOptions, type SimilarityResult } from './similarity-transform.js';

/** Who carries out the steps of a DSA. */
export interface DsaSteps {
  /** Calls that it takes at once. */
  readonly atOnce: number;
  fit(data: TrialArray, options: DmdOptions): Promise<Dmd>;
  compare(a: Dense, b: Dense, options: SimilarityOptions): Promise<SimilarityResult>;
}

/** One step after the other, in the thread of the caller: the default, and the only way in browsers. */
export const stepsHere: DsaSteps = {
  atOnce: 1,
  fit: async (data, options) => fitDmd(data, options),
  compare: async (a, b, options) => compareOperators(a, b, options),
};

/** `work` on every item, at most `atOnce` at a time, started in order; results in the order of the items. Before each it lets events in and obeys the signal. */
export async function mapAtOnce<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  signal: AbortSignal | undefined,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  let next = 0;
  const lane = async () => {
    while (next < items.length) {
      const index = next++;
      await new Promise((resolve) => setTimeout(resolve));
      signal?.throwIfAborted();
      results[index] = await work(items[index] as Item, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, lane));
  return results;
}
