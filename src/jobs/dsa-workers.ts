// DSA on several processes of Node: every fit and every comparison is a call of its own, so that any number of processes gives the same numbers.
import type { TrialArray } from '../analysis/analysis.js';
import type { Dmd } from '../analysis/dsa/dmd.js';
import type { SimilarityResult } from '../analysis/dsa/similarity-transform.js';
import type { DsaSteps } from '../analysis/dsa/steps.js';
import { availableThreads } from '../platform/host.js';
import { openWorkerProcesses } from '../platform/worker-processes.js';
import { decodeError, type JobError } from './errors.js';

/** The steps of a DSA on processes; `close` ends them. */
export interface DsaWorkers extends DsaSteps {
  close(): Promise<void>;
}

/**
 * Processes for `dsa`, `dsaMatrix` and comparisons: `dsa(x, y, { workers: openDsaWorkers() })`. `count` defaults to the processors of the machine, since fits keep one busy
 * each. The numbers are those of one process. Close them when done. Errors are those of `fitDmd` and `compareOperators`.
 */
export function openDsaWorkers(count = availableThreads()): DsaWorkers {
  const workers = openWorkerProcesses(new URL('./dsa-worker.js', import.meta.url), count, (error) => decodeError(error as JobError));
  return {
    atOnce: count,
    fit: (data, options) => workers.call('fitDmd', [compact(data), options]) as Promise<Dmd>,
    compare: (a, b, options) => workers.call('compareOperators', [a, b, options]) as Promise<SimilarityResult>,
    close: () => workers.close(),
  };
}

/** The trials without the array that they are a part of, all of which a process would be sent. */
function compact({ values, lengths, ...data }: TrialArray): TrialArray {
  return { ...data, values: values.slice(), lengths: lengths && lengths.slice() };
}
