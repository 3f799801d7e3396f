// An experiment: what a file states, checked as a whole, with every default filled in. Plain data from here on.
import { ConfigError } from '../errors.js';
import type { Intervention } from '../interventions/options.js';
import type { DataOptions, TaskOptions } from '../tasks/options.js';
import type { TrainingOptions } from '../training/options.js';
import { canonical, digest } from './digest.js';
import { checkData, checkTask } from './known-task.js';
import { describeIssues, hostileProblems, problem } from './problems.js';
import { isObject, type Raw } from './raw.js';
import { type ExperimentModel, resolveModels } from './resolve-models.js';
import { checkInterventions, type ExperimentTest, resolveTests } from './resolve-tests.js';
import { experimentSchema } from './schema.js';

export { type ExperimentModel, modelOptionsOf } from './resolve-models.js';
export { type ExperimentTest, testTask } from './resolve-tests.js';

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

/**
 * 16 hexadecimal digits over everything that shapes results: task, data, seeds, interventions, models with their names and training. The experiment's name does not
 * count. Two experiments that differ in any such option get different digits (64 bits, not cryptographic).
 */
export function experimentHash(experiment: Experiment): string {
  const { seeds, task, data, models, interventions } = experiment;
  return digest(canonical({ seeds, task, data, models, interventions }));
}
