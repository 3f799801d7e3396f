// From a checked experiment to trained networks: one data set, every model, every replicate, as one stream of typed events. Writes nothing.
import type { Backend } from '../backends/backend.js';
import { ConfigError } from '../errors.js';
import { intervene } from '../interventions/apply.js';
import { interventionProblems } from '../interventions/check.js';
import { createModel } from '../models/model.js';
import { generateData, type TrialData } from '../tasks/data.js';
import { loadTask, type TaskLoader } from '../tasks/index.js';
import { validationCount } from '../tasks/options.js';
import { networkSize, type Task } from '../tasks/task.js';
import type { CheckpointState, RunIdentity, TrainingEvent } from '../training/events.js';
import { checkTrainingMemory } from '../training/memory.js';
import { trainModel } from '../training/train-model.js';
import { type Experiment, type ExperimentModel, modelOptionsOf } from './experiment.js';

export interface TrainExperimentOptions {
  readonly backend: Backend;
  /** Aborts between two steps; the run then ends with `done` and the reason `aborted`. */
  readonly signal?: AbortSignal;
  /** Where to go on: the last checkpoint of a run, or null to start it. */
  readonly resume?: (run: RunIdentity) => Promise<CheckpointState | null>;
  /** Only the run of this path, `MODEL/seed-N`. Default: all. */
  readonly run?: string;
  /** Imports the module of a custom task; paths are relative to the experiment file, which only the caller knows. */
  readonly loadTask?: TaskLoader;
}

/** One run of an experiment: which model with which seed. */
export interface ExperimentRun {
  readonly identity: RunIdentity;
  readonly model: ExperimentModel;
}

/** The runs of an experiment in the order in which they train: all replicates of the first model, then of the next. */
export function experimentRuns(experiment: Experiment): ExperimentRun[] {
  return experiment.models.flatMap((model) =>
    experiment.seeds.map((seed) => ({ identity: { model: model.name, seed, path: `${model.name}/seed-${seed}` }, model })),
  );
}

/** A task and its trials. */
export interface PreparedExperiment {
  readonly task: Task;
  readonly data: TrialData;
}

/**
 * The task of an experiment and its trials, which all runs share, before any intervention. Throws ConfigError or ShapeError when a custom task is none,
 * breaks its contract or does not allow the interventions.
 */
export async function prepareExperiment(experiment: Experiment, taskLoader?: TaskLoader): Promise<PreparedExperiment> {
  const task = await loadTask(experiment.task, taskLoader);
  return prepareTrials(experiment, task);
}

function prepareTrials(experiment: Experiment, task: Task): PreparedExperiment {
  const data = generateData(task, experiment.data);
  const { interventions = [], models } = experiment;
  if (interventions.length > 0) {
    const problems = interventionProblems(interventions, { task, sample: data.set, trials: data.set.trials, models }, ['interventions']);
    if (problems.length > 0) throw new ConfigError(experiment.name, problems);
  }
  return { task, data };
}

/** What a network of `hiddenSize` units trains and is tested in: task and trials with the interventions of the experiment. */
export function intervenedExperiment(
  { interventions = [] }: Pick<Experiment, 'interventions'>,
  { task, data }: PreparedExperiment,
  hiddenSize: number,
): PreparedExperiment {
  return intervene(interventions, task, data, hiddenSize);
}

/** Throws ConfigError when a model would not fit into memory: before any trial is made or any other model has trained. */
function checkMemory(experiment: Experiment, task: Task, backend: Backend): void {
  const { trials, validationFraction } = experiment.data;
  const counts = { trials, training: trials - validationCount(trials, validationFraction) };
  for (const options of experiment.models) {
    const model = createModel(modelOptionsOf(options), ...networkSize(task));
    checkTrainingMemory({ backend, model, task, data: counts, training: options.training }, `model ${options.name}`);
  }
}

/**
 * Trains all runs of an experiment one after the other. Run k of a model has the seed `experiment.seeds[k]`, which keys its initial weights, batches and
 * noise; the data depend on `experiment.data.seed` alone. Ends early after an abort. Throws what `prepareExperiment` and `trainModel` throw, and
 * ConfigError before the first event when any of the models is too large for memory.
 */
export async function* train(experiment: Experiment, options: TrainExperimentOptions): AsyncGenerator<TrainingEvent> {
  const { backend, signal, resume } = options;
  const task = await loadTask(experiment.task, options.loadTask);
  checkMemory(experiment, task, backend);
  const prepared = prepareTrials(experiment, task);
  const warned = new Set<string>();
  for (const { identity, model } of experimentRuns(experiment)) {
    if (signal?.aborted) return;
    if (options.run !== undefined && options.run !== identity.path) continue;
    const state = (await resume?.(identity)) ?? null;
    const plan = {
      run: identity,
      ...intervenedExperiment(experiment, prepared, model.hiddenSize),
      model: createModel(modelOptionsOf(model), ...networkSize(task)),
      training: model.training,
      seed: identity.seed,
    };
    for await (const event of trainModel(plan, { backend, ...(signal ? { signal } : {}), ...(state ? { resume: state } : {}) })) {
      yield event;
      if (event.type === 'plan' && model.training.batchSize > event.trainingTrials && !warned.has(model.name)) {
        warned.add(model.name);
        yield {
          type: 'warning',
          run: identity,
          message: `training.batchSize ${model.training.batchSize} exceeds the ${event.trainingTrials} training trials: every epoch is one step`,
        };
      }
      if (event.type === 'done' && event.reason === 'aborted') return;
    }
  }
}
