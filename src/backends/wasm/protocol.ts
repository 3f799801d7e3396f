// The words that the pool and its workers share: layout of the control block, and the two waits built on it. One copy of this file is bundled into the worker.
// Every launch is a generation: the main thread writes phases and arguments, raises GENERATION, and takes part as thread 0.
// After each phase all threads meet at a barrier: ARRIVED counts arrivals and only grows (it wraps around; differences stay right).

/** Int32 words of the control block. */
export const word = {
  generation: 0,
  arrived: 1,
  parked: 2,
  sleepers: 3,
  failed: 4,
  failureLength: 5,
  stop: 6,
  phases: 7,
  arguments: 8,
  barrier: 9,
  phaseTable: 16,
} as const;
/** Per phase: export index, number of units, fewest units worth taking at a time (0: thread 0 does everything). */
export const phaseWords = 3;
export const maximumPhases = 12;
export const maximumArguments = 96;
const argumentsOffset = 256;
const failureOffset = argumentsOffset + 8 * maximumArguments;
const failureCapacity = 400;
const takenOffset = failureOffset + 2 * failureCapacity;

/** Bytes of the control block of a pool. */
export const controlBytes = (threads: number): number => takenOffset + 4 * maximumPhases * threads;

/** Iterations a thread looks at a word before it sleeps: about 0.2 ms; with a hundredth of it small batches ran 60% slower. */
const spins = 200_000;

/** The control block seen as what it holds. */
export interface Control {
  readonly words: Int32Array;
  readonly args: Float64Array;
  readonly failure: Uint16Array;
  /** Per phase and thread: units taken of this thread's share, by whichever thread. */
  readonly taken: Int32Array;
}

export function controlViews(buffer: SharedArrayBuffer): Control {
  return {
    words: new Int32Array(buffer, 0, argumentsOffset / 4),
    args: new Float64Array(buffer, argumentsOffset, maximumArguments),
    failure: new Uint16Array(buffer, failureOffset, failureCapacity),
    taken: new Int32Array(buffer, takenOffset),
  };
}

export type KernelExport = (...args: number[]) => void;

/** What a worker is sent to start with. */
export interface WorkerStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly control: SharedArrayBuffer;
  readonly wide: number;
  readonly exports: readonly string[];
  readonly thread: number;
  readonly threads: number;
}

/** Waits until a word differs from `seen`: first spinning, then asleep while `counter` says so. */
export function waitForChange(words: Int32Array, index: number, seen: number, counter: number, maySleep: boolean): void {
  for (;;) {
    for (let i = 0; i < spins; i++) if (Atomics.load(words, index) !== seen) return;
    if (!maySleep) continue;
    Atomics.add(words, counter, 1);
    Atomics.wait(words, index, seen);
    Atomics.sub(words, counter, 1);
  }
}

/** Records the first failure of a launch, for the main thread to throw. */
export function reportFailure(control: Control, error: unknown): void {
  if (Atomics.compareExchange(control.words, word.failed, 0, 1) !== 0) return;
  const text = String(error instanceof Error ? error.message : error).slice(0, failureCapacity);
  for (let i = 0; i < text.length; i++) control.failure[i] = text.charCodeAt(i);
  control.words[word.failureLength] = text.length;
}

/** Arrives at the barrier after a phase and waits for the others; `target` is the value of ARRIVED that opens it. */
function meet(words: Int32Array, target: number, maySleep: boolean): void {
  Atomics.add(words, word.arrived, 1);
  if (Atomics.load(words, word.sleepers) > 0) Atomics.notify(words, word.arrived);
  for (;;) {
    const arrived = Atomics.load(words, word.arrived);
    if (((arrived - target) | 0) >= 0) return;
    waitForChange(words, word.arrived, arrived, word.sleepers, maySleep);
  }
}

/** A thread takes one in so many of the units left in a share: pieces get smaller towards the end, where they decide how long others wait. */
const pieces = 4;

/**
 * Takes units for a thread: [start, end), empty when none is left. First those of its own share, an equal part of all in one range, as the thread may have what they
 * need in its cache from the launch before; then those of threads that got less of a processor. No result depends on who computes it.
 */
function takeUnits({ words, taken }: Control, phase: number, thread: number, threads: number): readonly [start: number, end: number] {
  const at = word.phaseTable + phase * phaseWords;
  const units = words[at + 1] as number;
  const least = words[at + 2] as number;
  for (let i = 0; i < threads; i++) {
    const owner = (thread + i) % threads;
    const counter = phase * threads + owner;
    const first = Math.floor((units * owner) / threads);
    const share = Math.floor((units * (owner + 1)) / threads) - first;
    for (let from = Atomics.load(taken, counter); from < share; from = Atomics.load(taken, counter)) {
      const to = Math.min(share, from + Math.max(least, Math.ceil((share - from) / pieces)));
      if (Atomics.compareExchange(taken, counter, from, to) === from) return [first + from, first + to];
    }
  }
  return [0, 0];
}

/** One thread's part of the launch in the control block: of every phase what it can take, with a barrier behind each. */
export function takePart(
  control: Control,
  kernels: readonly KernelExport[],
  args: readonly number[],
  thread: number,
  threads: number,
  maySleep: boolean,
): void {
  const { words } = control;
  const first = words[word.barrier] as number;
  const phases = words[word.phases] as number;
  for (let phase = 0; phase < phases; phase++) {
    const at = word.phaseTable + phase * phaseWords;
    const kernel = kernels[words[at] as number] as KernelExport;
    const units = words[at + 1] as number;
    const shared = words[at + 2] !== 0;
    try {
      if (!shared && thread === 0 && units > 0 && Atomics.load(words, word.failed) === 0) kernel(...args, 0, units, 0);
      while (shared && Atomics.load(words, word.failed) === 0) {
        const [start, end] = takeUnits(control, phase, thread, threads);
        if (end === start) break;
        kernel(...args, start, end, thread);
      }
    } catch (error) {
      reportFailure(control, error);
    }
    meet(words, (first + (phase + 1) * threads) | 0, maySleep);
  }
}
