// Opens runs for analysis: which run of a directory, which checkpoint, which trials; the data set is made again from the experiment and shared by its runs.
import type { Backend } from '../backends/backend.js';
import { type Experiment, modelOptionsOf } from '../config/experiment.js';
import { experimentRuns, intervenedExperiment, type PreparedExperiment, prepareExperiment } from '../config/train.js';
import { ConfigError } from '../errors.js';
import { createModel } from '../models/model.js';
import { type FoundExperiment, findExperiment } from '../runs/find-experiment.js';
import { type CheckpointChoice, openRun } from '../runs/open-run.js';
import type { Storage } from '../runs/storage.js';
import { generateData } from '../tasks/data.js';
import type { TaskLoader } from '../tasks/index.js';
import { networkSize } from '../tasks/task.js';
import { createRunAnalysis, type RunAnalysis } from './run-analysis.js';
import { RunRollouts } from './run-rollouts.js';

export interface OpenAnalysisOptions {
  /** Runs the network. */
  readonly backend: Backend;
  /** Runs the f64 kernels of `map`. Default: `backend`; without those (webgpu), `map` is null. */
  readonly mapBackend?: Backend;
  /** Which run of a directory with several: `MODEL/seed-N`, or `MODEL` where it has one seed. */
  readonly run?: string;
  /** Default: the last. */
  readonly checkpoint?: CheckpointChoice;
  /** Name in comparisons. Default: `MODEL, seed N`. */
  readonly name?: string;
  /** Group in comparisons. Default: `None`. */
  readonly group?: string;
  /** Analyses other trials of the task than those of training: how many, and of which seed. Default: the trials of training. */
  readonly data?: { readonly trials?: number; readonly seed?: number };
  /** Imports the module of a custom task. */
  readonly loadTask?: TaskLoader;
  /** Hears of every pass: trials done of those that this call needs. */
  readonly onProgress?: (done: number, of: number) => void;
  /** Aborts between two passes: then getters throw its reason. */
  readonly signal?: AbortSignal;
}

/**
 * Opens one run of a directory (an experiment's, or a single run's) for analysis. Throws ConfigError, listing the runs there are, when it holds several
 * and `run` names none of them; RunFormatError when it is no run, or the checkpoint is missing, damaged or holds a number that is not finite.
 */
export async function openAnalysis(storage: Storage, options: OpenAnalysisOptions): Promise<RunAnalysis> {
  const found = await findExperiment(storage);
  const path = chooseRun(found, options.run);
  return openOne(found, path, await prepare(found.experiment, options), options);
}

/** Opens every run of a directory that has a checkpoint to analyse, in the order of the experiment; the data set is shared. Throws like `openAnalysis`. */
export async function openAnalyses(storage: Storage, options: Omit<OpenAnalysisOptions, 'run' | 'name'>): Promise<RunAnalysis[]> {
  const found = await findExperiment(storage);
  const { checkpoint = 'last' } = options;
  const ready: string[] = [];
  for (const { identity } of experimentRuns(found.experiment)) {
    if (found.runs.includes(identity.path) && (await openRun(found.storage, identity.path)).checkpoints.includes(checkpoint)) ready.push(identity.path);
  }
  if (ready.length === 0) {
    const there = found.runs.length > 0 ? found.runs.join(', ') : 'none that has begun';
    throw new ConfigError(storage.location, [`expected a run with a checkpoint ${describeChoice(checkpoint)}, got runs ${there}`]);
  }
  const prepared = await prepare(found.experiment, options);
  const analyses: RunAnalysis[] = [];
  for (const path of ready) analyses.push(await openOne(found, path, prepared, options));
  return analyses;
}

function chooseRun({ runs, storage, experiment }: FoundExperiment, wanted: string | undefined): string {
  const location = storage.location;
  if (runs.length === 0) throw new ConfigError(location, [`expected at least one run that has begun, got none of ${experiment.name}`]);
  if (wanted === undefined) {
    if (runs.length === 1) return runs[0] as string;
    throw new ConfigError(location, [`expected the name of a run, got a directory with ${runs.length}: ${runs.join(', ')}; say which with run`]);
  }
  const fitting = runs.filter((path) => path === wanted || path.startsWith(`${wanted}/`));
  if (fitting.length === 1) return fitting[0] as string;
  throw new ConfigError(location, [
    `run: expected one of ${runs.join(', ')}, got ${JSON.stringify(wanted.slice(0, 100))}${fitting.length > 1 ? `, which are ${fitting.length}` : ''}`,
  ]);
}

const describeChoice = (which: CheckpointChoice): string => (typeof which === 'number' ? `of epoch ${which}` : JSON.stringify(which));

async function prepare(experiment: Experiment, { data, loadTask }: Pick<OpenAnalysisOptions, 'data' | 'loadTask'>): Promise<PreparedExperiment> {
  const prepared = await prepareExperiment(experiment, loadTask);
  if (data === undefined) return prepared;
  return { task: prepared.task, data: generateData(prepared.task, { ...experiment.data, ...data }) };
}

async function openOne(found: FoundExperiment, path: string, prepared: PreparedExperiment, options: OpenAnalysisOptions): Promise<RunAnalysis> {
  const { experiment, storage } = found;
  const { checkpoint: which = 'last', backend } = options;
  const run = experimentRuns(experiment).find(({ identity }) => identity.path === path);
  if (!run) throw new ConfigError(storage.location, [`expected runs of ${experiment.name}, got ${path}; was experiment.json edited?`]);
  const stored = await openRun(storage, path);
  const { task, data } = intervenedExperiment(experiment, prepared, run.model.hiddenSize);
  const model = createModel(modelOptionsOf(run.model), ...networkSize(task));
  const { epoch } = await stored.checkpoint(which);
  const parameters = await stored.parameters(model, which);
  const { model: name, seed } = run.identity;
  const rollouts = new RunRollouts({
    ...{ backend, model, parameters, task, data, seed, where: `${storage.location}/${path}` },
    trainingNoise: run.model.training.inputNoise,
    onProgress: options.onProgress,
    signal: options.signal,
  });
  return createRunAnalysis({
    name: options.name ?? `${name}, seed ${seed}`,
    group: options.group ?? 'None',
    ...{ path, experiment, entry: run.model, task, data, model, parameters, seed, stored, backend, rollouts, mapBackend: options.mapBackend ?? backend },
    dataSeed: options.data?.seed ?? experiment.data.seed,
    checkpoint: { which, epoch },
    // from what was prepared: interventions come once
    atEpoch: (at) => openOne(found, path, prepared, { ...options, checkpoint: at }),
  });
}
