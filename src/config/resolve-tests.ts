// What is done to tasks and networks, in training and in tests after it: held against the tasks that it is done to.
import { ConfigError } from '../errors.js';
import { interventionProblems } from '../interventions/check.js';
import { type Intervention, interventionList } from '../interventions/options.js';
import { readIntervention } from '../interventions/repair.js';
import { checkDataMemory, generateTrials } from '../tasks/data.js';
import { type DataOptions, dataOptions, type TaskOptions, taskOptions } from '../tasks/options.js';
import { networkSize } from '../tasks/task.js';
import { configProblems, knownTask, likelyTask } from './known-task.js';
import { setOption } from './overrides.js';
import { describeIssues, problem } from './problems.js';
import type { Raw } from './raw.js';
import type { ExperimentModel } from './resolve-models.js';

/** A condition in which networks are tested after training; the options of the task that differ, by path below `task`. */
export interface ExperimentTest {
  readonly name: string;
  readonly task: Readonly<Record<string, unknown>>;
  /** What is done in place of what the experiment does. Absent: the same. */
  readonly interventions?: readonly Intervention[];
  readonly trials: number;
  readonly seed: number;
}

/** What tests are held against. */
interface Tested {
  readonly task: TaskOptions;
  readonly data: DataOptions & { readonly seed: number };
  readonly models: readonly ExperimentModel[];
  readonly interventions?: readonly Intervention[];
}

/** Trials of a built-in task that tell which events it has. */
const sampledTrials = 64;

/** What keeps interventions from being applied to the task and its networks; for a custom task `prepareExperiment` says it. */
export function checkInterventions(value: Raw, models: readonly ExperimentModel[]): string[] {
  const given = Array.isArray(value.interventions) ? value.interventions : [];
  const options = given.map(readIntervention);
  const task = likelyTask(value.task);
  const data = dataOptions.safeParse(value.data ?? {});
  if (!options.some(Boolean) || !task) return [];
  const { trials } = data.data ?? { trials: Number.POSITIVE_INFINITY };
  return interventionProblems(options, { task, sample: generateTrials(task, 0, 0, sampledTrials), trials, models }, ['interventions']);
}

/** The options of the task that a test runs. */
export function testTask(experiment: Pick<Tested, 'task'>, test: Pick<ExperimentTest, 'task'>): TaskOptions {
  return taskOptions.parse(changedTask(experiment.task, test.task, 'tests'));
}

interface RawTest {
  readonly name?: string | undefined;
  readonly task: Raw;
  readonly interventions?: readonly Raw[] | undefined;
  readonly trials: number;
  readonly seed?: number | undefined;
}

/** Tests with their defaults. Throws ConfigError, naming every problem, for options that make no task, or one of other channels than the experiment's. */
export function resolveTests(experiment: Tested, tests: readonly RawTest[], where: string): ExperimentTest[] {
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
  { task: base, models, interventions = [] }: Tested,
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
