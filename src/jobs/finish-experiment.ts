// What follows the training of an experiment: tests in other conditions, the analyses that it asks for, and its report.
import type { Backend } from '../backends/backend.js';
import type { RunDynamics } from '../analysis/dynamics.js';
import { testRuns } from '../analysis/run-tests.js';
import type { Experiment } from '../config/experiment.js';
import type { WrittenReport } from '../report/write-report.js';
import { type HostFacts, machineText } from '../runs/manifest.js';
import type { Storage } from '../runs/storage.js';
import type { TaskLoader } from '../tasks/index.js';

export interface FinishOptions {
  readonly experiment: Experiment;
  /** The experiment's directory, its runs trained; those that are not are left out and named. */
  readonly storage: Storage;
  readonly backend: Backend;
  readonly host: HostFacts;
  /** The command that does the same again, for the report. */
  readonly command: string;
  readonly loadTask?: TaskLoader | undefined;
  readonly signal: AbortSignal;
  /** Hears the share of the analysis that is done, 0 to 1. */
  readonly onAnalysis?: ((share: number) => void) | undefined;
}

/** Tests, analyses and report of trained runs. The same runs give the same files but for date, machine and command. Throws what these throw. */
export async function finishExperiment(options: FinishOptions): Promise<WrittenReport> {
  const { experiment, storage, backend, host, command, signal, onAnalysis } = options;
  const loader = options.loadTask ? { loadTask: options.loadTask } : {};
  await testRuns({ experiment, storage, backend, signal, ...loader });
  // Loaded only now: mistakes in an experiment are answered without waiting for the analysis.
  const { writeReport } = await import('../report/write-report.js');
  const common = {
    ...{ storage, experiment, backend, ...loader },
    environment: {
      version: host.version,
      commit: host.commit,
      runtime: host.runtime,
      machine: machineText(host),
      command,
      date: new Date().toISOString().slice(0, 10),
    },
  };
  const { analyses } = experiment;
  if (!analyses) return writeReport({ ...common, ...(onAnalysis ? { onProgress: onAnalysis } : {}) });
  const [{ openMapBackend, withDynamics }, { writeDynamics }] = await Promise.all([import('./analyse.js'), import('../analysis/write-dynamics.js')]);
  const mapBackend = await openMapBackend(backend, backend.description.threads);
  try {
    const measured = new Map<string, RunDynamics>();
    const job = { storage, backend, mapBackend, signal, ...loader, dynamics: { only: analyses }, onProgress: () => {} };
    const written = await writeReport({
      ...common,
      ...(onAnalysis ? { onProgress: (share: number) => onAnalysis(share / 2) } : {}),
      extend: (summary) => withDynamics(summary, job, measured),
    });
    for (const [path, { search }] of measured) await writeDynamics(storage, path, search);
    return written;
  } finally {
    if (mapBackend !== backend) await mapBackend.dispose();
  }
}
