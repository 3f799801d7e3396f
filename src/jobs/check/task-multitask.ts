// check, kinds task_multitask_1 … and task_multitask_stats: trials rebuilt from their recorded draws; our own generator's statistics against the file's.
import { RunFormatError } from '../../errors.js';
import { randomKey } from '../../random.js';
import { describe } from '../../runs/safetensors.js';
import { createMultitask } from '../../tasks/multitask.js';
import { type MultitaskName, multitaskNames, type MultitaskOptions, multitaskOptions } from '../../tasks/multitask-options.js';
import {
  familyOf,
  fillTrial,
  type MultitaskDraws,
  multitaskInputLabels,
  multitaskInputs,
  multitaskOutputs,
  phaseNames,
  planTrial,
} from '../../tasks/multitask-trial.js';
import type { TrialSet } from '../../tasks/task.js';
import type { Comparison } from './compare.js';
import { type GoldenFile, Section } from './golden-file.js';
import { momentsOf, type Sample, standardErrors } from './statistics.js';

/** Seed of our own trials: any will do, a fixed one makes the verdict repeat. */
const seed = 0;

/** Checks the trials or the statistics of a file, whichever it holds. */
export function checkMultitask(comparison: Comparison): void {
  const { file } = comparison;
  const trials = file.has('inputs') || file.has('targets');
  const statistics = file.section('per_task').keys.length > 0 || file.metadata('dataset_shapes') !== null;
  if (!trials && !statistics) throw new RunFormatError(`${file.name}: expected trials or statistics of the multitask battery, got neither`);
  if (trials) checkTrials(comparison);
  if (statistics) checkStatistics(comparison);
}

/** Inputs and targets of every trial from its draws, at the bound of the data's float32; phases, offsets and response exactly. */
function checkTrials(comparison: Comparison): void {
  const { file } = comparison;
  const draws = list(file, 'trial_parameters');
  const tasks = taskList(file, 'tasks_in_this_file');
  const index = file.tensor('task_index', [draws.length]).data;
  const trials = draws.map((values, i) => {
    const task = tasks[index[i] as number];
    if (task === undefined) throw new RunFormatError(`${file.name}: expected task_index below ${tasks.length}, got ${index[i]} in trial ${i}`);
    return planTrial(recordedDraws(task, new Section(values, `${file.name}: metadata trial_parameters[${i}]`)), published);
  });
  comparison.given('task_index');
  const total = trials.reduce((sum, { length }) => sum + length, 0);
  const inputs = new Float32Array(total * multitaskInputs);
  const targets = new Float32Array(total * multitaskOutputs);
  const offsets = [0];
  for (const plan of trials) {
    const [from, to] = [offsets.at(-1) as number, (offsets.at(-1) as number) + plan.length];
    fillTrial(plan, inputs.subarray(from * multitaskInputs, to * multitaskInputs), targets.subarray(from * multitaskOutputs, to * multitaskOutputs));
    offsets.push(to);
  }
  comparison.compareExactly('offsets', offsets);
  comparison.compareExactly(
    'extra',
    trials.flatMap(({ response }) => [...response]),
  );
  comparison.compareWithin('inputs', inputs, valueBound);
  comparison.compareWithin('targets', targets, valueBound);
  const recorded = list(file, 'phase_dicts');
  const differing = trials.filter(({ phases }, i) => !samePhases(phases, recorded[i])).length;
  comparison.compareStatistic('phase_dicts (trials that differ)', differing + Math.abs(recorded.length - trials.length), 0, 0);
}

/** Values of inputs and targets agree to this, which is the rounding of float32 with room. */
const valueBound = 1e-6;
const published = { compat: 'ctdb', noResponse: 'release' } as const;

/** Draws as the original recorded them. Angles and amplitudes of the file are used as they are; whether a category matches follows from the angles. */
function recordedDraws(task: MultitaskName, values: Section): MultitaskDraws {
  const need = (key: string): number => values.number(key, Number.NaN);
  const lengths = Object.fromEntries(
    phaseNames.map((name) => {
      const length = values.number(`${name}_len`, 0);
      if (!(Number.isInteger(length) && length >= 0)) throw new RunFormatError(`${values.where}.${name}_len: expected a number of steps, got ${length}`);
      return [name, length];
    }),
  ) as MultitaskDraws['lengths'];
  const first = need('targ_ang_1');
  switch (familyOf(task)) {
    case 'decision':
      return {
        task,
        lengths,
        angles: [first, need('targ_ang_2')],
        amplitudes: [
          [need('targ_mag_1'), need('targ_mag_2')],
          [need('targ_mag_1B'), need('targ_mag_2B')],
        ],
      };
    case 'match': {
      const flag = task === 'Match2Sample' ? 'matched' : task === 'NonMatch2Sample' ? 'isOpposite' : null;
      const responds = flag === null ? undefined : values.entry(flag);
      if (flag !== null && typeof responds !== 'boolean')
        throw new RunFormatError(`${values.where}.${flag}: expected true or false, got ${describe(responds)}`);
      return { task, lengths, angles: [first, need('targ_ang_2')], ...(typeof responds === 'boolean' ? { responds } : {}) };
    }
    default:
      return { task, lengths, angles: [first, first] };
  }
}

function samePhases(phases: readonly { name: string; start: number; end: number }[], recorded: unknown): boolean {
  if (typeof recorded !== 'object' || recorded === null) return false;
  const entries = Object.entries(recorded as Record<string, unknown>);
  return (
    entries.length === phases.length &&
    phases.every(({ name, start, end }) => {
      const pair = (recorded as Record<string, unknown>)[name];
      return Array.isArray(pair) && pair[0] === start && pair[1] === end;
    })
  );
}

function list(file: GoldenFile, key: string): unknown[] {
  const value = file.metadata(key);
  if (!Array.isArray(value)) throw new RunFormatError(`${file.name}: expected metadata ${key} as a list, got ${describe(value)}`);
  return value;
}

function taskList(file: GoldenFile, key: string): MultitaskName[] {
  return list(file, key).map((name) => {
    if (!multitaskNames.includes(name as MultitaskName)) throw new RunFormatError(`${file.name}: expected names of tasks in ${key}, got ${describe(name)}`);
    return name as MultitaskName;
  });
}

/** Options of a file's `config`, as the original runs them. */
function optionsOf(file: GoldenFile, tasks: readonly MultitaskName[]): MultitaskOptions {
  const config = file.section('config');
  const parsed = multitaskOptions.safeParse({
    name: 'multitask',
    tasks,
    binSize: config.number('bin_size', 20),
    steps: config.number('n_timesteps', 320),
    targets: config.number('num_targets', 32),
    noise: config.number('noise', 0.3),
    compat: 'ctdb',
  });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  throw new RunFormatError(`${file.name}: expected the options of multitask in config, got ${problems}`);
}

/** Trials of our own for every trial of the file's statistics; never fewer than this. */
const fewestTrials = 300;

/** Phase lengths, silence, fixation and noise of our own trials against the file's, which come from `n_stats` trials a task. */
function checkStatistics(comparison: Comparison): void {
  const { file } = comparison;
  const perTask = file.section('per_task');
  const config = file.section('config');
  const tasks = config.entry('task_list') === undefined ? [...multitaskNames] : configuredTasks(file, config);
  const options = optionsOf(file, tasks);
  const theirs = Math.max(1, config.number('n_stats', 300));
  const trials = Math.max(fewestTrials, theirs);
  const task = createMultitask(options);
  for (const name of perTask.keys) {
    if (!tasks.includes(name as MultitaskName)) throw new RunFormatError(`${perTask.where}: expected tasks of config.task_list, got ${name}`);
    const set = createMultitask({ ...options, tasks: [name as MultitaskName], noise: 0 }).generate(randomKey(seed, 'check'), 0, trials);
    checkTask(comparison, perTask.section(name), name, set, theirs);
  }
  const count = file.has('extra') ? (file.tensor('extra', [null, 2]).shape[0] as number) : tasks.length;
  const set = task.generate(randomKey(seed, 'check'), 0, count);
  comparison.given('extra');
  checkNoise(comparison, set, options);
  checkShapes(comparison, set);
}

function configuredTasks(file: GoldenFile, config: Section): MultitaskName[] {
  const value = config.entry('task_list');
  if (!Array.isArray(value) || !value.every((name) => multitaskNames.includes(name as MultitaskName)))
    throw new RunFormatError(`${file.name}: expected names of tasks in config.task_list, got ${describe(value)}`);
  return value as MultitaskName[];
}

function checkTask(comparison: Comparison, stated: Section, name: string, set: TrialSet, count: number): void {
  const lengths = stated.section('phase_len_mean_min_max');
  const ours = (phase: string): Float64Array =>
    Float64Array.from(set.phases ?? [], (phases) => {
      const found = phases.find((one) => one.name === phase);
      return found ? found.end - found.start : Number.NaN;
    });
  const known = (set.phases?.[0] ?? []).map((phase) => phase.name);
  comparison.compareStatistic(`${name}: phases (number)`, known.length, lengths.keys.length, 0);
  for (const phase of lengths.keys) compareMeanMinMax(comparison, `${name}.${phase}`, ours(phase), lengths.entry(phase), count);
  compareMeanMinMax(comparison, `${name}.total`, Float64Array.from(set.lengths ?? []), stated.entry('total_len_mean_min_max'), count);
  const silent = share(set, (trial) => {
    for (let step = 0; step < set.steps; step++) if (targetAt(set, trial, step, 1) !== 0 || targetAt(set, trial, step, 2) !== 0) return false;
    return true;
  });
  const zero = stated.number('fraction_of_trials_with_all_zero_response_target', silent);
  comparison.compareStatistic(`${name}: share of trials without a response`, silent, zero, standardErrors * binomialError(silent, set.trials, zero, count));
  const fixates = stated.entry('fixation_target_is_1_before_response');
  if (fixates !== undefined) {
    const own = share(set, (trial) => {
      for (let step = 0; step < (set.extra[2 * trial] as number); step++) if (targetAt(set, trial, step, 0) !== 1) return false;
      return true;
    });
    comparison.compareStatistic(`${name}: share of trials with a fixation target`, own, fixates === true ? 1 : 0, 0);
  }
}

const targetAt = ({ targets, steps }: TrialSet, trial: number, step: number, channel: number): number =>
  targets[(trial * steps + step) * multitaskOutputs + channel] as number;

function share({ trials }: TrialSet, holds: (trial: number) => boolean): number {
  let count = 0;
  for (let trial = 0; trial < trials; trial++) if (holds(trial)) count++;
  return count / trials;
}

/** Standard error of the difference of two shares; of the pooled one, so that a share of 0 or 1 that both have still compares. */
function binomialError(a: number, countA: number, b: number, countB: number): number {
  const pooled = (a * countA + b * countB) / (countA + countB);
  return Math.sqrt(pooled * (1 - pooled) * (1 / countA + 1 / countB));
}

/**
 * A mean within four standard errors, and the file's extremes within what ours can be: both generators draw whole numbers from one range, so neither may
 * leave the other's by more than samples of these sizes leave unseen.
 */
function compareMeanMinMax(comparison: Comparison, name: string, ours: Float64Array, stated: unknown, count: number): void {
  if (!Array.isArray(stated) || stated.length !== 3 || !stated.every((value) => typeof value === 'number')) {
    throw new RunFormatError(`${comparison.file.name}: expected mean, least and most of ${name}, got ${describe(stated)}`);
  }
  const [mean, least, most] = stated as [number, number, number];
  const sample = momentsOf(ours);
  const error = Math.sqrt(sample.deviation ** 2 * (1 / sample.count + 1 / count));
  comparison.compareStatistic(`${name} (mean)`, sample.mean, mean, standardErrors * error);
  const [first, last] = [Math.min(...ours), Math.max(...ours)];
  const room = extremeRoom(sample, last - first, Math.min(count, sample.count));
  comparison.compareStatistic(`${name} (least)`, first, least, room);
  comparison.compareStatistic(`${name} (most)`, last, most, room);
}

/**
 * Steps by which the extremes of two samples may differ. Of a uniform draw, a sample of n misses an end by more than k of w values with probability
 * (1 − k/w)^n: below 1e-5 for k = 11.5 w / n. A sum of phases has thin tails: half its range.
 */
function extremeRoom({ deviation }: Sample, width: number, count: number): number {
  const uniform = deviation >= 0.27 * width;
  return uniform ? Math.ceil((11.5 * (width + 1)) / count) : width / 2;
}

/** Noise inside the trials, and none behind them. */
function checkNoise(comparison: Comparison, set: TrialSet, { noise }: MultitaskOptions): void {
  const { file } = comparison;
  const inside: number[] = [];
  let behind = 0;
  for (let trial = 0; trial < set.trials; trial++) {
    for (let at = 0; at < set.steps * multitaskInputs; at++) {
      const i = trial * set.steps * multitaskInputs + at;
      const difference = (set.inputs[i] as number) - (set.trueInputs[i] as number);
      if (at < (set.lengths?.[trial] as number) * multitaskInputs) inside.push(difference);
      else behind = Math.max(behind, Math.abs(set.inputs[i] as number));
    }
  }
  const { deviation, count } = momentsOf(Float64Array.from(inside));
  // The deviation of a normal sample has the standard error σ / √(2 N); theirs comes from about as many numbers.
  const stated = file.metadata('noise_sd');
  if (typeof stated === 'number') comparison.compareStatistic('noise_sd', deviation, stated, standardErrors * noise * Math.sqrt(1 / count));
  const padding = file.metadata('noise_in_padding');
  if (typeof padding === 'number') comparison.compareStatistic('noise_in_padding', behind, padding, 0);
}

/** Shapes of a whole data set, and the channels' number. */
function checkShapes(comparison: Comparison, set: TrialSet): void {
  const shapes = comparison.file.section('dataset_shapes');
  const perStep = set.trials * set.steps;
  const own: Readonly<Record<string, readonly number[]>> = {
    inputs: [set.trials, set.steps, set.inputs.length / perStep],
    true_inputs: [set.trials, set.steps, set.trueInputs.length / perStep],
    targets: [set.trials, set.steps, set.targets.length / perStep],
    // A start per output and no forces, which an open loop does not have: their numbers are the original's format.
    ics: [set.trials, multitaskOutputs],
    conds: [set.trials, set.conditions.length / set.trials],
    inputs_to_env: [set.trials, 0],
    extra: [set.trials, set.extra.length / set.trials],
  };
  for (const key of shapes.keys) {
    const stated = shapes.entry(key);
    const shape = own[key];
    if (!Array.isArray(stated)) throw new RunFormatError(`${shapes.where}.${key}: expected a shape, got ${describe(stated)}`);
    const same = shape !== undefined && shape.length === stated.length && shape.every((size, axis) => size === stated[axis]);
    comparison.compareStatistic(`dataset_shapes.${key} (differs)`, same ? 0 : 1, 0, 0);
  }
  const labels = comparison.file.metadata('input_labels');
  if (Array.isArray(labels)) comparison.compareStatistic('input_labels (number)', multitaskInputLabels.length, labels.length, 0);
}
