// The directory of an experiment: experiment.json and one run per MODEL/seed-N. Decides what may be started in it or taken up again.
import { ConfigError, RunFormatError } from '../errors.js';
import type { CheckpointState, RunIdentity, TrainingEvent, WarningEvent } from '../training/events.js';
import { decodeCheckpoint } from './checkpoint.js';
import { type Difference, describeDifference, differences } from './difference.js';
import { type HostFacts, readManifest } from './manifest.js';
import { listRuns } from './open-run.js';
import { checkpointPath, createRunWriter, type RunWriter } from './run-writer.js';
import { readJson, type Storage, writeJson } from './storage.js';

/** What this folder needs to know of a resolved experiment; the rest is JSON that it records and compares. */
export interface ExperimentRecord {
  readonly name: string;
  readonly models: readonly object[];
  /** What is done with trained networks; these may change between two starts. */
  readonly tests?: readonly object[];
  readonly analyses?: readonly string[];
}

export interface ExperimentDirectory {
  readonly storage: Storage;
  /** The state to go on from: null for a run that has none yet, or when not resuming. Throws RunFormatError when it is damaged. */
  resumeState(run: RunIdentity): Promise<CheckpointState | null>;
  /** Writes what an event says; nothing is written before the first one. Returns a warning when a run goes on where other bits are computed than before. */
  handle(event: TrainingEvent): Promise<WarningEvent | null>;
  /** Call it once events have ended: a run left unfinished becomes `failed` with the error given, or `aborted` without one. */
  finish(error?: unknown): Promise<void>;
}

/**
 * Opens a directory for `experiment`, writing nothing yet. Without `resume` it must be empty or new. With it, it must be empty, new, or hold the same
 * experiment; more epochs are allowed where the longer run begins like the shorter one (no schedule that depends on their number).
 * Throws ConfigError when it is occupied, cannot be written or holds another experiment (naming every path that differs), RunFormatError when it is damaged.
 */
export async function openExperimentDirectory(
  storage: Storage,
  experiment: ExperimentRecord,
  { resume = false, host = null }: { resume?: boolean; host?: HostFacts | null } = {},
): Promise<ExperimentDirectory> {
  const record = JSON.parse(JSON.stringify(experiment)) as ExperimentRecord;
  const content = await storage.list('');
  let recorded = false;
  if (content.length > 0) {
    if (!resume) {
      throw new ConfigError(storage.location, [
        `expected a new or empty output directory, got one that holds ${content.slice(0, 4).join(', ')}${content.length > 4 ? ', …' : ''}; name another one, or add --resume to continue it`,
      ]);
    }
    if (!content.includes('experiment.json')) {
      throw new ConfigError(storage.location, [
        `expected a run directory to resume, got one without experiment.json; name the directory that --out named before`,
      ]);
    }
    const was = await readJson(storage, 'experiment.json');
    checkSameExperiment(was, record, storage.location);
    recorded = differences(was, record).length === 0;
  }
  await storage.checkWritable?.();

  const writers = new Map<string, RunWriter>();
  return {
    storage,
    async resumeState(run) {
      const path = checkpointPath(run.path, 'last');
      if (!resume || !(await storage.exists(path))) return null;
      return decodeCheckpoint(await storage.read(path), `${storage.location}/${path}`);
    },
    async handle(event) {
      if (!recorded) await writeJson(storage, 'experiment.json', record);
      recorded = true;
      const { path } = event.run;
      const writer = writers.get(path) ?? createRunWriter(storage, { path, name: record.name, experiment: experimentOfRun(record, event.run), host });
      writers.set(path, writer);
      return writer.handle(event);
    },
    async finish(error = null) {
      for (const writer of writers.values()) await writer.end(error);
    },
  };
}

/**
 * Makes a directory hold `experiment` before its runs start, each perhaps in a worker of its own: then none of them writes experiment.json. Throws like
 * `openExperimentDirectory` with `resume`. `check`: only look, write nothing. Returns whether the directory held something else or nothing.
 */
export async function recordExperiment(storage: Storage, experiment: ExperimentRecord, { check = false } = {}): Promise<{ readonly changed: boolean }> {
  const record = JSON.parse(JSON.stringify(experiment)) as ExperimentRecord;
  const was = (await storage.exists('experiment.json')) ? await readJson(storage, 'experiment.json') : null;
  if (was !== null) checkSameExperiment(was, record, storage.location);
  const changed = differences(was, record).length > 0;
  if (changed && !check) await writeJson(storage, 'experiment.json', record);
  return { changed };
}

/** Backend and variant of the first run of a directory that is not complete, to go on with where nothing else is asked for; null when there is none. */
export async function interruptedBackend(storage: Storage): Promise<{ readonly name: string; readonly variant: string } | null> {
  for (const run of await listRuns(storage)) {
    const { status, backend } = await readManifest(storage, run);
    if (status !== 'complete') return backend;
  }
  return null;
}

/** The experiment cut down to one run: running it again gives this run. */
function experimentOfRun(experiment: ExperimentRecord, run: RunIdentity): unknown {
  const models = experiment.models.filter((model) => (model as { name?: string }).name === run.model);
  return { ...experiment, replicates: 1, seeds: [run.seed], models: models.length === 1 ? models : experiment.models };
}

function checkSameExperiment(was: unknown, is: ExperimentRecord, location: string): void {
  if (typeof was !== 'object' || was === null)
    throw new RunFormatError(`${location}/experiment.json: expected an experiment, got ${JSON.stringify(was)}; the file was damaged or edited`);
  const problems = differences(was, is)
    .filter((difference) => !isExtension(difference, is))
    .map(
      (difference) =>
        `expected the experiment that this directory holds, got another one: ${describeDifference(difference)}; change it back, or start in a new directory`,
    );
  if (problems.length > 0) throw new ConfigError(location, problems);
}

const epochsPath = /^(?:models\.(\d+)\.)?training\.epochs$/;
// Schedules that look at the past only; cosine spreads itself over the number of epochs.
const openEnded = new Set<unknown>(['constant', 'plateau']);

/**
 * More epochs give what one long run would have given, as long as no schedule that is in use looks at their number; tests and analyses come after
 * training and may be others.
 */
function isExtension({ path, was, is }: Difference, experiment: ExperimentRecord): boolean {
  if (/^(?:tests|analyses)(?:\.|$)/.test(path)) return true;
  const match = epochsPath.exec(path);
  if (!match || typeof was !== 'number' || typeof is !== 'number' || is < was) return false;
  const scheduleOf = (part: object | undefined) => (part as { training?: { schedule?: { name?: string } } } | undefined)?.training?.schedule?.name;
  // A resolved model carries all of its training options; those of the experiment are then only where they came from.
  const model = match[1] === undefined ? undefined : experiment.models[Number(match[1])];
  if (model) return openEnded.has(scheduleOf(model));
  return experiment.models.every((each) => scheduleOf(each) !== undefined) || openEnded.has(scheduleOf(experiment));
}
