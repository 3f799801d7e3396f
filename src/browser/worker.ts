// The worker's side: takes jobs from its page, runs them with the code that the command line runs, and tells what happens.
import { parseExperiment } from '../config/experiment.js';
import { ConfigError } from '../errors.js';
import { bench } from '../jobs/bench/index.js';
import { checkFiles } from '../jobs/check/check-files.js';
import type { JobContext } from '../jobs/context.js';
import { describeDevices } from '../jobs/devices.js';
import { encodeError } from '../jobs/errors.js';
import { evaluateAndWrite } from '../jobs/evaluate.js';
import { openBackend, openRunBackend } from '../jobs/open-backend.js';
import { previewTask } from '../jobs/preview.js';
import { runExperiment } from '../jobs/run-experiment.js';
import { browserFacts, describeBrowser, workerPort } from '../platform/browser.js';
import type { Machine } from '../platform/machine.js';
import { memoryStorage } from '../runs/memory-storage.js';
import type { TaskLoader } from '../tasks/index.js';
import { reportingStorage } from './files.js';
import type { FileChange, JobEvent, JobKind, Jobs, Request, Response } from './protocol.js';

/** What a job may say while it runs. */
interface Channel {
  readonly signal: AbortSignal;
  event(event: JobEvent): void;
  file(change: FileChange): void;
}

const kinds: { readonly [K in JobKind]: (job: Jobs[K]['job'], channel: Channel) => Promise<Jobs[K]['result']> } = {
  async run({ experiment: written, name = 'experiment', files = {}, modules, host = browserFacts(), command, ...choice }, { signal, event, file }) {
    const experiment = parseExperiment(written, name);
    const storage = reportingStorage(files, name, file);
    const resume = Object.keys(files).length > 0;
    const warn = (text: string) => event({ type: 'line', kind: 'warning', text });
    const backend = await openRunBackend({ ...choice, backend: choice.backend ?? 'auto' }, resume ? [storage] : [], warn);
    try {
      event({ type: 'backend', backend: backend.description });
      return await runExperiment({
        experiment,
        storage,
        backend,
        resume,
        signal,
        host,
        command: command ?? `motorloop run ${name}`,
        loadTask: moduleLoader(modules),
        onEvent: (training) => training.type !== 'checkpoint' && event(training),
        onAnalysis: (share) => event({ type: 'analysis', share }),
      });
    } finally {
      await backend.dispose();
    }
  },
  preview({ experiment, name = 'experiment', trials, format = 'svg', modules }) {
    return previewTask({ experiment: parseExperiment(experiment, name), trials, format }, moduleLoader(modules));
  },
  devices() {
    return describeDevices();
  },
  check({ files, backend = 'auto', ...choice }, { signal, event }) {
    const sources = Object.entries(files).map(([file, data]) => ({ file, read: () => data }));
    return checkFiles(sources, { backend, ...choice, signal, onResult: (result, description) => event({ type: 'check', result, backend: description }) });
  },
  async evaluate({ files, name = 'run', options, modules, ...choice }, { signal, event, file }) {
    const backend = await openBackend(choice.backend ?? 'auto', choice);
    try {
      event({ type: 'backend', backend: backend.description });
      const { summary } = await evaluateAndWrite({
        ...options,
        ...{ backend, signal, png: null, loadTask: moduleLoader(modules) },
        storage: memoryStorage(Object.entries(files), name),
        target: async () => reportingStorage({}, 'evaluation', file),
        onProgress: (done, of) => event({ type: 'analysis', share: done / of }),
      });
      return summary;
    } finally {
      await backend.dispose();
    }
  },
  bench({ name, options, machine }, channel) {
    return bench(name, options, contextOf(channel, machine));
  },
};

/** What a benchmark is given: its lines become events. */
function contextOf({ signal, event }: Channel, machine: Machine = describeBrowser()): JobContext {
  const line = (kind: 'output' | 'progress' | 'warning') => (text: string) => event({ type: 'line', kind, text });
  return {
    signal,
    host: { facts: async () => machine, machine: async () => machine, peakBytes: () => null },
    progress: { update: line('progress') },
    print: (text = '') => line('output')(text),
    warn: line('warning'),
  };
}

/** Imports modules of custom tasks from below a URL. */
function moduleLoader(base: string | undefined): TaskLoader {
  return async (path) => {
    if (base === undefined)
      throw new ConfigError('task', [
        `module: expected a task that is built in or registered, got the module '${path}'; browsers have no folder to find it in`,
      ]);
    const url = new URL(path, base).href;
    try {
      return await import(/* @vite-ignore */ url);
    } catch (error) {
      throw new ConfigError('task', [`module: expected a JavaScript module at ${url}, got ${error instanceof Error ? error.message : String(error)}`]);
    }
  };
}

const port = workerPort();
const controllers = new Map<number, AbortController>();

async function serve<K extends JobKind>(id: number, kind: K, job: Jobs[K]['job']): Promise<void> {
  const post = (response: Omit<Response, 'id'>) => port.post({ ...response, id } as Response);
  const controller = new AbortController();
  controllers.set(id, controller);
  const channel: Channel = {
    signal: controller.signal,
    event: (event) => post({ type: 'event', event } as Response),
    file: (change) => post({ type: 'file', change } as Response),
  };
  try {
    post({ type: 'done', result: await kinds[kind](job, channel) } as Response);
  } catch (error) {
    post({ type: 'failed', error: encodeError(error) } as Response);
  } finally {
    controllers.delete(id);
  }
}

port.receive((message) => {
  const request = message as Request;
  if (request.type === 'abort') controllers.get(request.id)?.abort();
  else void serve(request.id, request.kind, request.job);
});
