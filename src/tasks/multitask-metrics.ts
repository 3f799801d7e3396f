// Which multitask trials a network gets right: by the direction of its response at the end, or by its silence where none is asked for.
import type { MultitaskName } from './multitask-options.js';
import { multitaskOutputs } from './multitask-trial.js';
import type { TrialSet } from './task.js';

/** A response within this angle of its target is right, rad (CtDB). */
const tolerance = Math.PI / 10;
/** Silence: the norm of the response stays below this. */
export const silentNorm = 0.3;
/** Silence as CtDB has it: the signed sum of cosine and sine below this. */
const publishedSum = 0.1;

/** What a network made of one trial at the last step of its response. */
export interface MultitaskResponse {
  /** Response target and output, cosine and sine. */
  readonly target: readonly [number, number];
  readonly output: readonly [number, number];
  /** Whether the task asks for a response. */
  readonly asked: boolean;
  /** Angle between output and target, rad in [0, π]; where no response is asked for, that between output and 0 rad, as CtDB takes it. */
  readonly error: number;
  /** Right: asked, the error is below π/10; not asked, the norm of the response stays below 0.3. */
  readonly right: boolean;
  /** The same by the published rule, which also passes silence when cosine + sine < 0.1 or the direction happens to be near 0 rad. */
  readonly rightAsPublished: boolean;
}

/** Responses of all trials of a set; outputs [S, T, 3]. */
export function multitaskResponses(outputs: Float32Array, set: TrialSet): MultitaskResponse[] {
  const { trials, steps, targets, extra } = set;
  return Array.from({ length: trials }, (_, trial) => {
    const at = (trial * steps + (extra[2 * trial + 1] as number) - 1) * multitaskOutputs;
    const target = [targets[at + 1] as number, targets[at + 2] as number] as const;
    const output = [outputs[at + 1] as number, outputs[at + 2] as number] as const;
    const asked = target[0] !== 0 || target[1] !== 0;
    const turn = Math.abs(Math.atan2(output[1], output[0]) - Math.atan2(target[1], target[0]));
    const error = Math.min(turn, 2 * Math.PI - turn);
    const near = error < tolerance;
    const right = asked ? near : Math.sqrt(output[0] * output[0] + output[1] * output[1]) < silentNorm;
    return { target, output, asked, error, right, rightAsPublished: near || (!asked && output[0] + output[1] < publishedSum) };
  });
}

/** Share of the trials that fulfil a condition; 1 of none. */
function share(count: number, of: number): number {
  return of === 0 ? 1 : count / of;
}

/**
 * Success by task, `success TASK` and `published success TASK`, and over all trials, `success`, with the lowest of all tasks, `lowestSuccess`.
 * Tasks without a trial in the set are left out.
 */
export function multitaskMetrics(outputs: Float32Array, set: TrialSet, tasks: readonly MultitaskName[]): Record<string, number> {
  const responses = multitaskResponses(outputs, set);
  const counts = tasks.map(() => ({ trials: 0, right: 0, published: 0 }));
  responses.forEach(({ right, rightAsPublished }, trial) => {
    const count = counts[set.conditions[trial] as number] as (typeof counts)[number];
    count.trials++;
    if (right) count.right++;
    if (rightAsPublished) count.published++;
  });
  const seen = counts.flatMap((count, i) => (count.trials > 0 ? [{ ...count, task: tasks[i] as MultitaskName }] : []));
  const right = responses.filter((response) => response.right).length;
  return {
    success: share(right, responses.length),
    lowestSuccess: Math.min(1, ...seen.map((count) => count.right / count.trials)),
    ...Object.fromEntries(seen.map(({ task, right: own, trials }) => [`success ${task}`, own / trials])),
    ...Object.fromEntries(seen.map(({ task, published, trials }) => [`published success ${task}`, published / trials])),
  };
}
