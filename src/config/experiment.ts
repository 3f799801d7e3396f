// An experiment: what a file states, checked as a whole, with every default filled in. Plain data from here on.
import { createPlant, type PlantInput } from '../arm/create-plant.js';
import { ConfigError } from '../errors.js';
import { interventionProblems } from '../interventions/check.js';
import { type Intervention, interventionList } from '../interventions/options.js';
import { readIntervention } from '../interventions/repair.js';
import { createModel, type ResolvedModelOptions, resolveModelOptions } from '../models/model.js';
import { modelOptions } from '../models/options.js';
import { type RandomKey, threefry } from '../random.js';
import { checkDataMemory, generateTrials } from '../tasks/data.js';
import { createTask } from '../tasks/index.js';
import { type DataOptions, dataOptions, reachTaskNames, type TaskOptions, taskOptions, validationCount } from '../tasks/options.js';
import { networkSize, type Task } from '../tasks/task.js';
import { type TrainingOptions, trainingOptions } from '../training/options.js';
import { defaultModelNames } from './names.js';
import { setOption } from './overrides.js';
import { describeIssues, hostileProblems, problem, suggestion, valueText } from './problems.js';
import { experimentSchema } from './schema.js';

/** A model of an experiment: its options, its name and the training options that hold for it. */
export type ExperimentModel = ResolvedModelOptions & { readonly name: string; readonly training: TrainingOptions };

/** A condition in which networks are tested after training; the options of the task that differ, by path below `task`. */
export interface ExperimentTest {
  readonly name: string;
  readonly task: Readonly<Record<string, unknown>>;
  /** What is done in place of what the experiment does. Absent: the same. */
  readonly interventions?: readonly Intervention[];
  readonly trials: number;
  readonly seed: number;
}

/** A checked experiment; parsing it again gives the same. */
export interface Experiment {
  readonly name: string;
  readonly seed: number;
  readonly replicates: number;
  /** Seeds of the replicates. */
  readonly seeds: readonly number[];
  readonly task: TaskOptions;
  readonly data: DataOptions & { readonly seed: number };
  /** What models train with unless they say otherwise. */
  readonly training: TrainingOptions;
  readonly models: readonly ExperimentModel[];
  /** What is done to networks and bodies in training and validation. Absent: nothing. */
  readonly interventions?: readonly Intervention[];
  /** Absent: none. Neither these nor the analyses shape training. */
  readonly tests?: readonly ExperimentTest[];
  /** What is measured for the report besides what every report has. Absent: nothing. */
  readonly analyses?: readonly ('fixed-points' | 'tangling' | 'decoding')[];
}

type Raw = Record<string, unknown>;
const isObject = (value: unknown): value is Raw => value !== null && typeof value === 'object' && !Array.isArray(value);

/**
 * Checks one experiment and fills in its defaults. `where` names its source in messages, e.g. the file. Throws ConfigError that lists every problem,
 * each with path and value; a `grid` is one (see config/grid.ts).
 */
export function parseExperiment(value: unknown, where: string): Experiment {
  if (!isObject(value)) throw new ConfigError(where, [problem([], 'an experiment with name, task and models', value)]);
  const hostile = hostileProblems(value);
  if (hostile.length > 0) throw new ConfigError(where, hostile);
  if (value.grid !== undefined) throw new ConfigError(where, [problem(['grid'], 'a single experiment', value.grid, 'read a grid with parseExperiments')]);
  const parsed = experimentSchema.safeParse(value);
  const problems = parsed.success ? [] : describeIssues(parsed.error.issues, value);
  problems.push(...checkSeeds(value), ...checkTask(value), ...checkData(value));
  const models = resolveModels(value, problems);
  problems.push(...checkInterventions(value, models));
  if (problems.length > 0 || !parsed.success) throw new ConfigError(where, [...new Set(problems)]);
  const { name, seed, task, data, training, analyses, interventions } = parsed.data;
  const seeds = parsed.data.seeds ?? Array.from({ length: parsed.data.replicates ?? 1 }, (_, i) => seed + i);
  const experiment = {
    name,
    seed,
    replicates: seeds.length,
    seeds,
    task,
    data: { ...data, seed: data.seed ?? seed },
    training,
    models,
    ...(interventions && interventions.length > 0 ? { interventions } : {}),
  };
  const tests = resolveTests(experiment, parsed.data.tests ?? [], where);
  return { ...experiment, ...(tests.length > 0 ? { tests } : {}), ...(analyses && analyses.length > 0 ? { analyses } : {}) };
}

/** The options of the task that a test runs. */
export function testTask(experiment: Pick<Experiment, 'task'>, test: Pick<ExperimentTest, 'task'>): TaskOptions {
  return taskOptions.parse(changedTask(experiment.task, test.task, 'tests'));
}

/** The options that `createModel` takes, without the name and the training that an experiment keeps beside them. */
export function modelOptionsOf(model: ExperimentModel): ResolvedModelOptions {
  const { name: _name, training: _training, ...options } = model;
  return options as ResolvedModelOptions;
}

/**
 * 16 hexadecimal digits over everything that shapes results: task, data, seeds, interventions, models with their names and training. The experiment's name does not
 * count. Two experiments that differ in any such option get different digits (64 bits, not cryptographic).
 */
export function experimentHash(experiment: Experiment): string {
  const { seeds, task, data, models, interventions } = experiment;
  return digest(canonical({ seeds, task, data, models, interventions }));
}

/** Trials of a built-in task that tell which events it has. */
const sampledTrials = 64;

/** What keeps interventions from being applied to the task and its networks; for a custom task `prepareExperiment` says it. */
function checkInterventions(value: Raw, models: readonly ExperimentModel[]): string[] {
  const given = Array.isArray(value.interventions) ? value.interventions : [];
  const options = given.map(readIntervention);
  const task = likelyTask(value.task);
  const data = dataOptions.safeParse(value.data ?? {});
  if (!options.some(Boolean) || !task) return [];
  const { trials } = data.data ?? { trials: Number.POSITIVE_INFINITY };
  return interventionProblems(options, { task, sample: generateTrials(task, 0, 0, sampledTrials), trials, models }, ['interventions']);
}

function checkSeeds(value: Raw): string[] {
  const { seeds, replicates } = value;
  if (!Array.isArray(seeds)) return [];
  const problems: string[] = [];
  seeds.forEach((seed, index) => {
    if (seeds.indexOf(seed) !== index) problems.push(problem(['seeds', index], 'seeds that differ', seed));
  });
  if (typeof replicates === 'number' && replicates !== seeds.length)
    problems.push(problem(['replicates'], `${seeds.length}, the number of seeds`, replicates, 'state one of them only'));
  return problems;
}

interface RawTest {
  readonly name?: string | undefined;
  readonly task: Raw;
  readonly interventions?: readonly Raw[] | undefined;
  readonly trials: number;
  readonly seed?: number | undefined;
}

/** Tests with their defaults. Throws ConfigError, naming every problem, for options that make no task, or one of other channels than the experiment's. */
function resolveTests(experiment: Omit<Experiment, 'tests' | 'analyses'>, tests: readonly RawTest[], where: string): ExperimentTest[] {
  const problems: string[] = [];
  const resolved = tests.map((test, index) => {
    const { name, task, trials, seed } = test;
    const found = testInterventions(experiment, test, ['tests', index, 'interventions'], problems);
    const label = [
      ...Object.entries(task).map(([path, value]) => `${path.split('.').at(-1)}-${String(value)}`),
      ...(found?.length === 0 ? ['without-interventions'] : new Set((found ?? []).map(({ kind }) => kind))),
    ].join('_');
    const usable = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/.test(label);
    problems.push(...testProblems(experiment.task, task, trials, ['tests', index, 'task']));
    return {
      ...{ name: name ?? (usable ? label : label === '' ? 'as-trained' : String(index + 1)), task },
      ...(found ? { interventions: found } : {}),
      ...{ trials, seed: seed ?? experiment.data.seed + 1 },
    };
  });
  resolved.forEach(({ name }, index) => {
    const first = resolved.findIndex((other) => other.name.toLowerCase() === name.toLowerCase());
    if (first !== index) problems.push(problem(['tests', index, 'name'], `a name that differs from that of tests.${first}`, name));
  });
  if (problems.length > 0) throw new ConfigError(where, problems);
  return resolved;
}

/** What a test does in place of what the experiment does; adds what keeps its interventions, or those of the experiment, from being applied to it to `problems`. */
function testInterventions(
  { task: base, models, interventions = [] }: Omit<Experiment, 'tests' | 'analyses'>,
  { task: changes, interventions: given, trials: count }: RawTest,
  path: readonly (string | number)[],
  problems: string[],
): readonly Intervention[] | null {
  const parsed = given && interventionList.safeParse(given);
  if (parsed?.error)
    problems.push(...describeIssues(parsed.error.issues, given, ['interventions']).map((text) => text.replace(/^interventions/, path.join('.'))));
  const task = likelyTask(changes.name === undefined ? changedOrNull(base, changes) : null);
  // a list of the experiment's own trials may name some that a test lacks
  const options = given ? given.map(readIntervention) : interventions;
  const trials = given ? count : Number.POSITIVE_INFINITY;
  if (task && options.length > 0)
    problems.push(...interventionProblems(options, { task, sample: generateTrials(task, 0, 0, sampledTrials), trials, models }, path));
  return parsed?.data ?? null;
}

/** The task with changes, or null where they cannot be made, which `testProblems` says. */
function changedOrNull(base: TaskOptions, changes: Raw): unknown {
  try {
    return changedTask(base, changes, '');
  } catch (error) {
    if (error instanceof ConfigError) return null;
    throw error;
  }
}

function testProblems(base: TaskOptions, changes: Raw, trials: number, path: readonly (string | number)[]): readonly string[] {
  const at = path.join('.');
  const above = path.slice(0, -1).join('.');
  if (changes.name !== undefined) return [problem([...path, 'name'], 'options of the same task', changes.name, 'another task needs another network')];
  let changed: unknown;
  try {
    changed = changedTask(base, changes, at);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map((text) => `${at}.${text}`);
    throw error;
  }
  const parsed = taskOptions.safeParse(changed);
  if (!parsed.success) return describeIssues(parsed.error.issues, changed, ['task']).map((text) => `${above}.${text}`);
  const [was, is] = [knownTask(base), knownTask(parsed.data)];
  if (Array.isArray(is)) return is.map((text) => `${above}.${text}`);
  if (!is || !was || Array.isArray(was)) return [];
  const [sizes, changedSizes] = [networkSize(was), networkSize(is)];
  if (sizes.some((size, i) => size !== changedSizes[i]))
    return [
      `${at}: expected a task with the ${sizes[0]} inputs and ${sizes[1]} outputs of the networks, got one with ${changedSizes[0]} and ${changedSizes[1]}`,
    ];
  return configProblems(above, () => checkDataMemory(is, trials));
}

function changedTask(task: unknown, changes: Readonly<Record<string, unknown>>, where: string): unknown {
  return Object.entries(changes).reduce((changed, [path, value]) => setOption(changed, path, value, where), task);
}

/** Splits that would be empty and data that would not fit into memory. */
function checkData(value: Raw): string[] {
  const data = dataOptions.safeParse(value.data ?? {});
  if (!data.success) return [];
  const { trials, validationFraction } = data.data;
  const validation = validationCount(trials, validationFraction);
  if (validation < 1 || validation >= trials) {
    return [problem(['data', 'validationFraction'], `a fraction that leaves trials for training and for validation (${trials} in all)`, validationFraction)];
  }
  const task = knownTask(value.task);
  if (!task || Array.isArray(task)) return [];
  return configProblems('data', () => checkDataMemory(task, trials));
}

/** What only the options of a task together show: a body that cannot be, a cue behind the end of the trial, a place out of reach. */
function checkTask({ task }: Raw): readonly string[] {
  const known = knownTask(task);
  if (Array.isArray(known)) return known;
  if (known || !isObject(task) || !reachTaskNames.includes(task.name as string)) return [];
  // The schema has found something. Everything else is looked at all the same, with defaults in place of what is wrong.
  const wrong = wrongKeys(task);
  const effector = isObject(task.effector) ? task.effector : { effector: 'RigidTendonArm26' };
  const sensors = isObject(task.sensors) ? task.sensors : {};
  const bodily = configProblems('task', () => createPlant({ effector, sensors } as PlantInput));
  const others = wrong.has('effector') ? null : knownTask(withoutKeys(task, wrong));
  return [...bodily, ...(Array.isArray(others) ? others.filter((text) => !wrong.has(text.split(/[.:]/)[1] as string)) : [])];
}

/** Options of a task that its schema refuses. */
function wrongKeys(task: Raw): ReadonlySet<PropertyKey> {
  const issues = taskOptions.safeParse(task).error?.issues ?? [];
  return new Set(issues.flatMap((issue) => [...issue.path.slice(0, 1), ...(issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys : [])]));
}

const withoutKeys = (task: Raw, keys: ReadonlySet<PropertyKey>): Raw => Object.fromEntries(Object.entries(task).filter(([key]) => !keys.has(key)));

/** A built-in task, with defaults for options that its schema refuses unless they say how long it is or what it moves; null where there is none. */
function likelyTask(value: unknown): Task | null {
  const wrong = isObject(value) ? wrongKeys(value) : new Set<PropertyKey>();
  const task = isObject(value) && !['name', 'steps', 'effector'].some((key) => wrong.has(key)) ? knownTask(withoutKeys(value, wrong)) : null;
  return Array.isArray(task) ? null : task;
}

/** A built-in task, the problems that keep it from being made, or null for a custom task or options that the schema refuses. */
function knownTask(value: unknown): Task | string[] | null {
  const options = taskOptions.safeParse(value);
  if (!options.success || options.data.name === 'custom') return null;
  let task: Task | null = null;
  const problems = configProblems('task', () => {
    task = createTask(options.data);
  });
  return task ?? problems;
}

/** The problems of the ConfigError that a call throws, with the path that they stand at. */
function configProblems(path: string, call: () => unknown): string[] {
  try {
    call();
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map((text) => (/^expected /.test(text) ? `${path}: ${text}` : `${path}.${text}`));
    throw error;
  }
}

/** Every model with its name, its defaults and its own training options; adds what only the whole experiment can tell to `problems`. */
function resolveModels(value: Raw, problems: string[]): ExperimentModel[] {
  if (!Array.isArray(value.models)) return [];
  const shared = isObject(value.training) ? value.training : {};
  const names = defaultModelNames(value.models);
  names.forEach((name, index) => {
    const first = names.findIndex((other) => other.toLowerCase() === name.toLowerCase());
    if (first !== index) problems.push(problem(['models', index, 'name'], `a name that differs from models.${first}'s (capitals do not count)`, name));
  });
  const resolved: ExperimentModel[] = [];
  const freezable = new Set<string>();
  value.models.forEach((model: unknown, index) => {
    if (!isObject(model)) return;
    const { name: _name, training: own, ...rest } = model;
    const options = modelOptions.safeParse(rest);
    const training = trainingOptions.safeParse({ ...shared, ...(isObject(own) ? own : {}) });
    if (!options.success) return;
    const resolvedOptions = resolveModelOptions(options.data);
    const parameters = createModel(resolvedOptions, 1, 1).parameters.map((view) => view.name);
    for (const parameter of parameters) freezable.add(parameter);
    if (!training.success) return;
    const isOwn = isObject(own) && own.freeze !== undefined;
    if (isOwn) problems.push(...checkFreeze(training.data.freeze, parameters, ['models', index, 'training', 'freeze']));
    const freeze = training.data.freeze.filter((name) => matches(name, parameters));
    if (parameters.every((parameter) => freeze.some((name) => frozenBy(name, parameter)))) {
      problems.push(`models.${index}: expected at least one parameter that trains, got all ${parameters.length} frozen`);
    }
    problems.push(...checkSchedule(training.data, isOwnSchedule(own) ? ['models', index, 'training'] : ['training']));
    // Parsed once more for the schema's order of keys, so that an experiment and its re-reading are the same text.
    resolved.push({ ...(modelOptions.parse(resolvedOptions) as ResolvedModelOptions), name: names[index] as string, training: { ...training.data, freeze } });
  });
  const base = trainingOptions.safeParse(shared);
  if (base.success && resolved.length === value.models.length) problems.push(...checkFreeze(base.data.freeze, [...freezable], ['training', 'freeze']));
  const unique = [...new Set(problems)];
  problems.splice(0, problems.length, ...unique);
  return resolved;
}

function frozenBy(name: string, parameter: string): boolean {
  return name.endsWith('.') ? parameter.startsWith(name) : parameter === name;
}

function matches(name: string, parameters: readonly string[]): boolean {
  return parameters.some((parameter) => frozenBy(name, parameter));
}

function checkFreeze(freeze: readonly string[], parameters: readonly string[], path: readonly (string | number)[]): string[] {
  return freeze.flatMap((name, index) =>
    matches(name, parameters)
      ? []
      : [
          problem(
            [...path, index],
            'a parameter of the model, or a prefix ending in a dot',
            name,
            suggestion(name, parameters) ?? `there are ${parameters.join(', ')}`,
          ),
        ],
  );
}

function isOwnSchedule(own: unknown): boolean {
  return isObject(own) && (own.schedule !== undefined || own.learningRate !== undefined);
}

function checkSchedule(training: TrainingOptions, path: readonly (string | number)[]): string[] {
  const { schedule, learningRate } = training;
  if (schedule.name === 'constant' || schedule.minimum <= learningRate) return [];
  return [problem([...path, 'schedule', 'minimum'], `at most the learning rate ${valueText(learningRate)}`, schedule.minimum)];
}

/** JSON with sorted keys and without absent ones: one text for one meaning. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? 'null';
  const keys = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`;
}

/** Threefry as a chained compression of the text's UTF-16 units, four a block, its length last. */
export function digest(text: string): string {
  let key: RandomKey = [0x6d6c6f6f, 0x70];
  const unit = (at: number): number => (at < text.length ? text.charCodeAt(at) : 0);
  for (let at = 0; at < text.length; at += 4) key = threefry(key, unit(at) | (unit(at + 1) << 16), unit(at + 2) | (unit(at + 3) << 16));
  key = threefry(key, text.length, 0);
  return key.map((part) => part.toString(16).padStart(8, '0')).join('');
}
