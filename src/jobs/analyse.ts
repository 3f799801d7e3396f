// Measures what the networks of an experiment do and writes it into its directory: report, arrays, fixed points, figures and tables as files.
import type { NoiseChoice } from '../analysis/analysis.js';
import { analyseDynamics, type DynamicsOptions, type RunDynamics } from '../analysis/dynamics.js';
import { openAnalyses } from '../analysis/open-analysis.js';
import type { ExperimentSummary, ReportEnvironment } from '../analysis/summary-data.js';
import { writeDynamics } from '../analysis/write-dynamics.js';
import type { Backend } from '../backends/backend.js';
import { kernelSpec } from '../backends/catalogue.js';
import type { Experiment } from '../config/experiment.js';
import { NumericsError, RunFormatError } from '../errors.js';
import { summaryTables } from '../report/downloads.js';
import { exportFigures, exportTables, pageFigures, type PngRenderer } from '../report/export-figures.js';
import { writeReport, type WrittenReport } from '../report/write-report.js';
import type { CheckpointChoice } from '../runs/open-run.js';
import { readText, type Storage } from '../runs/storage.js';
import type { TaskLoader } from '../tasks/index.js';
import { openBackend } from './open-backend.js';

export interface AnalyseJob {
  readonly experiment: Experiment;
  /** The experiment's directory: runs are read there, and what is written comes back from there. */
  readonly storage: Storage;
  readonly backend: Backend;
  /** Runs f64 kernels; `openMapBackend` gives it. */
  readonly mapBackend: Backend;
  readonly environment: ReportEnvironment;
  readonly checkpoint?: CheckpointChoice;
  readonly noise?: NoiseChoice;
  readonly dynamics: Omit<DynamicsOptions, 'noise' | 'onProgress' | 'signal'>;
  readonly loadTask?: TaskLoader;
  /** Null: figures as SVG only. */
  readonly png: PngRenderer | null;
  readonly onProgress: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface Analysed extends WrittenReport {
  /** Paths of the figures and tables that were written. */
  readonly figures: readonly string[];
  readonly tables: readonly string[];
}

/**
 * Nothing is written before everything is measured. Throws RunFormatError for a run that is damaged or whose states are not finite, ConfigError for options,
 * and the signal's reason when aborted.
 */
export async function analyseExperiment(job: AnalyseJob): Promise<Analysed> {
  const { storage, signal, onProgress, png } = job;
  const measured = new Map<string, RunDynamics>();
  try {
    const written = await writeReport({
      ...options(job),
      experiment: job.experiment,
      environment: job.environment,
      storage,
      onProgress: (share) => onProgress(`rolling the networks out: ${percent(share)}`),
      extend: (summary) => withDynamics(summary, job, measured),
    });
    for (const [path, { search }] of measured) await writeDynamics(storage, path, search);
    const figures = await exportFigures(storage, pageFigures(await readText(storage, 'report.html')), png);
    const tables = await exportTables(storage, summaryTables(written.summary));
    return { ...written, figures, tables };
  } catch (error) {
    if (signal.aborted || !(error instanceof NumericsError)) throw error;
    // to a training run a number that is not finite is a failure, to an analysis a run that is no good
    throw new RunFormatError(`${storage.location}: ${error.message}`);
  }
}

const percent = (share: number) => `${Math.round(100 * share)}%`;

/** What the rollouts of summary and dynamics share. */
function options({ backend, checkpoint, noise, loadTask, signal }: DynamicsJob) {
  return {
    ...{ backend, signal },
    ...(checkpoint === undefined ? {} : { checkpoint }),
    ...(noise === undefined ? {} : { noise }),
    ...(loadTask === undefined ? {} : { loadTask }),
  };
}

/** What measuring the dynamics of all runs needs. */
export type DynamicsJob = Omit<AnalyseJob, 'experiment' | 'environment' | 'png'>;

/** A summary with the dynamics of its runs, which also go into `measured`, by path. */
export async function withDynamics(summary: ExperimentSummary, job: DynamicsJob, measured: Map<string, RunDynamics>): Promise<ExperimentSummary> {
  const { storage, noise, signal, onProgress, mapBackend } = job;
  const analyses = await openAnalyses(storage, { ...options(job), mapBackend });
  for (const analysis of analyses) {
    const dynamics = await analyseDynamics(analysis, {
      ...job.dynamics,
      ...(noise === undefined ? {} : { noise }),
      signal,
      onProgress: (stage, share) => onProgress(`${analysis.name}: ${stage}: ${percent(share)}`),
    });
    measured.set(analysis.path, dynamics);
    await analysis.dispose();
  }
  signal.throwIfAborted();
  return { ...summary, runs: summary.runs.map((run) => ({ ...run, dynamics: measured.get(run.path)?.summary ?? null })) };
}

/** The backend for what runs in f64: this one where it can, else wasm, which the caller disposes. */
export async function openMapBackend(backend: Backend, threads: number | undefined): Promise<Backend> {
  if (kernelSpec('cell_jacobian').absent?.[backend.description.name] === undefined) return backend;
  return openBackend('wasm', threads === undefined ? {} : { threads });
}
