// What interventions of an experiment do to its validation trials: which of them they concern and when, and each network's scores and hand paths with and without.
import { interventionWindows } from '../interventions/apply.js';
import { describeIntervention } from '../interventions/describe.js';
import type { Intervention } from '../interventions/options.js';
import { selectTrials, type TrialData } from '../tasks/data.js';
import type { Task } from '../tasks/task.js';
import { type Course, courseScores } from './evaluation-scores.js';
import { figureArray } from './figure-array.js';
import { reachTrial } from './reach-trials.js';
import { round } from './scores.js';
import type { FigureArray, PerturbedRun, PerturbedSummary } from './summary-data.js';

/** Trials of the overview, and hand paths of each kind, at most. */
const scheduledTrials = 24;
const drawnPaths = 8;

/** The validation trials that something concerns, and those that nothing does: positions among the validation trials. */
export interface Parts {
  readonly summary: PerturbedSummary;
  readonly perturbed: readonly number[];
  readonly unperturbed: readonly number[];
}

/** `task` and `data` with the interventions applied. */
export function perturbedParts(interventions: readonly Intervention[], task: Task, { set, trainingIndices, validationIndices }: TrialData): Parts {
  const training = new Uint8Array(set.trials);
  for (const trial of trainingIndices) training[trial] = 1;
  const windows = interventionWindows(interventions, { task, set, training });
  const order = Array.from(validationIndices, (_, k) => k);
  const acts = (k: number) => windows.some((all) => all[validationIndices[k] as number] !== null);
  const [perturbed, unperturbed] = [order.filter(acts), order.filter((k) => !acts(k))];
  const shown = Array.from(validationIndices.subarray(0, scheduledTrials)).sort((a, b) => a - b);
  const plan = (positions: readonly number[]) => {
    const part = selectTrials(
      set,
      positions.slice(0, drawnPaths).map((k) => validationIndices[k] as number),
    );
    return Array.from({ length: part.trials }, (_, trial) => reachTrial(task, (task.plant as NonNullable<Task['plant']>).body, part, trial));
  };
  const summary: PerturbedSummary = {
    names: interventions.map(describeIntervention),
    trials: shown,
    windows: windows.map((all) => shown.map((trial) => all[trial] && ([all[trial].from, all[trial].until] as const))),
    counts: [perturbed.length, unperturbed.length],
    reach: task.plant ? { perturbed: plan(perturbed), unperturbed: plan(unperturbed) } : null,
  };
  return { summary, perturbed, unperturbed };
}

/** One network on both parts of the validation trials; `course` holds them all. `drawn`: with its hand paths, every `stride`-th step. */
export function perturbedRun(course: Course, { perturbed, unperturbed }: Parts, drawn: boolean, stride: number): PerturbedRun {
  const scored = (part: readonly number[]) =>
    part.length === 0 ? null : Object.fromEntries(Object.entries(courseScores(partOf(course, part))).map(([name, value]) => [name, round(value)]));
  const hands = (part: readonly number[]): FigureArray => {
    const { set, outputs } = partOf(course, part.slice(0, drawnPaths));
    return figureArray(outputs, { all: set.steps, steps: set.steps, width: 2, count: set.trials, stride });
  };
  return {
    ...{ perturbed: scored(perturbed), unperturbed: scored(unperturbed) },
    hands: drawn && course.task.plant ? { perturbed: hands(perturbed), unperturbed: hands(unperturbed) } : null,
  };
}

function partOf({ task, set, outputs, movement }: Course, part: readonly number[]): Course {
  const rows = (values: Float32Array) => {
    const size = values.length / set.trials;
    const chosen = new Float32Array(part.length * size);
    for (const [i, trial] of part.entries()) chosen.set(values.subarray(trial * size, (trial + 1) * size), i * size);
    return chosen;
  };
  return {
    ...{ task, set: selectTrials(set, part), outputs: rows(outputs) },
    movement: movement && { actions: rows(movement.actions), joint: rows(movement.joint), muscle: rows(movement.muscle) },
  };
}
