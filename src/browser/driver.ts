// The page that a headless browser loads for `--in chromium`: runs the jobs that it is told to, and reports what they say to whoever drives it.
import { encodeError } from '../jobs/errors.js';
import { BrowserRunner, type FileChange, type Files, type JobEvent } from './client.js';
import type { BenchJob, CheckJob, EvaluateJob, Jobs, RunJob } from './protocol.js';

/** What the driving process is told, in order. Bytes are base64, since what it hears travels as text. */
export type DriverReport =
  | { readonly type: 'event'; readonly event: JobEvent }
  | { readonly type: 'file'; readonly path: string; readonly kind: FileChange['kind']; readonly data: string };

/** A job without its files, which the page fetches: URLs by path. */
export type DrivenJob =
  | { readonly kind: 'run'; readonly job: Omit<RunJob, 'files'>; readonly files: Readonly<Record<string, string>> }
  | { readonly kind: 'check'; readonly job: Omit<CheckJob, 'files'>; readonly files: Readonly<Record<string, string>> }
  | { readonly kind: 'evaluate'; readonly job: Omit<EvaluateJob, 'files'>; readonly files: Readonly<Record<string, string>> }
  | { readonly kind: 'bench'; readonly job: BenchJob }
  | { readonly kind: 'devices' };

/** How it ended. */
export type DrivenResult = { readonly result: Jobs[DrivenJob['kind']]['result'] } | { readonly error: ReturnType<typeof encodeError> };

/** The functions between the page and its driver: `report` is put there by the driver, the others by the page. */
interface DriverScope {
  motorloopReport(report: DriverReport): Promise<void>;
  motorloopStart(job: DrivenJob): Promise<DrivenResult>;
  motorloopAbort(): void;
}

const scope = globalThis as unknown as DriverScope;
const runner = new BrowserRunner(new URL('./worker.js', import.meta.url));
let controller = new AbortController();

scope.motorloopAbort = () => controller.abort();
scope.motorloopStart = async (job) => {
  controller = new AbortController();
  const { signal } = controller;
  let reports = Promise.resolve();
  const report = (message: DriverReport) => {
    reports = reports.then(() => scope.motorloopReport(message));
  };
  const handlers = { signal, onEvent: (event: JobEvent) => report({ type: 'event', event }) };
  try {
    const result = await start(job, handlers, ({ path, kind, data }) => report({ type: 'file', path, kind, data: base64(data) }));
    await reports;
    return { result };
  } catch (error) {
    await reports;
    return { error: encodeError(error) };
  }
};

async function start(
  driven: DrivenJob,
  handlers: { signal: AbortSignal; onEvent: (event: JobEvent) => void },
  onFile: (change: FileChange) => void,
): Promise<Jobs[DrivenJob['kind']]['result']> {
  switch (driven.kind) {
    case 'run': {
      const outcome = await runner.run({ ...driven.job, files: await fetchFiles(driven.files) }, { ...handlers, onFile });
      if (outcome.status === 'failed') throw outcome.error;
      return outcome.result;
    }
    case 'check':
      return runner.check({ ...driven.job, files: await fetchFiles(driven.files) }, handlers);
    case 'evaluate':
      return runner.evaluate({ ...driven.job, files: await fetchFiles(driven.files) }, { ...handlers, onFile });
    case 'bench':
      return runner.bench(driven.job, handlers);
    case 'devices':
      return runner.devices(handlers);
  }
}

async function fetchFiles(urls: Readonly<Record<string, string>>): Promise<Files> {
  const entries = Object.entries(urls).map(async ([path, url]) => {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`driver: expected ${url}, got ${response.status}`);
    return [path, new Uint8Array(await response.arrayBuffer())] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

function base64(bytes: Uint8Array): string {
  let text = '';
  // A call takes a limited number of arguments.
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}
