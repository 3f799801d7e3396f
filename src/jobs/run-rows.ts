// How the networks of an experiment ended, read back from their directories: the rows of `run --json` and of the table at its end.
import type { Experiment } from '../config/experiment.js';
import { experimentRuns } from '../config/train.js';
import type { Manifest } from '../runs/manifest.js';
import { openRun } from '../runs/open-run.js';
import type { Storage } from '../runs/storage.js';

export interface RunRow {
  readonly model: string;
  readonly seed: number;
  readonly path: string;
  readonly status: Manifest['status'];
  readonly reason: Manifest['reason'];
  readonly parameterCount: number;
  /** Epochs done; the losses and metrics are those after the last of them. */
  readonly epochs: number;
  readonly trainLoss: number | null;
  readonly validationLoss: number | null;
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly best: Manifest['best'];
  /** Wall time of training. */
  readonly seconds: number;
}

/** One row per network that has begun, in the order of the experiment. */
export async function readRows(storage: Storage, experiment: Experiment): Promise<RunRow[]> {
  const rows: RunRow[] = [];
  for (const { identity } of experimentRuns(experiment)) {
    if (!(await storage.exists(`${identity.path}/manifest.json`))) continue;
    const { manifest, metrics } = await openRun(storage, identity.path);
    const last = metrics.findLast(({ epoch }) => epoch === manifest.epoch);
    rows.push({
      ...identity,
      status: manifest.status,
      reason: manifest.reason,
      parameterCount: manifest.parameterCount,
      epochs: manifest.epoch,
      trainLoss: last?.trainLoss ?? null,
      validationLoss: last?.validationLoss ?? null,
      metrics: last?.metrics ?? {},
      best: manifest.best,
      seconds: manifest.seconds,
    });
  }
  return rows;
}
