// Processes of Node that answer calls of functions by name, for long work on plain data. (Threads would do, but those of Node 20 cannot run TypeScript from source.)
// Browsers have one worker for all that a page does.
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What goes to a process, and what comes back. */
interface Call {
  readonly name: string;
  readonly args: readonly unknown[];
}
interface Answer {
  readonly value?: unknown;
  readonly error?: unknown;
}

export interface WorkerProcesses {
  /** Calls a function of the module in a process that is free, else waits for one. Rejects with what `decode` makes of its error, or when the process dies. */
  call(name: string, args: readonly unknown[]): Promise<unknown>;
  /** Ends all processes; calls that still run are rejected. */
  close(): Promise<void>;
}

interface Waiting {
  readonly call: Call;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

interface Lane {
  process: ChildProcess | null;
  current: Waiting | null;
}

/** Up to `count` processes that run the module at `url`, which calls `answerCalls`; each starts with its first call. */
export function openWorkerProcesses(url: URL, count: number, decode: (error: unknown) => Error): WorkerProcesses {
  const queue: Waiting[] = [];
  const lanes: Lane[] = Array.from({ length: count }, () => ({ process: null, current: null }));
  let closed: Error | null = null;

  const next = (lane: Lane) => {
    lane.current = queue.shift() ?? null;
    if (!lane.current) return;
    lane.process ??= start(lane);
    lane.process.send(lane.current.call);
  };
  const start = (lane: Lane): ChildProcess => {
    const process = fork(fileURLToPath(url), { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    process.on('message', (message) => {
      const { value, error } = message as Answer;
      const { current } = lane;
      next(lane);
      if (error === undefined) current?.resolve(value);
      else current?.reject(decode(error));
    });
    const fail = (error: Error) => {
      closed ??= error;
      for (const { current } of lanes) current?.reject(closed);
      for (const waiting of queue.splice(0)) waiting.reject(closed);
    };
    process.on('error', fail);
    process.on('exit', (code, signal) => fail(new Error(`expected a worker process to go on, got its end by ${signal ?? `exit code ${code}`}`)));
    return process;
  };
  return {
    call: (name, args) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(closed);
        queue.push({ call: { name, args }, resolve, reject });
        const free = lanes.find(({ current }) => current === null);
        if (free) next(free);
      }),
    close: async () => {
      closed ??= new Error('the worker processes are closed');
      for (const { process } of lanes) {
        if (process === null || process.exitCode !== null || process.signalCode !== null) continue;
        const end = new Promise((resolve) => process.once('exit', resolve));
        process.kill('SIGKILL');
        await end;
      }
    },
  };
}

/** In a module that `openWorkerProcesses` runs: answers calls with these functions; `encode` turns what they throw into plain data. Ends with its parent. */
export function answerCalls(functions: Readonly<Record<string, (...args: never[]) => unknown>>, encode: (error: unknown) => unknown): void {
  const answer = (message: Answer) => process.send?.(message);
  process.on('message', (message) => {
    const { name, args } = message as Call;
    try {
      answer({ value: (functions[name] as (...given: readonly unknown[]) => unknown)(...args) });
    } catch (error) {
      answer({ error: encode(error) });
    }
  });
  process.on('disconnect', () => process.exit());
}
