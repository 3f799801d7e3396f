// A whole run of an experiment, wherever it happens: trains every network, writes the run directories, analyses them, writes the report.
import type { SimilaritySummary } from '../analysis/summary-data.js';
import type { Backend, BackendDescription } from '../backends/backend.js';
import type { Experiment } from '../config/experiment.js';
import { train } from '../config/train.js';
import { openExperimentDirectory } from '../runs/experiment-directory.js';
import type { HostFacts } from '../runs/manifest.js';
import type { Storage } from '../runs/storage.js';
import type { TaskLoader } from '../tasks/index.js';
import type { TrainingEvent } from '../training/events.js';
import { finishExperiment } from './finish-experiment.js';
import { type RunRow, readRows } from './run-rows.js';

export interface RunExperimentOptions {
  readonly experiment: Experiment;
  /** Where the run directories go: empty, or with `resume` one that holds the same experiment. */
  readonly storage: Storage;
  readonly backend: Backend;
  readonly resume?: boolean;
  /** Stops training between two steps; what was trained is kept, and nothing is analysed. */
  readonly signal: AbortSignal;
  readonly host: HostFacts;
  /** The command that does the same again, for the report. */
  readonly command: string;
  readonly loadTask?: TaskLoader;
  /** Hears every event once its files are written. */
  readonly onEvent?: (event: TrainingEvent) => void;
  /** Hears the share of the analysis that is done, 0 to 1. */
  readonly onAnalysis?: (share: number) => void;
}

export interface ExperimentResult {
  readonly experiment: string;
  readonly backend: BackendDescription;
  readonly runs: readonly RunRow[];
  /** Path of the report below the directory; null when training was stopped before its end. */
  readonly report: string | null;
  /** Names of the moving pictures beside the report. */
  readonly movements: readonly string[];
  readonly similarity: SimilaritySummary | null;
  readonly seconds: number;
}

/** Runs an experiment. Throws what training, storage and analysis throw; a run that failed then says so in its manifest and keeps its last checkpoint. */
export async function runExperiment(options: RunExperimentOptions): Promise<ExperimentResult> {
  const { experiment, storage, backend, signal, host, loadTask } = options;
  const started = performance.now();
  const directory = await openExperimentDirectory(storage, experiment, { resume: options.resume === true, host });
  try {
    const events = train(experiment, {
      backend,
      signal,
      resume: (identity) => directory.resumeState(identity),
      ...(loadTask ? { loadTask } : {}),
    });
    for await (const event of events) {
      const warning = await directory.handle(event);
      options.onEvent?.(event);
      if (warning) options.onEvent?.(warning);
    }
  } catch (error) {
    await directory.finish(error);
    throw error;
  }
  await directory.finish();
  const runs = await readRows(storage, experiment);
  const result = { experiment: experiment.name, backend: backend.description, runs };
  const seconds = () => (performance.now() - started) / 1000;
  if (signal.aborted) return { ...result, report: null, movements: [], similarity: null, seconds: seconds() };

  const { command, onAnalysis } = options;
  const { summary, movements } = await finishExperiment({ experiment, storage, backend, host, command, loadTask, signal, onAnalysis });
  return { ...result, report: 'report.html', movements, similarity: summary.similarity, seconds: seconds() };
}
