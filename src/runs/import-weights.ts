// Weights from elsewhere as a run: a directory like that of a run that was trained here, with a checkpoint of epoch 0 and a manifest that says where it is from.
import type { BackendDescription } from '../backends/backend.js';
import { splitParameters } from '../models/model.js';
import type { Model } from '../models/layout.js';
import { encodeCheckpoint } from './checkpoint.js';
import type { HostFacts, Manifest } from './manifest.js';
import { checkpointPath } from './run-writer.js';
import { type Storage, writeJson } from './storage.js';

export interface ImportedRun {
  /** The experiment of this run alone, JSON. */
  readonly experiment: unknown;
  readonly experimentName: string;
  readonly modelName: string;
  readonly seed: number;
  readonly model: Model;
  readonly parameters: Float32Array;
  /** Name of the file that the weights came from. */
  readonly from: string;
  readonly trainingTrials: number;
  readonly validationTrials: number;
  readonly host: HostFacts | null;
  /** ISO 8601, UTC. */
  readonly now: string;
}

/** No backend: nothing was trained. */
const nowhere: BackendDescription = { name: 'imported', variant: 'none', threads: 0, adapter: null, reason: 'these weights were not trained here' };

/** Writes the directory: `experiment.json` and the run in `MODEL/seed-N`. */
export async function writeImportedRun(storage: Storage, run: ImportedRun): Promise<string> {
  const path = `${run.modelName}/seed-${run.seed}`;
  const manifest: Manifest = {
    format: 'motorloop-run',
    formatVersion: 1,
    status: 'complete',
    experiment: run.experimentName,
    model: run.modelName,
    seed: run.seed,
    host: run.host,
    backend: nowhere,
    parameterCount: run.model.parameterCount,
    trainingTrials: run.trainingTrials,
    validationTrials: run.validationTrials,
    batchesPerEpoch: 0,
    microBatchSize: 0,
    memoryBytes: 0,
    epochs: 0,
    epoch: 0,
    best: null,
    reason: 'completed',
    error: null,
    warnings: [],
    started: run.now,
    ended: run.now,
    seconds: 0,
    resumes: [],
    imported: run.from,
  };
  const state = { epoch: 0, step: 0, tensors: splitParameters(run.model, run.parameters), counters: {} };
  await writeJson(storage, 'experiment.json', run.experiment);
  await writeJson(storage, `${path}/experiment.json`, run.experiment);
  await storage.write(`${path}/metrics.jsonl`, '');
  await storage.write(checkpointPath(path, 'last'), encodeCheckpoint(state));
  // last: a folder with a manifest is a run
  await writeJson(storage, `${path}/manifest.json`, manifest);
  return path;
}
