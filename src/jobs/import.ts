// What comes from elsewhere: weights as safetensors into a run, latents and what goes with them (.npy, .npz, HDF5) into arrays that `compare` takes.
import { createExternalAnalysis, type ExternalAnalysis, writeExternalAnalysis } from '../analysis/external-analysis.js';
import { type Experiment, type ExperimentModel, modelOptionsOf } from '../config/experiment.js';
import { ConfigError, RunFormatError } from '../errors.js';
import { type ForeignWeights, foreignWeights } from '../models/foreign-weights.js';
import { createModel } from '../models/model.js';
import { sortArrays } from '../runs/foreign-arrays.js';
import { isHdf5, readHdf5 } from '../runs/hdf5.js';
import { writeImportedRun } from '../runs/import-weights.js';
import type { HostFacts } from '../runs/manifest.js';
import { readNpy } from '../runs/npy.js';
import { readNpz } from '../runs/npz.js';
import { type ArrayTensor, readSafetensors } from '../runs/safetensors.js';
import type { Storage } from '../runs/storage.js';
import { loadTask, type TaskLoader } from '../tasks/index.js';
import { validationCount } from '../tasks/options.js';
import { networkSize } from '../tasks/task.js';

/** A file by its name and content. */
export interface GivenFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What a file is by its first bytes, whatever its name says. */
export function kindOfFile({ name, bytes }: GivenFile): 'npy' | 'npz' | 'hdf5' | 'safetensors' {
  if (isHdf5(bytes)) return 'hdf5';
  if (bytes[0] === 0x93 && bytes[1] === 0x4e) return 'npy';
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) {
    if (!/\.(pt|pth|ckpt)$/i.test(name)) return 'npz';
    throw new RunFormatError(
      `${name}: expected .safetensors, .npy, .npz or HDF5, got a file of torch.save, which may hold programs; in Python: safetensors.torch.save_file(model.state_dict(), "weights.safetensors")`,
    );
  }
  if (bytes.length > 9 && bytes[8] === 0x7b) return 'safetensors';
  throw new RunFormatError(`${name}: expected .safetensors, .npy, .npz or HDF5, got other bytes`);
}

export interface ImportWeights {
  readonly file: GivenFile;
  readonly experiment: Experiment;
  /** Which model of the experiment; where it has one, that one. */
  readonly model?: string;
  readonly storage: Storage;
  readonly host: HostFacts | null;
  /** ISO 8601, UTC. */
  readonly now: string;
  readonly loadTask?: TaskLoader;
}

/** Puts weights into a run of an experiment: its task, one of its models. Throws ConfigError for a model that is none, ShapeError for weights that do not fit. */
export async function importWeights(job: ImportWeights): Promise<{ readonly path: string; readonly weights: ForeignWeights; readonly entry: ExperimentModel }> {
  const { file, experiment, storage } = job;
  const entry = chooseModel(experiment, job.model);
  const task = await loadTask(experiment.task, job.loadTask);
  const model = createModel(modelOptionsOf(entry), ...networkSize(task));
  const { tensors } = readSafetensors(file.bytes, file.name);
  const weights = foreignWeights(model, tensors, file.name);
  const { trials, validationFraction } = experiment.data;
  const validation = validationCount(trials, validationFraction);
  const seed = experiment.seeds[0] as number;
  const path = await writeImportedRun(storage, {
    experiment: { ...experiment, models: [entry], replicates: 1, seeds: [seed] },
    experimentName: experiment.name,
    modelName: entry.name,
    seed,
    model,
    parameters: weights.parameters,
    from: file.name.slice(0, 200),
    trainingTrials: trials - validation,
    validationTrials: validation,
    host: job.host,
    now: job.now,
  });
  return { path, weights, entry };
}

function chooseModel({ models }: Experiment, name: string | undefined): ExperimentModel {
  const names = models.map((model) => model.name).join(', ');
  const chosen = name === undefined ? (models.length === 1 ? models[0] : undefined) : models.find((model) => model.name === name);
  if (chosen) return chosen;
  throw new ConfigError('--model', [`expected one of ${names}, got ${name === undefined ? 'none' : JSON.stringify(name)}`]);
}

export interface ImportArrays {
  /** One file; or two .npy files of latents, training then validation. */
  readonly files: readonly GivenFile[];
  readonly name: string;
  readonly trainingFraction?: number;
  readonly storage: Storage;
}

export interface ImportedArrays {
  readonly analysis: ExternalAnalysis;
  /** Which array became what. */
  readonly used: readonly string[];
  readonly ignored: readonly string[];
}

/** Writes the arrays of files as an external analysis. Throws RunFormatError, ShapeError or ConfigError, naming what is wrong, before anything is written. */
export async function importArrays({ files, name, trainingFraction, storage }: ImportArrays): Promise<ImportedArrays> {
  const kinds = files.map(kindOfFile);
  const [first, second] = files as readonly [GivenFile, GivenFile | undefined];
  if (files.length > 2 || (second && kinds.some((kind) => kind !== 'npy')))
    throw new ConfigError('import', [`expected one file, or two .npy files (training, validation), got ${files.length}: ${kinds.join(', ')}`]);
  let found: Map<string, ArrayTensor>;
  if (second)
    found = new Map([
      ['train_latents', readNpy(first.bytes, first.name)],
      ['valid_latents', readNpy(second.bytes, second.name)],
    ]);
  else if (kinds[0] === 'npy') found = new Map([['latents', readNpy(first.bytes, first.name)]]);
  else if (kinds[0] === 'npz') found = readNpz(first.bytes, first.name);
  else if (kinds[0] === 'hdf5') found = await readHdf5(first.bytes, first.name);
  else throw new ConfigError('import', ['--experiment: expected the experiment that these weights belong to, got none']);
  const { arrays, used, ignored } = sortArrays(found, first.name);
  const analysis = createExternalAnalysis({
    name,
    ...(arrays as { latents: ArrayTensor }),
    ...(trainingFraction === undefined ? {} : { trainingFraction }),
  });
  await writeExternalAnalysis(storage, analysis);
  return { analysis, used: second ? [`latents from ${first.name}, ${second.name}`] : used, ignored };
}
