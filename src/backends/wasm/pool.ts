// The thread pool of the WASM backend: this thread and `threads − 1` workers over one shared memory, each with its share of a launch's work units, and with those of others when it has done its own.
// A launch by a waiting pool costs a few microseconds; workers that waited for long sleep, so an idle backend costs nothing.
import { BackendError } from '../../errors.js';
import { type HostWorker, startWorker } from '../../platform/host.js';
import {
  type Control,
  type KernelExport,
  type WorkerStart,
  controlBytes,
  controlViews,
  maximumArguments,
  maximumPhases,
  phaseWords,
  takePart,
  word,
} from './protocol.js';
import { workerSource } from './worker.gen.js';

/** One phase of a launch: an export by its index, its units, and the fewest that a thread takes at a time (0: this thread does all of them). */
export interface PoolPhase {
  readonly export: number;
  readonly units: number;
  readonly least: number;
}

export interface Pool {
  readonly threads: number;
  /** Runs the phases in order with a barrier behind each. Throws what a kernel threw, on whichever thread. */
  launch(phases: readonly PoolPhase[], args: readonly number[]): void;
  dispose(): Promise<void>;
}

/** A pool of this thread alone. */
export function singleThread(kernels: readonly KernelExport[]): Pool {
  return {
    threads: 1,
    launch(phases, args) {
      for (const phase of phases) if (phase.units > 0) (kernels[phase.export] as KernelExport)(...args, 0, phase.units, 0);
    },
    dispose: async () => {},
  };
}

/** Starts `threads − 1` workers and resolves when all are ready. `kernels` are this thread's exports, `names` their names in the same order, `wide` what the binary imports. */
export async function startPool(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  kernels: readonly KernelExport[],
  names: readonly string[],
  threads: number,
  wide: number,
): Promise<Pool> {
  const control = controlViews(new SharedArrayBuffer(controlBytes(threads)));
  const buffer = control.words.buffer as SharedArrayBuffer;
  const workers: HostWorker[] = [];
  try {
    const starts = Array.from(
      { length: threads - 1 },
      (_, i): WorkerStart => ({ module, memory, control: buffer, wide, exports: names, thread: i + 1, threads }),
    );
    await Promise.all(
      starts.map((start) => {
        const worker = startWorker(workerSource);
        workers.push(worker);
        return ready(worker, start);
      }),
    );
  } catch (error) {
    await Promise.all(workers.map((worker) => worker.terminate()));
    throw error;
  }
  for (const worker of workers) worker.unref();
  return sharedPool(control, kernels, threads, workers);
}

/** Sends a worker its start and waits for its answer. */
function ready(worker: HostWorker, start: WorkerStart): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string) => reject(new BackendError(`wasm: expected worker ${start.thread} to start, got "${reason}"; try threads: 1`));
    worker.onMessage(
      (message) => (message === 'ready' ? resolve() : fail(String(message))),
      (error) => fail(error.message),
    );
    worker.post(start);
  });
}

/** Whether this thread may sleep on shared memory: true in Node and in workers, false on a browser's main thread. */
function maySleepHere(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0);
    return true;
  } catch {
    return false;
  }
}

function sharedPool(control: Control, kernels: readonly KernelExport[], threads: number, workers: readonly HostWorker[]): Pool {
  const { words } = control;
  const maySleep = maySleepHere();
  const local = singleThread(kernels);

  function wake(): void {
    Atomics.add(words, word.generation, 1);
    if (Atomics.load(words, word.parked) > 0) Atomics.notify(words, word.generation);
  }

  return {
    threads,
    launch(phases, args) {
      if (!phases.some((phase) => phase.least > 0)) return local.launch(phases, args);
      if (args.length > maximumArguments || phases.length > maximumPhases) {
        throw new BackendError(`wasm: expected at most ${maximumArguments} arguments and ${maximumPhases} phases, got ${args.length} and ${phases.length}`);
      }
      phases.forEach((phase, i) => words.set([phase.export, phase.units, phase.least], word.phaseTable + i * phaseWords));
      control.taken.fill(0, 0, phases.length * threads);
      control.args.set(args);
      words[word.phases] = phases.length;
      words[word.arguments] = args.length;
      words[word.barrier] = words[word.arrived] as number;
      words[word.failed] = 0;
      wake();
      takePart(control, kernels, args, 0, threads, maySleep);
      if (words[word.failed] === 1) throw new Error(String.fromCharCode(...control.failure.subarray(0, words[word.failureLength])));
    },
    async dispose() {
      words[word.stop] = 1;
      wake();
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
