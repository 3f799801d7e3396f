// A thread that does pieces of a grid's work, one at a time, on a backend of its own.
import type { Backend } from '../backends/backend.js';
import type { Experiment } from '../config/experiment.js';
import { encodeError, type JobError } from '../jobs/errors.js';
import { type GridUnit, runUnit, type UnitContext } from '../jobs/grid/unit.js';
import { openBackend } from '../jobs/open-backend.js';
import { importModule } from '../platform/files.js';
import { enableWideVectors } from '../platform/host.js';
import { nodeStorage } from '../platform/node.js';
import { serveStarter } from '../platform/threads.js';
import type { HostFacts } from '../runs/manifest.js';

/** What a thread needs besides its work; sent once. */
export interface GridThreadStart {
  /** The experiment file, which modules of custom tasks are relative to. */
  readonly file: string;
  readonly backend: { readonly name: string; readonly variant: string; readonly threads: number };
  readonly host: HostFacts;
  readonly command: string;
}

export type ToGridThread =
  | { readonly type: 'start'; readonly start: GridThreadStart }
  | { readonly type: 'unit'; readonly unit: GridUnit; readonly experiment: Experiment; readonly directory: string }
  | { readonly type: 'abort' };

export type FromGridThread =
  | { readonly type: 'event'; readonly event: Parameters<UnitContext['onEvent']>[0] }
  | { readonly type: 'end'; readonly error: JobError | null };

const controller = new AbortController();
let start: GridThreadStart | null = null;
let backend: Backend | null = null;

const answer = serveStarter<ToGridThread>((message) => {
  if (message.type === 'start') start = message.start;
  else if (message.type === 'abort') controller.abort();
  else
    work(message).then(
      () => say({ type: 'end', error: null }),
      (error: unknown) => say({ type: 'end', error: encodeError(error) }),
    );
});

function say(message: FromGridThread): void {
  answer(message);
}

async function work({ unit, experiment, directory }: Extract<ToGridThread, { type: 'unit' }>): Promise<void> {
  const { file, backend: wanted, host, command } = start as GridThreadStart;
  if (!backend) {
    enableWideVectors();
    backend = await openBackend(wanted.name, { variant: wanted.variant, threads: wanted.threads });
  }
  const loadTask = (module: string) => importModule(module, file);
  const context = {
    backend,
    host,
    command,
    loadTask,
    signal: controller.signal,
    onEvent: (event: Parameters<UnitContext['onEvent']>[0]) => say({ type: 'event', event }),
  };
  await runUnit(unit, experiment, nodeStorage(directory), context);
}
