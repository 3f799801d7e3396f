// What the page and its worker say to each other: one job a worker (previews share one), its events and files on the way, its result at the end. Plain data, cloned.
import type { EvaluateRunOptions } from '../analysis/evaluation.js';
import type { EvaluationSummary } from '../analysis/evaluation-data.js';
import type { BackendDescription } from '../backends/backend.js';
import type { BenchName, BenchOptions } from '../jobs/bench/index.js';
import type { BenchResult } from '../jobs/bench/measure.js';
import type { FileResult } from '../jobs/check/replay.js';
import type { DevicesReport } from '../jobs/devices.js';
import type { JobError } from '../jobs/errors.js';
import type { Preview } from '../jobs/preview.js';
import type { ExperimentResult } from '../jobs/run-experiment.js';
import type { Machine } from '../platform/machine.js';
import type { HostFacts } from '../runs/manifest.js';
import type { CheckpointEvent, TrainingEvent } from '../training/events.js';

/** Files by path, as a run directory or a folder of golden files holds them. */
export type Files = Readonly<Record<string, Uint8Array>>;

/** Which backend a job runs on. */
export interface BackendChoice {
  /** `auto` (default), `wasm`, `webgpu` or `reference`. */
  readonly backend?: string;
  /** Default: the backend's own. */
  readonly variant?: string;
  /** Default: all cores; 1 where the page is not cross-origin isolated. */
  readonly threads?: number;
}

export interface RunJob extends BackendChoice {
  /** What an experiment file says, unchecked; no `grid` (`parseExperiments` makes single experiments of one). */
  readonly experiment: unknown;
  /** Name of the experiment's file, for messages and the report. Default `experiment`. */
  readonly name?: string;
  /** A run directory to go on with; it must hold the same experiment. */
  readonly files?: Files;
  /** URL against which the module of a custom task is resolved; without it such tasks are refused. */
  readonly modules?: string;
  /** What manifests and report say of program and machine. Default: what the browser tells. */
  readonly host?: HostFacts;
  /** The command that does the same again, for the report. Default: names the file. */
  readonly command?: string;
}

export interface PreviewJob {
  /** What an experiment file says, unchecked; its models do not matter. */
  readonly experiment: unknown;
  /** Name of the experiment's file, for messages. Default `experiment`. */
  readonly name?: string;
  /** How many trials to draw. */
  readonly trials: number;
  /** A static SVG (default), or a page whose cubes turn with the mouse. */
  readonly format?: 'svg' | 'html';
  /** As in `RunJob`. */
  readonly modules?: string;
}

export interface CheckJob extends BackendChoice {
  /** Golden files by base name. */
  readonly files: Files;
}

export interface EvaluateJob extends BackendChoice {
  /** The run or experiment's directory. */
  readonly files: Files;
  /** Its name, for messages. Default `run`. */
  readonly name?: string;
  /** What differs and which trials, as `evaluateRun` takes it; functions stay on their side. */
  readonly options: Omit<EvaluateRunOptions, 'backend' | 'loadTask' | 'onProgress' | 'signal'>;
  /** As in `RunJob`. */
  readonly modules?: string;
}

export interface BenchJob<N extends BenchName = BenchName> {
  readonly name: N;
  /** All options of the benchmark, as `bench --help` names them (`batch`, `hidden`, …). */
  readonly options: BenchOptions[N];
  /** What the result says of the machine. Default: what the browser tells. */
  readonly machine?: Machine;
}

/** What `train` yields, but for checkpoints, which arrive as files; and what else a job has to say. */
export type JobEvent =
  | Exclude<TrainingEvent, CheckpointEvent>
  /** The backend has started; `reason` says why it runs as it does, e.g. on one thread. */
  | { readonly type: 'backend'; readonly backend: BackendDescription }
  /** Training has ended and the networks are being compared. */
  | { readonly type: 'analysis'; readonly share: number }
  /** One golden file has been replayed. */
  | { readonly type: 'check'; readonly result: FileResult; readonly backend: BackendDescription }
  /** A line that a benchmark prints or shows as progress, or that any job warns with. */
  | { readonly type: 'line'; readonly kind: 'output' | 'progress' | 'warning'; readonly text: string };

/** A job's kind, what it needs and what it gives. */
export interface Jobs {
  readonly run: { readonly job: RunJob; readonly result: ExperimentResult };
  readonly preview: { readonly job: PreviewJob; readonly result: Preview };
  readonly devices: { readonly job: object; readonly result: DevicesReport };
  readonly check: { readonly job: CheckJob; readonly result: readonly FileResult[] };
  readonly evaluate: { readonly job: EvaluateJob; readonly result: EvaluationSummary };
  readonly bench: { readonly job: BenchJob; readonly result: BenchResult };
}
export type JobKind = keyof Jobs;

/** To the worker. `id` tells the jobs of one worker apart. */
export type Request =
  | { [K in JobKind]: { readonly type: 'start'; readonly id: number; readonly kind: K; readonly job: Jobs[K]['job'] } }[JobKind]
  | { readonly type: 'abort'; readonly id: number };

/** A change of the run directory. */
export interface FileChange {
  readonly path: string;
  /** `write` replaces the file, `append` adds to its end, `remove` takes it away. */
  readonly kind: 'write' | 'append' | 'remove';
  readonly data: Uint8Array;
}

/** From the worker. */
export type Response = { readonly id: number } & (
  | { readonly type: 'event'; readonly event: JobEvent }
  | { readonly type: 'file'; readonly change: FileChange }
  | { readonly type: 'done'; readonly result: unknown }
  | { readonly type: 'failed'; readonly error: JobError }
);
