// The page's side: runs experiments, golden checks and benchmarks in Web Workers, so that the page never freezes. One worker a job, but for previews, which share one.
import type { EvaluationSummary } from '../analysis/evaluation-data.js';
import { BackendError, MotorloopError } from '../errors.js';
import type { BenchName } from '../jobs/bench/index.js';
import type { BenchResult } from '../jobs/bench/measure.js';
import type { FileResult } from '../jobs/check/replay.js';
import type { DevicesReport } from '../jobs/devices.js';
import { decodeError } from '../jobs/errors.js';
import type { Preview } from '../jobs/preview.js';
import type { ExperimentResult } from '../jobs/run-experiment.js';
import { openModuleWorker } from '../platform/browser.js';
import { applyChange } from './files.js';
import type { BenchJob, CheckJob, EvaluateJob, FileChange, Files, JobEvent, JobKind, Jobs, PreviewJob, Request, Response, RunJob } from './protocol.js';

export type { BackendChoice, BenchJob, CheckJob, EvaluateJob, FileChange, Files, JobEvent, PreviewJob, RunJob } from './protocol.js';

export interface JobHandlers {
  /** Hears everything that the job says, in order. */
  readonly onEvent?: (event: JobEvent) => void;
  /** Hears every change of the run directory, in order: whoever applies them all holds a directory that can be resumed at any moment. */
  readonly onFile?: (change: FileChange) => void;
  /** Stops the job. A run ends between two steps and gives back what it has; other jobs are rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** How a run ended. `files` is its directory: experiment.json, manifests, metrics, checkpoints and, when complete, analysis, arrays and report. */
export type RunOutcome = { readonly files: Files } & (
  | { readonly status: 'complete'; readonly result: ExperimentResult }
  /** Stopped on request: `files` can be handed to the next run, which goes on. */
  | { readonly status: 'aborted'; readonly result: ExperimentResult }
  /** Ended by an error after it had begun; the last good checkpoints are among `files`. */
  | { readonly status: 'failed'; readonly error: Error }
);

interface Pending {
  readonly fail: (error: Error) => void;
}

export class BrowserRunner {
  readonly #workerUrl: string | URL;
  readonly #pending = new Set<Pending>();
  #jobs = 0;
  /** Draws previews one after the other: starting a worker for each would take longer than drawing. */
  #drawer: Worker | null = null;

  /** `workerUrl`: where the built worker lies (`dist/browser/worker.js` of the package). */
  constructor(workerUrl: string | URL) {
    this.#workerUrl = workerUrl;
  }

  /** Runs an experiment. Rejects, with an error of src/errors.ts, only when nothing was begun: bad input, no such backend, a directory that does not fit. */
  async run(job: RunJob, handlers: JobHandlers = {}): Promise<RunOutcome> {
    const files = new Map(Object.entries(job.files ?? {}));
    let begun = false;
    const onFile = (change: FileChange) => {
      begun = true;
      applyChange(files, change);
      handlers.onFile?.(change);
    };
    try {
      const result = await this.#start('run', job, { ...handlers, onFile });
      return { status: result.report === null ? 'aborted' : 'complete', result, files: Object.fromEntries(files) };
    } catch (error) {
      if (!begun) throw error;
      return { status: 'failed', error: error as Error, files: Object.fromEntries(files) };
    }
  }

  /** Draws trials of an experiment's task. Rejects with ConfigError for a task that makes no sense. */
  preview(job: PreviewJob, { signal }: Pick<JobHandlers, 'signal'> = {}): Promise<Preview> {
    return this.#start('preview', job, signal ? { signal } : {});
  }

  /** Every backend of this browser, tried out and checked against the reference. */
  devices({ signal }: Pick<JobHandlers, 'signal'> = {}): Promise<DevicesReport> {
    return this.#start('devices', {}, signal ? { signal } : {});
  }

  /** Replays golden files on a backend. */
  check(job: CheckJob, handlers: Omit<JobHandlers, 'onFile'> = {}): Promise<readonly FileResult[]> {
    return this.#start('check', job, handlers);
  }

  /** Evaluates trained networks in a changed environment; the page, arrays and figures arrive as changes of files. */
  evaluate(job: EvaluateJob, handlers: JobHandlers = {}): Promise<EvaluationSummary> {
    return this.#start('evaluate', job, handlers);
  }

  /** Runs a benchmark. */
  bench<N extends BenchName>(job: BenchJob<N>, handlers: Omit<JobHandlers, 'onFile'> = {}): Promise<BenchResult> {
    return this.#start('bench', job as BenchJob, handlers);
  }

  /** Ends all workers at once; jobs under way are rejected (a run then counts as failed, with the files it had). */
  close(): void {
    for (const { fail } of [...this.#pending]) fail(new MotorloopError('BrowserRunner: expected the job to end, got close(); start it again'));
    this.#drawer?.terminate();
    this.#drawer = null;
  }

  #start<K extends JobKind>(kind: K, job: Jobs[K]['job'], { onEvent, onFile, signal }: JobHandlers): Promise<Jobs[K]['result']> {
    if (signal?.aborted && kind !== 'run') return Promise.reject(signal.reason);
    const id = ++this.#jobs;
    const shared = kind === 'preview';
    const worker = shared ? (this.#drawer ?? openModuleWorker(this.#workerUrl)) : openModuleWorker(this.#workerUrl);
    if (shared) this.#drawer = worker;
    return new Promise((resolve, reject) => {
      const stop = () => {
        if (kind === 'run') worker.postMessage({ type: 'abort', id } satisfies Request);
        else fail(signal?.reason);
      };
      const end = () => {
        this.#pending.delete(pending);
        signal?.removeEventListener('abort', stop);
        worker.removeEventListener('message', hear);
        worker.removeEventListener('error', lose);
        if (!shared) worker.terminate();
      };
      const fail = (error: Error) => {
        end();
        reject(error);
      };
      const lose = (event: ErrorEvent) => {
        event.preventDefault();
        if (this.#drawer === worker) this.#drawer = null;
        fail(new BackendError(`BrowserRunner: expected the worker ${this.#workerUrl} to run, got ${event.message || 'a script that cannot be loaded'}`));
      };
      const hear = ({ data }: MessageEvent<Response>) => {
        if (data.id !== id) return;
        if (data.type === 'event') onEvent?.(data.event);
        else if (data.type === 'file') onFile?.(data.change);
        else if (data.type === 'failed') fail(decodeError(data.error));
        else {
          end();
          resolve(data.result as Jobs[K]['result']);
        }
      };
      const pending: Pending = { fail };
      this.#pending.add(pending);
      worker.addEventListener('message', hear);
      worker.addEventListener('error', lose);
      worker.postMessage({ type: 'start', id, kind, job } as Request);
      signal?.addEventListener('abort', stop, { once: true });
      if (signal?.aborted) stop();
    });
  }
}
