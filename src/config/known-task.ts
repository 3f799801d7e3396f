// The task that options make, and what only its options together show.
import { createPlant, type PlantInput } from '../arm/create-plant.js';
import { ConfigError } from '../errors.js';
import { checkDataMemory } from '../tasks/data.js';
import { createTask } from '../tasks/index.js';
import { dataOptions, reachTaskNames, taskOptions, validationCount } from '../tasks/options.js';
import type { Task } from '../tasks/task.js';
import { problem } from './problems.js';
import { isObject, type Raw } from './raw.js';

/** Splits that would be empty and data that would not fit into memory. */
export function checkData(value: Raw): string[] {
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
export function checkTask({ task }: Raw): readonly string[] {
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
export function likelyTask(value: unknown): Task | null {
  const wrong = isObject(value) ? wrongKeys(value) : new Set<PropertyKey>();
  const task = isObject(value) && !['name', 'steps', 'effector'].some((key) => wrong.has(key)) ? knownTask(withoutKeys(value, wrong)) : null;
  return Array.isArray(task) ? null : task;
}

/** A built-in task, the problems that keep it from being made, or null for a custom task or options that the schema refuses. */
export function knownTask(value: unknown): Task | string[] | null {
  const options = taskOptions.safeParse(value);
  if (!options.success || options.data.name === 'custom') return null;
  let task: Task | null = null;
  const problems = configProblems('task', () => {
    task = createTask(options.data);
  });
  return task ?? problems;
}

/** The problems of the ConfigError that a call throws, with the path that they stand at. */
export function configProblems(path: string, call: () => unknown): string[] {
  try {
    call();
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map((text) => (/^expected /.test(text) ? `${path}: ${text}` : `${path}.${text}`));
    throw error;
  }
}
