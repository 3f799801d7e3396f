// Reading runs back: what report, analysis and library users see of a run directory, whether it is complete, running or was killed.
import { RunFormatError } from '../errors.js';
import { joinParameters, type Model } from '../models/model.js';
import type { CheckpointState } from '../training/events.js';
import { decodeCheckpoint } from './checkpoint.js';
import { type Manifest, readManifest } from './manifest.js';
import { type MetricsRow, parseMetrics } from './metrics.js';
import { checkpointPath } from './run-writer.js';
import { readJson, readText, type Storage } from './storage.js';

/** Which checkpoint: the state after the last epoch, that of the lowest validation loss, or of an epoch that was kept. */
export type CheckpointChoice = 'last' | 'best' | number;

/** A run as it lies in its directory. */
export interface StoredRun {
  /** Its folder, `MODEL/seed-N`. */
  readonly path: string;
  readonly manifest: Manifest;
  /** The resolved experiment of this run alone, JSON. */
  readonly experiment: unknown;
  /** One row an epoch. In a running or killed run, `last` may count fewer; other checkpoints may be ahead when it was taken up again. */
  readonly metrics: readonly MetricsRow[];
  /** Checkpoints there are, kept epochs in ascending order. */
  readonly checkpoints: readonly CheckpointChoice[];
  /** Reads a checkpoint. Throws RunFormatError when there is none or it is damaged. */
  checkpoint(which?: CheckpointChoice): Promise<CheckpointState>;
  /** Parameters of a checkpoint in the model's flat order [P]. Throws ShapeError when they are another model's, RunFormatError when one is not finite. */
  parameters(model: Model, which?: CheckpointChoice): Promise<Float32Array>;
}

/** Opens the run in folder `path`. Throws RunFormatError, naming the file, when it is not a run or is damaged. */
export async function openRun(storage: Storage, path: string): Promise<StoredRun> {
  const manifest = await readManifest(storage, path);
  const metricsPath = `${path}/metrics.jsonl`;
  const metrics = (await storage.exists(metricsPath)) ? parseMetrics(await readText(storage, metricsPath), `${storage.location}/${metricsPath}`) : [];
  const checkpoints = checkpointChoices(await storage.list(`${path}/checkpoints`));
  const checkpoint = async (which: CheckpointChoice = 'last'): Promise<CheckpointState> => {
    const file = checkpointPath(path, which);
    if (!checkpoints.includes(which)) {
      throw new RunFormatError(
        `${storage.location}/${file}: expected a checkpoint among ${checkpoints.join(', ') || '(none yet)'}, got ${which}; has the run finished an epoch?`,
      );
    }
    return decodeCheckpoint(await storage.read(file), `${storage.location}/${file}`);
  };
  return {
    path,
    manifest,
    experiment: await readJson(storage, `${path}/experiment.json`),
    metrics,
    checkpoints,
    checkpoint,
    async parameters(model, which) {
      const parameters = joinParameters(model, (await checkpoint(which)).tensors);
      for (const { name, offset, length } of model.parameters) {
        const bad = parameters.subarray(offset, offset + length).findIndex((value) => !Number.isFinite(value));
        if (bad < 0) continue;
        const where = `${storage.location}/${checkpointPath(path, which ?? 'last')}`;
        throw new RunFormatError(`${where}: expected finite parameters, got ${parameters[offset + bad]} in ${name}, entry ${bad}; was the file edited?`);
      }
      return parameters;
    },
  };
}

/** Folders of all runs below an experiment's directory, models in alphabetical order, then by seed; folders that hold no run are left out. */
export async function listRuns(storage: Storage): Promise<string[]> {
  const runs: string[] = [];
  for (const model of await storage.list('')) {
    if (!model.endsWith('/')) continue;
    const seeds = (await storage.list(model.slice(0, -1))).map((name) => /^seed-(\d+)\/$/.exec(name)?.[1]).filter((seed) => seed !== undefined);
    for (const seed of seeds.map(Number).sort((a, b) => a - b)) {
      const path = `${model}seed-${seed}`;
      if (await storage.exists(`${path}/manifest.json`)) runs.push(path);
    }
  }
  return runs;
}

function checkpointChoices(files: readonly string[]): CheckpointChoice[] {
  const epochs = files.map((file) => /^epoch-(\d+)\.safetensors$/.exec(file)?.[1]).filter((epoch) => epoch !== undefined);
  const named = (['last', 'best'] as const).filter((name) => files.includes(`${name}.safetensors`));
  return [...named, ...epochs.map(Number).sort((a, b) => a - b)];
}
