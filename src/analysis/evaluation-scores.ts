// Scores of networks in two environments on the same trials: over all trials, of single trials, and how far apart both go over time.
import { fingertipOf } from '../arm/kinematics.js';
import { selectTrials } from '../tasks/data.js';
import type { Movement, Task, TrialSet } from '../tasks/task.js';
import type { DeviationSummary, ScoreComparison, Spread } from './evaluation-data.js';
import { round, roundAll, taskLoss } from './scores.js';

/** A network's way through trials of an environment. */
export interface Course {
  readonly task: Task;
  readonly set: TrialSet;
  /** [S, T, O]. */
  readonly outputs: Float32Array;
  readonly movement: Movement | null;
}

/** Every score that either environment has, loss first. */
export function compareScores(own: Course, changed: Course): ScoreComparison[] {
  const [first, second] = [scoresOf(own), scoresOf(changed)];
  const names = [...new Set([...Object.keys(first.whole), ...Object.keys(second.whole)])];
  return names.map((name) => {
    const [a, b] = [first.single.map((scores) => scores[name]), second.single.map((scores) => scores[name])];
    const differences = a.map((value, trial) => (value === undefined || b[trial] === undefined ? undefined : (b[trial] as number) - value));
    return {
      name,
      own: roundedOrNull(first.whole[name]),
      changed: roundedOrNull(second.whole[name]),
      ownTrials: spreadOf(a),
      changedTrials: spreadOf(b),
      difference: spreadOf(differences),
    };
  });
}

const roundedOrNull = (value: number | undefined): number | null => (value === undefined ? null : round(value));

function scoresOf(course: Course): { whole: Record<string, number>; single: Record<string, number>[] } {
  const single = Array.from({ length: course.set.trials }, (_, trial) => courseScores(trialOf(course, trial)));
  return { whole: courseScores(course), single };
}

/** Loss, the task's own scores, and for reaches how far the hand strays from the straight line. */
export function courseScores({ task, set, outputs, movement }: Course): Record<string, number> {
  const loss = taskLoss(task, outputs, set, movement);
  const strayed = task.plant ? spreadOf(sidewaysOf(task, set, outputs)) : null;
  const all: Record<string, number | null> = {
    loss,
    ...(task.metrics?.(outputs, set, movement ?? undefined) ?? {}),
    ...(strayed ? { sidewaysDeviation: strayed.median } : {}),
  };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, number] => entry[1] !== null && Number.isFinite(entry[1])));
}

function trialOf({ task, set, outputs, movement }: Course, trial: number): Course {
  const part = (values: Float32Array) => values.subarray((trial * values.length) / set.trials, ((trial + 1) * values.length) / set.trials);
  return {
    task,
    set: selectTrials(set, [trial]),
    outputs: part(outputs),
    movement: movement && { actions: part(movement.actions), joint: part(movement.joint), muscle: part(movement.muscle) },
  };
}

/** Start and unit vector to the left of the way to the target, of trials with a go cue and a target somewhere else. */
function wayOf(task: Task, set: TrialSet, trial: number): { start: readonly [number, number]; left: readonly [number, number]; go: number } | null {
  const go = set.extra[2 * trial + 1] as number;
  if (!task.plant || !(go >= 0)) return null;
  const [x, y] = fingertipOf(task.plant.body, (set.joints as Float32Array).subarray(4 * trial, 4 * trial + 4), 1) as unknown as [number, number];
  const last = 2 * (trial * set.steps + set.steps - 1);
  const [dx, dy] = [(set.targets[last] as number) - x, (set.targets[last + 1] as number) - y];
  const distance = Math.sqrt(dx * dx + dy * dy);
  return distance > 1e-6 ? { start: [x, y], left: [-dy / distance, dx / distance], go } : null;
}

/** Of each trial the largest distance of the hand from the line between start and target after the go cue, with its sign: positive to the left. */
function sidewaysOf(task: Task, set: TrialSet, outputs: Float32Array): (number | undefined)[] {
  return Array.from({ length: set.trials }, (_, trial) => {
    const way = wayOf(task, set, trial);
    if (!way) return undefined;
    let most = 0;
    for (let step = way.go; step < set.steps; step++) {
      const at = 2 * (trial * set.steps + step);
      const across = ((outputs[at] as number) - way.start[0]) * way.left[0] + ((outputs[at + 1] as number) - way.start[1]) * way.left[1];
      if (Math.abs(across) > Math.abs(most)) most = across;
    }
    return most;
  });
}

/** Median and quartiles of the values there are; null where there are none. */
export function spreadOf(values: readonly (number | undefined)[]): Spread | null {
  const sorted = values.filter((value): value is number => value !== undefined && Number.isFinite(value)).sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  const at = (share: number): number => {
    const place = share * (sorted.length - 1);
    const below = sorted[Math.floor(place)] as number;
    return below + (place - Math.floor(place)) * ((sorted[Math.ceil(place)] as number) - below);
  };
  return { median: round(at(0.5)), quartiles: [round(at(0.25)), round(at(0.75))], trials: sorted.length };
}

/** A distance within this share of its peak counts as returned. */
const returnedShare = 0.1;
/** Times that fewer than this share of the trials reach are left out of the means. */
const leastShare = 0.5;

/** When each trial is concerned, [S]: first step and the one behind the last; null: never. */
export type Concerned = readonly (readonly [number, number] | null)[];

/** How far the outputs of both environments are apart in the trials that are concerned; null where there are none. */
export function deviationOf(own: Course, changed: Course, windows: Concerned, steps: number): DeviationSummary | null {
  const rows = windows.flatMap((window, trial) => (window ? [deviationOfTrial(own, changed, trial, window, steps)] : []));
  if (rows.length === 0) return null;
  const lengths = rows.map(({ distance }) => distance.length).sort((a, b) => b - a);
  const samples = lengths[Math.ceil(leastShare * rows.length) - 1] as number;
  const [mean, spread] = meansOf(
    rows.map(({ distance }) => distance),
    samples,
  );
  const sideways = rows.flatMap(({ across }) => (across ? [across] : []));
  const [across, acrossSpread] = sideways.length > 0 ? meansOf(sideways, samples) : [null, null];
  const ending = rows.filter(({ ends }) => ends);
  const returned = ending.flatMap(({ returnSteps }) => (returnSteps === null ? [] : [returnSteps]));
  return {
    trials: rows.length,
    ...{ mean, spread, across, acrossSpread },
    peak: spreadOf(rows.map(({ peak }) => peak)) as Spread,
    ending: ending.length,
    returned: returned.length,
    returnSteps: spreadOf(returned),
  };
}

function deviationOfTrial(own: Course, changed: Course, trial: number, [from, until]: readonly [number, number], steps: number) {
  const { outputSize } = own.task;
  const way = wayOf(own.task, own.set, trial);
  const end = Math.min(steps, own.set.lengths?.[trial] ?? steps, changed.set.lengths?.[trial] ?? steps);
  const distance = new Float64Array(Math.max(1, end - from));
  const across = way && new Float64Array(distance.length);
  for (let step = from; step < end; step++) {
    const [a, b] = [(trial * own.set.steps + step) * outputSize, (trial * changed.set.steps + step) * outputSize];
    let sum = 0;
    for (let i = 0; i < outputSize; i++) sum += ((changed.outputs[b + i] as number) - (own.outputs[a + i] as number)) ** 2;
    distance[step - from] = Math.sqrt(sum);
    const shift = (i: number) => (changed.outputs[b + i] as number) - (own.outputs[a + i] as number);
    if (across && way) across[step - from] = shift(0) * way.left[0] + shift(1) * way.left[1];
  }
  const peak = distance.reduce((most, value) => Math.max(most, value), 0);
  const lastAway = distance.findLastIndex((value) => value > returnedShare * peak);
  const ends = until < end;
  return { distance, across, peak, ends, returnSteps: ends && lastAway < distance.length - 1 ? Math.max(0, from + lastAway + 1 - until) : null };
}

/** Mean and standard deviation of the first `samples` samples over those rows that have them. */
function meansOf(rows: readonly Float64Array[], samples: number): [number[], number[]] {
  const means: number[] = [];
  const spreads: number[] = [];
  for (let i = 0; i < samples; i++) {
    const values = rows.flatMap((row) => (i < row.length ? [row[i] as number] : []));
    const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
    means.push(mean);
    spreads.push(Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1)));
  }
  return [roundAll(means), roundAll(spreads)];
}
