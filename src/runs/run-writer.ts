// Turns the events of one run into its directory: experiment.json, manifest.json, metrics.jsonl, checkpoints/.
//
// What makes every moment safe to die in: each file but metrics.jsonl appears whole or not at all; the manifest comes before anything it describes;
// the metrics of an epoch and a new best checkpoint come before the `last` checkpoint that counts them. So `last` is the point of return: whatever
// lies beyond it is dropped (metrics) or written again with the same bytes (checkpoints) by the resumed run.
import { MotorloopError, RunFormatError } from '../errors.js';
import type { BackendDescription } from '../backends/backend.js';
import type { CheckpointEvent, DoneEvent, EpochEvent, PlanEvent, TrainingEvent, WarningEvent } from '../training/events.js';
import { encodeCheckpoint } from './checkpoint.js';
import { type HostFacts, type Manifest, readManifest } from './manifest.js';
import { formatMetrics, type MetricsRow, parseMetrics, readable } from './metrics.js';
import { readText, type Storage, writeJson } from './storage.js';

export interface RunWriterOptions {
  /** The run's folder in the storage. */
  readonly path: string;
  /** Name of the experiment. */
  readonly name: string;
  /** The resolved experiment of this run alone, JSON. */
  readonly experiment: unknown;
  readonly host: HostFacts | null;
}

export interface RunWriter {
  /** Writes what an event of this run says; returns once it is on disk, with a warning when the run goes on where other bits are computed. */
  handle(event: TrainingEvent): Promise<WarningEvent | null>;
  /** Ends a run that no `done` event will end: `failed` with the error's message, or `aborted`. Nothing happens when it has ended or never began. */
  end(error: unknown | null): Promise<void>;
}

/** A writer for one run. Its first event must be a plan: it starts the directory, or takes it up again when `startEpoch` is not 0. */
export function createRunWriter(storage: Storage, options: RunWriterOptions): RunWriter {
  const { path } = options;
  let manifest: Manifest | null = null;
  let before = 0; // seconds of earlier sessions
  let spent = 0; // seconds of this session's epochs
  let reached: Pick<Manifest, 'epoch' | 'best'> = { epoch: 0, best: null }; // by checkpoints on disk

  async function update(changes: Partial<Manifest>): Promise<void> {
    if (!manifest) throw new MotorloopError(`createRunWriter(${path}): expected a plan as the first event, got another one`);
    manifest = { ...manifest, ...changes };
    await writeJson(storage, `${path}/manifest.json`, manifest);
  }

  async function plan(event: PlanEvent): Promise<WarningEvent | null> {
    const previous = event.startEpoch > 0 ? await readManifest(storage, path) : null;
    const goesOn = event.startEpoch < event.epochs && previous?.reason !== 'stopped early';
    const warning = previous && goesOn ? moved(previous.backend, event) : null;
    const rows = previous ? await rowsUntil(event.startEpoch) : [];
    // A killed session could not say how long it took; its epochs did.
    before = Math.max(
      previous?.seconds ?? 0,
      rows.reduce((sum, { row }) => sum + row.seconds, 0),
    );
    reached = { epoch: event.startEpoch, best: event.best };
    const warnings = [...(previous?.warnings ?? []), ...(warning ? [warning.message] : [])];
    const started = startManifest(event, options, previous);
    manifest = { ...started, ...(previous && !goesOn ? { backend: previous.backend } : {}), ...reached, seconds: readable(before), warnings };
    await writeJson(storage, `${path}/experiment.json`, options.experiment);
    await update({});
    await storage.write(`${path}/metrics.jsonl`, rows.map(({ line }) => `${line}\n`).join(''));
    return warning;
  }

  /** The rows of the first `epochs` epochs and their lines, byte for byte. */
  async function rowsUntil(epochs: number): Promise<{ row: MetricsRow; line: string }[]> {
    const file = `${path}/metrics.jsonl`;
    const where = `${storage.location}/${file}`;
    const text = await readText(storage, file);
    const lines = text.split('\n');
    const rows = parseMetrics(text, where);
    if (rows.length < epochs)
      throw new RunFormatError(`${where}: expected the ${epochs} epochs that the last checkpoint counts, got ${rows.length}; the file was damaged or edited`);
    return rows.slice(0, epochs).map((row, i) => ({ row, line: lines[i] as string }));
  }

  async function epoch(event: EpochEvent): Promise<void> {
    spent += event.seconds;
    await storage.append(`${path}/metrics.jsonl`, formatMetrics(event));
  }

  async function checkpoint(event: CheckpointEvent): Promise<void> {
    // What `last` counts must be there before it, even after a power cut.
    if (event.kind === 'last') await storage.flush?.(`${path}/metrics.jsonl`);
    await storage.write(checkpointPath(path, event.kind === 'epoch' ? event.state.epoch : event.kind), encodeCheckpoint(event.state));
    if (event.kind === 'best') reached = { ...reached, best: { epoch: event.state.epoch, validationLoss: event.validationLoss } };
    if (event.kind === 'last') reached = { ...reached, epoch: event.state.epoch };
  }

  async function done(event: DoneEvent): Promise<void> {
    const { reason, epoch: epochs, best, seconds } = event;
    await update({
      status: reason === 'aborted' ? 'aborted' : 'complete',
      reason,
      epoch: epochs,
      best,
      seconds: readable(before + seconds),
      ended: new Date().toISOString(),
    });
  }

  return {
    async handle(event) {
      switch (event.type) {
        case 'plan':
          return plan(event);
        case 'epoch':
          await epoch(event);
          break;
        case 'checkpoint':
          await checkpoint(event);
          break;
        case 'warning':
          await update({ warnings: [...new Set([...(manifest?.warnings ?? []), event.message])] });
          break;
        case 'done':
          await done(event);
          break;
      }
      return null;
    },
    async end(error) {
      if (manifest?.status !== 'running') return;
      const message = error instanceof Error ? error.message : String(error);
      await update({
        ...reached,
        ...(error === null ? { status: 'aborted', reason: 'aborted' } : { status: 'failed', error: message }),
        seconds: readable(before + spent),
        ended: new Date().toISOString(),
      });
    },
  };
}

/** Where a checkpoint lies: `last`, `best`, or that of an epoch that was kept. */
export function checkpointPath(run: string, which: 'last' | 'best' | number): string {
  return `${run}/checkpoints/${typeof which === 'number' ? `epoch-${which}` : which}.safetensors`;
}

/** The warning about a run that is taken up where other bits are computed than where it stopped; null on the same backend, variant and adapter. */
function moved(before: BackendDescription, { run, backend, startEpoch }: PlanEvent): WarningEvent | null {
  const text = ({ name, variant, adapter }: BackendDescription) => `${name} (${adapter ? `${variant}, ${adapter}` : variant})`;
  if (text(before) === text(backend)) return null;
  const message = `after epoch ${startEpoch} this run goes on with ${text(backend)}; before, it ran with ${text(before)}: it will not end with the bytes of one that stayed`;
  return { type: 'warning', run, message };
}

function startManifest(event: PlanEvent, { name, host }: RunWriterOptions, previous: Manifest | null): Manifest {
  const { run, backend, parameterCount, trainingTrials, validationTrials, batchesPerEpoch, microBatchSize, memoryBytes, epochs, startEpoch } = event;
  const now = new Date().toISOString();
  return {
    format: 'motorloop-run',
    formatVersion: 1,
    status: 'running',
    experiment: name,
    model: run.model,
    seed: run.seed,
    host,
    backend,
    parameterCount,
    trainingTrials,
    validationTrials,
    batchesPerEpoch,
    microBatchSize,
    memoryBytes,
    epochs,
    epoch: startEpoch,
    best: null,
    reason: null,
    error: null,
    warnings: [],
    started: previous?.started ?? now,
    ended: null,
    seconds: 0,
    resumes: previous ? [...previous.resumes, { epoch: startEpoch, at: now, host, threads: backend.threads, backend: backend.name }] : [],
  };
}
