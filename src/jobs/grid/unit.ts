// The pieces of work that a grid is made of: training (and testing) one network, and the report of one grid point. Each can be killed and done again.
import { isCurrent, readTests, testRuns } from '../../analysis/run-tests.js';
import type { Backend } from '../../backends/backend.js';
import type { Experiment } from '../../config/experiment.js';
import { type ExperimentRun, train } from '../../config/train.js';
import { openExperimentDirectory } from '../../runs/experiment-directory.js';
import { type HostFacts, readManifest } from '../../runs/manifest.js';
import type { Storage } from '../../runs/storage.js';
import type { TaskLoader } from '../../tasks/index.js';
import type { TrainingEvent } from '../../training/events.js';
import { finishExperiment } from '../finish-experiment.js';

/** `point`: place in the grid; `run`: `MODEL/seed-N` below the point's directory. */
export type GridUnit = { readonly kind: 'run'; readonly point: number; readonly run: string } | { readonly kind: 'report'; readonly point: number };

export interface UnitContext {
  readonly backend: Backend;
  readonly host: HostFacts;
  /** The command that does the same again, for reports. */
  readonly command: string;
  readonly loadTask?: TaskLoader | undefined;
  readonly signal: AbortSignal;
  /** Hears of training, but for checkpoints; `analysis`: the share of a report that is done. */
  readonly onEvent: (event: Exclude<TrainingEvent, { type: 'checkpoint' }> | { readonly type: 'analysis'; readonly share: number }) => void;
}

/**
 * Does one piece of work of the experiment in `storage`, which holds its experiment.json already. Returns early after an abort; throws what training,
 * tests and analysis throw, the run then says `failed`.
 */
export async function runUnit(unit: GridUnit, experiment: Experiment, storage: Storage, context: UnitContext): Promise<void> {
  const { backend, host, command, signal, onEvent } = context;
  const loader = context.loadTask ? { loadTask: context.loadTask } : {};
  if (unit.kind === 'report') {
    const onAnalysis = (share: number) => onEvent({ type: 'analysis', share });
    await finishExperiment({ experiment, storage, backend, host, command, signal, onAnalysis, ...loader });
    return;
  }
  const { run } = unit;
  const directory = await openExperimentDirectory(storage, experiment, { resume: true, host });
  try {
    for await (const event of train(experiment, { backend, signal, run, resume: (identity) => directory.resumeState(identity), ...loader })) {
      const warning = await directory.handle(event);
      if (event.type !== 'checkpoint') onEvent(event);
      if (warning) onEvent(warning);
    }
  } catch (error) {
    await directory.finish(error);
    throw error;
  }
  await directory.finish();
  if (!signal.aborted) await testRuns({ experiment, storage, backend, run, signal, ...loader });
}

/** Whether a run has trained to its end, and holds the tests that the experiment asks for: then there is nothing to do for it. */
export async function isRunComplete(storage: Storage, experiment: Experiment, { identity, model }: ExperimentRun): Promise<boolean> {
  const { path } = identity;
  if (!(await storage.exists(`${path}/manifest.json`))) return false;
  const { status, reason, epoch } = await readManifest(storage, path);
  const trained = status === 'complete' && (epoch >= model.training.epochs || reason === 'stopped early');
  if (!trained || !experiment.tests) return trained;
  return isCurrent(await readTests(storage, path), experiment.tests, epoch);
}
