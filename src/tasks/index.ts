// Tasks by name: the built-in ones, those that a program registers, and those that an experiment loads from a module.
import { ConfigError } from '../errors.js';
import { createFlipflop } from './flipflop.js';
import { createMultitask } from './multitask.js';
import { reachTaskNames, type TaskOptions } from './options.js';
import { createReachTask } from './reach-tasks.js';
import type { Task } from './task.js';

/** Makes a task from the `parameters` of an experiment; throws (any Error) when they make no sense. */
export type TaskFactory = (parameters: Readonly<Record<string, unknown>>) => Task;
/** Imports the module that an experiment names and returns its namespace; where files live is the caller's knowledge (the CLI's, a page's). */
export type TaskLoader = (module: string) => Promise<unknown>;

/** Tasks that need no module. */
export const builtInTasks: readonly string[] = ['flipflop', 'multitask', ...reachTaskNames];

const registered = new Map<string, TaskFactory>();

/**
 * Makes a task known under a name, for `task: { name: custom, module: NAME, parameters }`: the way in where no file can be imported, e.g. a browser.
 * The last registration of a name counts.
 */
export function registerTask(name: string, factory: TaskFactory): void {
  if (typeof factory !== 'function') throw new ConfigError('registerTask', [`factory: expected a function from parameters to a Task, got ${typeof factory}`]);
  registered.set(name, factory);
}

/**
 * A built-in or registered task from its options. Throws ConfigError for options that make no task together (all of them named), and for a custom task
 * whose module is not registered: `loadTask` imports those.
 */
export function createTask(options: TaskOptions): Task {
  switch (options.name) {
    case 'flipflop':
      return createFlipflop(options);
    case 'multitask':
      return createMultitask(options);
    case 'custom': {
      const factory = registered.get(options.module);
      if (factory === undefined) {
        throw new ConfigError('task', [
          `module: expected a registered task, got '${options.module}'; register it with registerTask, or load the experiment with a task loader`,
        ]);
      }
      return makeTask(factory, options.parameters, `task.module ${options.module}`);
    }
    default:
      return createReachTask(options);
  }
}

/** Like `createTask`, and imports the module of a custom task that is not registered through `loader`. */
export async function loadTask(options: TaskOptions, loader?: TaskLoader): Promise<Task> {
  if (options.name !== 'custom' || registered.has(options.module) || loader === undefined) return createTask(options);
  return loadCustomTask(await loader(options.module), options.parameters, `task.module ${options.module}`);
}

/** The task of an imported module: its default export is a TaskFactory. Throws ConfigError when it is not, or returns no Task. */
export function loadCustomTask(namespace: unknown, parameters: Readonly<Record<string, unknown>>, where: string): Task {
  const factory = namespace !== null && typeof namespace === 'object' && 'default' in namespace ? namespace.default : undefined;
  if (typeof factory !== 'function')
    throw new ConfigError(where, [`expected a module whose default export is a function from parameters to a Task, got ${typeof factory}`]);
  return makeTask(factory as TaskFactory, parameters, where);
}

function makeTask(factory: TaskFactory, parameters: Readonly<Record<string, unknown>>, where: string): Task {
  let task: Task;
  try {
    task = factory(parameters);
  } catch (error) {
    // A module of one file has no ConfigError at hand; whatever it throws is about its parameters.
    throw new ConfigError(where, [`expected parameters that the task accepts, got: ${error instanceof Error ? error.message : String(error)}`]);
  }
  const problems = taskProblems(task);
  if (problems.length > 0) throw new ConfigError(where, problems);
  return task;
}

/** What is wrong with a loss of kind `reach`. */
function reachLossProblems(loss: Readonly<Record<string, unknown>>): string[] {
  const problems: string[] = [];
  const expect = (path: string, what: string, holds: boolean): void => {
    if (!holds) problems.push(`loss.${path}: expected ${what}, got ${String(loss[path])}`);
  };
  const isWeight = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value) && value >= 0;
  expect('position', "'squared' or 'absolute'", loss.position === 'squared' || loss.position === 'absolute');
  expect('positionWeight', 'a number of at least 0', isWeight(loss.positionWeight));
  expect('actionWeight', 'a number of at least 0', isWeight(loss.actionWeight));
  expect('rampEpochs', 'a whole number of at least 0', isWeight(loss.rampEpochs) && Number.isInteger(loss.rampEpochs));
  expect('compat', "'none' or 'ctdb'", loss.compat === 'none' || loss.compat === 'ctdb');
  return problems;
}

/** What keeps a value from being a Task, one entry a problem. */
function taskProblems(task: unknown): string[] {
  if (task === null || typeof task !== 'object') return [`expected a Task, got ${task === null ? 'null' : typeof task}`];
  const candidate = task as Record<keyof Task, unknown>;
  const problems: string[] = [];
  const expect = (holds: boolean, path: string, what: string, value: unknown): void => {
    if (!holds)
      problems.push(
        `${path}: expected ${what}, got ${Array.isArray(value) ? `an array of length ${value.length}` : typeof value === 'object' && value !== null ? 'an object' : String(value)}`,
      );
  };
  const positive = (value: unknown): boolean => typeof value === 'number' && Number.isInteger(value) && value > 0;
  expect(typeof candidate.name === 'string' && candidate.name !== '', 'name', 'a name', candidate.name);
  expect(typeof candidate.parameters === 'object' && candidate.parameters !== null, 'parameters', 'an object', candidate.parameters);
  expect(
    candidate.stepDuration === null || (typeof candidate.stepDuration === 'number' && candidate.stepDuration > 0),
    'stepDuration',
    'seconds or null',
    candidate.stepDuration,
  );
  for (const key of ['steps', 'inputSize', 'outputSize'] as const) expect(positive(candidate[key]), key, 'a positive whole number', candidate[key]);
  for (const [labels, size] of [
    ['inputLabels', 'inputSize'],
    ['outputLabels', 'outputSize'],
  ] as const) {
    const value = candidate[labels];
    expect(
      Array.isArray(value) && value.length === candidate[size] && value.every((label) => typeof label === 'string'),
      labels,
      `${String(candidate[size])} names, one a channel`,
      value,
    );
  }
  const loss = candidate.loss as Record<string, unknown> | null | undefined;
  expect(typeof loss === 'object' && loss !== null, 'loss', 'an object', loss);
  if (typeof loss === 'object' && loss !== null) {
    expect(
      loss.kind === 'squared error' || loss.kind === 'cross entropy' || loss.kind === 'reach',
      'loss.kind',
      "'squared error', 'cross entropy' or 'reach'",
      loss.kind,
    );
    if (loss.kind === 'reach') problems.push(...reachLossProblems(loss));
    else expect(typeof loss.scale === 'number' && Number.isFinite(loss.scale) && loss.scale > 0, 'loss.scale', 'a positive number', loss.scale);
    const hasPlant = typeof candidate.plant === 'object' && candidate.plant !== null;
    expect(
      hasPlant === (loss.kind === 'reach'),
      'plant',
      loss.kind === 'reach' ? 'a plant (createPlant)' : "nothing, or a loss of kind 'reach'",
      candidate.plant,
    );
    if (hasPlant) expect(candidate.outputSize === 2, 'outputSize', '2, the coordinates of the end point', candidate.outputSize);
    expect(typeof loss.weights === 'function', 'loss.weights', 'a function', loss.weights);
  }
  expect(typeof candidate.generate === 'function', 'generate', 'a function', candidate.generate);
  expect(candidate.metrics === undefined || typeof candidate.metrics === 'function', 'metrics', 'a function or nothing', candidate.metrics);
  return problems;
}
