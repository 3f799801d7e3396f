// What keeps interventions from being applied to a task and its networks, one line a problem with its path: known before anything is rolled out.
import { delayFrames } from '../arm/create-plant.js';
import { problem, suggestion } from '../problems.js';
import type { Task, TrialSet } from '../tasks/task.js';
import { targetChannels } from './editable-trials.js';
import { eventNames, momentProblem, parseMoment, startOf, stepsOf } from './moments.js';
import { bodyKinds, type Intervention, type InterventionOf, type Moment, type UnitChoice } from './options.js';

/** What options are held against. */
export interface CheckedSetting {
  readonly task: Task;
  /** Some trials of the task, which tell its events. */
  readonly sample: TrialSet;
  /** Trials of the data set. */
  readonly trials: number;
  readonly models: readonly { readonly name: string; readonly hiddenSize: number }[];
}

type Path = readonly (string | number)[];

/** One entry a problem; `path` is where the list stands. Null: an entry that is not looked at. */
export function interventionProblems(options: readonly (Intervention | null)[], setting: CheckedSetting, path: Path): string[] {
  const events = eventNames(setting.task, setting.sample);
  return options.flatMap((option, k) => {
    if (option === null) return [];
    const at = [...path, k];
    const { task } = setting;
    if (bodyKinds.has(option.kind) && !task.plant)
      return [
        problem([...at, 'kind'], 'a task with a body', option.kind, `task ${task.name} has none; its inputs and the units of the network can be changed`),
      ];
    return [...scheduleProblems(option, setting, events, at), ...kindProblems(option, setting, at), ...sizeProblems(option, at)];
  });
}

/** Sources of noise that act in whole runs only. */
const isWholeRun = (option: Intervention): boolean =>
  option.kind === 'delay' || (option.kind === 'noise' && option.target !== 'input' && option.target !== 'state');

function scheduleProblems(option: Intervention, { task, trials: count }: CheckedSetting, events: readonly string[], at: Path): string[] {
  const problems: string[] = [];
  const { trials = {}, from, until, duration } = option;
  if (isWholeRun(option)) {
    for (const key of ['trials', 'from', 'until', 'duration', 'phase'] as const) {
      if (option[key] === undefined) continue;
      problems.push(
        problem([...at, key], 'nothing', option[key], `${option.kind === 'delay' ? 'delays' : 'noise of the senses'} can only change for all trials and steps`),
      );
    }
    return problems;
  }
  for (const [key, moment] of Object.entries({ from, until, duration })) {
    if (moment === undefined) continue;
    const found = momentProblem(moment, task.stepDuration, events);
    if (found) problems.push(problem([...at, key], found.expected, moment));
    else if (key === 'duration' && parseMoment(moment)?.event) problems.push(problem([...at, key], 'steps or seconds, e.g. 10 or 0.1 s', moment));
    else {
      const steps = absoluteSteps(moment, task.stepDuration);
      if (key === 'from' && steps !== null && steps >= task.steps)
        problems.push(problem([...at, key], `a time before the end of the trial, ${task.steps} steps`, moment));
      if (key === 'duration' && steps === 0) problems.push(problem([...at, key], 'at least one step', moment));
    }
  }
  if (until !== undefined && duration !== undefined) problems.push(problem([...at, 'duration'], 'nothing beside until', duration, 'state one of them'));
  const [first, end] = [absoluteSteps(startOf(option), task.stepDuration), until === undefined ? null : absoluteSteps(until, task.stepDuration)];
  if (first !== null && end !== null && end <= first) problems.push(problem([...at, 'until'], `a time behind from, ${first} steps`, until));
  for (const [i, trial] of (trials.list ?? []).entries())
    if (trial >= count) problems.push(problem([...at, 'trials', 'list', i], `a trial below ${count}, counted from 0`, trial));
  if (trials.offset !== undefined && trials.every === undefined) problems.push(problem([...at, 'trials', 'offset'], 'every as well', trials.offset));
  if (trials.seed !== undefined && trials.fraction === undefined) problems.push(problem([...at, 'trials', 'seed'], 'fraction as well', trials.seed));
  return problems;
}

/** Numbers beyond what kernels compute with. */
function sizeProblems(value: unknown, at: Path): string[] {
  if (typeof value === 'number') return Number.isFinite(Math.fround(value)) ? [] : [problem(at, 'a number between −3.4e38 and 3.4e38', value)];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) => sizeProblems(inner, [...at, Array.isArray(value) ? Number(key) : key]));
}

/** Steps from the start of the trial, or null where an event decides. */
function absoluteSteps(moment: Moment, stepDuration: number | null): number | null {
  const parsed = parseMoment(moment);
  return parsed && parsed.event === null ? stepsOf(parsed, stepDuration) : null;
}

function kindProblems(option: Intervention, { task, models }: CheckedSetting, at: Path): string[] {
  switch (option.kind) {
    case 'channel':
    case 'target-jump':
      return placeProblems(option, task, at);
    case 'load':
      return option.endpoint || option.joint ? [] : [problem(at, 'endpoint (N) or joint (N·m)', undefined)];
    case 'input-pulse': {
      const { channel } = option;
      const known = typeof channel === 'number' ? channel < task.inputSize : task.inputLabels.includes(channel);
      const advice = suggestion(channel, task.inputLabels);
      return known ? [] : [problem([...at, 'channel'], `one of ${task.inputLabels.join(', ')}, or a number below ${task.inputSize}`, channel, advice)];
    }
    case 'unit-clamp':
    case 'unit-lesion':
      return models.flatMap((model) => unitProblems(option.units, model, [...at, 'units']));
    case 'stimulation':
      return stimulationProblems(option, task, models, at);
    case 'noise':
      return isWholeRun(option) && !task.plant
        ? [problem([...at, 'target'], 'input or state', option.target, `task ${task.name} has no body, hence no senses`)]
        : [];
    case 'delay': {
      if (option.vision === undefined && option.proprioception === undefined) return [problem(at, 'vision or proprioception, s', undefined)];
      const step = task.stepDuration as number;
      return (['vision', 'proprioception'] as const).flatMap((sense) => {
        const delay = option[sense];
        return delay === undefined || delayFrames(delay, step) !== null ? [] : [problem([...at, sense], `a multiple of the time step, ${step} s`, delay)];
      });
    }
    case 'strength': {
      const names = [...(task.plant?.body.muscleNames ?? []), 'all'];
      const given = Object.keys(option.muscles);
      if (given.length === 0) return [problem([...at, 'muscles'], `at least one of ${names.join(', ')}`, option.muscles)];
      return given.flatMap((name) =>
        names.includes(name) ? [] : [problem([...at, 'muscles'], `muscles among ${names.join(', ')}`, name, suggestion(name, names))],
      );
    }
    default:
      return [];
  }
}

/** What needs a target that stays in its place. */
function placeProblems(option: InterventionOf<'channel' | 'target-jump'>, task: Task, at: Path): string[] {
  const problems: string[] = [];
  const standing = task.name !== 'cyclic-reach';
  if (!standing && (option.kind === 'channel' || option.to !== undefined))
    problems.push(
      problem(option.kind === 'channel' ? [...at, 'kind'] : [...at, 'to'], 'a task whose target stands still', option.kind, `that of ${task.name} moves`),
    );
  if (option.kind === 'channel') return problems;
  if ((option.by === undefined) === (option.to === undefined)) problems.push(problem(at, 'either by or to', option.by === undefined ? undefined : 'both'));
  if (!targetChannels(task)) problems.push(problem([...at, 'kind'], 'a task with inputs Target x and Target y, or Goal x and Goal y', option.kind));
  return problems;
}

function unitProblems({ list, range, fraction, seed }: UnitChoice, { name, hiddenSize }: CheckedSetting['models'][number], at: Path): string[] {
  const given = [list, range, fraction].filter((choice) => choice !== undefined).length;
  if (given !== 1) return [problem(at, 'one of list, range, fraction', given === 0 ? undefined : `${given} of them`)];
  if (seed !== undefined && fraction === undefined) return [problem([...at, 'seed'], 'fraction as well', seed)];
  const below = `a unit below ${hiddenSize}, as ${name} has`;
  if (range)
    return range.flatMap((unit, i) =>
      unit >= hiddenSize
        ? [problem([...at, 'range', i], below, unit)]
        : i === 1 && unit < range[0]
          ? [problem([...at, 'range'], 'the first unit, then the last one', range)]
          : [],
    );
  if (list) return list.flatMap((unit, i) => (unit >= hiddenSize ? [problem([...at, 'list', i], below, unit)] : []));
  return Math.round((fraction as number) * hiddenSize) > 0
    ? []
    : [problem([...at, 'fraction'], `a share that is at least one of the ${hiddenSize} units of ${name}`, fraction)];
}

function stimulationProblems({ units, pattern, ramp }: InterventionOf<'stimulation'>, task: Task, models: CheckedSetting['models'], at: Path): string[] {
  const problems = models.flatMap((model) => (units ? unitProblems(units, model, [...at, 'units']) : []));
  if (pattern && problems.length === 0) {
    for (const { name, hiddenSize } of models) {
      const count = countOf(units, hiddenSize);
      if (pattern.length !== count) problems.push(problem([...at, 'pattern'], `${count} numbers, one for each chosen unit of ${name}`, pattern));
    }
  }
  if (ramp === undefined) return problems;
  const found = momentProblem(ramp, task.stepDuration, []);
  return [...problems, ...(found ? [problem([...at, 'ramp'], found.expected, ramp)] : [])];
}

function countOf(units: UnitChoice | undefined, hiddenSize: number): number {
  if (!units) return hiddenSize;
  if (units.list) return new Set(units.list).size;
  return units.range ? units.range[1] - units.range[0] + 1 : Math.round((units.fraction ?? 1) * hiddenSize);
}
