// manifest.json: what a run is, where it ran, and how it ended. Written first as `running`, last with its final status.
import type { BackendDescription } from '../backends/backend.js';
import { RunFormatError } from '../errors.js';
import { readJson, type Storage } from './storage.js';

/** What a manifest says about program and machine (src/platform makes it). None of it enters a checkpoint. */
export interface HostFacts {
  /** Version of motorloop. */
  readonly version: string;
  /** Commit of a git checkout of this package, null for an installed one. */
  readonly commit: string | null;
  /** e.g. `node 20.20.2`. */
  readonly runtime: string;
  /** e.g. `linux x64`. */
  readonly system: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
}

/** `linux x64, 2 cores, Intel Xeon`; browsers do not tell the processor. */
export function machineText({ system, cores, processor }: HostFacts): string {
  return `${system}, ${cores} cores${processor === 'unknown' ? '' : `, ${processor}`}`;
}

/** `running`: still going, or killed; `aborted`: stopped on request, can be resumed; `failed`: see `error`. */
export type RunStatus = 'running' | 'complete' | 'aborted' | 'failed';

export interface Manifest {
  readonly format: 'motorloop-run';
  readonly formatVersion: 1;
  readonly status: RunStatus;
  /** Name of the experiment. */
  readonly experiment: string;
  readonly model: string;
  readonly seed: number;
  /** Program and machine; null where the writer was not told. */
  readonly host: HostFacts | null;
  readonly backend: BackendDescription;
  readonly parameterCount: number;
  readonly trainingTrials: number;
  readonly validationTrials: number;
  readonly batchesPerEpoch: number;
  readonly microBatchSize: number;
  /** Estimate made before the start, bytes. */
  readonly memoryBytes: number;
  /** Epochs asked for. */
  readonly epochs: number;
  /** Epochs done when this manifest was written; while running, look at metrics.jsonl. */
  readonly epoch: number;
  readonly best: { readonly epoch: number; readonly validationLoss: number } | null;
  /** Why training ended; null while it runs and when it failed. */
  readonly reason: 'completed' | 'stopped early' | 'aborted' | null;
  /** Message of the error that ended it. */
  readonly error: string | null;
  readonly warnings: readonly string[];
  /** ISO 8601, UTC. */
  readonly started: string;
  readonly ended: string | null;
  /** Wall time spent training, all sessions together; what a killed session did after its last checkpoint is not in it. */
  readonly seconds: number;
  /** Weights from elsewhere: name of the file that they came from. Absent in runs that were trained here. */
  readonly imported?: string;
  /** One entry each time the run was taken up again. */
  readonly resumes: readonly {
    readonly epoch: number;
    readonly at: string;
    readonly host: HostFacts | null;
    readonly threads: number;
    /** Absent in older files: the backend was that of the run. */
    readonly backend?: string;
  }[];
}

const statuses: readonly string[] = ['running', 'complete', 'aborted', 'failed'] satisfies RunStatus[];

/** Reads `manifest.json` of the run in folder `run`. Throws RunFormatError when it is missing, damaged or of a newer format. */
export async function readManifest(storage: Storage, run: string): Promise<Manifest> {
  const path = `${run}/manifest.json`;
  const value = await readJson(storage, path);
  const where = `${storage.location}/${path}`;
  if (typeof value !== 'object' || value === null) throw new RunFormatError(`${where}: expected the manifest of a run, got ${JSON.stringify(value)}`);
  const manifest = value as Record<string, unknown>;
  if (manifest.format !== 'motorloop-run' || manifest.formatVersion !== 1) {
    throw new RunFormatError(
      `${where}: expected format motorloop-run, version 1, got ${JSON.stringify(manifest.format)}, version ${JSON.stringify(manifest.formatVersion)}`,
    );
  }
  const problem = Object.entries(fields).find(([name, holds]) => !holds(manifest[name]));
  if (problem)
    throw new RunFormatError(`${where}: expected a valid ${problem[0]}, got ${JSON.stringify(manifest[problem[0]])}; the file was damaged or edited`);
  return value as Manifest;
}

const isText = (value: unknown) => typeof value === 'string';
const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
const isRecord = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
const orNull = (test: (value: unknown) => boolean) => (value: unknown) => value === null || test(value);

/** The fields that readers rely on. */
const fields: Readonly<Record<string, (value: unknown) => boolean>> = {
  status: (value) => statuses.includes(value as string),
  experiment: isText,
  model: isText,
  seed: isCount,
  host: orNull(isRecord),
  backend: isRecord,
  parameterCount: isCount,
  trainingTrials: isCount,
  validationTrials: isCount,
  epochs: isCount,
  epoch: isCount,
  best: orNull(isRecord),
  reason: orNull(isText),
  error: orNull(isText),
  warnings: Array.isArray,
  started: isText,
  ended: orNull(isText),
  seconds: (value) => typeof value === 'number' && value >= 0,
  resumes: Array.isArray,
};
