// Workers of a grid: threads with a backend each, or this very thread where one worker is enough.
import type { Backend } from '../backends/backend.js';
import type { Experiment } from '../config/experiment.js';
import { decodeError } from '../jobs/errors.js';
import type { GridWorker } from '../jobs/grid/schedule.js';
import { runUnit, type UnitContext } from '../jobs/grid/unit.js';
import { nodeStorage } from '../platform/node.js';
import { startThread, type Thread } from '../platform/threads.js';
import type { FromGridThread, GridThreadStart, ToGridThread } from './grid-worker.js';

/** Where the experiment of a unit is, and its directory. */
export type Place = (point: number) => { readonly experiment: Experiment; readonly directory: string };

export interface GridThreadOptions {
  readonly start: GridThreadStart;
  readonly place: Place;
  readonly signal: AbortSignal;
  readonly onEvent: UnitContext['onEvent'];
}

/** A worker in a thread of its own. A thread that dies takes its unit with it; the next unit gets a new one. */
export function threadWorker({ start, place, signal, onEvent }: GridThreadOptions): GridWorker {
  let thread: Thread | null = null;
  let settle: ((error: unknown) => void) | null = null;
  const end = (error: unknown) => {
    settle?.(error);
    settle = null;
  };
  const post = (message: ToGridThread) => thread?.post(message);
  const open = () => {
    thread = startThread(
      new URL(import.meta.url.endsWith('.ts') ? './grid-worker.ts' : './grid-worker.js', import.meta.url),
      (message) => {
        const heard = message as FromGridThread;
        if (heard.type === 'event') onEvent(heard.event);
        else end(heard.error === null ? null : decodeError(heard.error));
      },
      (error) => {
        thread = null;
        end(error);
      },
    );
    post({ type: 'start', start });
    if (signal.aborted) post({ type: 'abort' });
  };
  const abort = () => post({ type: 'abort' });
  signal.addEventListener('abort', abort);
  return {
    run: (unit) =>
      new Promise((resolve, reject) => {
        settle = (error) => (error === null ? resolve() : reject(error));
        if (!thread) open();
        post({ type: 'unit', unit, ...place(unit.point) });
      }),
    async close() {
      signal.removeEventListener('abort', abort);
      await thread?.terminate();
    },
  };
}

/** A worker in this thread, on `backend`, which the caller disposes. */
export function localWorker(backend: Backend, { start, place, signal, onEvent }: GridThreadOptions, loadTask: UnitContext['loadTask']): GridWorker {
  return {
    run(unit) {
      const { experiment, directory } = place(unit.point);
      const { host, command } = start;
      return runUnit(unit, experiment, nodeStorage(directory), { backend, host, command, loadTask, signal, onEvent });
    },
    close: async () => {},
  };
}
