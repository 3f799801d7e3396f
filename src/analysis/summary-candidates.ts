// The networks that a summary is about: runs of an experiment with their checkpoint, read from its directory.
import { type Experiment, type ExperimentModel, modelOptionsOf } from '../config/experiment.js';
import { experimentRuns } from '../config/train.js';
import { RunFormatError } from '../errors.js';
import { createModel, type Model } from '../models/model.js';
import { type CheckpointChoice, openRun, type StoredRun } from '../runs/open-run.js';
import type { Storage } from '../runs/storage.js';
import { networkSize, type Task } from '../tasks/task.js';

interface CandidateOptions {
  readonly experiment: Experiment;
  readonly storage: Storage;
  readonly checkpoint?: CheckpointChoice;
}

/** One of them. */
export interface Candidate {
  readonly stored: StoredRun;
  readonly entry: ExperimentModel;
  readonly model: Model;
  readonly parameters: Float32Array;
  /** `last`, `best` or `epoch N`. */
  readonly kind: string;
  readonly epoch: number;
  readonly step: number;
  readonly seed: number;
  readonly shown: boolean;
}

/** The runs of an experiment that have the checkpoint; what keeps others out goes to `notes`. Throws RunFormatError when there is none. */
export async function readCandidates({ experiment, storage, checkpoint = 'last' }: CandidateOptions, task: Task, notes: string[]): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  for (const { identity, model: entry } of experimentRuns(experiment)) {
    const name = `${identity.model}, seed ${identity.seed}`;
    if (!(await storage.exists(`${identity.path}/manifest.json`))) {
      notes.push(`${name} was not trained yet.`);
      continue;
    }
    const stored = await openRun(storage, identity.path);
    if (!stored.checkpoints.includes(checkpoint)) {
      notes.push(`${name} has no checkpoint ${checkpoint} (status: ${stored.manifest.status}) and is left out.`);
      continue;
    }
    if (stored.manifest.error !== null) notes.push(`${name} stopped with an error: ${stored.manifest.error}`);
    const model = createModel(modelOptionsOf(entry), ...networkSize(task));
    const { epoch, step } = await stored.checkpoint(checkpoint);
    const shown = !candidates.some((other) => other.entry.name === entry.name);
    candidates.push({
      stored,
      entry,
      model,
      parameters: await stored.parameters(model, checkpoint),
      kind: typeof checkpoint === 'number' ? `epoch ${checkpoint}` : checkpoint,
      epoch,
      step,
      seed: identity.seed,
      shown,
    });
  }
  if (candidates.length === 0) throw new RunFormatError(`${storage.location}: expected at least one run with a checkpoint, got none; ${notes.join(' ')}`);
  return candidates;
}
