// Scores of reaching: how near the end point comes to the target and how soon, how fast, with what effort, and what pushes do. docs/tasks.md defines them.
import type { Body } from '../arm/body.js';
import { fingertipOf } from '../arm/kinematics.js';
import type { Movement, TrialSet } from './task.js';

/** Go trials count that leave this many steps after the go cue; their error is the mean over the last steps. */
const stepsAfterGo = 40;
const lastSteps = 10;
/** The target is reached when the end point has been this near, m, for this many steps. */
const targetRadius = 0.05;
const settledSteps = 10;
/** A push counts whose end leaves this many steps of holding still; the hand is back when it is within this share of the largest deviation. */
const stepsAfterPush = 30;
const returnedShare = 0.1;

/** Steps `start` to `end` − 1 of a push. */
export interface Push {
  readonly start: number;
  readonly end: number;
}

/** The step of the go cue; null in a catch trial. */
export function goCueOf(set: TrialSet, trial: number): number | null {
  const go = set.extra[2 * trial + 1] as number;
  return go < 0 ? null : go;
}

/** The stretch of a trial from the first to the last step with a force on the end point; null where there is none. */
export function pushOf(set: TrialSet, trial: number): Push | null {
  const { endpointLoads: loads, steps } = set;
  if (!loads) return null;
  let start = -1;
  let end = -1;
  for (let step = 0, at = trial * steps * 2; step < steps; step++, at += 2) {
    if (loads[at] === 0 && loads[at + 1] === 0) continue;
    if (start < 0) start = step;
    end = step + 1;
  }
  return start < 0 ? null : { start, end };
}

/** One trial with its end point, as the scores need it. */
interface Reach {
  readonly go: number | null;
  readonly push: Push | null;
  /** Distance between the end points after steps `a` and `b`; −1: at the start. */
  between(a: number, b: number): number;
  /** Distance between end point and target after a step. */
  error(step: number): number;
}

/**
 * Scores of end points [S, T, 2] in SI units. A score for which no trial qualifies is left out, and so is `effort` without `movement`, which holds the
 * muscles' states.
 */
export function reachMetrics(
  outputs: Float32Array,
  set: TrialSet,
  movement: Movement | null,
  { body, moving }: { readonly body: Body; readonly moving: boolean },
): Record<string, number> {
  const { steps } = set;
  const seconds = body.timeStep;
  const starts = fingertipOf(body, set.joints as Float32Array, set.trials);
  const reaches = Array.from({ length: set.trials }, (_, trial) => reachOf(outputs, set, starts, trial));
  const scored = reaches.filter((reach) => isScored(reach, steps));
  const caught = reaches.filter((reach) => reach.push === null && reach.go === null);
  const pushed = reaches.flatMap((reach) => pushResponse(reach, steps) ?? []);
  const scores: Record<string, number | null> = {
    endPointError: median(scored.map((reach) => endPointError(reach, steps))),
    timeToTarget: moving ? null : median(scored.map((reach) => arrival(reach, steps) * seconds)),
    peakSpeed: median(scored.map((reach) => largest(reach.go as number, steps, (step) => reach.between(step - 1, step)) / seconds)),
    effort: movement ? effort(movement, set, body) : null,
    bumpDeviation: median(pushed.map(({ deviation }) => deviation)),
    bumpReturn: median(pushed.map((push) => push.returned * seconds)),
    catchDeviation: median(caught.map((reach) => largest(0, steps, (step) => reach.between(-1, step)))),
  };
  return Object.fromEntries(Object.entries(scores).filter((entry): entry is [string, number] => entry[1] !== null));
}

/** The errors, m, of which `endPointError` is the median: one for each trial that counts, in their order. */
export function endPointErrors(outputs: Float32Array, set: TrialSet): number[] {
  const starts = new Float32Array(2 * set.trials); // no error depends on them
  const reaches = Array.from({ length: set.trials }, (_, trial) => reachOf(outputs, set, starts, trial));
  return reaches.filter((reach) => isScored(reach, set.steps)).map((reach) => endPointError(reach, set.steps));
}

function isScored({ go, push }: Reach, steps: number): boolean {
  return push === null && go !== null && steps - go >= stepsAfterGo;
}

function endPointError(reach: Reach, steps: number): number {
  return mean(lastSteps, (i) => reach.error(steps - 1 - i));
}

function reachOf(outputs: Float32Array, set: TrialSet, starts: Float32Array, trial: number): Reach {
  const { steps, targets } = set;
  const coordinate = (step: number, axis: number): number => (step < 0 ? starts[2 * trial + axis] : outputs[2 * (trial * steps + step) + axis]) as number;
  return {
    go: goCueOf(set, trial),
    push: pushOf(set, trial),
    between: (a, b) => distance(coordinate(a, 0) - coordinate(b, 0), coordinate(a, 1) - coordinate(b, 1)),
    error: (step) => {
      const at = 2 * (trial * steps + step);
      return distance((outputs[at] as number) - (targets[at] as number), (outputs[at + 1] as number) - (targets[at + 1] as number));
    },
  };
}

/** Steps from the go cue until the target is reached; where it never is, those that there were. */
function arrival(reach: Reach, steps: number): number {
  const go = reach.go as number;
  let settled = 0;
  for (let step = go; step < steps; step++) {
    settled = reach.error(step) < targetRadius ? settled + 1 : 0;
    if (settled === settledSteps) return step - settledSteps + 1 - go;
  }
  return steps - go;
}

/**
 * Of a push while the target stands still (before the go cue, or in a catch trial): the largest distance from where the end point was before it, and the
 * steps from its end until the end point is back; where it never is, those until the go cue or the end.
 */
function pushResponse(reach: Reach, steps: number): { deviation: number; returned: number } | null {
  const { go, push } = reach;
  const until = go ?? steps;
  if (push === null || until - push.end < stepsAfterPush) return null;
  const away = (step: number): number => reach.between(push.start - 1, step);
  const deviation = largest(push.start, until, away);
  let peak = push.start;
  while (away(peak) < deviation) peak++;
  let back = Math.max(peak, push.end);
  while (back < until && away(back) > returnedShare * deviation) back++;
  return { deviation, returned: back - push.end };
}

/** Mean squared activation over trials, steps and muscles, without the initial state. */
function effort({ muscle }: Movement, { trials, steps }: TrialSet, { muscles, muscleRows }: Body): number {
  const row = muscleRows.length * muscles;
  let sum = 0;
  for (let trial = 0; trial < trials; trial++) {
    for (let state = 1; state <= steps; state++) {
      const at = (trial * (steps + 1) + state) * row;
      for (let i = 0; i < muscles; i++) sum += (muscle[at + i] as number) ** 2;
    }
  }
  return sum / (trials * steps * muscles);
}

// Not Math.hypot: a square root is the same in every engine.
function distance(x: number, y: number): number {
  return Math.sqrt(x * x + y * y);
}

function largest(from: number, to: number, value: (step: number) => number): number {
  let most = 0;
  for (let step = from; step < to; step++) most = Math.max(most, value(step));
  return most;
}

function mean(count: number, value: (i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += value(i);
  return sum / count;
}

/** Null for no values. */
function median(values: number[]): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
